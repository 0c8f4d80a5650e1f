/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/utf8.h"

#include <stdint.h>

/*
 * The forms of table 3-7 of the Unicode standard: what the first byte may be, how many follow, and
 * what the second may be, which is all that keeps overlong forms and surrogates out.
 */
static const struct form {
	uint8_t first_min, first_max, length, second_min, second_max;
} forms[] = {
	{ 0x00, 0x7f, 1, 0x00, 0x00 }, { 0xc2, 0xdf, 2, 0x80, 0xbf }, { 0xe0, 0xe0, 3, 0xa0, 0xbf },
	{ 0xe1, 0xec, 3, 0x80, 0xbf }, { 0xed, 0xed, 3, 0x80, 0x9f }, { 0xee, 0xef, 3, 0x80, 0xbf },
	{ 0xf0, 0xf0, 4, 0x90, 0xbf }, { 0xf1, 0xf3, 4, 0x80, 0xbf }, { 0xf4, 0xf4, 4, 0x80, 0x8f },
};

static const struct form *form_of(uint8_t first)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		if (first >= forms[i].first_min && first <= forms[i].first_max)
			return &forms[i];
	return NULL;
}

size_t utf8_length(const char *s, size_t len)
{
	const struct form *form;

	if (len == 0)
		return 0;
	form = form_of((uint8_t)s[0]);
	if (!form || form->length > len)
		return 0;
	if (form->length > 1 &&
	    ((uint8_t)s[1] < form->second_min || (uint8_t)s[1] > form->second_max))
		return 0;
	for (size_t i = 2; i < form->length; i++)
		if (((uint8_t)s[i] & 0xc0) != 0x80)
			return 0;
	return form->length;
}
