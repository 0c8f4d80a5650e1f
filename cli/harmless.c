/* SPDX-License-Identifier: Apache-2.0 */
#include "harmless.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct character {
	uint32_t code;
	size_t bytes;
};

/* Length of the UTF-8 sequence that a byte starts; 0 if none starts with it. */
static size_t sequence_length(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first <= 0xdf)
		return 2;
	if (first >= 0xe0 && first <= 0xef)
		return 3;
	return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

static struct character decode(const char *text, size_t len)
{
	static const unsigned char lead_mask[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	const unsigned char *u = (const unsigned char *)text;
	size_t need = sequence_length(u[0]);
	uint32_t code;

	if (need == 0 || need > len)
		return (struct character){ 0, 1 };
	code = u[0] & lead_mask[need];
	for (size_t i = 1; i < need; i++) {
		if ((u[i] & 0xc0) != 0x80)
			return (struct character){ 0, 1 };
		code = code << 6 | (u[i] & 0x3f);
	}
	return (struct character){ code, need };
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* What an escape stands for; one that is broken is left to the parser, which refuses it. */
static struct character decode_escape(const char *text, size_t len)
{
	uint32_t code = 0;

	if (len < 2)
		return (struct character){ '\\', len };
	if (text[1] != 'u')
		return (struct character){ strchr("ntr", text[1])  ? '\n'
					   : strchr("bf", text[1]) ? 0
								   : '\\',
					   2 };
	if (len < 6)
		return (struct character){ '\\', len };
	for (size_t i = 2; i < 6; i++) {
		int digit = hex_digit(text[i]);

		if (digit < 0)
			return (struct character){ '\\', 2 };
		code = code << 4 | (uint32_t)digit;
	}
	return (struct character){ code, 6 };
}

static bool changes_direction(uint32_t code)
{
	return code == 0x200e || code == 0x200f || code == 0x061c ||
	       (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

/* The character to write instead; 0: it may stay. */
static char replacement(uint32_t code, enum harmless_charset charset)
{
	if (code == '\n' || code == '\t' || code == '\r')
		return ' ';
	if (code < 0x20 || (code >= 0x7f && code <= 0x9f) || changes_direction(code))
		return '?';
	return charset == HARMLESS_ASCII && code > 0x7f ? '?' : 0;
}

size_t harmless_json(char *text, size_t len, enum harmless_charset charset)
{
	size_t to = 0;

	for (size_t from = 0; from < len;) {
		const char *p = text + from;
		struct character c = *p == '\\' ? decode_escape(p, len - from)
						: decode(p, len - from);
		char instead = replacement(c.code, charset);

		if (instead) {
			text[to++] = instead;
		} else {
			memmove(text + to, p, c.bytes);
			to += c.bytes;
		}
		from += c.bytes;
	}
	return to;
}
