/* SPDX-License-Identifier: Apache-2.0 */
/* Timers of a machine that sleeps: the linker passes every look at a clock through here. */
#include "../../monitor/loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <event2/event.h>

#include "../../monitor/moment.h"

#define HOUR_USEC (3600 * 1000000ULL)

static time_t asleep_seconds;

int __real_clock_gettime(clockid_t clock, struct timespec *ret);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ret);

int __wrap_clock_gettime(clockid_t clock, struct timespec *ret)
{
	int r = __real_clock_gettime(clock, ret);

	if (clock == CLOCK_BOOTTIME)
		ret->tv_sec += asleep_seconds;
	return r;
}

static void count(void *arg)
{
	++*(size_t *)arg;
}

/* Calls what is due by now. */
static void run(struct loop *l)
{
	(void)event_base_loop(loop_base(l), EVLOOP_NONBLOCK);
}

static void test_a_timer_that_ran_out_in_a_suspension_is_due_after_it(void **state)
{
	const uint64_t begin = clock_usec(CLOCK_BOOTTIME);
	struct loop_timer *soon, *late, *never;
	size_t soon_calls = 0, late_calls = 0, never_calls = 0;
	struct loop *l;

	(void)state;
	assert_int_equal(loop_new(&l), 0);
	assert_int_equal(loop_add_timer(l, count, &soon_calls, &soon), 0);
	assert_int_equal(loop_add_timer(l, count, &late_calls, &late), 0);
	assert_int_equal(loop_add_timer(l, count, &never_calls, &never), 0);
	loop_timer_at(soon, begin + HOUR_USEC);
	loop_timer_at(late, begin + 3 * HOUR_USEC);
	asleep_seconds = 2 * 3600;
	loop_on_resume(l);
	run(l);
	assert_int_equal(soon_calls, 1);
	assert_false(loop_timer_is_armed(soon));
	assert_int_equal(late_calls, 0);
	assert_true(loop_timer_is_armed(late));
	asleep_seconds = 4 * 3600;
	loop_on_resume(l);
	run(l);
	assert_int_equal(soon_calls, 1);
	assert_int_equal(late_calls, 1);
	assert_int_equal(never_calls, 0);
	assert_null(loop_free(l));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_timer_that_ran_out_in_a_suspension_is_due_after_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
