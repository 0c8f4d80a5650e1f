/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../cli/staleness.h"

#define SEC 1000000ULL
#define START (1000 * SEC)
#define LONG_AFTER (START + 121 * SEC)
#define SOON_AFTER (START + 120 * SEC)

static const struct staleness_time started = { .usec = 5 * START, .boottime_usec = START };

static struct staleness_time at(uint64_t boottime_usec)
{
	return (struct staleness_time){ .usec = 4 * START + boottime_usec,
					.boottime_usec = boottime_usec };
}

static void test_what_came_within_two_minutes_of_the_start_is_uncertain(void **state)
{
	static const struct {
		uint64_t happened;
		enum staleness expected;
	} samples[] = {
		{ 1, STALENESS_KNOWN },
		{ START, STALENESS_KNOWN },
		{ START + 1, STALENESS_UNCERTAIN },
		{ SOON_AFTER, STALENESS_UNCERTAIN },
		{ SOON_AFTER + 1, STALENESS_NOT_KNOWN },
		{ LONG_AFTER, STALENESS_NOT_KNOWN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		struct staleness_time happened = at(samples[i].happened);

		assert_int_equal(staleness_of(&started, &happened), samples[i].expected);
	}
}

static void test_what_never_happened_is_known(void **state)
{
	struct staleness_time never = { 0 };

	(void)state;
	assert_int_equal(staleness_of(&started, &never), STALENESS_KNOWN);
}

static void test_a_clock_that_was_set_changes_nothing(void **state)
{
	struct staleness_time later = { .usec = 1, .boottime_usec = LONG_AFTER };
	struct staleness_time before = { .usec = 100 * START, .boottime_usec = START - 1 };

	(void)state;
	assert_int_equal(staleness_of(&started, &later), STALENESS_NOT_KNOWN);
	assert_int_equal(staleness_of(&started, &before), STALENESS_KNOWN);
}

static void test_the_wall_clock_counts_where_one_time_has_no_other(void **state)
{
	struct staleness_time told = { .usec = 5 * START };
	struct staleness_time later = at(LONG_AFTER);
	struct staleness_time before = at(START - 1);

	(void)state;
	assert_int_equal(staleness_of(&told, &later), STALENESS_NOT_KNOWN);
	assert_int_equal(staleness_of(&told, &before), STALENESS_KNOWN);
}

struct sample {
	uint64_t appeared, changed, vanished; /* 0: never */
	enum staleness_what what;
	enum staleness how;
	uint64_t since;
};

static struct staleness_time maybe(uint64_t boottime_usec)
{
	return boottime_usec ? at(boottime_usec) : (struct staleness_time){ 0 };
}

static void test_a_function_is_judged_by_its_life(void **state)
{
	static const struct sample samples[] = {
		/* It was there all the time. */
		{ 0, 0, 0, STALENESS_NOTHING, STALENESS_KNOWN, 0 },
		{ 5, 6, 0, STALENESS_NOTHING, STALENESS_KNOWN, 0 },
		/* It came. */
		{ LONG_AFTER, 0, 0, STALENESS_NOT_SEEN, STALENESS_NOT_KNOWN, LONG_AFTER },
		{ SOON_AFTER, 0, 0, STALENESS_NOT_SEEN, STALENESS_UNCERTAIN, SOON_AFTER },
		{ LONG_AFTER, LONG_AFTER + 1, 0, STALENESS_NOT_SEEN, STALENESS_NOT_KNOWN,
		  LONG_AFTER },
		/* It is another one. */
		{ 5, LONG_AFTER, 0, STALENESS_CHANGED, STALENESS_NOT_KNOWN, LONG_AFTER },
		{ 0, SOON_AFTER, 0, STALENESS_CHANGED, STALENESS_UNCERTAIN, SOON_AFTER },
		/* It went. */
		{ 5, 6, LONG_AFTER, STALENESS_GONE, STALENESS_NOT_KNOWN, LONG_AFTER },
		{ 0, LONG_AFTER, LONG_AFTER + 1, STALENESS_GONE, STALENESS_NOT_KNOWN,
		  LONG_AFTER + 1 },
		{ 0, 0, SOON_AFTER, STALENESS_GONE, STALENESS_UNCERTAIN, SOON_AFTER },
		{ 0, 0, START - 1, STALENESS_NOTHING, STALENESS_KNOWN, 0 },
		/* It came and went. */
		{ LONG_AFTER, 0, LONG_AFTER + 1, STALENESS_NOTHING, STALENESS_KNOWN, 0 },
		{ SOON_AFTER, 0, LONG_AFTER, STALENESS_GONE, STALENESS_UNCERTAIN, LONG_AFTER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		const struct sample *s = &samples[i];
		struct staleness_life life = { maybe(s->appeared), maybe(s->changed),
					       maybe(s->vanished) };
		struct staleness_verdict v = staleness_judge(&started, &life);

		assert_int_equal(v.what, s->what);
		assert_int_equal(v.how, s->how);
		assert_true(v.since.boottime_usec == s->since);
	}
}

static void test_a_file_is_judged_by_its_modification(void **state)
{
	static const struct {
		uint64_t modified, changed;
		enum staleness expected;
	} samples[] = {
		{ 0, 0, STALENESS_KNOWN },
		{ 5 * START - 1, 5 * START - 1, STALENESS_KNOWN },
		{ 5 * START + 121 * SEC, 5 * START + 121 * SEC, STALENESS_NOT_KNOWN },
		{ 5 * START + 5 * SEC, 5 * START + 500 * SEC, STALENESS_UNCERTAIN },
		/* Another file in its place, or only another mode: who knows. */
		{ 5 * START - 1, 5 * START + 500 * SEC, STALENESS_UNCERTAIN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		assert_int_equal(
			staleness_of_file(&started, samples[i].modified, samples[i].changed),
			samples[i].expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_came_within_two_minutes_of_the_start_is_uncertain),
		cmocka_unit_test(test_what_never_happened_is_known),
		cmocka_unit_test(test_a_clock_that_was_set_changes_nothing),
		cmocka_unit_test(test_the_wall_clock_counts_where_one_time_has_no_other),
		cmocka_unit_test(test_a_function_is_judged_by_its_life),
		cmocka_unit_test(test_a_file_is_judged_by_its_modification),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
