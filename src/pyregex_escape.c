/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "pyregex_translate.h"

#define CHARACTER_MAX 0x10ffff
#define OCTAL_MAX 0377

/* All that the name of a character can have. */
#define NAME_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 -"

#define DIGITS ((pyregex_set)0x03ff)

static const struct {
	char letter;
	pyregex_set set;
} categories[] = {
	{ 'd', DIGITS },      { 'D', (pyregex_set)~DIGITS }, { 's', 0 },
	{ 'S', PYREGEX_ALL }, { 'w', PYREGEX_ALL },	     { 'W', 0 },
};

static const struct {
	char letter;
	unsigned int digits;
} hex_escapes[] = { { 'x', 2 }, { 'u', 4 }, { 'U', 8 } };

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static bool is_octal(uint32_t c)
{
	return c >= '0' && c <= '7';
}

static uint32_t hex_value(uint32_t c)
{
	if (c <= '9')
		return c - '0';
	return (c | 0x20) - 'a' + 10;
}

static int read_hex(struct pyregex_translation *t, unsigned int digits, uint32_t *ret)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < digits; i++) {
		if (!pyregex_at_one_of(t, "0123456789abcdefABCDEF"))
			return pyregex_fail(t, NULL, "incomplete escape");
		value = value << 4 | hex_value(pyregex_get(t).c);
	}
	if (value > CHARACTER_MAX)
		return pyregex_fail(t, NULL, "bad escape: there is no such character");
	*ret = (uint32_t)value;
	return 0;
}

/*
 * \N{NAME}: only names of a subject's characters matter. Whether any other name exists is not known
 * here; it is taken for one that does.
 */
static int read_named(struct pyregex_translation *t, uint32_t *ret)
{
	static const char *const digits[] = { "ZERO", "ONE", "TWO",   "THREE", "FOUR",
					      "FIVE", "SIX", "SEVEN", "EIGHT", "NINE" };
	static const char digit[] = "DIGIT ", small[] = "LATIN SMALL LETTER ",
			  capital[] = "LATIN CAPITAL LETTER ";
	const char *name;
	size_t len;

	if (!pyregex_take(t, '{'))
		return pyregex_fail(t, NULL, "missing { behind \\N");
	if (pyregex_get_name(t, '}', &name, &len) < 0)
		return pyregex_fail(t, NULL, "bad name behind \\N");
	for (size_t i = 0; i < len; i++)
		if (!strchr(NAME_CHARS, name[i]))
			return pyregex_fail(t, NULL, "bad name behind \\N");
	*ret = 0;
	for (uint32_t i = 0; i < COUNT(digits); i++)
		if (len == strlen(digit) + strlen(digits[i]) &&
		    strncasecmp(name, digit, strlen(digit)) == 0 &&
		    strncasecmp(name + strlen(digit), digits[i], strlen(digits[i])) == 0)
			*ret = '0' + i;
	if (len == sizeof(small) && strncasecmp(name, small, sizeof(small) - 1) == 0)
		*ret = (unsigned char)name[len - 1] | 0x20u;
	if (len == sizeof(capital) && strncasecmp(name, capital, sizeof(capital) - 1) == 0)
		*ret = (unsigned char)name[len - 1] & ~0x20u;
	return 0;
}

int pyregex_read_octal(struct pyregex_translation *t, uint32_t c, struct pyregex_escape *ret)
{
	uint32_t value = c - '0';

	for (int i = 0; i < 2 && pyregex_at_one_of(t, "01234567"); i++)
		value = value * 8 + (pyregex_get(t).c - '0');
	if (value > OCTAL_MAX)
		return pyregex_fail(t, NULL, "octal escape above 0o377");
	ret->c = value;
	return 0;
}

static bool find_category(uint32_t c, struct pyregex_escape *ret)
{
	for (size_t i = 0; i < COUNT(categories); i++) {
		if (c != (unsigned char)categories[i].letter)
			continue;
		ret->is_category = true;
		ret->set = categories[i].set;
		return true;
	}
	return false;
}

static bool is_letter(uint32_t c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

int pyregex_read_escape(struct pyregex_translation *t, uint32_t c, struct pyregex_escape *ret)
{
	static const char controls[] = "abtnvfr";
	const char *control;

	*ret = (struct pyregex_escape){ .c = c };
	if (find_category(c, ret))
		return 0;
	for (size_t i = 0; i < COUNT(hex_escapes); i++)
		if (c == (unsigned char)hex_escapes[i].letter)
			return read_hex(t, hex_escapes[i].digits, &ret->c);
	if (c == 'N')
		return read_named(t, &ret->c);
	if (is_octal(c))
		return pyregex_read_octal(t, c, ret);
	if (c >= 0x80 || (!is_letter(c) && c != '8' && c != '9'))
		return 0;
	/* From U+0007 on. */
	control = strchr(controls, (int)c);
	if (!control)
		return pyregex_fail(t, NULL, "bad escape");
	ret->c = '\a' + (uint32_t)(control - controls);
	return 0;
}
