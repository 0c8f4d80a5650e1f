/* SPDX-License-Identifier: Apache-2.0 */
#include "redacted.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "vfmon/nova_conf.h"
#include "vfmon/pytext.h"
#include "vfmon/redaction.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A file and what is known of it. */
struct seen {
	const char *bytes;
	size_t len;
	struct nova_conf *conf;	 /* of what is before the first error */
	struct spec_error error; /* line 0: none */
};

/* Takes the next line, as Python's universal newlines have it, without white space behind. */
static bool next_line(const char **pos, const char *end, struct pytext *ret)
{
	const char *s = *pos, *start = *pos;

	if (s == end)
		return false;
	while (s < end && *s != '\n' && *s != '\r')
		s++;
	*ret = pytext_rstrip((struct pytext){ start, s });
	if (s < end && *s == '\r' && s + 1 < end && s[1] == '\n')
		s++;
	*pos = s < end ? s + 1 : s;
	return true;
}

/* How many bytes stand before a line. */
static size_t length_before(const struct seen *s, unsigned int line)
{
	const char *pos = s->bytes;
	struct pytext t;

	while (--line > 0 && next_line(&pos, s->bytes + s->len, &t))
		;
	return (size_t)(pos - s->bytes);
}

static void look(struct seen *s)
{
	struct spec_error unexpected;
	int r = nova_conf_parse(s->bytes, s->len, &s->conf, &s->error);

	if (r == 0) {
		s->error.line = 0;
		return;
	}
	assert(r == -EINVAL);
	/* A bad byte counts before the grammar of the lines above it, so these can be broken too. */
	if (nova_conf_parse(s->bytes, length_before(s, s->error.line), &s->conf, &unexpected) < 0)
		s->conf = NULL;
}

static bool is_left(const struct nova_conf_value *v)
{
	return redaction_keeps(pytext_of(v->section), pytext_of(v->name));
}

static const struct nova_conf_value *next_left(const struct seen *s, size_t *index)
{
	for (; s->conf && *index < nova_conf_count(s->conf); (*index)++)
		if (is_left(nova_conf_get(s->conf, *index)))
			return nova_conf_get(s->conf, (*index)++);
	return NULL;
}

static void check_same_value(const struct nova_conf_value *a, const struct nova_conf_value *b)
{
	assert(strcmp(a->section, b->section) == 0 && strcmp(a->name, b->name) == 0);
	assert(a->len == b->len && memcmp(a->text, b->text, a->len) == 0);
	assert(a->line == b->line && a->name_column == b->name_column);
	assert(a->line_count == b->line_count);
	assert(memcmp(a->columns, b->columns, a->line_count * sizeof(*a->columns)) == 0);
}

static void check_same_verdict(const struct seen *original, const struct seen *copy)
{
	size_t a = 0, b = 0;
	const struct nova_conf_value *value;

	assert(original->error.line == copy->error.line);
	if (original->error.line) {
		assert(strcmp(original->error.reason, copy->error.reason) == 0);
		return;
	}
	while ((value = next_left(original, &a)))
		check_same_value(value, next_left(copy, &b));
	assert(!next_left(copy, &b));
	assert(nova_conf_count(copy->conf) == b);
}

/* Whether a line says nothing. */
static bool is_bare(struct pytext line)
{
	static const char *const bare[] = { "", "#", "[", "[]", "=", "?", "\xef\xbb\xbf", "\xff" };

	for (size_t i = 0; i < COUNT(bare); i++)
		if (pytext_is(line, bare[i]))
			return true;
	return pytext_is(pytext_lstrip(line), "#");
}

/* Whether a line belongs to a value that is left. */
static bool is_of_left(const struct seen *s, unsigned int line)
{
	const struct nova_conf_value *v;
	size_t index = 0;

	while ((v = next_left(s, &index)))
		if (line >= v->line && line < v->line + v->line_count)
			return true;
	return false;
}

/* A line that says something is the original's, and one of those that may be seen. */
static void check_line(const struct seen *original, unsigned int number, struct pytext line,
		       struct pytext source)
{
	if (is_bare(line))
		return;
	assert(line.end - line.start == source.end - source.start);
	assert(memcmp(line.start, source.start, (size_t)(line.end - line.start)) == 0);
	assert(!original->error.line || number <= original->error.line);
	assert(number == original->error.line || *line.start == '[' ||
	       is_of_left(original, number));
}

static void check_lines(const struct seen *original, const struct seen *copy)
{
	const char *a = original->bytes, *b = copy->bytes;
	struct pytext source, line;

	for (unsigned int n = 1; next_line(&a, original->bytes + original->len, &source); n++) {
		assert(next_line(&b, copy->bytes + copy->len, &line));
		check_line(original, n, line, source);
	}
	assert(b == copy->bytes + copy->len);
}

void redacted_check(const char *bytes, size_t len)
{
	struct seen original = { .bytes = bytes, .len = len }, copy = { 0 };
	char *made;
	int r = redaction_make(bytes, len, &made, &copy.len);

	if (len > NOVA_CONF_MAX_BYTES) {
		assert(r == -EFBIG);
		return;
	}
	assert(r == 0 && copy.len <= len && made[copy.len] == '\0');
	copy.bytes = made;
	look(&original);
	look(&copy);
	check_same_verdict(&original, &copy);
	check_lines(&original, &copy);
	nova_conf_free(original.conf);
	nova_conf_free(copy.conf);
	free(made);
}
