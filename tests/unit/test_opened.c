/* SPDX-License-Identifier: Apache-2.0 */
#include "../../monitor/opened.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../lib/alloc.h"

#define NOW 5000000ULL

static void on_due(const struct pci_addr *addr, void *arg)
{
	unsigned int *seen = arg;

	*seen |= 1u << addr->func;
}

/* The functions, by their last digit, that are due. */
static unsigned int due(struct opened *o, uint64_t now)
{
	unsigned int seen = 0;

	opened_each(o, now, on_due, &seen);
	return seen;
}

static void test_each_is_due_four_times_after_the_event(void **state)
{
	static const uint64_t times[] = { 0, 200000, 1000000, 3000000 };
	const struct pci_addr addr = { .func = 1 };
	struct opened o = { 0 };

	(void)state;
	assert_true(opened_next_usec(&o) == UINT64_MAX);
	assert_int_equal(opened_add(&o, &addr, NOW), 0);
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		assert_true(opened_next_usec(&o) == NOW + times[i]);
		assert_int_equal(due(&o, NOW + times[i]), 2);
		assert_int_equal(due(&o, NOW + times[i]), 0);
	}
	assert_true(opened_next_usec(&o) == UINT64_MAX);
	opened_done(&o);
}

static void test_another_event_begins_anew(void **state)
{
	const struct pci_addr one = { .func = 1 }, two = { .func = 2 };
	struct opened o = { 0 };

	(void)state;
	assert_int_equal(opened_add(&o, &one, NOW), 0);
	assert_int_equal(due(&o, NOW + 1000000), 2);
	assert_int_equal(opened_add(&o, &two, NOW + 2000000), 0);
	assert_int_equal(opened_add(&o, &one, NOW + 2000000), 0);
	assert_true(opened_next_usec(&o) == NOW + 2000000);
	assert_int_equal(due(&o, NOW + 2000000), 6);
	assert_true(opened_next_usec(&o) == NOW + 2200000);
	opened_done(&o);
}

/* As when the machine was asleep. */
static void test_times_that_have_passed_together_count_once(void **state)
{
	const struct pci_addr addr = { .func = 1 };
	struct opened o = { 0 };

	(void)state;
	assert_int_equal(opened_add(&o, &addr, NOW), 0);
	assert_int_equal(due(&o, NOW + 1000000000), 2);
	assert_true(opened_next_usec(&o) == UINT64_MAX);
	opened_done(&o);
}

static void test_without_memory_nothing_is_added(void **state)
{
	const struct pci_addr addr = { .func = 1 };
	struct opened o = { 0 };

	(void)state;
	for (size_t n = 0; n < 2; n++) {
		alloc_fail_after(n);
		assert_int_equal(opened_add(&o, &addr, NOW), -ENOMEM);
		assert_true(alloc_fail_never());
		assert_int_equal(due(&o, NOW), 0);
	}
	opened_done(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_is_due_four_times_after_the_event),
		cmocka_unit_test(test_another_event_begins_anew),
		cmocka_unit_test(test_times_that_have_passed_together_count_once),
		cmocka_unit_test(test_without_memory_nothing_is_added),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
