/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reply before it is shown on a terminal: any bytes. What was JSON stays JSON, and in none of its
 * texts, nor in the name of a member, is anything left that a terminal would obey.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../cli/harmless.h"
#include "vfmon/value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool changes_direction(uint32_t code)
{
	static const uint32_t codes[] = { 0x061c, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202b,
					  0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069 };

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (code == codes[i])
			return true;
	return false;
}

/* The character that begins here, of a text that json-c has decoded. */
static uint32_t code_at(const unsigned char *u)
{
	if (u[0] < 0x80)
		return u[0];
	if (u[0] < 0xe0)
		return (u[0] & 0x1fu) << 6 | (u[1] & 0x3fu);
	return u[0] < 0xf0 ? (u[0] & 0x0fu) << 12 | (u[1] & 0x3fu) << 6 | (u[2] & 0x3fu) : 0x10000;
}

static void check_text(const char *text, enum harmless_charset charset)
{
	for (const unsigned char *u = (const unsigned char *)text; *u; u++) {
		uint32_t code = code_at(u);

		if ((*u & 0xc0) == 0x80)
			continue;
		assert(code >= 0x20 && (code < 0x7f || code > 0x9f) && !changes_direction(code));
		assert(charset == HARMLESS_UTF8 || code < 0x7f);
	}
}

static int check_member(const char *name, const struct value *member, void *arg);

static void check_value(const struct value *v, enum harmless_charset *charset)
{
	if (value_as_text(v))
		check_text(value_as_text(v), *charset);
	for (size_t i = 0; i < value_count(v); i++)
		check_value(value_at(v, i), charset);
	(void)value_each(v, check_member, charset);
}

static int check_member(const char *name, const struct value *member, void *arg)
{
	enum harmless_charset *charset = arg;

	check_text(name, *charset);
	check_value(member, charset);
	return 0;
}

static void try_charset(const uint8_t *data, size_t size, enum harmless_charset charset)
{
	struct value *before = NULL, *after = NULL;
	/* Of the exact size, so that a byte read behind it is seen. */
	char *text = malloc(size ? size : 1);
	size_t len;

	if (!text)
		abort();
	memcpy(text, data, size);
	(void)value_parse(text, size, &before);
	len = harmless_json(text, size, charset);
	assert(len <= size && harmless_json(text, len, charset) == len);
	if (before) {
		assert(value_parse(text, len, &after) == 0);
		check_value(after, &charset);
	}
	value_free(before);
	value_free(after);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	try_charset(data, size, HARMLESS_UTF8);
	try_charset(data, size, HARMLESS_ASCII);
	return 0;
}
