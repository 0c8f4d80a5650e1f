/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/pytext.h"

#include <string.h>

#include "vfmon/utf8.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The zeros of all scripts' decimal digits (Unicode 15.1, category Nd); nine more follow each. */
static const uint32_t zeros[] = {
	0x00030, 0x00660, 0x006f0, 0x007c0, 0x00966, 0x009e6, 0x00a66, 0x00ae6, 0x00b66, 0x00be6,
	0x00c66, 0x00ce6, 0x00d66, 0x00de6, 0x00e50, 0x00ed0, 0x00f20, 0x01040, 0x01090, 0x017e0,
	0x01810, 0x01946, 0x019d0, 0x01a80, 0x01a90, 0x01b50, 0x01bb0, 0x01c40, 0x01c50, 0x0a620,
	0x0a8d0, 0x0a900, 0x0a9d0, 0x0a9f0, 0x0aa50, 0x0abf0, 0x0ff10, 0x104a0, 0x10d30, 0x11066,
	0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0,
	0x11950, 0x11c50, 0x11d50, 0x11da0, 0x11f50, 0x16a60, 0x16ac0, 0x16b50, 0x1d7ce, 0x1d7d8,
	0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e4f0, 0x1e950, 0x1fbf0,
};

static const uint32_t wide_spaces[] = {
	0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000
};

uint32_t pytext_next(const char **p, const char *end)
{
	static const unsigned char lead_bits[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	const unsigned char *s = (const unsigned char *)*p;
	size_t n = utf8_length(*p, (size_t)(end - *p));
	uint32_t c = *s & lead_bits[n];

	if (n == 0) {
		(*p)++;
		return PYTEXT_INVALID;
	}
	for (size_t i = 1; i < n; i++)
		c = c << 6 | (s[i] & 0x3fu);
	*p += n;
	return c;
}

struct pytext pytext_of(const char *text)
{
	return (struct pytext){ text, text + strlen(text) };
}

size_t pytext_length(struct pytext t)
{
	size_t n = 0;

	for (const char *p = t.start; p < t.end; n++)
		(void)pytext_next(&p, t.end);
	return n;
}

bool pytext_is_space(uint32_t c)
{
	if (c < 0x80)
		return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f);
	if (c >= 0x2000 && c <= 0x200a)
		return true;
	for (size_t i = 0; i < COUNT(wide_spaces); i++)
		if (c == wide_spaces[i])
			return true;
	return false;
}

struct pytext pytext_lstrip(struct pytext t)
{
	for (const char *p = t.start; p < t.end; t.start = p)
		if (!pytext_is_space(pytext_next(&p, t.end)))
			break;
	return t;
}

struct pytext pytext_rstrip(struct pytext t)
{
	const char *end = t.start;

	for (const char *p = t.start; p < t.end;)
		if (!pytext_is_space(pytext_next(&p, t.end)))
			end = p;
	t.end = end;
	return t;
}

struct pytext pytext_strip(struct pytext t)
{
	return pytext_rstrip(pytext_lstrip(t));
}

bool pytext_is(struct pytext t, const char *text)
{
	size_t len = strlen(text);

	return (size_t)(t.end - t.start) == len && memcmp(t.start, text, len) == 0;
}

const char *pytext_print(struct pytext t, char *buf, size_t size)
{
	char *out = buf, *last = buf + size - 1;

	for (const char *p = t.start, *here = p; p < t.end; here = p) {
		uint32_t c = pytext_next(&p, t.end);
		size_t n = (size_t)(p - here);

		if (n > (size_t)(last - out))
			break;
		if (c == PYTEXT_INVALID || c < 0x20 || (c >= 0x7f && c < 0xa0))
			*out++ = '?';
		else
			out = mempcpy(out, here, n);
	}
	*out = '\0';
	return buf;
}

/* int() takes fewer ASCII characters for blanks than str.strip() does. */
static bool is_number_space(uint32_t c)
{
	return c < 0x80 ? c == ' ' || (c >= '\t' && c <= '\r') : pytext_is_space(c);
}

/* Value of a hexadecimal digit, or -1; only 0 to 9 may be of another script. */
static int hex_digit(uint32_t c)
{
	if (c >= 'a' && c <= 'f')
		return (int)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (int)(c - 'A') + 10;
	for (size_t i = 0; i < COUNT(zeros); i++)
		if (c >= zeros[i] && c - zeros[i] < 10)
			return (int)(c - zeros[i]);
	return -1;
}

/* The character at the start, PYTEXT_INVALID at the end. */
static uint32_t peek(struct pytext t)
{
	const char *p = t.start;

	return p < t.end ? pytext_next(&p, t.end) : PYTEXT_INVALID;
}

static uint32_t take(struct pytext *t)
{
	return t->start < t->end ? pytext_next(&t->start, t->end) : PYTEXT_INVALID;
}

static void skip_number_spaces(struct pytext *t)
{
	while (is_number_space(peek(*t)))
		(void)take(t);
}

/* "0x", and one underscore behind it, is optional. */
static void skip_prefix(struct pytext *t)
{
	struct pytext rest = *t;

	if (hex_digit(take(&rest)) != 0 || (take(&rest) | 0x20) != 'x')
		return;
	if (peek(rest) == '_')
		(void)take(&rest);
	*t = rest;
}

/* Digits with single underscores between them; what is above max is counted as max + 1. */
static int32_t take_digits(struct pytext *t, int32_t max)
{
	int64_t value = 0;

	for (;;) {
		int digit = hex_digit(take(t));

		if (digit < 0)
			return PYTEXT_NO_NUMBER;
		value = value * 16 + digit;
		if (value > max)
			value = (int64_t)max + 1;
		if (peek(*t) == '_')
			(void)take(t);
		else if (hex_digit(peek(*t)) < 0)
			return value > max ? PYTEXT_TOO_LARGE : (int32_t)value;
	}
}

int32_t pytext_hex(struct pytext t, int32_t max)
{
	bool negative;
	int32_t value;

	skip_number_spaces(&t);
	negative = peek(t) == '-';
	if (negative || peek(t) == '+')
		(void)take(&t);
	skip_prefix(&t);
	value = take_digits(&t, max);
	skip_number_spaces(&t);
	if (t.start < t.end || value == PYTEXT_NO_NUMBER)
		return PYTEXT_NO_NUMBER;
	return negative && value != 0 ? PYTEXT_NEGATIVE : value;
}
