/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "../lib/alloc.h"
#include "vfmon/json_text.h"

/* The text so far as a string. */
static const char *finish(struct json_text *t)
{
	json_text_end_message(t);
	assert_int_equal(json_text_error(t), 0);
	assert_int_equal(strlen(t->data), t->len - 1);
	return t->data;
}

static void test_commas_come_by_themselves(void **state)
{
	struct json_text t = { 0 };

	(void)state;
	json_text_begin_object(&t);
	json_text_key(&t, "a");
	json_text_begin_array(&t);
	json_text_int(&t, 1);
	json_text_bool(&t, true);
	json_text_bool(&t, false);
	json_text_null(&t);
	json_text_begin_object(&t);
	json_text_end_object(&t);
	json_text_begin_array(&t);
	json_text_end_array(&t);
	json_text_string(&t, "x");
	json_text_end_array(&t);
	json_text_key(&t, "b");
	json_text_string(&t, NULL);
	json_text_end_object(&t);
	assert_string_equal(finish(&t), "{\"a\":[1,true,false,null,{},[],\"x\"],\"b\":null}");
	json_text_done(&t);
}

static void test_a_second_message_begins_without_a_comma(void **state)
{
	struct json_text t = { 0 };

	(void)state;
	json_text_begin_object(&t);
	json_text_end_object(&t);
	json_text_end_message(&t);
	json_text_begin_object(&t);
	json_text_end_object(&t);
	json_text_end_message(&t);
	assert_int_equal(t.len, 6);
	assert_memory_equal(t.data, "{}\0{}", 6);
	json_text_done(&t);
}

static void test_strings_are_escaped_and_made_utf8(void **state)
{
	static const struct {
		const char *text;
		const char *json;
	} cases[] = {
		{ "", "\"\"" },
		{ "plain", "\"plain\"" },
		{ "a text that is longer than eight bytes",
		  "\"a text that is longer than eight bytes\"" },
		{ "0123456\"", "\"0123456\\\"\"" },
		{ "0123456\\", "\"0123456\\\\\"" },
		{ "\"01234567", "\"\\\"01234567\"" },
		{ "tab\there", "\"tab\\there\"" },
		{ "\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\"" },
		{ "\x01\x1f\x7f", "\"\\u0001\\u001f\x7f\"" },
		{ "!#[] ~/", "\"!#[] ~/\"" },
		{ "gr\xc3\xbc\xc3\x9f", "\"gr\xc3\xbc\xc3\x9f\"" },
		{ "01234567\xe2\x82\xac", "\"01234567\xe2\x82\xac\"" },
		{ "\xf0\x9f\x90\xa7", "\"\xf0\x9f\x90\xa7\"" },
		{ "\xff", "\"\xef\xbf\xbd\"" },
		{ "a\xc3", "\"a\xef\xbf\xbd\"" },
		{ "\xc0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\"" },			/* overlong */
		{ "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" }, /* a surrogate */
		{ "\xf4\x90\x80\x80x", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdx\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct json_text t = { 0 };

		json_text_string(&t, cases[i].text);
		assert_string_equal(finish(&t), cases[i].json);
		json_text_done(&t);
	}
}

/* Each byte at each place of a word, as eight are looked at together. */
static void test_every_byte_is_escaped_wherever_it_stands(void **state)
{
	(void)state;
	for (unsigned int byte = 1; byte < 0x80; byte++) {
		for (size_t at = 0; at < 16; at++) {
			struct json_text t = { 0 };
			char text[] = "abcdefghijklmnop";
			size_t extra = byte == '"' || byte == '\\' ? 1 : byte >= 0x20 ? 0 : 5;

			if (strchr("\b\f\n\r\t", (int)byte))
				extra = 1;
			text[at] = (char)byte;
			json_text_string(&t, text);
			assert_int_equal(t.len, 18 + extra);
			assert_int_equal(t.data[at + 1], extra ? '\\' : (int)byte);
			assert_memory_equal(t.data + at + 2 + extra, text + at + 1, 15 - at);
			json_text_done(&t);
		}
	}
}

static void test_numbers_are_written_to_their_ends(void **state)
{
	struct json_text t = { 0 };

	(void)state;
	json_text_begin_array(&t);
	json_text_int(&t, INT64_MIN);
	json_text_int(&t, -1);
	json_text_int(&t, 0);
	json_text_int(&t, INT64_MAX);
	json_text_end_array(&t);
	json_text_raw_uint(&t, UINT64_MAX);
	assert_string_equal(finish(&t), "[-9223372036854775808,-1,0,9223372036854775807]"
					"18446744073709551615");
	json_text_done(&t);
}

static void test_clear_and_cut_take_back(void **state)
{
	struct json_text t = { 0 };

	(void)state;
	json_text_string(&t, "one");
	json_text_string(&t, "two");
	json_text_cut(&t, 5);
	json_text_cut(&t, 100);
	assert_string_equal(finish(&t), "\"one\"");
	for (int i = 0; i < 5000; i++)
		json_text_string(&t, "x");
	json_text_clear(&t);
	assert_int_equal(t.len, 0);
	assert_int_equal(t.size, 0); /* what an idle client does not need is given back */
	json_text_done(&t);
}

static void test_out_of_memory_is_remembered_until_clear(void **state)
{
	struct json_text t = { 0 };

	(void)state;
	alloc_fail_after(1);
	for (int i = 0; i < 1000; i++)
		json_text_string(&t, "a text of some length");
	alloc_fail_never();
	assert_int_equal(json_text_error(&t), -ENOMEM);
	json_text_string(&t, "more");
	assert_int_equal(json_text_error(&t), -ENOMEM);
	json_text_clear(&t);
	json_text_string(&t, "again");
	assert_string_equal(finish(&t), "\"again\"");
	json_text_done(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commas_come_by_themselves),
		cmocka_unit_test(test_a_second_message_begins_without_a_comma),
		cmocka_unit_test(test_strings_are_escaped_and_made_utf8),
		cmocka_unit_test(test_every_byte_is_escaped_wherever_it_stands),
		cmocka_unit_test(test_numbers_are_written_to_their_ends),
		cmocka_unit_test(test_clear_and_cut_take_back),
		cmocka_unit_test(test_out_of_memory_is_remembered_until_clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
