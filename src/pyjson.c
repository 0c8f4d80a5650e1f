/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/pyjson.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pyjson_string.h"
#include "vfmon/arena.h"

struct pyjson_doc {
	struct arena *arena;
	struct pyjson root;
};

struct parser {
	const char *text;
	const char *pos;
	const char *end;
	unsigned int depth;
	struct arena *arena;
	struct pyjson_error *error;
	struct pyjson_string string;
	/* The items of all containers that are still open, the innermost one's last. */
	struct pyjson **stack;
	size_t stack_len;
	size_t stack_size;
};

static const struct {
	const char *word;
	enum pyjson_type type;
} words[] = {
	{ "null", PYJSON_NULL }, { "true", PYJSON_TRUE },      { "false", PYJSON_FALSE },
	{ "NaN", PYJSON_FLOAT }, { "Infinity", PYJSON_FLOAT }, { "-Infinity", PYJSON_FLOAT },
};

/* What people write by habit, with what JSON wants there. */
static const struct {
	const char *start;
	const char *reason;
} habits[] = {
	{ "'", "a text in single quotes; JSON has only double quotes" },
	{ "True", "'True' is Python's word, JSON has 'true'" },
	{ "False", "'False' is Python's word, JSON has 'false'" },
	{ "None", "'None' is Python's word, JSON has 'null'" },
	{ "#", "a comment; JSON has none" },
	{ "//", "a comment; JSON has none" },
	{ "/*", "a comment; JSON has none" },
	{ "}", "a comma or nothing where a value has to be" },
	{ "]", "a comma or nothing where a value has to be" },
	{ "\xef\xbb\xbf", "a byte order mark" },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static int fail(struct parser *p, const char *place, const char *reason)
{
	p->error->offset = (size_t)(place - p->text);
	(void)snprintf(p->error->reason, sizeof(p->error->reason), "%s", reason);
	return -EINVAL;
}

static bool starts_with(const struct parser *p, const char *word)
{
	size_t len = strlen(word);

	return (size_t)(p->end - p->pos) >= len && memcmp(p->pos, word, len) == 0;
}

static bool at(const struct parser *p, char c)
{
	return p->pos < p->end && *p->pos == c;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       c == '-' || c == '.' || c == '$';
}

static void skip_blanks(struct parser *p)
{
	while (at(p, ' ') || at(p, '\t') || at(p, '\n') || at(p, '\r'))
		p->pos++;
}

/* Says what stands where something else has to be. */
static int refuse(struct parser *p, const char *what, const char *bare_word)
{
	size_t len = 0;

	if (p->pos == p->end)
		return fail(p, p->pos, "the text ends before the value is complete");
	for (size_t i = 0; i < COUNT(habits); i++)
		if (starts_with(p, habits[i].start))
			return fail(p, p->pos, habits[i].reason);
	while (p->pos + len < p->end && len < 64 && is_word(p->pos[len]))
		len++;
	if (len == 0)
		return fail(p, p->pos, what);
	p->error->offset = (size_t)(p->pos - p->text);
	(void)snprintf(p->error->reason, sizeof(p->error->reason), "%s: %.*s", bare_word, (int)len,
		       p->pos);
	return -EINVAL;
}

static int parse_string(struct parser *p, const char **ret)
{
	int r;

	p->string.pos = p->pos;
	r = pyjson_string_parse(&p->string, ret);
	p->pos = p->string.pos;
	return r == -EINVAL ? fail(p, p->pos, p->string.reason) : r;
}

static void skip_digits(struct parser *p)
{
	while (p->pos < p->end && is_digit(*p->pos))
		p->pos++;
}

/* A fraction or exponent without digits is no part of the number. */
static bool skip_part(struct parser *p, bool exponent)
{
	const char *start = p->pos;

	p->pos++;
	if (exponent && (at(p, '+') || at(p, '-')))
		p->pos++;
	if (p->pos < p->end && is_digit(*p->pos)) {
		skip_digits(p);
		return true;
	}
	p->pos = start;
	return false;
}

static int parse_number(struct parser *p, struct pyjson *v)
{
	const char *start = p->pos;

	v->type = PYJSON_INTEGER;
	if (*p->pos == '-')
		p->pos++;
	if (p->pos == p->end || !is_digit(*p->pos)) {
		p->pos = start;
		return fail(p, start, "a minus sign without a number");
	}
	if (*p->pos == '0')
		p->pos++;
	else
		skip_digits(p);
	if (at(p, '.') && skip_part(p, false))
		v->type = PYJSON_FLOAT;
	if ((at(p, 'e') || at(p, 'E')) && skip_part(p, true))
		v->type = PYJSON_FLOAT;
	v->text = arena_copy(p->arena, start, (size_t)(p->pos - start));
	return v->text ? 0 : -ENOMEM;
}

static int parse_word(struct parser *p, struct pyjson *v)
{
	for (size_t i = 0; i < COUNT(words); i++) {
		if (!starts_with(p, words[i].word))
			continue;
		v->type = words[i].type;
		v->text = words[i].word;
		p->pos += strlen(words[i].word);
		return 0;
	}
	if (p->pos < p->end && (*p->pos == '-' || is_digit(*p->pos)))
		return parse_number(p, v);
	return refuse(p, "not a value", "text without quotes");
}

static int compare_names(const void *a, const void *b)
{
	const struct pyjson *const *left = a, *const *right = b;
	int r = strcmp((*left)->name, (*right)->name);

	return r ? r : ((*left)->offset > (*right)->offset) - ((*left)->offset < (*right)->offset);
}

/* As in a dict: the place of the first one, the value of the last one. Returns how many stay. */
static ssize_t drop_duplicates(struct pyjson **items, size_t n)
{
	struct pyjson **sorted = n > 1 ? malloc(n * sizeof(struct pyjson *)) : NULL;
	size_t kept = 0;

	if (n < 2)
		return (ssize_t)n;
	if (!sorted)
		return -ENOMEM;
	memcpy(sorted, items, n * sizeof(struct pyjson *));
	qsort(sorted, n, sizeof(struct pyjson *), compare_names);
	for (size_t first = 0, i = 1; i < n; i++) {
		if (strcmp(sorted[i]->name, sorted[first]->name) != 0) {
			first = i;
			continue;
		}
		*sorted[first] = *sorted[i];
		sorted[i]->count = SIZE_MAX; /* no container has so many items: it goes */
	}
	free(sorted);
	for (size_t i = 0; i < n; i++)
		if (items[i]->count != SIZE_MAX)
			items[kept++] = items[i];
	return (ssize_t)kept;
}

/* Takes the container's items off the stack and hangs them below it. */
static int close_container(struct parser *p, struct pyjson *v, size_t base)
{
	ssize_t n = (ssize_t)(p->stack_len - base);
	struct pyjson **items;

	if (n == 0)
		return 0; /* there may be no stack yet */
	items = p->stack + base;
	if (v->type == PYJSON_OBJECT)
		n = drop_duplicates(items, (size_t)n);
	if (n < 0)
		return (int)n;
	for (ssize_t i = 0; i + 1 < n; i++)
		items[i]->next = items[i + 1];
	v->items = items[0];
	v->count = (size_t)n;
	p->stack_len = base;
	return 0;
}

static struct pyjson *push_item(struct parser *p)
{
	size_t size = p->stack_size ? p->stack_size * 2 : 32;
	struct pyjson **stack;

	if (p->stack_len == p->stack_size) {
		stack = reallocarray(p->stack, size, sizeof(*stack));
		if (!stack)
			return NULL;
		p->stack = stack;
		p->stack_size = size;
	}
	p->stack[p->stack_len] = arena_alloc(p->arena, sizeof(struct pyjson));
	return p->stack[p->stack_len] ? p->stack[p->stack_len++] : NULL;
}

static int parse_name(struct parser *p, struct pyjson *item)
{
	int r;

	item->name_offset = (size_t)(p->pos - p->text);
	if (!at(p, '"'))
		return refuse(p, "not the name of a key", "key without quotes");
	r = parse_string(p, &item->name);
	if (r < 0)
		return r;
	skip_blanks(p);
	if (!at(p, ':'))
		return refuse(p, "no colon behind the key", "no colon behind the key but");
	p->pos++;
	skip_blanks(p);
	return 0;
}

static int parse_value(struct parser *p, struct pyjson *v);

static int parse_item(struct parser *p, enum pyjson_type type)
{
	struct pyjson *item = push_item(p);
	int r = 0;

	if (!item)
		return -ENOMEM;
	if (type == PYJSON_OBJECT)
		r = parse_name(p, item);
	return r < 0 ? r : parse_value(p, item);
}

static int parse_items(struct parser *p, enum pyjson_type type)
{
	char close = type == PYJSON_OBJECT ? '}' : ']';
	int r;

	for (;;) {
		r = parse_item(p, type);
		if (r < 0)
			return r;
		skip_blanks(p);
		if (at(p, close))
			return 0;
		if (!at(p, ','))
			return refuse(p, "no comma between two items", "no comma before");
		p->pos++;
		skip_blanks(p);
		if (at(p, close))
			return fail(p, p->pos, "a comma before the closing bracket");
	}
}

static int parse_container(struct parser *p, struct pyjson *v)
{
	size_t base = p->stack_len;
	const char *start = p->pos++;
	int r = 0;

	v->type = *start == '{' ? PYJSON_OBJECT : PYJSON_ARRAY;
	if (++p->depth > PYJSON_MAX_DEPTH)
		return fail(p, start, "nested too deeply");
	skip_blanks(p);
	if (!at(p, v->type == PYJSON_OBJECT ? '}' : ']'))
		r = parse_items(p, v->type);
	if (r < 0)
		return r;
	p->pos++;
	p->depth--;
	return close_container(p, v, base);
}

static int parse_value(struct parser *p, struct pyjson *v)
{
	v->offset = (size_t)(p->pos - p->text);
	if (at(p, '{') || at(p, '['))
		return parse_container(p, v);
	if (!at(p, '"'))
		return parse_word(p, v);
	v->type = PYJSON_STRING;
	return parse_string(p, &v->text);
}

static int parse_text(struct parser *p, struct pyjson *root)
{
	int r;

	skip_blanks(p);
	if (p->pos == p->end)
		return fail(p, p->text, "the value is empty");
	r = parse_value(p, root);
	if (r < 0)
		return r;
	skip_blanks(p);
	if (p->pos == p->end)
		return 0;
	return refuse(p, "more text behind the value", "more text behind the value");
}

int pyjson_parse(const char *text, size_t len, struct pyjson_doc **ret,
		 struct pyjson_error *ret_error)
{
	cleanup_(pyjson_freep) struct pyjson_doc *doc = calloc(1, sizeof(*doc));
	struct parser p = { .error = ret_error };
	int r;

	if (!doc || arena_new(&doc->arena) < 0)
		return -ENOMEM;
	p.text = p.pos = len ? text : "";
	p.end = p.text + len;
	p.arena = doc->arena;
	p.string = (struct pyjson_string){ .end = p.end, .arena = doc->arena };
	r = parse_text(&p, &doc->root);
	free(p.stack);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(doc);
	return 0;
}

struct pyjson_doc *pyjson_free(struct pyjson_doc *doc)
{
	if (!doc)
		return NULL;
	arena_free(doc->arena);
	free(doc);
	return NULL;
}

const struct pyjson *pyjson_root(const struct pyjson_doc *doc)
{
	return &doc->root;
}

const struct pyjson *pyjson_get(const struct pyjson *object, const char *name)
{
	for (const struct pyjson *v = object->items; v; v = v->next)
		if (strcmp(v->name, name) == 0)
			return v;
	return NULL;
}
