/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/redaction.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "vfmon/conf_names.h"
#include "vfmon/nova_conf.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Options outside of [pci] that decide something here. */
static const struct {
	const char *section;
	const char *name;
} named[] = {
	{ CONF_SECTION_DEFAULT, CONF_OLD_WHITELIST },
	{ CONF_SECTION_DEFAULT, CONF_OLD_ALIAS },
	{ CONF_SECTION_DEFAULT, CONF_UPDATE_INTERVAL },
	{ CONF_SECTION_FILTER_SCHEDULER, CONF_PCI_IN_PLACEMENT },
	{ CONF_SECTION_LIBVIRT, CONF_VIRT_TYPE },
	{ CONF_SECTION_DEVICES, CONF_MDEV_TYPES },
	{ CONF_SECTION_DEVICES, CONF_VGPU_TYPES },
};

/* What a line is for nova_conf_parse(). */
enum line_kind {
	LINE_EMPTY,
	LINE_COMMENT,
	LINE_SECTION,
	LINE_KEPT, /* an assignment that is left, or a line that goes on with one */
	LINE_REMOVED,
	LINE_ERROR,
};

/* The value that a line with a blank in front goes on with. */
enum open_value { OPEN_NONE, OPEN_KEPT, OPEN_REMOVED };

struct redaction {
	struct pytext rest;   /* of the file */
	struct pytext line;   /* the present one, without white space behind */
	const char *line_end; /* what ends it in the copy */
	size_t number;
	size_t bad_utf8; /* number of the first line that is no UTF-8; 0: none */
	struct pytext section;
	bool has_section;
	bool failed; /* an error was passed */
	enum open_value open;
	char *out;
};

static bool next_line(struct redaction *r)
{
	const char *end = r->rest.start;

	if (r->rest.start >= r->rest.end)
		return false;
	while (end < r->rest.end && *end != '\n' && *end != '\r')
		end++;
	r->line = pytext_rstrip((struct pytext){ r->rest.start, end });
	r->line_end = end < r->rest.end ? "\n" : "";
	r->number++;
	if (r->rest.end - end >= 2 && end[0] == '\r' && end[1] == '\n')
		end++;
	r->rest.start = end < r->rest.end ? end + 1 : end;
	return true;
}

/* Encoding counts before grammar. */
static size_t find_bad_utf8(const struct redaction *start)
{
	struct redaction r = *start;

	while (next_line(&r))
		for (const char *s = r.line.start; s < r.line.end;)
			if (pytext_next(&s, r.line.end) == PYTEXT_INVALID)
				return r.number;
	return 0;
}

/* As nova_conf_is_in(): case does not count, but for DEFAULT. */
static bool is_section(struct pytext t, const char *section)
{
	size_t len = strlen(section);

	if (strcmp(section, CONF_SECTION_DEFAULT) == 0)
		return pytext_is(t, section);
	return (size_t)(t.end - t.start) == len && strncasecmp(t.start, section, len) == 0;
}

bool redaction_keeps(struct pytext section, struct pytext name)
{
	if (is_section(section, CONF_SECTION_PCI))
		return true;
	for (size_t i = 0; i < COUNT(named); i++)
		if (is_section(section, named[i].section) && pytext_is(name, named[i].name))
			return true;
	return false;
}

static enum line_kind take_section(struct redaction *r)
{
	struct pytext name = { r->line.start + 1, r->line.end - 1 };

	if (*name.end != ']' || name.end <= name.start)
		return LINE_ERROR;
	r->section = name;
	r->has_section = true;
	return LINE_SECTION;
}

static enum line_kind take_assignment(struct redaction *r)
{
	const char *separator = r->line.start;
	struct pytext name;

	while (separator < r->line.end && *separator != '=' && *separator != ':')
		separator++;
	name = pytext_strip((struct pytext){ r->line.start, separator });
	if (separator == r->line.end || !r->has_section || name.start == name.end)
		return LINE_ERROR;
	r->open = redaction_keeps(r->section, name) ? OPEN_KEPT : OPEN_REMOVED;
	return r->open == OPEN_KEPT ? LINE_KEPT : LINE_REMOVED;
}

