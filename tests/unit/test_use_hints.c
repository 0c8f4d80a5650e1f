/* SPDX-License-Identifier: Apache-2.0 */
#include "../../monitor/use_hints.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../../monitor/sysfs_use.h"

#define NOW 5000000ULL

static void hint(struct use_hints *h, enum uevent_target target, uint64_t seqnum, uint64_t now)
{
	const struct uevent_subject subject = { .target = target, .hint.cause.seqnum = seqnum };

	use_hints_add(h, &subject, now);
}

static void test_the_first_event_is_followed_at_once_and_the_others_together(void **state)
{
	struct use_hints h = { 0 };
	struct hint cause;

	(void)state;
	assert_true(use_hints_next_usec(&h) == UINT64_MAX);
	hint(&h, UEVENT_TARGET_DISKS, 1, NOW);
	assert_true(use_hints_next_usec(&h) == NOW);
	assert_int_equal(use_hints_take(&h, NOW, &cause), USE_DISKS);
	assert_int_equal(use_hints_take(&h, NOW, &cause), 0);
	hint(&h, UEVENT_TARGET_ADDRESSES, 2, NOW + 1);
	hint(&h, UEVENT_TARGET_VDPA, 3, NOW + 2);
	assert_true(use_hints_next_usec(&h) == NOW + USE_HINTS_INTERVAL_USEC);
	assert_int_equal(use_hints_take(&h, NOW + USE_HINTS_INTERVAL_USEC - 1, &cause), 0);
	assert_int_equal(use_hints_take(&h, NOW + USE_HINTS_INTERVAL_USEC, &cause),
			 USE_ADDRESSES | USE_VDPA);
	assert_int_equal(cause.cause.seqnum, 3);
	assert_true(use_hints_next_usec(&h) == UINT64_MAX);
}

static void test_events_about_something_else_are_none_of_its(void **state)
{
	static const enum uevent_target others[] = { UEVENT_TARGET_NOTHING, UEVENT_TARGET_FUNCTION,
						     UEVENT_TARGET_GROUP, UEVENT_TARGET_MODULE };
	struct use_hints h = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		hint(&h, others[i], 1, NOW);
	assert_true(use_hints_next_usec(&h) == UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_first_event_is_followed_at_once_and_the_others_together),
		cmocka_unit_test(test_events_about_something_else_are_none_of_its),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
