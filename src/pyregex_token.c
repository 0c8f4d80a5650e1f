/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pyregex_translate.h"
#include "vfmon/pyjson.h"
#include "vfmon/pytext.h"

int pyregex_fail(struct pyregex_translation *t, const char *python_class, const char *reason)
{
	t->error->python_class = python_class;
	(void)snprintf(t->error->reason, sizeof(t->error->reason), "%s", reason);
	return -EINVAL;
}

/* Reads the token behind the present one. */
static void read_next(struct pyregex_translation *t)
{
	t->next_at = t->pos;
	t->next = (struct pyregex_token){ PYREGEX_END, 0 };
	if (t->pos == t->end)
		return;
	t->next.c = pyjson_next(&t->pos, t->end);
	if (t->next.c != '\\')
		return;
	if (t->pos < t->end) {
		t->next.escaped = pyjson_next(&t->pos, t->end);
		return;
	}
	/* Python finds it one token ahead, and refuses the pattern whatever stands before. */
	t->ends_badly = true;
	t->next.c = PYREGEX_END;
}

void pyregex_start(struct pyregex_translation *t, const char *pattern)
{
	t->pos = pattern;
	t->end = pattern + strlen(pattern);
	read_next(t);
}

struct pyregex_token pyregex_get(struct pyregex_translation *t)
{
	struct pyregex_token token = t->next;

	read_next(t);
	return token;
}

bool pyregex_at(const struct pyregex_translation *t, char c)
{
	return t->next.c == (unsigned char)c;
}

bool pyregex_take(struct pyregex_translation *t, char c)
{
	if (!pyregex_at(t, c))
		return false;
	read_next(t);
	return true;
}

bool pyregex_at_one_of(const struct pyregex_translation *t, const char *chars)
{
	return t->next.c != 0 && t->next.c != '\\' && t->next.c < 0x80 &&
	       strchr(chars, (int)t->next.c);
}

void pyregex_seek(struct pyregex_translation *t, const char *place)
{
	t->pos = place;
	read_next(t);
}

int pyregex_get_name(struct pyregex_translation *t, char end, const char **ret, size_t *ret_len)
{
	const char *start = t->next_at, *stop = start;

	while (!pyregex_at(t, end)) {
		if (pyregex_get(t).c == PYREGEX_END)
			return pyregex_fail(t, NULL, "unterminated name");
		stop = t->next_at;
	}
	if (stop == start)
		return pyregex_fail(t, NULL, "missing name");
	(void)pyregex_get(t);
	*ret = start;
	*ret_len = (size_t)(stop - start);
	return 0;
}

/* Outside ASCII most of what is no blank and no sign is a letter; nobody names a group so. */
static bool is_wide_letter(uint32_t c)
{
	if (c < 0xc0)
		return c == 0xaa || c == 0xb5 || c == 0xba;
	return c != 0xd7 && c != 0xf7 && !pytext_is_space(c) && (c < 0x2000 || c > 0x206f) &&
	       (c < 0xd800 || c > 0xf8ff);
}

bool pyregex_is_identifier(const char *name, size_t len)
{
	const char *end = name + len;
	bool is_first = true;

	for (const char *p = name; p < end; is_first = false) {
		uint32_t c = pyjson_next(&p, end);
		bool is_letter = c == '_' || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
				 (c >= 0x80 && is_wide_letter(c));

		if (!is_letter && (is_first || c < '0' || c > '9'))
			return false;
	}
	return len > 0;
}

static void write_bytes(struct pyregex_translation *t, const char *bytes, size_t len)
{
	size_t size = t->out_size ? t->out_size : 64;
	char *out = t->out;

	while (size - t->out_len <= len)
		size *= 2;
	if (size != t->out_size)
		out = realloc(t->out, size);
	if (!out) {
		t->out_failed = true;
		return;
	}
	t->out = out;
	t->out_size = size;
	memcpy(out + t->out_len, bytes, len);
	t->out_len += len;
	out[t->out_len] = '\0';
}

void pyregex_write(struct pyregex_translation *t, const char *text)
{
	write_bytes(t, text, strlen(text));
}

void pyregex_write_number(struct pyregex_translation *t, const char *before, uint64_t n,
			  const char *after)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%s%" PRIu64 "%s", before, n, after);
	pyregex_write(t, text);
}

void pyregex_write_set(struct pyregex_translation *t, pyregex_set set)
{
	static const char chars[] = PYREGEX_SUBJECT_CHARS;
	char text[sizeof(chars) + 2], *out = text;

	if (set == PYREGEX_ALL || set == 0) {
		pyregex_write(t, set ? "[0-9a-f]" : "[^0-9a-f]");
		return;
	}
	*out++ = '[';
	for (unsigned int i = 0; chars[i]; i++)
		if (set >> i & 1)
			*out++ = chars[i];
	*out++ = ']';
	write_bytes(t, text, (size_t)(out - text));
}

void pyregex_insert(struct pyregex_translation *t, size_t place, const char *text)
{
	size_t len = strlen(text);

	write_bytes(t, text, len); /* makes the room */
	if (t->out_failed)
		return;
	memmove(t->out + place + len, t->out + place, t->out_len - len - place);
	memcpy(t->out + place, text, len);
}
