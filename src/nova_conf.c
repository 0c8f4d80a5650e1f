/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/nova_conf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "vfmon/arena.h"
#include "vfmon/pytext.h"

struct nova_conf {
	struct arena *arena;
	struct nova_conf_value *values;
	size_t count;
	size_t size;
};

struct parser {
	struct nova_conf *conf;
	struct spec_error *error;
	struct pytext rest; /* of the file */
	struct pytext line; /* the present one, without white space behind */
	unsigned int number;
	const char *section; /* NULL: none yet */
};

static unsigned int column_of(const struct parser *p, const char *place)
{
	return (unsigned int)pytext_length((struct pytext){ p->line.start, place }) + 1;
}

static int fail(struct parser *p, const char *place, const char *reason)
{
	p->error->line = p->number;
	p->error->column = column_of(p, place);
	p->error->nova_class = "ConfigFileParseError";
	(void)snprintf(p->error->reason, sizeof(p->error->reason), "%s", reason);
	return -EINVAL;
}

/*
 * Python opens files with universal newlines: LF, CR LF and a lone CR end a line, other controls do
 * not.
 */
static bool next_line(struct parser *p)
{
	const char *end = p->rest.start;

	if (p->rest.start >= p->rest.end)
		return false;
	while (end < p->rest.end && *end != '\n' && *end != '\r')
		end++;
	p->line = pytext_rstrip((struct pytext){ p->rest.start, end });
	p->number++;
	if (p->rest.end - end >= 2 && end[0] == '\r' && end[1] == '\n')
		end++;
	p->rest.start = end < p->rest.end ? end + 1 : end;
	return true;
}

static int check_utf8(const struct parser *parser)
{
	struct parser p = *parser;

	while (next_line(&p)) {
		for (const char *s = p.line.start, *here = s; s < p.line.end; here = s) {
			if (pytext_next(&s, p.line.end) != PYTEXT_INVALID)
				continue;
			(void)fail(&p, here, "the file is not valid UTF-8");
			p.error->nova_class = "UnicodeDecodeError";
			return -EINVAL;
		}
	}
	return 0;
}

/* A copy that ends in a NUL and has no other one, so that it equals no name that it is not. */
static const char *copy_name(struct arena *arena, struct pytext t)
{
	size_t len = (size_t)(t.end - t.start);
	char *copy = arena_alloc(arena, 2 * len + 1), *out = copy;

	if (!copy)
		return NULL;
	for (const char *s = t.start; s < t.end; s++) {
		if (*s)
			*out++ = *s;
		else
			out = mempcpy(out, "\xc0\x80", 2);
	}
	return copy;
}

static bool is_continuation(const struct parser *p)
{
	return p->line.start < p->line.end && (*p->line.start == ' ' || *p->line.start == '\t');
}

/* One pair of quotes is removed, by the look of the first line alone. */
static struct pytext without_quotes(struct pytext t)
{
	char first = t.start < t.end ? *t.start : '\0';

	if ((first != '"' && first != '\'') || t.end[-1] != first)
		return t;
	t.start++;
	if (t.end > t.start)
		t.end--;
	return t;
}

/* A value while it is put together. */
struct draft {
	char *text;
	size_t len;
	unsigned int *columns;
	unsigned int lines;
};

/* Room for a value whose first line is given; the parser stands before its continuation lines. */
static int draft_reserve(struct draft *d, const struct parser *p, struct pytext first)
{
	size_t bytes = (size_t)(first.end - first.start) + 1, lines = 1;
	struct parser ahead = *p;

	for (; next_line(&ahead) && is_continuation(&ahead); lines++)
		bytes += (size_t)(ahead.line.end - ahead.line.start) + 1;
	d->text = arena_alloc(p->conf->arena, bytes);
	d->columns = arena_alloc(p->conf->arena, lines * sizeof(*d->columns));
	return d->text && d->columns ? 0 : -ENOMEM;
}

static void draft_add(struct draft *d, const struct parser *p, struct pytext t)
{
	size_t len = (size_t)(t.end - t.start);

	if (d->lines > 0)
		d->text[d->len++] = '\n';
	memcpy(d->text + d->len, t.start, len);
	d->len += len;
	d->columns[d->lines++] = column_of(p, t.start);
}

static int take_value(struct parser *p, struct pytext first, struct nova_conf_value *v)
{
	struct draft d = { 0 };
	struct parser ahead = *p;
	int r = draft_reserve(&d, p, first);

	if (r < 0)
		return r;
	draft_add(&d, p, first);
	while (next_line(&ahead) && is_continuation(&ahead)) {
		*p = ahead;
		draft_add(&d, p, pytext_lstrip(p->line));
	}
	v->text = d.text;
	v->len = d.len;
	v->columns = d.columns;
	v->line_count = d.lines;
	return 0;
}

