/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/mounts.h"

#include <string.h>

#define CUT "..."

/* What is left of one line. */
struct line {
	const char *at, *end;
};

/* The next line of a text, without its newline. */
static bool next_line(const char **text, struct line *ret)
{
	const char *end;

	if (!**text)
		return false;
	end = strchrnul(*text, '\n');
	*ret = (struct line){ *text, end };
	*text = *end ? end + 1 : end;
	return true;
}

/* The next word of a line; its length is 0 at the end. */
static struct line next_word(struct line *line)
{
	struct line word;

	while (line->at < line->end && (*line->at == ' ' || *line->at == '\t'))
		line->at++;
	word.at = line->at;
	while (line->at < line->end && *line->at != ' ' && *line->at != '\t')
		line->at++;
	word.end = line->at;
	return word;
}

static bool is_word(const struct line *word, const char *text)
{
	size_t len = strlen(text);

	return (size_t)(word->end - word->at) == len && memcmp(word->at, text, len) == 0;
}

/* Decimal digits up to stop (NULL: the word's end). */
static bool take_number(struct line *word, char stop, uint32_t *ret)
{
	uint64_t value = 0;
	const char *begun = word->at;

	for (; word->at < word->end && *word->at >= '0' && *word->at <= '9'; word->at++) {
		value = value * 10 + (uint64_t)(*word->at - '0');
		if (value > UINT32_MAX)
			return false;
	}
	if (word->at == begun)
		return false;
	if (stop) {
		if (word->at == word->end || *word->at != stop)
			return false;
		word->at++;
	} else if (word->at != word->end) {
		return false;
	}
	*ret = (uint32_t)value;
	return true;
}

/* "36 35 98:0 /root /point options optional... - type source options", see proc(5). */
static bool parse_mount(struct line line, struct mount_line *ret)
{
	struct line device, point, word, source;
	struct mount_line mount;

	(void)next_word(&line);
	(void)next_word(&line);
	device = next_word(&line);
	if (!take_number(&device, ':', &mount.major) || !take_number(&device, '\0', &mount.minor))
		return false;
	(void)next_word(&line);
	point = next_word(&line);
	do
		word = next_word(&line);
	while (word.at < word.end && !is_word(&word, "-"));
	(void)next_word(&line);
	source = next_word(&line);
	if (source.at == source.end)
		return false;
	mount.point = point.at;
	mount.point_len = (size_t)(point.end - point.at);
	mount.source = source.at;
	mount.source_len = (size_t)(source.end - source.at);
	*ret = mount;
	return true;
}

bool mounts_next(const char **text, struct mount_line *ret)
{
	struct line line;

	while (next_line(text, &line))
		if (parse_mount(line, ret))
			return true;
	return false;
}

bool mounts_next_swap(const char **text, const char **ret_path, size_t *ret_len)
{
	struct line line, path, type;

	/* The first line is a heading: its second word is "Type". */
	while (next_line(text, &line)) {
		path = next_word(&line);
		type = next_word(&line);
		if (!is_word(&type, "partition"))
			continue;
		*ret_path = path.at;
		*ret_len = (size_t)(path.end - path.at);
		return true;
	}
	return false;
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* One character of a path, and behind it. */
static char take_character(const char **at, const char *end)
{
	const char *s = *at;
	int value;

	if (*s != '\\' || end - s < 4 || !is_octal(s[1]) || !is_octal(s[2]) || !is_octal(s[3])) {
		*at = s + 1;
		return *s;
	}
	value = (s[1] - '0') * 64 + (s[2] - '0') * 8 + (s[3] - '0');
	*at = s + 4;
	return (char)value;
}

const char *mounts_unescape(const char *path, size_t len, char *buf, size_t size)
{
	const char *end = path + len;
	size_t n = 0;

	while (path < end && n + 1 < size) {
		char c = take_character(&path, end);

		buf[n++] = (unsigned char)c < 0x20 || c == 0x7f ? '?' : c;
	}
	if (path < end && n >= strlen(CUT))
		memcpy(buf + n - strlen(CUT), CUT, strlen(CUT));
	buf[n] = '\0';
	return buf;
}
