/* SPDX-License-Identifier: Apache-2.0 */
#include "nova_values.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vfmon/memtext.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* How much of a value a message quotes. */
#define QUOTE_MAX 64

/* More options than there are can not be inside each other. */
#define MAX_DEPTH NOVA_OPTION_COUNT

static int convert_boolean(struct pytext text, FILE *out)
{
	bool value;

	if (!nova_option_boolean(text, &value))
		return -EINVAL;
	(void)fputs(value ? "True" : "False", out);
	return 0;
}

static int convert_virt_type(struct pytext text, FILE *out)
{
	static const char *const types[] = { "kvm", "lxc", "qemu", "parallels" };

	for (size_t i = 0; i < COUNT(types); i++) {
		if (pytext_is(text, types[i])) {
			(void)fputs(types[i], out);
			return 0;
		}
	}
	return -EINVAL;
}

/* int(text), without what nobody writes into a configuration. */
static int convert_seconds(struct pytext text, FILE *out)
{
	char digits[24], *end;
	long long value;

	text = pytext_strip(text);
	if (text.start == text.end)
		return 0;
	if ((size_t)(text.end - text.start) >= sizeof(digits))
		return -EINVAL;
	*(char *)mempcpy(digits, text.start, (size_t)(text.end - text.start)) = '\0';
	errno = 0;
	value = strtoll(digits, &end, 10);
	if (errno || end == digits || *end)
		return -EINVAL;
	(void)fprintf(out, "%lld", value);
	return 0;
}

/* What an option is where no file has it, as text; and what it can be. */
static const struct kind {
	const char *initial;
	int (*convert)(struct pytext text, FILE *out); /* 0 or -EINVAL; NULL: a list */
	const char *wanted;
} kinds[NOVA_OPTION_COUNT] = {
	[NOVA_DEVICE_SPEC] = { "[]", NULL, NULL },
	[NOVA_ALIAS] = { "[]", NULL, NULL },
	[NOVA_REPORT_IN_PLACEMENT] = { "False", convert_boolean,
				       "a boolean: true, 1, on, yes, false, 0, off, no" },
	[NOVA_PCI_IN_PLACEMENT] = { "False", convert_boolean,
				    "a boolean: true, 1, on, yes, false, 0, off, no" },
	[NOVA_VIRT_TYPE] = { "kvm", convert_virt_type, "one of kvm, lxc, qemu, parallels" },
	[NOVA_UPDATE_INTERVAL] = { "0", convert_seconds, "a number of seconds" },
	[NOVA_MDEV_TYPES] = { "[]", NULL, NULL },
};

/* One value that is being made. */
struct making {
	const struct nova_values *values;
	const struct nova_assignment *assignment; /* that of the outermost value */
	struct spec_error *error;
	size_t dollar; /* offset in its text of the "$" that is being replaced */
	unsigned int depth;
	FILE *out;
};

int nova_values_add(struct nova_values *values, size_t file, size_t index,
		    const struct nova_conf_value *value)
{
	struct nova_assignment a = { .file = file, .index = index, .value = value };
	size_t size = values->size ? 2 * values->size : 16;
	struct nova_assignment *items;

	if (!nova_option_find(value, &a))
		return 0;
	if (values->count == values->size) {
		items = reallocarray(values->items, size, sizeof(*items));
		if (!items)
			return -ENOMEM;
		values->items = items;
		values->size = size;
	}
	values->items[values->count++] = a;
	return 1;
}

/* Files in their order; in a file the values of the oldest name first, then in order of lines. */
static int compare(const void *pa, const void *pb)
{
	const struct nova_assignment *a = pa, *b = pb;

	if (a->option != b->option)
		return a->option < b->option ? -1 : 1;
	if (a->file != b->file)
		return a->file < b->file ? -1 : 1;
	if (a->age != b->age)
		return a->age > b->age ? -1 : 1;
	return (a->index > b->index) - (a->index < b->index);
}

void nova_values_sort(struct nova_values *values)
{
	if (values->count > 1)
		qsort(values->items, values->count, sizeof(*values->items), compare);
}

