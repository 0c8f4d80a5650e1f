/* SPDX-License-Identifier: Apache-2.0 */
#include "quote.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harmless.h"
#include "vfmon/cleanup.h"
#include "vfmon/conf_names.h"
#include "vfmon/json_text.h"
#include "vfmon/value.h"

/* How much of a long line is shown in a pipe. */
#define WIDTH_IN_PIPE 160
#define MEMBER "line"

DEFINE_CLEANUP(char *, free);

static void close_file(FILE **file)
{
	if (*file)
		(void)fclose(*file);
}

/* A regular file only: to open a pipe could wait for ever. */
static FILE *open_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	FILE *file;

	if (fd < 0)
		return NULL;
	file = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? fdopen(fd, "re") : NULL;
	if (!file)
		(void)close(fd);
	return file;
}

/*
 * "[pci]" begins the section, any other "[" ends it; a header stands at the start of its line. What
 * goes on behind the bracket is the name of another section, if it is one at all.
 */
static bool is_in_pci(const char *line, size_t len, bool before)
{
	static const char header[] = "[" CONF_SECTION_PCI "]";
	size_t end = sizeof(header) - 1;

	if (len == 0 || *line != '[')
		return before;
	return strncasecmp(line, header, end) == 0 && end + strspn(line + end, " \t\r\n") == len;
}

/* To Nova a lone carriage return ends a line: from there on lines and sections are other ones. */
static bool has_lone_return(const char *line, size_t len)
{
	const char *r = memchr(line, '\r', len);

	return r && !((size_t)(r - line) + 2 == len && r[1] == '\n');
}

/* Returns 0 with *ret NULL if it may not be shown. */
static int read_line(const struct quote_place *place, char **ret)
{
	cleanup_(close_file) FILE *file = open_file(place->file);
	cleanup_(freep) char *line = NULL;
	size_t size = 0;
	bool shown = false;
	ssize_t len;

	*ret = NULL;
	if (!file)
		return 0;
	for (int64_t i = 0; i < place->line; i++) {
		errno = 0;
		len = getline(&line, &size, file);
		if (len < 0)
			return errno == ENOMEM ? -ENOMEM : 0;
		if (has_lone_return(line, (size_t)len))
			return 0;
		shown = is_in_pci(line, (size_t)len, shown);
	}
	if (!shown)
		return 0;
	line[strcspn(line, "\r\n")] = '\0';
	*ret = TAKE_PTR(line);
	return 0;
}

static void text_done(struct json_text *text)
{
	json_text_done(text);
}

/* By way of JSON, as everything else that is shown comes in: one set of rules for what is safe. */
static int make_harmless(const char *line, const struct terminal *t, struct value **ret)
{
	cleanup_(text_done) struct json_text text = { 0 };
	size_t len;

	json_text_begin_object(&text);
	json_text_key(&text, MEMBER);
	json_text_string(&text, line);
	json_text_end_object(&text);
	if (json_text_error(&text) < 0)
		return -ENOMEM;
	len = harmless_json(text.data, text.len, t->utf8 ? HARMLESS_UTF8 : HARMLESS_ASCII);
	return value_parse(text.data, len, ret);
}

/* The byte at which a character of this number, from 0, begins; the end if there are fewer. */
static size_t byte_of(const char *text, size_t number)
{
	size_t i = 0;

	for (; text[i]; i++) {
		if (((unsigned char)text[i] & 0xc0) != 0x80 && number-- == 0)
			break;
	}
	return i;
}

/* Of a long line the part around the mark. */
static void print_part(const char *line, size_t mark, int indent, const struct terminal *t,
		       FILE *out)
{
	size_t room = t->is_terminal ? t->columns : WIDTH_IN_PIPE;
	size_t width = room > (size_t)indent + 1 ? room - (size_t)indent - 1 : 1;
	size_t skip = mark != SIZE_MAX && mark > width * 3 / 4 ? mark - width / 2 : 0;
	const char *from = line + byte_of(line, skip);

	fprintf(out, "%*s%.*s\n", indent, "", (int)byte_of(from, width), from);
	if (mark != SIZE_MAX)
		fprintf(out, "%*s^\n", indent + (int)(mark - skip), "");
}

int quote_print(const struct quote_place *place, int indent, const struct terminal *t, FILE *out)
{
	cleanup_(freep) char *line = NULL;
	cleanup_(value_freep) struct value *safe = NULL;
	const char *text;
	size_t blanks, mark = SIZE_MAX;
	int r = read_line(place, &line);

	if (r < 0 || !line)
		return r;
	r = make_harmless(line, t, &safe);
	if (r < 0)
		return r;
	text = value_text(safe, MEMBER);
	if (!text)
		return 0;
	blanks = strspn(text, " ");
	if (place->column > 0 && (size_t)place->column <= terminal_width(text) + 1)
		mark = (size_t)place->column - 1;
	if (mark != SIZE_MAX && mark < blanks)
		blanks = mark;
	print_part(text + blanks, mark == SIZE_MAX ? mark : mark - blanks, indent, t, out);
	return 0;
}
