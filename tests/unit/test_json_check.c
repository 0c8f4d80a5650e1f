/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vfmon/json_check.h"

#define MANY 100

struct example {
	const char *text;
	int verdict;
};

static void check_all(const struct example *examples, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int r = json_check(examples[i].text, strlen(examples[i].text), MANY);

		if (r != examples[i].verdict)
			fail_msg("%s: %s instead of %s", examples[i].text, strerror(-r),
				 strerror(-examples[i].verdict));
	}
}

#define CHECK_ALL(examples) check_all(examples, sizeof(examples) / sizeof(*(examples)))

static void test_one_object_and_white_space_pass(void **state)
{
	static const struct example examples[] = {
		{ "{}", 0 },
		{ " \t\r\n{ } \n", 0 },
		{ "{\"a\":1}", 0 },
		{ "{ \"a\" : [ ] , \"b\" : { } }", 0 },
		{ "{\"a\":[1,\"x\",true,false,null,{},[[]]]}", 0 },
		{ "{\"a\":{\"a\":{\"a\":1}}}", 0 },
		{ "{\"\":0}", 0 },
		{ "", -EBADMSG },
		{ " ", -EBADMSG },
		{ "[]", -EBADMSG },
		{ "null", -EBADMSG },
		{ "1", -EBADMSG },
		{ "\"a\"", -EBADMSG },
		{ "{}{}", -EBADMSG },
		{ "{} x", -EBADMSG },
		{ "{", -EBADMSG },
		{ "}", -EBADMSG },
		{ "{]", -EBADMSG },
		{ "{\"a\":[}", -EBADMSG },
		{ "{\"a\":[1}", -EBADMSG },
		{ "{\"a\":[1]", -EBADMSG },
		{ "{\"a\"}", -EBADMSG },
		{ "{\"a\":}", -EBADMSG },
		{ "{\"a\" 1}", -EBADMSG },
		{ "{a:1}", -EBADMSG },
		{ "{'a':1}", -EBADMSG },
		{ "{1:1}", -EBADMSG },
		{ "{\"a\":1,}", -EBADMSG },
		{ "{,}", -EBADMSG },
		{ "{\"a\":1 \"b\":2}", -EBADMSG },
		{ "{\"a\":[1,]}", -EBADMSG },
		{ "{\"a\":[,1]}", -EBADMSG },
		{ "{\"a\":[1 2]}", -EBADMSG },
		{ "{/**/}", -EBADMSG },
		{ "{\"a\":1}//", -EBADMSG },
		{ "\xef\xbb\xbf{}", -EBADMSG },
		{ "{\v}", -EBADMSG },
	};

	(void)state;
	CHECK_ALL(examples);
}

static void test_scalars_are_those_of_the_standard(void **state)
{
	static const char *const good[] = { "0",      "-0",   "12",
					    "-12",    "1.5",  "0.0",
					    "1e3",    "1E+3", "1e-3",
					    "1.5e10", "true", "false",
					    "null",   "\"\"", "123456789012345678901234567890" };
	static const char *const bad[] = { "01",	"-01",	"1.",	".5",  "+1",	 "-",
					   "1e",	"1e+",	"0x10", "1_0", "NaN",	 "Infinity",
					   "-Infinity", "TRUE", "True", "nul", "nulls",	 "'b'",
					   "\"a",	"tru",	"1.e3", "--1", "\\u0031" };
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		snprintf(text, sizeof(text), "{\"a\":%s}", good[i]);
		assert_int_equal(json_check(text, strlen(text), MANY), 0);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		snprintf(text, sizeof(text), "{\"a\":%s}", bad[i]);
		if (json_check(text, strlen(text), MANY) != -EBADMSG)
			fail_msg("%s passed", text);
	}
}

static void test_strings_are_text(void **state)
{
	static const struct example examples[] = {
		{ "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}", 0 },
		{ "{\"a\":\"\\u00e9\\uD83D\\udc27\"}", 0 },
		{ "{\"a\":\"gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\xa7\"}", 0 },
		{ "{\"gr\xc3\xbc\xc3\x9f\":1}", 0 },
		{ "{\"a\":\"\x7f\"}", 0 },
		{ "{\"a\":\"\\x\"}", -EBADMSG },
		{ "{\"a\":\"\\u12\"}", -EBADMSG },
		{ "{\"a\":\"\\u12g4\"}", -EBADMSG },
		{ "{\"a\":\"\\", -EBADMSG },
		{ "{\"a\":\"\\u", -EBADMSG },
		{ "{\"a\":\"\\ud83d", -EILSEQ },
		{ "{\"a\":\"\\u0000\"}", -EILSEQ },
		{ "{\"\\u0000\":1}", -EILSEQ },
		{ "{\"a\":\"\\ud83d\"}", -EILSEQ },
		{ "{\"a\":\"\\ud83dx\"}", -EILSEQ },
		{ "{\"a\":\"\\ud83d\\u0041\"}", -EILSEQ },
		{ "{\"a\":\"\\udc27\"}", -EILSEQ },
		{ "{\"a\":\"\n\"}", -EILSEQ },
		{ "{\"a\t\":1}", -EILSEQ },
		{ "{\"a\":\"\x1f\"}", -EILSEQ },
		{ "{\"a\":\"\xff\"}", -EILSEQ },
		{ "{\"a\":\"\xc3\"}", -EILSEQ },
		{ "{\"a\":\"\x80\"}", -EILSEQ },
		{ "{\"a\":\"\xc0\x80\"}", -EILSEQ },	     /* overlong */
		{ "{\"a\":\"\xe0\x80\x80\"}", -EILSEQ },     /* overlong */
		{ "{\"a\":\"\xed\xa0\x80\"}", -EILSEQ },     /* a surrogate */
		{ "{\"a\":\"\xf4\x90\x80\x80\"}", -EILSEQ }, /* above U+10FFFF */
		{ "{\"a\":\"\xf0\x80\x80\x80\"}", -EILSEQ }, /* overlong */
		{ "{\"a\":\"\xe2\x82\"}", -EILSEQ },
		{ "{\"a\":\xc3\xbc}", -EBADMSG },
	};

	(void)state;
	CHECK_ALL(examples);
	/* A NUL of its own, which no C string can show. */
	assert_int_equal(json_check("{\"a\":\"\0\"}", 9, MANY), -EILSEQ);
	assert_int_equal(json_check("{}\0", 3, MANY), -EBADMSG);
}