void nova_values_done(struct nova_values *values)
{
	free(values->items);
	*values = (struct nova_values){ 0 };
}

const struct nova_assignment *nova_values_all(const struct nova_values *values,
					      enum nova_option option, size_t *ret_count)
{
	size_t first = 0, count = 0;

	while (first < values->count && values->items[first].option != option)
		first++;
	while (first + count < values->count && values->items[first + count].option == option)
		count++;
	*ret_count = count;
	return count ? &values->items[first] : NULL;
}

const struct nova_assignment *nova_values_last(const struct nova_values *values,
					       enum nova_option option)
{
	size_t count;
	const struct nova_assignment *all = nova_values_all(values, option, &count);

	/* The newest file has it, in that the newest name, of that the last line. */
	return all ? &all[count - 1] : NULL;
}

__attribute__((format(printf, 3, 4))) static int fail(const struct making *m,
						      const char *nova_class, const char *format,
						      ...)
{
	const struct nova_conf_value *v = m->assignment->value;
	const char *start = v->text, *place = v->text + m->dollar;
	unsigned int line = 0;
	va_list ap;

	for (const char *s = v->text; s < place; s++) {
		if (*s == '\n') {
			start = s + 1;
			line++;
		}
	}
	m->error->line = v->line + line;
	m->error->column = v->columns[line] +
			   (unsigned int)pytext_length((struct pytext){ start, place });
	m->error->nova_class = nova_class;
	va_start(ap, format);
	(void)vsnprintf(m->error->reason, sizeof(m->error->reason), format, ap);
	va_end(ap);
	return -EINVAL;
}

static void put(const struct making *m, struct pytext text)
{
	(void)fwrite(text.start, 1, (size_t)(text.end - text.start), m->out);
}

