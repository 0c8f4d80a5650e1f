/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "vfmon/utf8.h"

/* Writes a code point in so many bytes, whether that is the right number or not. */
static void encode(uint32_t point, size_t bytes, char *to)
{
	static const uint8_t first[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (size_t i = bytes; i-- > 1; point >>= 6)
		to[i] = (char)(0x80 | (point & 0x3f));
	to[0] = (char)(first[bytes] | point);
}

/* The shortest number of bytes; 0 for what is no character. */
static size_t expected_length(uint32_t point)
{
	if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
		return 0;
	return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
}

static void test_every_code_point_has_one_form(void **state)
{
	static const uint32_t limits[] = { 0, 0x80, 0x800, 0x10000, 0x200000 };

	(void)state;
	for (size_t bytes = 1; bytes <= 4; bytes++) {
		for (uint32_t point = 0; point < limits[bytes]; point++) {
			size_t expected = expected_length(point) == bytes ? bytes : 0;
			char text[4];

			encode(point, bytes, text);
			if (utf8_length(text, bytes) != expected)
				fail_msg("U+%04X in %zu bytes", point, bytes);
		}
	}
}

static void test_what_is_cut_off_or_goes_on_wrongly_is_none(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		size_t length;
	} cases[] = {
		{ "a", 0, 0 },
		{ "\xc3\xbc", 1, 0 },
		{ "\xe2\x82\xac", 2, 0 },
		{ "\xf0\x9f\x90\xa7", 3, 0 },
		{ "\xf0\x9f\x90\xa7", 4, 4 },
		{ "\xc3\xbcz", 3, 2 },
		{ "\xc3z", 2, 0 },
		{ "\xe2\x82z", 3, 0 },
		{ "\xe2\x82\xc0", 3, 0 },
		{ "\xf0\x9f\x90z", 4, 0 },
		{ "\x80", 1, 0 },
		{ "\xbf\x80", 2, 0 },
		{ "\xf5\x80\x80\x80", 4, 0 },
		{ "\xff", 1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(utf8_length(cases[i].text, cases[i].len), cases[i].length);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_code_point_has_one_form),
		cmocka_unit_test(test_what_is_cut_off_or_goes_on_wrongly_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