static void test_a_name_stands_once_in_an_object_however_it_is_written(void **state)
{
	static const struct example examples[] = {
		{ "{\"a\":1,\"a\":1}", -ENOTUNIQ },
		{ "{\"a\":1,\"b\":2,\"a\":1}", -ENOTUNIQ },
		{ "{\"a\":1,\"\\u0061\":1}", -ENOTUNIQ },
		{ "{\"\\u00e9\":1,\"\xc3\xa9\":1}", -ENOTUNIQ },
		{ "{\"\\ud83d\\udc27\":1,\"\xf0\x9f\x90\xa7\":1}", -ENOTUNIQ },
		{ "{\"\\u20ac\":1,\"\xe2\x82\xac\":1}", -ENOTUNIQ },
		{ "{\"/\":1,\"\\/\":1}", -ENOTUNIQ },
		{ "{\"\\n\":1,\"\\u000a\":1}", -ENOTUNIQ },
		{ "{\"x\":{\"a\":1,\"a\":1}}", -ENOTUNIQ },
		{ "{\"x\":[{\"a\":1},{\"b\":1,\"b\":2}]}", -ENOTUNIQ },
		{ "{\"a\":{\"b\":1},\"c\":{\"b\":1},\"a\":1}", -ENOTUNIQ },
		{ "{\"a\":1,\"A\":1}", 0 },
		{ "{\"a\":1,\"aa\":1,\"\":1}", 0 },
		{ "{\"a\":{\"a\":1},\"b\":{\"a\":1}}", 0 },
		{ "{\"x\":[{\"a\":1},{\"a\":1}]}", 0 },
	};

	(void)state;
	CHECK_ALL(examples);
}

/* Writes {"a":[[...]]} with so many brackets in all. */
static size_t nest(char *text, size_t depth)
{
	size_t n = (size_t)snprintf(text, 8, "{\"a\":");

	memset(text + n, '[', depth - 1);
	memset(text + n + depth - 1, ']', depth - 1);
	n += 2 * (depth - 1);
	text[n++] = '}';
	return n;
}

static void test_depth_is_bounded(void **state)
{
	char text[256];

	(void)state;
	assert_int_equal(json_check(text, nest(text, JSON_CHECK_DEPTH), MANY), 0);
	assert_int_equal(json_check(text, nest(text, JSON_CHECK_DEPTH + 1), MANY), -E2BIG);
}

static void test_containers_are_bounded(void **state)
{
	static const char text[] = "{\"a\":[{},{},[]]}";

	(void)state;
	assert_int_equal(json_check(text, strlen(text), 5), 0);
	assert_int_equal(json_check(text, strlen(text), 4), -E2BIG);
	assert_int_equal(json_check("{}", 2, 0), -E2BIG);
}

static void test_names_that_are_open_at_once_are_bounded(void **state)
{
	char text[JSON_CHECK_NAMES * 16];

	(void)state;
	for (int count = JSON_CHECK_NAMES; count <= JSON_CHECK_NAMES + 1; count++) {
		size_t n = 0;

		for (int i = 0; i < count; i++)
			n += (size_t)snprintf(text + n, 16, "%c\"%d\":1", i > 0 ? ',' : '{', i);
		text[n++] = '}';
		assert_int_equal(json_check(text, n, MANY), count > JSON_CHECK_NAMES ? -E2BIG : 0);
	}
}

static void test_a_text_that_is_cut_anywhere_does_not_pass(void **state)
{
	static const char text[] =
		"{\"a\\n\":[1.5e3,{\"\\ud83d\\udc27\":\"\xe2\x82\xac\"}],\"c\":true}";

	(void)state;
	assert_int_equal(json_check(text, strlen(text), MANY), 0);
	for (size_t n = 0; n < strlen(text); n++) {
		/* In memory of just that size, so that a read behind it is seen. */
		char *cut = memcpy(malloc(n > 0 ? n : 1), text, n);

		assert_true(json_check(cut, n, MANY) < 0);
		free(cut);
	}
}

static void test_each_error_has_a_reason(void **state)
{
	(void)state;
	assert_string_equal(json_check_reason(-ENOTUNIQ), "a member twice");
	assert_string_equal(json_check_reason(-E2BIG), "too much structure");
	assert_string_equal(json_check_reason(-EILSEQ), "a string that is no text");
	assert_string_equal(json_check_reason(-EBADMSG), "no JSON object");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_object_and_white_space_pass),
		cmocka_unit_test(test_scalars_are_those_of_the_standard),
		cmocka_unit_test(test_strings_are_text),
		cmocka_unit_test(test_a_name_stands_once_in_an_object_however_it_is_written),
		cmocka_unit_test(test_depth_is_bounded),
		cmocka_unit_test(test_containers_are_bounded),
		cmocka_unit_test(test_names_that_are_open_at_once_are_bounded),
		cmocka_unit_test(test_a_text_that_is_cut_anywhere_does_not_pass),
		cmocka_unit_test(test_each_error_has_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