static int add_value(struct nova_conf *conf, const struct nova_conf_value *v)
{
	size_t size = conf->size ? conf->size * 2 : 16;
	struct nova_conf_value *values;

	if (conf->count == conf->size) {
		values = reallocarray(conf->values, size, sizeof(*values));
		if (!values)
			return -ENOMEM;
		conf->values = values;
		conf->size = size;
	}
	conf->values[conf->count++] = *v;
	return 0;
}

static int refuse_assignment(struct parser *p, bool has_separator)
{
	static const char bom[] = "\xef\xbb\xbf";

	if (p->number == 1 && p->line.end - p->line.start >= 3 &&
	    memcmp(p->line.start, bom, 3) == 0)
		return fail(p, p->line.start, "the file starts with a byte order mark");
	if (!has_separator)
		return fail(
			p, p->line.start,
			"neither '=' nor ':' in the line; a line that goes on with a value starts "
			"with a blank");
	return fail(p, p->line.start, "the option stands before the first [section]");
}

static int take_assignment(struct parser *p)
{
	struct pytext line = p->line, key = line, text = line;
	struct nova_conf_value v = { .section = p->section, .line = p->number };
	const char *separator = line.start;
	int r;

	while (separator < line.end && *separator != '=' && *separator != ':')
		separator++;
	if (separator == line.end || !p->section)
		return refuse_assignment(p, separator < line.end);
	key.end = separator;
	key = pytext_strip(key);
	if (key.start == key.end)
		return fail(p, separator, "no name before the separator");
	text.start = separator + 1;
	v.name_column = column_of(p, key.start);
	v.name = copy_name(p->conf->arena, key);
	if (!v.name)
		return -ENOMEM;
	r = take_value(p, without_quotes(pytext_lstrip(text)), &v);
	return r < 0 ? r : add_value(p->conf, &v);
}

static int take_section(struct parser *p)
{
	struct pytext name = { p->line.start + 1, p->line.end - 1 };

	if (*name.end != ']' || name.end < name.start)
		return fail(p, p->line.end,
			    "a section's line must end with ']', without a comment behind it");
	if (name.start == name.end)
		return fail(p, name.start, "the section has no name");
	p->section = copy_name(p->conf->arena, name);
	return p->section ? 0 : -ENOMEM;
}

static int take_line(struct parser *p)
{
	if (p->line.start == p->line.end)
		return 0;
	switch (*p->line.start) {
	case ' ':
	case '\t':
		return fail(
			p, pytext_lstrip(p->line).start,
			"the line goes on with a value (it starts with a blank), but no value is "
			"open");
	case '[':
		return take_section(p);
	case '#':
	case ';':
		return 0;
	default:
		return take_assignment(p);
	}
}

int nova_conf_parse(const char *bytes, size_t len, struct nova_conf **ret,
		    struct spec_error *ret_error)
{
	cleanup_(nova_conf_freep) struct nova_conf *conf = calloc(1, sizeof(*conf));
	struct parser p = { .conf = conf, .error = ret_error };
	int r;

	if (!conf || arena_new(&conf->arena) < 0)
		return -ENOMEM;
	if (len == 0)
		bytes = ""; /* NULL is no place to count from */
	p.rest = (struct pytext){ bytes, bytes + len };
	p.line = (struct pytext){ bytes, bytes };
	if (len > NOVA_CONF_MAX_BYTES) {
		p.number = 1;
		(void)fail(&p, bytes, "the file is larger than 1 MiB");
		ret_error->nova_class = NULL;
		return -EINVAL;
	}
	r = check_utf8(&p);
	while (r == 0 && next_line(&p))
		r = take_line(&p);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(conf);
	return 0;
}

struct nova_conf *nova_conf_free(struct nova_conf *conf)
{
	if (!conf)
		return NULL;
	arena_free(conf->arena);
	free(conf->values);
	free(conf);
	return NULL;
}

size_t nova_conf_count(const struct nova_conf *conf)
{
	return conf->count;
}

const struct nova_conf_value *nova_conf_get(const struct nova_conf *conf, size_t index)
{
	return &conf->values[index];
}

bool nova_conf_is_in(const struct nova_conf_value *value, const char *section)
{
	if (strcasecmp(section, "DEFAULT") == 0)
		return strcmp(value->section, section) == 0;
	return strcasecmp(value->section, section) == 0;
}

const char *nova_conf_unreadable(int error)
{
	if (error == EMEDIUMTYPE)
		return "not a regular file";
	return error == EFBIG ? "larger than 1 MiB" : strerrordesc_np(error);
}