static bool is_name_start(char c)
{
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_name(char c)
{
	return is_name_start(c) || c == '.' || (c >= '0' && c <= '9');
}

/* The name that stands here; empty: none does. */
static struct pytext name_at(struct pytext rest)
{
	struct pytext name = { rest.start, rest.start };

	if (rest.start < rest.end && is_name_start(*rest.start))
		while (name.end < rest.end && is_name(*name.end))
			name.end++;
	return name;
}

static int refuse_name(const struct making *m, struct pytext name)
{
	char quote[QUOTE_MAX];

	pytext_print(name, quote, sizeof(quote));
	if (m->values->redacted)
		return fail(m, "NoSuchOptError",
			    "'$%s' is an option that is not looked at here: Nova refuses it if it "
			    "does not know it, else its value is not in the redacted copy",
			    quote);
	return fail(m, "NoSuchOptError",
		    "'$%s' is an option that is not looked at here; Nova refuses it if it does not "
		    "know it",
		    quote);
}

/* A value of the given option as text: substituted and converted. Returns 0, -EINVAL or -ENOMEM. */
static int put_option(const struct making *outer, enum nova_option option);

static int put_reference(const struct making *m, enum nova_option user, struct pytext name)
{
	enum nova_option option;
	char quote[QUOTE_MAX];

	if (!nova_option_resolve(user, name, &option))
		return refuse_name(m, name);
	if (kinds[option].convert)
		return put_option(m, option);
	if (!nova_values_last(m->values, option) && option != user) {
		(void)fputs(kinds[option].initial, m->out);
		return 0;
	}
	return fail(m, NULL, "'$%s' is a list of values, which can not be a part of a value",
		    pytext_print(name, quote, sizeof(quote)));
}

/* What stands behind a "$". Returns how many bytes were taken, -EINVAL or -ENOMEM. */
static int put_dollar(const struct making *m, enum nova_option user, struct pytext rest)
{
	bool braced = rest.start < rest.end && *rest.start == '{';
	struct pytext name = name_at((struct pytext){ rest.start + braced, rest.end });
	int r;

	if (rest.start < rest.end && *rest.start == '$') {
		(void)fputc('$', m->out);
		return 1;
	}
	if (name.start == name.end || (braced && (name.end == rest.end || *name.end != '}'))) {
		(void)fputc('$', m->out);
		return 0;
	}
	r = put_reference(m, user, name);
	return r < 0 ? r : (int)(name.end - rest.start) + braced;
}

/* As string.Template of Python. */
static int substitute(const struct making *outer, enum nova_option user, struct pytext text)
{
	const char *start = text.start;
	struct making m = *outer;
	int r;

	while (text.start < text.end) {
		const char *dollar = memchr(text.start, '$', (size_t)(text.end - text.start));

		if (!dollar)
			dollar = text.end;
		put(&m, (struct pytext){ text.start, dollar });
		if (dollar == text.end)
			return 0;
		if (m.depth == 0)
			m.dollar = (size_t)(dollar - start);
		text.start = dollar + 1;
		r = put_dollar(&m, user, text);
		if (r < 0)
			return r;
		text.start += r;
	}
	return 0;
}

/* oslo.config makes "$$" of each "\$" before anything else. */
static void unify_escapes(struct pytext text, char *copy)
{
	memcpy(copy, text.start, (size_t)(text.end - text.start));
	for (size_t i = 0; text.start + i + 1 < text.end; i++) {
		if (copy[i] == '\\' && copy[i + 1] == '$')
			copy[i++] = '$';
	}
}

DEFINE_CLEANUP(char *, free);

/* There is a text afterwards if nothing went wrong in making it, as r says, or in keeping it. */
static int end_making(const struct making *m, struct memtext *made, int r)
{
	int e = memtext_close(m->out, made);

	if (e == 0 && r < 0)
		free(made->bytes);
	return e < 0 ? e : r;
}

/* Runs substitute() into a text of its own. */
static int substitute_alone(const struct making *outer, const struct nova_assignment *a, char **ret,
			    size_t *ret_len)
{
	const struct pytext text = { a->value->text, a->value->text + a->value->len };
	cleanup_(freep) char *copy = malloc(a->value->len + 1);
	struct making m = *outer;
	struct memtext made;
	int r;

	m.out = copy ? memtext_open(&made) : NULL;
	if (!m.out)
		return -ENOMEM;
	unify_escapes(text, copy);
	r = substitute(&m, a->option, (struct pytext){ copy, copy + a->value->len });
	r = end_making(&m, &made, r);
	if (r < 0)
		return r;
	*ret = made.bytes;
	*ret_len = made.len;
	return 0;
}

static int put_option(const struct making *outer, enum nova_option option)
{
	const struct nova_assignment *a = nova_values_last(outer->values, option);
	cleanup_(freep) char *text = NULL;
	struct making m = *outer;
	char quote[QUOTE_MAX];
	struct pytext value;
	size_t len;
	int r;

	if (!a) {
		(void)fputs(kinds[option].initial, m.out);
		return 0;
	}
	if (++m.depth > MAX_DEPTH)
		return fail(&m, "RecursionError", "the value refers to itself");
	r = substitute_alone(&m, a, &text, &len);
	if (r < 0)
		return r;
	value = (struct pytext){ text, text + len };
	if (kinds[option].convert(value, m.out) == 0)
		return 0;
	return fail(&m, "ConfigFileValueError", "%s: '%s' is not %s", nova_option_name(option),
		    pytext_print(value, quote, sizeof(quote)), kinds[option].wanted);
}

int nova_values_text(const struct nova_values *values, const struct nova_assignment *assignment,
		     char **ret, size_t *ret_len, struct spec_error *ret_error)
{
	const struct making m = {
		.values = values,
		.assignment = assignment,
		.error = ret_error,
	};

	return substitute_alone(&m, assignment, ret, ret_len);
}

int nova_values_get(const struct nova_values *values, enum nova_option option, char **ret,
		    struct spec_error *ret_error)
{
	const struct nova_assignment *a = nova_values_last(values, option);
	struct making m = { .values = values, .assignment = a, .error = ret_error };
	struct memtext made;
	int r;

	m.out = memtext_open(&made);
	if (!m.out)
		return -ENOMEM;
	r = put_option(&m, option);
	r = end_making(&m, &made, r);
	if (r < 0)
		return r;
	*ret = made.bytes;
	return 0;
}
