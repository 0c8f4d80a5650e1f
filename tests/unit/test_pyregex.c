/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/pyregex.h"
#include "../lib/alloc.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define FOUR ".?.?.?.?"
#define SIXTEEN FOUR FOUR FOUR FOUR

struct row {
	const char *pattern;
	const char *subject;
	bool matches;
};

static void check(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		cleanup_(pyregex_freep) struct pyregex *re = NULL;
		struct pyregex_error error;

		if (pyregex_new(rows[i].pattern, &re, &error) != 0)
			fail_msg("%s: %s", rows[i].pattern, error.reason);
		if (pyregex_matches(re, rows[i].subject) != rows[i].matches)
			fail_msg("%s and %s", rows[i].pattern, rows[i].subject);
	}
}

static void test_a_match_begins_at_the_start_and_may_end_early(void **state)
{
	static const struct row rows[] = {
		{ "", "00", true },	 { "0", "0f", true },	   { "0", "f0", false },
		{ "000", "000f", true }, { "0$", "00", false },	   { "0\\Z", "0", true },
		{ "^0", "00", true },	 { "f|00", "00", true },   { "0A", "0a", false },
		{ ".*f", "1f", true },	 { "(?:)f", "1f", false },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_sets_and_categories_are_pythons(void **state)
{
	static const struct row rows[] = {
		{ "[0-2]", "1", true },
		{ "[^0-2]", "1", false },
		{ "[]0]", "0", true },
		{ "[^]0]", "0", false },
		{ "[a-]", "a", true },
		{ "[0-9-a]", "a", true },
		{ "[\\d-]", "7", true },
		{ "[[:digit:]]", "1", false }, /* one of "[:digt" and a "]" */
		{ "[[:digit:]", "d", true },
		{ "\\d\\D", "1a", true },
		{ "\\w\\S", "1a", true },
		{ "\\s|\\W", "1a", false },
		{ "\\x30\\060\\u0061\\U00000061", "00aa", true },
		{ "\\141", "a", true },
		{ "\\N{DIGIT ONE}", "1", true },
		{ "\\N{LATIN SMALL LETTER B}", "b", true },
		{ "[\\N{latin small letter b}]", "b", true },
		{ "[\\b]|1", "1", true },
		{ "[\\x2F-\\x3A]", "5", true }, /* from the slash to the colon */
		{ "[\\x2F-\\x3A]", "a", false },
		{ "[\\x5f-\\x6A]", "f", true },
		{ "\\N{LATIN CAPITAL LETTER B}", "b", false },
		{ "(?i)\\N{LATIN CAPITAL LETTER B}", "b", true },
		{ "\xd9\xa3", "3", false }, /* another script's digit is itself only */
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_case_counts_unless_a_flag_says_otherwise(void **state)
{
	static const struct row rows[] = {
		{ "A", "a", false },	       { "(?i)A", "a", true },
		{ "(?i:A)b", "ab", true },     { "(?i:A)B", "ab", false },
		{ "(?i)(?-i:A)", "a", false }, { "(?i)[A-F]", "c", true },
		{ "(?i)[^A]", "a", false },    { "(?i)\\x41", "a", true },
		{ "(?i)[Z-a]", "a", true },    { "0|(?i:A)", "a", true },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_verbose_patterns_have_blanks_and_comments(void **state)
{
	static const struct row rows[] = {
		{ "(?x) 0 a # 1", "0a", true },	 { "(?x)0#\na", "0a", true },
		{ "(?x)0 +$", "00", true },	 { "0 a", "0a", false },
		{ "(?x: 0 )a", "0a", true },	 { "(?x)[ 0]", "0", true },
		{ "(?x)0(?-x: )", "00", false }, { "(?x)0#\\\n1\n1$", "01", true },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_repetitions_are_pythons(void **state)
{
	static const struct row rows[] = {
		{ "0{,2}$", "00", true },
		{ "0{,1}$", "00", false },
		{ "0{,}$", "0000", true },
		{ "0{2}$", "00", true },
		{ "0{}", "0", false },
		{ "0{a}", "0", false },
		{ "0{ 1}", "0", false },
		{ "0{1,2", "0", false },
		{ "0{5}", "0000", false },
		{ "(?:0{5}|1)", "1", true },
		{ "0{0,70000}$", "0000", true },
		{ "(?:(?:0?){9000}){9000}$", "0000", true },
		{ "0*?$", "00", true },
		{ "0++0", "00", false },
		{ "0{1,2}+0", "00", false },
		{ "(?:0{2,3}){2}+", "0000", false },
		{ "(?=0)*1", "1", true },
		{ "(?=0)+1", "1", false },
		{ "(?:^)*0", "0", true },
		{ "(x|(?=a)){0}0", "0", true },
		{ "0|(f(|1){0})(?<=\\1)", "0", true },
		{ "0|(f(|(?=1))*)(?<=\\1)", "0", true },
		{ "0(?#x)*$", "000", true },
		{ "0{4294967294}", "0", false },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_groups_references_and_conditions(void **state)
{
	static const struct row rows[] = {
		{ "(.)\\1$", "aa", true },
		{ "(.)\\1$", "ab", false },
		{ "(?P<x>.)(?P=x)$", "aa", true },
		{ "(a)?(?(1)b|c)", "ab", true },
		{ "(a)?(?(1)b|c)", "c", true },
		{ "(a)?(?(1)b|c)", "b", false },
		{ "(?P<x>a)?(?(x)b)$", "ab", true },
		{ "(?P<x>a)(?P<y>b)(?P<z>c)(?P=y)$", "abcb", true },
		{ "(?:(a)|b)\\1", "ba", false },
		{ "(0)(1)(2)(3)(4)(5)(6)(7)(8)(9)\\10$", "01234567899", true },
		{ "(?:)*?0", "0", true },
		{ "(?:)*?0", "1", false },
		{ "(?>0*)0", "00", false },
		{ "0(?=a)", "0a", true },
		{ "0(?!a)", "0a", false },
		{ "0(?<=0)a", "0a", true },
		{ "0(?<!0)a", "0a", false },
		{ "(0)(?<=\\1)a", "0a", true },
		{ "0(?<=(?:0|1))a", "0a", true },
		{ "0(?<=(?:)*0)a", "0a", true },
		{ "\\b0a\\b", "0a", true },
		{ "0\\Ba", "0a", true },
	};

	(void)state;
	check(rows, COUNT(rows));
}

/* A letter of any script may be in a name. */
static void test_a_group_may_be_named_in_any_script(void **state)
{
	static const struct row rows[] = {
		{ "(?P<\u00e9>a)(?P=\u00e9)$", "aa", true },
		{ "(?P<\u00aa>a)", "a", true },
		{ "(?P<\u0644>a)", "a", true },
	};

	(void)state;
	check(rows, COUNT(rows));
}

/* More than there are buckets for. */
static void test_many_names_are_told_apart(void **state)
{
	enum { NAMES = 90 };
	char pattern[NAMES * 16 + 64] = "", *end = pattern;
	struct row row = { pattern, "0a", true };

	(void)state;
	for (int i = 0; i < NAMES; i++)
		end += sprintf(end, "(?P<g%d>%s)", i, i == 7 ? "0" : "");
	(void)strcpy(end, "(?P=g6)(?P=g89)a$");
	check(&row, 1);
	(void)strcpy(end, "(?P=g7)a$");
	row.subject = "00a";
	check(&row, 1);
}

static void test_deep_nesting_within_the_limit_works(void **state)
{
	char deep[800];
	const struct row row = { deep, "0a", true };

	(void)state;
	memset(deep, '(', 390);
	memcpy(deep + 390, "0a", 2);
	memset(deep + 392, ')', 390);
	deep[782] = '\0';
	check(&row, 1);
}

/* Python finds the 0 behind the bar, after some million steps. */
static void test_a_match_that_runs_into_the_limit_is_none(void **state)
{
	static const struct row rows[] = {
		{ "(?:" SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN ")x|0", "0000", false },
		{ "(?:" FOUR FOUR ")x|0", "0000", true },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_each_lost_allocation_is_told(void **state)
{
	struct pyregex_error error;
	struct pyregex *re = NULL;
	int r = -ENOMEM;

	(void)state;
	for (size_t i = 0; r != 0; i++) {
		alloc_fail_after(i);
		r = pyregex_new(
			"(0)(?P<b>1)(2)(3)(?:[0-9]{1,3}x|y)(?=0123456789012345678901234567)", &re,
			&error);
		if (!alloc_fail_never())
			break;
		assert_int_equal(r, -ENOMEM);
		assert_null(re);
	}
	assert_int_equal(r, 0);
	assert_null(pyregex_free(re));
	assert_null(pyregex_free(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_match_begins_at_the_start_and_may_end_early),
		cmocka_unit_test(test_sets_and_categories_are_pythons),
		cmocka_unit_test(test_case_counts_unless_a_flag_says_otherwise),
		cmocka_unit_test(test_verbose_patterns_have_blanks_and_comments),
		cmocka_unit_test(test_repetitions_are_pythons),
		cmocka_unit_test(test_groups_references_and_conditions),
		cmocka_unit_test(test_a_group_may_be_named_in_any_script),
		cmocka_unit_test(test_many_names_are_told_apart),
		cmocka_unit_test(test_deep_nesting_within_the_limit_works),
		cmocka_unit_test(test_a_match_that_runs_into_the_limit_is_none),
		cmocka_unit_test(test_each_lost_allocation_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
