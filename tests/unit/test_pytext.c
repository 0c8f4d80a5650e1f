/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "vfmon/pytext.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct number {
	const char *text;
	int32_t value;
};

static void check(const struct number *rows, size_t count, int32_t max)
{
	for (size_t i = 0; i < count; i++)
		if (pytext_hex(pytext_of(rows[i].text), max) != rows[i].value)
			fail_msg("'%s' gave %d", rows[i].text,
				 pytext_hex(pytext_of(rows[i].text), max));
}

static void test_numbers_are_read_as_int_with_base_16_reads_them(void **state)
{
	static const struct number rows[] = {
		{ "8086", 0x8086 },
		{ " 0x8086 ", 0x8086 },
		{ "00008086", 0x8086 },
		{ "8_086", 0x8086 },
		{ "0X1f", 0x1f },
		{ "0x_1F", 0x1f },
		{ "+1", 1 },
		{ "-0", 0 },
		{ "-0x0", 0 },
		{ "0b1", 0xb1 },
		{ "\t\n\v\f\r1", 1 },
		{ "\u00a0\u30001\u2028", 1 },
		{ "\uff18\u0660\u09e86", 0x8026 },
		{ "\U0001fbf9", 9 },
		{ "\u0660x1", 1 },
	};

	(void)state;
	check(rows, COUNT(rows), 0xffff);
}

static void test_what_int_refuses_is_no_number(void **state)
{
	static const struct number rows[] = {
		{ "", PYTEXT_NO_NUMBER },
		{ " ", PYTEXT_NO_NUMBER },
		{ "*", PYTEXT_NO_NUMBER },
		{ "0x", PYTEXT_NO_NUMBER },
		{ "_1", PYTEXT_NO_NUMBER },
		{ "1_", PYTEXT_NO_NUMBER },
		{ "1__2", PYTEXT_NO_NUMBER },
		{ "0x__1", PYTEXT_NO_NUMBER },
		{ "- 1", PYTEXT_NO_NUMBER },
		{ "+-1", PYTEXT_NO_NUMBER },
		{ "0x 1", PYTEXT_NO_NUMBER },
		{ "1 2", PYTEXT_NO_NUMBER },
		{ "g", PYTEXT_NO_NUMBER },
		{ "1g", PYTEXT_NO_NUMBER },
		{ "0x-1", PYTEXT_NO_NUMBER },
		{ "\x1c"
		  "1",
		  PYTEXT_NO_NUMBER },
		{ "\uff21", PYTEXT_NO_NUMBER },
		{ "\ufeff1", PYTEXT_NO_NUMBER },
		{ "1\xff", PYTEXT_NO_NUMBER },
		{ "\u0665_", PYTEXT_NO_NUMBER },
	};

	(void)state;
	check(rows, COUNT(rows), 0xffff);
}

static void test_the_limit_counts_and_negative_numbers_pass_it(void **state)
{
	static const struct number rows[] = {
		{ "1f", 0x1f },
		{ "20", PYTEXT_TOO_LARGE },
		{ "ffffffffffffffffffffffffffffffff", PYTEXT_TOO_LARGE },
		{ "100000000000000000000000000000001", PYTEXT_TOO_LARGE },
		{ "-1", PYTEXT_NEGATIVE },
		{ "-ffffffffffffffffffff", PYTEXT_NEGATIVE },
	};

	(void)state;
	check(rows, COUNT(rows), 0x1f);
}

static void test_strip_takes_white_space_of_any_script(void **state)
{
	static const char *const rows[] = { " x ", "\x1c\x1d\x1e\x1fx", "x\xc2\x85",
					    "\u00a0\u1680x\u2009", "\u202f\u205f\u3000x\v" };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_true(pytext_is(pytext_strip(pytext_of(rows[i])), "x"));
	assert_true(pytext_is(pytext_strip(pytext_of("\ufeffx")), "\ufeffx"));
	assert_true(pytext_is(pytext_strip(pytext_of(" \t")), ""));
	assert_true(pytext_is(pytext_lstrip(pytext_of(" x ")), "x "));
	assert_true(pytext_is(pytext_rstrip(pytext_of(" x ")), " x"));
}

static void test_length_counts_characters(void **state)
{
	(void)state;
	assert_int_equal(pytext_length(pytext_of("a\u00e9\U0001f600")), 3);
	assert_int_equal(pytext_length(pytext_of("\xff\xfe")), 2);
}

static void test_a_printed_text_is_clean_and_cut_between_characters(void **state)
{
	static const struct {
		const char *text, *printed;
	} rows[] = {
		{ "a\nb\x1b\x7f\xff", "a?b???" }, { "\xc2\x85\u00e9", "?\u00e9" },
		{ "1234567890", "1234567" },	  { "123456\u00e9", "123456" },
		{ "12345\u00e9", "12345\u00e9" },
	};
	char buf[8];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(pytext_print(pytext_of(rows[i].text), buf, sizeof(buf)),
				    rows[i].printed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers_are_read_as_int_with_base_16_reads_them),
		cmocka_unit_test(test_what_int_refuses_is_no_number),
		cmocka_unit_test(test_the_limit_counts_and_negative_numbers_pass_it),
		cmocka_unit_test(test_strip_takes_white_space_of_any_script),
		cmocka_unit_test(test_length_counts_characters),
		cmocka_unit_test(test_a_printed_text_is_clean_and_cut_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
