/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "../../cli/moment.h"

#define SEC 1000000ULL
#define MIN (60 * SEC)
#define HOUR (60 * MIN)
#define DAY (24 * HOUR)

/* 2026-11-23 14:02:11 in UTC */
#define MIDNIGHT (1795392000 * SEC)
#define NOW (MIDNIGHT + 14 * HOUR + 2 * MIN + 11 * SEC)

static int set_zone(void **state)
{
	(void)state;
	if (setenv("TZ", "UTC", 1) < 0)
		return -1;
	tzset();
	return 0;
}

static void test_a_moment_is_read_as_it_is_meant(void **state)
{
	static const struct {
		const char *text;
		uint64_t usec;
	} samples[] = {
		{ "14:02", MIDNIGHT + 14 * HOUR + 2 * MIN },
		{ "0:00", MIDNIGHT },
		{ "14:02:11", NOW },
		{ "today", MIDNIGHT },
		{ "yesterday", MIDNIGHT - DAY },
		{ "2026-11-22", MIDNIGHT - DAY },
		{ "2026-11-22 01:02", MIDNIGHT - DAY + HOUR + 2 * MIN },
		{ "2026-11-23 14:02:11", NOW },
		{ "90s", NOW - 90 * SEC },
		{ "10min", NOW - 10 * MIN },
		{ "1.5h", NOW - 90 * MIN },
		{ "3d", NOW - 3 * DAY },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		uint64_t usec = 0;

		assert_int_equal(moment_parse(samples[i].text, NOW, &usec), 0);
		assert_true(usec == samples[i].usec);
	}
}

static void test_what_is_no_moment_is_refused(void **state)
{
	static const char *const texts[] = { "",     "then",   "14",	"25:00",    "14:02:11x",
					     "2026", "-1h",    "10 mi", "1e300d",   "nans",
					     "infs", "23.11.", "14:",	"99999999d" };
	uint64_t usec = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(moment_parse(texts[i], NOW, &usec), -EINVAL);
	assert_true(usec == 7);
}

static void test_a_span_has_its_unit_or_is_in_seconds(void **state)
{
	static const struct {
		const char *text;
		uint64_t usec;
	} samples[] = {
		{ "30", 30 * SEC },  { "0.5", SEC / 2 }, { "2min", 2 * MIN },
		{ "2 h", 2 * HOUR }, { "1d", DAY },	 { "0", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		uint64_t usec = 7;

		assert_int_equal(moment_parse_span(samples[i].text, &usec), 0);
		assert_true(usec == samples[i].usec);
	}
}

static void test_a_moment_of_another_day_has_its_date(void **state)
{
	char text[MOMENT_TEXT_MAX];

	(void)state;
	assert_string_equal(moment_format(86399 * SEC, text), "1970-01-01 23:59:59");
	assert_string_equal(moment_format_fine(NOW - 366 * DAY + 7000, text),
			    "2025-11-22 14:02:11.007");
	assert_string_equal(moment_format_utc(NOW, text), "2026-11-23T14:02:11Z");
	assert_int_equal(strlen(moment_format(moment_now_usec(), text)), strlen("14:02:11"));
}

static void test_a_span_is_told_in_its_two_largest_units(void **state)
{
	static const struct {
		uint64_t usec;
		const char *text;
	} samples[] = {
		{ 999999, "0 s" },
		{ 59 * SEC, "59 s" },
		{ 60 * SEC, "1 min" },
		{ 5 * HOUR + 52 * MIN, "5 h 52 min" },
		{ 2 * DAY + 3 * HOUR, "2 d 3 h" },
	};
	char text[MOMENT_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		assert_string_equal(moment_format_span(samples[i].usec, text), samples[i].text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_moment_is_read_as_it_is_meant),
		cmocka_unit_test(test_what_is_no_moment_is_refused),
		cmocka_unit_test(test_a_span_has_its_unit_or_is_in_seconds),
		cmocka_unit_test(test_a_moment_of_another_day_has_its_date),
		cmocka_unit_test(test_a_span_is_told_in_its_two_largest_units),
	};

	return cmocka_run_group_tests(tests, set_zone, NULL);
}
