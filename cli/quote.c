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

void quote_done(struct quote *q)
{
	close_file(&q->file);
	free(q->path);
	free(q->line);
	value_free(q->safe);
	*q = (struct quote){ 0 };
}

static int start(struct quote *q, const char *path)
{
	quote_done(q);
	q->path = strdup(path);
	q->file = open_file(path);
	return q->path ? 0 : -ENOMEM;
}

static int next_line(struct quote *q)
{
	ssize_t len;

	q->safe = value_free(q->safe);
	errno = 0;
	len = getline(&q->line, &q->size, q->file);
	if (len < 0 && errno == ENOMEM)
		return -ENOMEM;
	q->is_over = len < 0 || has_lone_return(q->line, (size_t)len);
	if (q->is_over)
		return 0;
	q->number++;
	q->in_pci = is_in_pci(q->line, (size_t)len, q->in_pci);
	return 0;
}

/* Whether the line of this place is now q->line, and may be shown. */
static int go_to(struct quote *q, const struct quote_place *place, bool *ret)
{
	int r = 0;

	if (!q->path || strcmp(q->path, place->file) != 0 || place->line < q->number)
		r = start(q, place->file);
	while (r == 0 && q->file && !q->is_over && q->number < place->line)
		r = next_line(q);
	*ret = r == 0 && q->file && q->number == place->line && q->in_pci;
	return r;
}

static void text_done(struct json_text *text)
{
	json_text_done(text);
}

/* By way of JSON, as everything else that is shown comes in: one set of rules for what is safe. */
static int make_harmless(struct quote *q, const struct terminal *t)
{
	cleanup_(text_done) struct json_text text = { 0 };
	size_t len;

	json_text_begin_object(&text);
	json_text_key(&text, MEMBER);
	q->line[strcspn(q->line, "\r\n")] = '\0';
	json_text_string(&text, q->line);
	json_text_end_object(&text);
	if (json_text_error(&text) < 0)
		return -ENOMEM;
	len = harmless_json(text.data, text.len, t->utf8 ? HARMLESS_UTF8 : HARMLESS_ASCII);
	return value_parse(text.data, len, &q->safe);
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

int quote_print(struct quote *q, const struct quote_place *place, int indent,
		const struct terminal *t, FILE *out)
{
	const char *text;
	size_t blanks, mark = SIZE_MAX;
	bool shown;
	int r = go_to(q, place, &shown);

	if (r == 0 && shown && !q->safe)
		r = make_harmless(q, t);
	if (r < 0 || !shown)
		return r;
	text = value_text(q->safe, MEMBER);
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
