/* SPDX-License-Identifier: Apache-2.0 */
#include "pyjson_string.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "vfmon/arena.h"

/* Four digits of a \u escape; -1 if they are not there. */
static int32_t take_unit(const char **pos, const char *end)
{
	int32_t value = 0;

	if (end - *pos < 4)
		return -1;
	for (int i = 0; i < 4; i++, (*pos)++) {
		char c = **pos, lower = (char)(c | 0x20);

		if (c >= '0' && c <= '9')
			value = value * 16 + (c - '0');
		else if (lower >= 'a' && lower <= 'f')
			value = value * 16 + (lower - 'a') + 10;
		else
			return -1;
	}
	return value;
}

/* Also takes what UTF-8 does not know; the header says how. */
static char *put_char(char *out, uint32_t c)
{
	if (c != 0 && c < 0x80) {
		*out++ = (char)c;
		return out;
	}
	if (c < 0x800) {
		*out++ = (char)(0xc0 | c >> 6);
	} else {
		if (c < 0x10000) {
			*out++ = (char)(0xe0 | c >> 12);
		} else {
			*out++ = (char)(0xf0 | c >> 18);
			*out++ = (char)(0x80 | (c >> 12 & 0x3f));
		}
		*out++ = (char)(0x80 | (c >> 6 & 0x3f));
	}
	*out++ = (char)(0x80 | (c & 0x3f));
	return out;
}

/* What stands behind "\u"; two halves of a pair become one character, a lone one stays. */
static char *take_unicode(const char **pos, const char *end, char *out)
{
	int32_t high = take_unit(pos, end), low;
	const char *behind = *pos + 2;

	if (high < 0)
		return NULL;
	if (high < 0xd800 || high > 0xdbff || end - *pos < 6 || memcmp(*pos, "\\u", 2) != 0)
		return put_char(out, (uint32_t)high);
	low = take_unit(&behind, end);
	if (low < 0xdc00 || low > 0xdfff)
		return put_char(out, (uint32_t)high);
	*pos = behind;
	return put_char(out,
			0x10000 + ((uint32_t)(high - 0xd800) << 10) + (uint32_t)(low - 0xdc00));
}

static char *take_escape(const char **pos, const char *end, char *out)
{
	static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	const char *letter;

	if (*pos == end || **pos == '\0')
		return NULL;
	if (*(*pos)++ == 'u')
		return take_unicode(pos, end, out);
	letter = strchr(letters, (*pos)[-1]);
	if (!letter)
		return NULL;
	*out = meant[letter - letters];
	return out + 1;
}

/* The quote that ends the string whose first one is at pos; NULL: there is none. */
static const char *find_quote(const char *pos, const char *end)
{
	for (pos++; pos < end && *pos != '"'; pos++)
		if (*pos == '\\' && ++pos == end)
			return NULL;
	return pos < end ? pos : NULL;
}

static int fail(struct pyjson_string *s, const char *place, const char *reason)
{
	s->pos = place;
	s->reason = reason;
	return -EINVAL;
}

int pyjson_string_parse(struct pyjson_string *s, const char **ret)
{
	const char *quote = find_quote(s->pos, s->end), *in = s->pos + 1, *here;
	char *text, *out;

	if (!quote)
		return fail(s, s->pos, "the text that begins here has no closing quote");
	/* An escape is never shorter than what it stands for. */
	text = out = arena_alloc(s->arena, (size_t)(quote - in) + 1);
	if (!text)
		return -ENOMEM;
	while (in < quote) {
		here = in;
		if ((unsigned char)*here < 0x20)
			return fail(s, here,
				    "a control character or the end of a line inside a text");
		if (*in++ != '\\')
			*out++ = *here;
		else if (!(out = take_escape(&in, quote, out)))
			return fail(s, here, "not an escape that JSON knows");
	}
	s->pos = quote + 1;
	*ret = text;
	return 0;
}