static enum line_kind take_continuation(const struct redaction *r)
{
	switch (r->open) {
	case OPEN_NONE:
		return LINE_ERROR;
	case OPEN_KEPT:
		return LINE_KEPT;
	case OPEN_REMOVED:
		break;
	}
	return LINE_REMOVED;
}

static enum line_kind take_line(struct redaction *r)
{
	char first = r->line.start < r->line.end ? *r->line.start : '\0';

	if (first == ' ' || first == '\t')
		return take_continuation(r);
	r->open = OPEN_NONE;
	if (r->line.start == r->line.end)
		return LINE_EMPTY;
	if (first == '[')
		return take_section(r);
	return first == '#' || first == ';' ? LINE_COMMENT : take_assignment(r);
}

static void put(struct redaction *r, const char *start, const char *end)
{
	r->out = mempcpy(r->out, start, (size_t)(end - start));
}

static void put_text(struct redaction *r, const char *text)
{
	put(r, text, text + strlen(text));
}

/* The same error with nothing of the line in it but what makes it an error. */
static void put_error(struct redaction *r)
{
	static const char bom[] = "\xef\xbb\xbf";
	struct pytext line = r->line;
	char first = *line.start;

	if (r->number == 1 && line.end - line.start >= 3 && memcmp(line.start, bom, 3) == 0) {
		put_text(r, bom);
	} else if (first == ' ' || first == '\t') {
		put(r, line.start, pytext_lstrip(line).start);
		put_text(r, "#");
	} else if (first == '[') {
		put_text(r, line.end - line.start == 2 && line.end[-1] == ']' ? "[]" : "[");
	} else if (memchr(line.start, '=', (size_t)(line.end - line.start)) ||
		   memchr(line.start, ':', (size_t)(line.end - line.start))) {
		put_text(r, "=");
	} else {
		put_text(r, "?");
	}
}

/* An error in [pci] may be looked at, except where the line could be another section's header. */
static bool shows_error(const struct redaction *r)
{
	return r->has_section && is_section(r->section, CONF_SECTION_PCI) && *r->line.start != '[';
}

/* A last line of blanks alone, without a line end, has to stay a line. */
static void put_empty(struct redaction *r)
{
	put_text(r, *r->line_end ? "" : "#");
}

static void put_line(struct redaction *r, enum line_kind kind)
{
	switch (kind) {
	case LINE_EMPTY:
		put_empty(r);
		break;
	case LINE_COMMENT:
	case LINE_REMOVED:
		put_text(r, "#");
		break;
	case LINE_ERROR:
		if (!shows_error(r)) {
			put_error(r);
			break;
		}
		__attribute__((fallthrough));
	case LINE_SECTION:
	case LINE_KEPT:
		put(r, r->line.start, r->line.end);
		break;
	}
}

static void redact_line(struct redaction *r)
{
	enum line_kind kind;

	if (r->number == r->bad_utf8) {
		put_text(r, "\xff");
	} else if (r->bad_utf8 || r->failed) {
		if (r->line.start < r->line.end)
			put_text(r, "#");
		else
			put_empty(r);
	} else {
		kind = take_line(r);
		put_line(r, kind);
		r->failed = kind == LINE_ERROR;
	}
	put_text(r, r->line_end);
}

int redaction_make(const char *bytes, size_t len, char **ret, size_t *ret_len)
{
	struct redaction r = { 0 };
	char *copy;

	if (len > NOVA_CONF_MAX_BYTES)
		return -EFBIG;
	copy = malloc(len + 1);
	if (!copy)
		return -ENOMEM;
	if (len == 0)
		bytes = ""; /* NULL is no place to count from */
	r.rest = (struct pytext){ bytes, bytes + len };
	r.out = copy;
	r.bad_utf8 = find_bad_utf8(&r);
	while (next_line(&r))
		redact_line(&r);
	*r.out = '\0';
	*ret_len = (size_t)(r.out - copy);
	*ret = copy;
	return 0;
}
