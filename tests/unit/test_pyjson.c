/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vfmon/pyjson.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A text, and what Python's json.dumps() makes of what json.loads() took; NULL: refused. */
struct row {
	const char *text;
	const char *dumped;
};

static void check(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		cleanup_(pyjson_freep) struct pyjson_doc *doc = NULL;
		const char *text = rows[i].text, *wanted = rows[i].dumped;
		struct pyjson_error error = { 0 };
		char *dumped = NULL;
		int r = pyjson_parse(text, strlen(text), &doc, &error);

		if (r < 0 || !wanted) {
			if (r != (wanted ? 0 : -EINVAL))
				fail_msg("%s: %d (%s)", text, r, error.reason);
			assert_true(error.reason[0] && error.offset <= strlen(text));
			continue;
		}
		assert_int_equal(pyjson_dump(pyjson_root(doc), &dumped), 0);
		assert_string_equal(dumped, wanted);
		free(dumped);
	}
}

static void test_values_are_dumped_as_python_does(void **state)
{
	static const struct row rows[] = {
		{ "{\"a\":1,\"b\":[true,false,null]}", "{\"a\": 1, \"b\": [true, false, null]}" },
		{ " \t\r\n{ }\n", "{}" },
		{ "[]", "[]" },
		{ "\"\xc3\xa9\xf0\x9f\x98\x80\x7f\"", "\"\\u00e9\\ud83d\\ude00\\u007f\"" },
		{ "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\\"\\\\/\\b\\f\\n\\r\\t\"" },
		{ "\"\\u00E9\\u0000\\u001f\"", "\"\\u00e9\\u0000\\u001f\"" },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_numbers_keep_their_value(void **state)
{
	static const struct row rows[] = {
		{ "-0", "0" },
		{ "100000000000000000000000000001", "100000000000000000000000000001" },
		{ "-0.0", "-0.0" },
		{ "1e5", "100000.0" },
		{ "1E+2", "100.0" },
		{ "1e15", "1000000000000000.0" },
		{ "1e16", "1e+16" },
		{ "0.0001", "0.0001" },
		{ "0.00001", "1e-05" },
		{ "0.1", "0.1" },
		{ "123456.789", "123456.789" },
		{ "1.5e300", "1.5e+300" },
		{ "5e-324", "5e-324" },
		{ "9007199254740993.0", "9007199254740992.0" },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_what_python_takes_beyond_the_standard_is_taken(void **state)
{
	static const struct row rows[] = {
		{ "NaN", "NaN" },
		{ "[Infinity,-Infinity]", "[Infinity, -Infinity]" },
		{ "1e400", "Infinity" },
		{ "-1e400", "-Infinity" },
		{ "\"\\ud800\"", "\"\\ud800\"" },
		{ "\"\\udc00\\ud83d\\ude00\\ud83d\"", "\"\\udc00\\ud83d\\ude00\\ud83d\"" },
		{ "\"\\ud83d\\u0041\"", "\"\\ud83dA\"" },
		{ "\"\\udc00\\udc00\"", "\"\\udc00\\udc00\"" },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_of_a_name_that_occurs_twice_the_last_value_counts(void **state)
{
	static const struct row rows[] = {
		{ "{\"a\":1,\"b\":2,\"a\":3}", "{\"a\": 3, \"b\": 2}" },
		{ "{\"a\":[1],\"a\":{},\"a\":{\"a\":1,\"\\u0061\":2}}", "{\"a\": {\"a\": 2}}" },
		{ "[{\"a\":1},{\"a\":2}]", "[{\"a\": 1}, {\"a\": 2}]" },
		{ "{\"\\u0000\":1,\"\":2,\"\\ud800\":3}",
		  "{\"\\u0000\": 1, \"\": 2, \"\\ud800\": 3}" },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_what_python_refuses_is_refused(void **state)
{
	static const struct row rows[] = {
		{ "", NULL },
		{ " \n", NULL },
		{ "[1,]", NULL },
		{ "{\"a\":1,}", NULL },
		{ "[,1]", NULL },
		{ "[1 2]", NULL },
		{ "{\"a\" 1}", NULL },
		{ "{a:1}", NULL },
		{ "{'a':1}", NULL },
		{ "{1:1}", NULL },
		{ "01", NULL },
		{ "-01", NULL },
		{ "1.", NULL },
		{ ".5", NULL },
		{ "+1", NULL },
		{ "-", NULL },
		{ "1e", NULL },
		{ "1e+", NULL },
		{ "-NaN", NULL },
		{ "nul", NULL },
		{ "True", NULL },
		{ "1 1", NULL },
		{ "{} // c", NULL },
		{ "# c\n1", NULL },
		{ "\"a", NULL },
		{ "\"\\", NULL },
		{ "\"\\x\"", NULL },
		{ "\"\\u12g4\"", NULL },
		{ "\"\\u123\"", NULL },
		{ "\"a\tb\"", NULL },
		{ "\"a\nb\"", NULL },
		{ "[", NULL },
		{ "{\"a\":", NULL },
		{ "]", NULL },
		{ "\v1", NULL },
		{ "\xc2\xa0"
		  "1",
		  NULL },
		{ "\xef\xbb\xbf{}", NULL },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_a_fault_has_its_place_and_reason(void **state)
{
	static const struct {
		const char *text;
		size_t offset;
		const char *reason;
	} rows[] = {
		{ "{\"a\": 1, managed: \"no\"}", 9, "key without quotes: managed" },
		{ "{'a': 1}", 1, "double quotes" },
		{ "{\"a\": yes}", 6, "text without quotes: yes" },
		{ "{\"a\": True}", 6, "JSON has 'true'" },
		{ "{\"a\": 1 \"b\": 2}", 8, "no comma" },
		{ "{\"a\": 1,}", 8, "comma before the closing bracket" },
		{ "{\"a\": 1", 7, "ends before the value is complete" },
		{ "{\"a\": \"1}", 6, "no closing quote" },
		{ "{\"a\": \"1\n\"}", 8, "inside a text" },
		{ "{} x", 3, "more text behind the value" },
		{ "{} # x", 3, "a comment" },
		{ "", 0, "empty" },
		{ "\xef\xbb\xbf{}", 0, "byte order mark" },
		{ "{\"a\" 1}", 5, "no colon" },
		{ "\"\\q\"", 1, "escape" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct pyjson_error error;
		struct pyjson_doc *doc;

		assert_int_equal(pyjson_parse(rows[i].text, strlen(rows[i].text), &doc, &error),
				 -EINVAL);
		if (error.offset != rows[i].offset || !strstr(error.reason, rows[i].reason))
			fail_msg("%s: %zu %s", rows[i].text, error.offset, error.reason);
	}
}

static void test_values_and_names_know_where_they_stand(void **state)
{
	static const char text[] = " { \"a\" : [1, \"x\"] , \"b\":{} }";
	cleanup_(pyjson_freep) struct pyjson_doc *doc = NULL;
	const struct pyjson *root, *a;
	struct pyjson_error error;

	(void)state;
	assert_int_equal(pyjson_parse(text, strlen(text), &doc, &error), 0);
	root = pyjson_root(doc);
	assert_int_equal(root->offset, 1);
	a = pyjson_get(root, "a");
	assert_int_equal(a->name_offset, 3);
	assert_int_equal(a->offset, 9);
	assert_int_equal(a->items->next->offset, 13);
	assert_int_equal(pyjson_get(root, "b")->offset, 24);
	assert_null(pyjson_get(root, "c"));
	assert_int_equal(root->count, 2);
}

static void test_truth_is_pythons(void **state)
{
	static const struct {
		const char *text;
		bool truth;
	} rows[] = {
		{ "null", false }, { "false", false },	    { "true", true }, { "0", false },
		{ "-0", false },   { "10", true },	    { "0.0", false }, { "-0e5", false },
		{ "0.5", true },   { "1e-400", false },	    { "NaN", true },  { "\"\"", false },
		{ "\"0\"", true }, { "\"\\u0000\"", true }, { "[]", false },  { "[0]", true },
		{ "{}", false },   { "{\"a\":0}", true },
	};

	(void)state;
	assert_false(pyjson_truth(NULL));
	for (size_t i = 0; i < COUNT(rows); i++) {
		cleanup_(pyjson_freep) struct pyjson_doc *doc = NULL;
		struct pyjson_error error;

		assert_int_equal(pyjson_parse(rows[i].text, strlen(rows[i].text), &doc, &error), 0);
		if (pyjson_truth(pyjson_root(doc)) != rows[i].truth)
			fail_msg("%s", rows[i].text);
	}
}

static int parse_nested(size_t depth, struct pyjson_error *error)
{
	cleanup_(pyjson_freep) struct pyjson_doc *doc = NULL;
	char *text = malloc(2 * depth);
	int r;

	assert_non_null(text);
	memset(text, '[', depth);
	memset(text + depth, ']', depth);
	r = pyjson_parse(text, 2 * depth, &doc, error);
	free(text);
	return r;
}

static void test_nesting_is_bounded(void **state)
{
	struct pyjson_error error;

	(void)state;
	assert_int_equal(parse_nested(PYJSON_MAX_DEPTH, &error), 0);
	assert_int_equal(parse_nested(PYJSON_MAX_DEPTH + 1, &error), -EINVAL);
	assert_string_equal(error.reason, "nested too deeply");
	assert_int_equal(parse_nested(500000, &error), -EINVAL);
}

static void test_containers_side_by_side_are_not_nested(void **state)
{
	cleanup_(pyjson_freep) struct pyjson_doc *doc = NULL;
	char text[3 * 2 * PYJSON_MAX_DEPTH + 2] = "[";
	struct pyjson_error error;

	(void)state;
	for (size_t i = 0; i < 2 * PYJSON_MAX_DEPTH; i++)
		memcpy(text + 1 + 3 * i, "{},", 3);
	text[sizeof(text) - 2] = ']';
	assert_int_equal(pyjson_parse(text, sizeof(text) - 1, &doc, &error), 0);
	assert_int_equal(pyjson_root(doc)->count, 2 * PYJSON_MAX_DEPTH);
}

static void test_the_next_character_ends_with_the_text(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		uint32_t c;
	} rows[] = {
		{ "a", 1, 'a' },
		{ "\xc0\x80x", 2, 0 },
		{ "\xed\xa0\x80x", 3, 0xd800 },
		{ "\xc0x", 1, 0xfffd },
		{ "\xed\xa0\x80", 2, 0xfffd },
		{ "\xffx", 1, 0xfffd },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *p = rows[i].text;

		assert_int_equal(pyjson_next(&p, rows[i].text + rows[i].len), rows[i].c);
		assert_true(p <= rows[i].text + rows[i].len);
	}
}

static void test_a_nul_outside_a_string_is_no_end(void **state)
{
	struct pyjson_error error;
	struct pyjson_doc *doc;

	(void)state;
	assert_int_equal(pyjson_parse("{}\0", 3, &doc, &error), -EINVAL);
	assert_int_equal(error.offset, 2);
	assert_int_equal(pyjson_parse("\"\\\0\"", 4, &doc, &error), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values_are_dumped_as_python_does),
		cmocka_unit_test(test_numbers_keep_their_value),
		cmocka_unit_test(test_what_python_takes_beyond_the_standard_is_taken),
		cmocka_unit_test(test_of_a_name_that_occurs_twice_the_last_value_counts),
		cmocka_unit_test(test_what_python_refuses_is_refused),
		cmocka_unit_test(test_a_fault_has_its_place_and_reason),
		cmocka_unit_test(test_values_and_names_know_where_they_stand),
		cmocka_unit_test(test_truth_is_pythons),
		cmocka_unit_test(test_nesting_is_bounded),
		cmocka_unit_test(test_containers_side_by_side_are_not_nested),
		cmocka_unit_test(test_the_next_character_ends_with_the_text),
		cmocka_unit_test(test_a_nul_outside_a_string_is_no_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
