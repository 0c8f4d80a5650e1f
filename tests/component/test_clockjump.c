/* SPDX-License-Identifier: Apache-2.0 */
#include "../../monitor/clockjump.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

/* No test may put a machine to sleep: that is tests/system's. Here the clocks are the test's own. */
#define SECOND 1000000ULL

static uint64_t monotonic_usec, asleep_usec;

static uint64_t clock_of(clockid_t clock)
{
	monotonic_usec++;
	return clock == CLOCK_BOOTTIME ? monotonic_usec + asleep_usec : monotonic_usec;
}

static int setup(void **state)
{
	struct clockjump *c;

	monotonic_usec = 5 * SECOND;
	asleep_usec = 3 * SECOND;
	assert_int_equal(clockjump_new(clock_of, &c), 0);
	*state = c;
	return 0;
}

static int teardown(void **state)
{
	return clockjump_free(*state) != NULL;
}

static void test_time_that_passes_is_no_jump(void **state)
{
	assert_int_equal(clockjump_read(*state), 0);
	monotonic_usec += 3600 * SECOND;
	assert_int_equal(clockjump_read(*state), 0);
}

static void test_each_suspension_is_told_once(void **state)
{
	asleep_usec += 20 * SECOND;
	assert_in_range(clockjump_read(*state), 20 * SECOND - 10, 20 * SECOND + 10);
	assert_int_equal(clockjump_read(*state), 0);
	asleep_usec += 2 * SECOND;
	assert_in_range(clockjump_read(*state), 2 * SECOND - 10, 2 * SECOND + 10);
}

static void test_nothing_wakes_it_up_by_itself(void **state)
{
	struct pollfd p = { .fd = clockjump_fd(*state), .events = POLLIN };

	assert_int_equal(poll(&p, 1, 0), 0);
	assert_int_equal(clockjump_read(*state), 0);
	assert_int_equal(poll(&p, 1, 0), 0);
	assert_null(clockjump_free(NULL));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_time_that_passes_is_no_jump),
		TEST(test_each_suspension_is_told_once),
		TEST(test_nothing_wakes_it_up_by_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
