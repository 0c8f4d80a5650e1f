/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../cli/harmless.h"

struct sample {
	const char *in;
	const char *utf8;
	const char *ascii;
};

static void check(const struct sample *samples, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *expected[] = { samples[i].ascii, samples[i].utf8 };

		for (int charset = HARMLESS_ASCII; charset <= HARMLESS_UTF8; charset++) {
			char text[128];
			size_t len = strlen(samples[i].in);

			memcpy(text, samples[i].in, len);
			len = harmless_json(text, len, (enum harmless_charset)charset);
			text[len] = '\0';
			assert_string_equal(text, expected[charset]);
		}
	}
}

static void test_what_is_no_control_stays(void **state)
{
	static const struct sample samples[] = {
		{ "", "", "" },
		{ "{\"a\":[1,true,null]}", "{\"a\":[1,true,null]}", "{\"a\":[1,true,null]}" },
		{ "\"\\\\n \\\" \\/\"", "\"\\\\n \\\" \\/\"", "\"\\\\n \\\" \\/\"" },
		{ "\"\\u0041\\u00E4\"", "\"\\u0041\\u00E4\"", "\"\\u0041?\"" },
		{ "\"Größe → 𝄞\"", "\"Größe → 𝄞\"", "\"Gr??e ? ?\"" },
	};

	(void)state;
	check(samples, sizeof(samples) / sizeof(samples[0]));
}

static void test_controls_go_raw_and_escaped(void **state)
{
	static const struct sample samples[] = {
		{ "\"\\u001b[2J\"", "\"?[2J\"", "\"?[2J\"" },
		{ "\"\\u001B\\u0007\\b\\f\"", "\"????\"", "\"????\"" },
		{ "\"\x1b[2J\x7f\"", "\"?[2J?\"", "\"?[2J?\"" },
		{ "\"\xc2\x9b\\u009b\\u0080\"", "\"???\"", "\"???\"" },
		{ "\"a\\nb\\tc\\r\\u000a\"", "\"a b c  \"", "\"a b c  \"" },
		{ "{\"\\u001bkey\":1}", "{\"?key\":1}", "{\"?key\":1}" },
	};

	(void)state;
	check(samples, sizeof(samples) / sizeof(samples[0]));
}

static void test_the_direction_of_writing_stays(void **state)
{
	static const struct sample samples[] = {
		{ "\"\xe2\x80\xae\\u202e\\u2066\xe2\x81\xa9\"", "\"????\"", "\"????\"" },
		{ "\"\\u200f\\u2028\"", "\"??\"", "\"??\"" },
	};

	(void)state;
	check(samples, sizeof(samples) / sizeof(samples[0]));
}

static void test_broken_text_is_not_read_beyond_its_end(void **state)
{
	static const struct sample samples[] = {
		{ "\\", "\\", "\\" },
		{ "\\u00", "\\u00", "\\u00" },
		{ "\\u00xy", "\\u00xy", "\\u00xy" },
		{ "\xe2\x80", "??", "??" },
		{ "\xff\xfe\xc0\x80", "????", "????" },
	};

	(void)state;
	check(samples, sizeof(samples) / sizeof(samples[0]));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_no_control_stays),
		cmocka_unit_test(test_controls_go_raw_and_escaped),
		cmocka_unit_test(test_the_direction_of_writing_stays),
		cmocka_unit_test(test_broken_text_is_not_read_beyond_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
