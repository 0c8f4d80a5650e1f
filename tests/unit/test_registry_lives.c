/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/host.h"

static void test_a_gone_function_is_kept_as_vanished_until_it_is_back(void **state)
{
	struct host *h = *state;
	struct vf *last;

	host_see_vf(h, HOST_VF0, 0);
	host_gone(h, HOST_VF0);
	assert_string_equal(host_take_changes(h), "appeared " HOST_VF0 "\ndisappeared " HOST_VF0);
	assert_null(host_get(h, HOST_VF0));
	last = registry_next_vanished(h->registry, NULL);
	assert_non_null(last);
	assert_int_equal(last->vanished_usec, h->now.realtime_usec);
	assert_null(registry_next_vanished(h->registry, &last->addr));
	host_see_vf(h, HOST_VF0, 0);
	assert_null(registry_next_vanished(h->registry, NULL));
}

static void test_another_inode_ends_a_life_and_begins_a_new_one(void **state)
{
	struct host *h = *state;
	struct observation obs = host_vf(HOST_VF0, HOST_PF, 0);
	uint64_t first = obs.inode;

	host_see(h, &obs);
	host_take_changes(h);
	obs.inode += 1000;
	host_see(h, &obs);
	assert_int_equal(h->changes[0].change.generation, first);
	assert_int_equal(h->changes[1].change.generation, first + 1000);
	assert_string_equal(host_take_changes(h), "disappeared " HOST_VF0 "\nappeared " HOST_VF0);
}

static void test_a_new_life_forgets_how_the_old_one_was_bound(void **state)
{
	struct host *h = *state;
	struct observation obs = host_vf(HOST_VF0, HOST_PF, 0);

	host_set_driver(&obs, "igbvf");
	obs.hint.evidence = EVIDENCE_BOUND;
	host_see(h, &obs);
	assert_int_equal(host_get(h, HOST_VF0)->binding, VF_BINDING_HOST);
	obs.inode += 1000;
	obs.hint.evidence = 0;
	host_see(h, &obs);
	assert_int_equal(host_get(h, HOST_VF0)->binding, VF_BINDING_PROBING);
}

static void test_what_a_rescan_does_not_see_is_gone(void **state)
{
	struct host *h = *state;
	struct observation pf = host_pf(HOST_PF, 8);

	host_see_vf(h, HOST_VF0, 0);
	host_see_vf(h, HOST_VF1, 1);
	host_take_changes(h);
	host_begin_scan(h);
	pf.hint.cause = (struct cause){ .source = CAUSE_RESYNC };
	host_see(h, &pf);
	host_see_vf(h, HOST_VF1, 1);
	host_end_scan(h);
	assert_int_equal(h->changes[0].change.cause.source, CAUSE_RESYNC);
	assert_string_equal(host_take_changes(h), "disappeared " HOST_VF0);
}

static void test_a_rescan_that_failed_removes_nothing(void **state)
{
	const struct pci_addr none = { 0 };
	struct host *h = *state;
	struct observation end;

	host_see_vf(h, HOST_VF0, 0);
	host_take_changes(h);
	host_begin_scan(h);
	observation_init(&end, OBSERVATION_SCAN_END, &none);
	end.error = 5;
	host_see(h, &end);
	assert_string_equal(host_take_changes(h), "");
	assert_non_null(host_get(h, HOST_VF0));
}

static void test_a_new_life_is_not_bound_by_the_bind_of_the_old_one(void **state)
{
	struct host *h = *state;
	struct observation vf = host_vf(HOST_VF0, HOST_PF, 0);

	host_see(h, &vf);
	/* The address was given up and taken again before the old life's bind was looked at. */
	vf.inode++;
	host_set_driver(&vf, "igbvf");
	vf.hint.evidence = EVIDENCE_BOUND;
	host_see(h, &vf);
	assert_int_equal(host_get(h, HOST_VF0)->binding, VF_BINDING_PROBING);
	vf.inode++;
	vf.hint.evidence = EVIDENCE_ADDED | EVIDENCE_BOUND;
	host_see(h, &vf);
	assert_int_equal(host_get(h, HOST_VF0)->binding, VF_BINDING_HOST);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, host_set_up, host_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_new_life_is_not_bound_by_the_bind_of_the_old_one),
		TEST(test_a_gone_function_is_kept_as_vanished_until_it_is_back),
		TEST(test_another_inode_ends_a_life_and_begins_a_new_one),
		TEST(test_a_new_life_forgets_how_the_old_one_was_bound),
		TEST(test_what_a_rescan_does_not_see_is_gone),
		TEST(test_a_rescan_that_failed_removes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
