/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns that Python refuses, and what it calls that. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/pyregex.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void check_refused(const char *const *patterns, size_t count, const char *python_class)
{
	for (size_t i = 0; i < count; i++) {
		struct pyregex *re = NULL;
		struct pyregex_error error;

		if (pyregex_new(patterns[i], &re, &error) != -EINVAL)
			fail_msg("%s was taken", patterns[i]);
		assert_null(re);
		assert_true(error.reason[0] != '\0');
		if (!error.python_class != !python_class ||
		    (python_class && strcmp(error.python_class, python_class) != 0))
			fail_msg("%s: %s", patterns[i], error.python_class);
	}
}

static void check_is(const char *pattern, const char *subject, bool matches)
{
	cleanup_(pyregex_freep) struct pyregex *re = NULL;
	struct pyregex_error error;

	assert_int_equal(pyregex_new(pattern, &re, &error), 0);
	assert_int_equal(pyregex_matches(re, subject), matches);
}

static void test_what_python_does_not_compile_is_refused(void **state)
{
	static const char *const patterns[] = {
		"(",
		")",
		"[",
		"[]",
		"[^]",
		"0)",
		"*",
		"+0",
		"?",
		"{1}",
		"0**",
		"0{1}{2}",
		"0+*",
		"^*",
		"$+",
		"\\b?",
		"(?i)*",
		"(|*)",
		"0{2,1}",
		"\\",
		"0\\",
		"(?#",
		"(?#\\)",
		"[b-a]",
		"[a-\\d]",
		"[\\d-a]",
		"\\q",
		"[\\q]",
		"\\8",
		"\\1",
		"[\\8]",
		"(\\1)",
		"\\400",
		"[\\400]",
		"\\x3",
		"\\u003",
		"\\U00110000",
		"\\N",
		"\\N{",
		"\\N{}",
		"(?P<1>a)",
		"(?P<>a)",
		"(?P<a-b>a)",
		"(?P<a",
		"(?P=a)",
		"(?P<a>a)(?P<a>b)",
		"(?Pa)",
		"(?P",
		"(?(1)a)",
		"(?(0)a)",
		"(?(a)b)",
		"(a)(?(1)b|c|d)",
		"(a)(?( 1)b)",
		"(a)(?(999999999999)b|c)",
		"(a)(?(1",
		"(a)(?(1)b",
		"(?<=a*)b",
		"(?<=a|bc)d",
		"(?<=(a)\\1)b",
		"(?<=(a\\1))b",
		"(a)\\18",
		"[a-",
		"[0-\\",
		"\\N{DIGIT ONE",
		"(?<a)",
		"(?",
		"(?<",
		"0(?i)",
		"(0|(?i)1)",
		"(?L)0",
		"(?au)0",
		"(?i-i:0)",
		"(?-a:0)",
		"(?i-)0",
		"(?-i)0",
		"(?i",
		"(?q)",
		"(?iq:0)",
	};

	(void)state;
	check_refused(patterns, COUNT(patterns), NULL);
}

static void test_what_only_pcre_knows_is_refused_or_means_what_python_says(void **state)
{
	static const char *const refused[] = {
		"\\Q0\\E", "\\K0", "\\h",	"\\R",	   "\\X",    "\\G",	"\\z",
		"(?R)",	   "(?1)", "(?&a)",	"(?P>a)",  "(?|0)",  "(?<a>0)", "(?'a'0)",
		"(?^:0)",  "(?C)", "(*ACCEPT)", "(*UTF)0", "0{2}+*",
	};

	(void)state;
	check_refused(refused, COUNT(refused), NULL);
	check_is("\\0600", "00", true);
	check_is("[[:alpha:]]", "a", false);
}

static void test_errors_that_are_not_res_own_have_their_class(void **state)
{
	static const char *const overflow[] = { "0{4294967295}", "0{1,99999999999999999999}" };
	static const char *const value[] = { "(?a)(?u)0" };
	char deep[3000];
	const char *const recursion[] = { deep };

	(void)state;
	memset(deep, '(', 1499);
	memset(deep + 1499, ')', 1499);
	deep[2998] = '\0';
	check_refused(overflow, COUNT(overflow), "OverflowError");
	check_refused(value, COUNT(value), "ValueError");
	check_refused(recursion, COUNT(recursion), "RecursionError");
}

/* A sign, a blank or a private character. */
static void test_what_is_no_letter_of_any_script_names_no_group(void **state)
{
	static const char *const refused[] = {
		"(?P<\u00d7>a)", "(?P<\u00f7>a)", "(?P<\u2013>a)",
		"(?P<\u00a0>a)", "(?P<\u00a7>a)", "(?P<\ue000>a)",
	};

	(void)state;
	check_refused(refused, COUNT(refused), NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_python_does_not_compile_is_refused),
		cmocka_unit_test(test_what_only_pcre_knows_is_refused_or_means_what_python_says),
		cmocka_unit_test(test_errors_that_are_not_res_own_have_their_class),
		cmocka_unit_test(test_what_is_no_letter_of_any_script_names_no_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
