/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/host.h"

static void test_the_first_scan_numbers_its_functions_but_is_no_change(void **state)
{
	struct host *h = *state;

	assert_string_equal(host_take_changes(h), "");
	assert_int_equal(registry_sequence(h->registry), 1);
	assert_int_equal(host_get(h, HOST_PF)->sequence, 1);
	assert_int_equal(host_get(h, HOST_PF)->appeared_usec, 0);
	assert_int_equal(host_get(h, HOST_PF)->binding_since_usec, 0);
}

static void test_a_vf_appears_with_its_pf_and_index(void **state)
{
	struct host *h = *state;
	char buf[PCI_ADDR_TEXT_MAX];

	host_see_vf(h, HOST_VF0, 3);
	assert_string_equal(host_take_changes(h), "appeared " HOST_VF0);
	assert_int_equal(host_get(h, HOST_VF0)->kind, VF_KIND_VF);
	assert_int_equal(host_get(h, HOST_VF0)->vf_index, 3);
	assert_int_equal(host_get(h, HOST_VF0)->appeared_usec, h->now.realtime_usec);
	assert_string_equal(pci_addr_format(&host_get(h, HOST_VF0)->physical_function, buf),
			    HOST_PF);
}

static void test_the_same_read_twice_is_no_change(void **state)
{
	struct host *h = *state;

	host_see_vf(h, HOST_VF0, 0);
	host_take_changes(h);
	host_see_vf(h, HOST_VF0, 0);
	assert_string_equal(host_take_changes(h), "");
	assert_int_equal(registry_sequence(h->registry), 2);
}

static void test_a_function_without_physfn_at_its_add_is_held_until_its_next_event(void **state)
{
	struct host *h = *state;
	struct observation obs = host_plain(HOST_VF0);

	obs.hint.evidence = EVIDENCE_ADDED;
	obs.hint.cause.action = UEVENT_ADD;
	host_see(h, &obs);
	assert_string_equal(host_take_changes(h), "");
	assert_int_equal(h->again[h->again_count - 1].due_usec, h->now.boottime_usec + 100000);
	host_see_vf(h, HOST_VF0, 0);
	assert_string_equal(host_take_changes(h), "appeared " HOST_VF0);
}

static void test_a_held_plain_function_is_listed_after_its_time_where_all_are(void **state)
{
	const struct registry_options options = { .all_functions = true,
						  .kernel_has_vfio_dev = true };
	struct observation obs = host_plain(HOST_VF0);
	struct host h;

	(void)state;
	host_init(&h, &options);
	host_begin_scan(&h);
	host_end_scan(&h);
	obs.hint.evidence = EVIDENCE_ADDED;
	host_see(&h, &obs);
	assert_string_equal(host_take_changes(&h), "");
	h.now.boottime_usec = h.again[0].due_usec;
	obs.hint = (struct hint){ .cause.source = CAUSE_TIMER };
	host_see(&h, &obs);
	assert_string_equal(host_take_changes(&h), "appeared " HOST_VF0);
	assert_int_equal(host_get(&h, HOST_VF0)->kind, VF_KIND_PCI);
	host_done(&h);
}

static void test_a_held_function_is_not_forgotten_after_an_earlier_read(void **state)
{
	const struct registry_options options = { .all_functions = true,
						  .kernel_has_vfio_dev = true };
	struct observation obs = host_plain(HOST_VF0);
	uint64_t until;
	struct host h;

	(void)state;
	host_init(&h, &options);
	host_begin_scan(&h);
	host_end_scan(&h);
	host_see(&h, &obs);
	until = h.again[0].due_usec;
	/* A hint of rtnetlink: the one entry of the dirty set is read, and the timer with it. */
	obs.hint = (struct hint){ .cause.source = CAUSE_NETLINK };
	host_see(&h, &obs);
	assert_string_equal(host_take_changes(&h), "");
	assert_int_equal(h.again_count, 2);
	assert_int_equal(h.again[1].due_usec, until);
	host_done(&h);
}

/* Whether the registry has asked since for this function to be read again, and when. */
static void test_a_vf_that_goes_unseen_makes_its_pf_be_read_again(void **state)
{
	struct observation pf = host_pf(HOST_PF, 8);
	struct host h;

	(void)state;
	host_init(&h, NULL);
	host_begin_scan(&h);
	pf.num_vfs = 1;
	host_see(&h, &pf);
	/* It was in the list of the scan and is gone when it is its turn; nobody tells of the PF. */
	host_gone(&h, HOST_VF0);
	host_end_scan(&h);
	assert_int_not_equal(host_asked_again(&h, 0, HOST_PF), 0);
	host_done(&h);
}

static void test_a_plain_function_is_not_listed(void **state)
{
	struct host *h = *state;
	struct observation obs = host_plain("0000:00:1f.0");

	host_see(h, &obs);
	host_see(h, &obs);
	assert_string_equal(host_take_changes(h), "");
	assert_null(host_get(h, "0000:00:1f.0"));
	assert_int_equal(registry_count(h->registry), 1);
}

static void test_the_pf_of_a_vf_is_remembered_after_physfn_is_gone(void **state)
{
	struct host *h = *state;
	struct observation obs = host_plain(HOST_VF0);
	char buf[PCI_ADDR_TEXT_MAX];

	host_see_vf(h, HOST_VF0, 2);
	host_take_changes(h);
	host_see(h, &obs);
	assert_string_equal(host_take_changes(h), "");
	assert_int_equal(host_get(h, HOST_VF0)->kind, VF_KIND_VF);
	assert_int_equal(host_get(h, HOST_VF0)->vf_index, 2);
	assert_string_equal(pci_addr_format(&host_get(h, HOST_VF0)->physical_function, buf),
			    HOST_PF);
}

static void test_the_pf_is_read_again_after_a_vf_came_or_went(void **state)
{
	struct host *h = *state;
	char buf[PCI_ADDR_TEXT_MAX];

	host_see_vf(h, HOST_VF0, 0);
	assert_int_equal(h->again_count, 1);
	assert_string_equal(pci_addr_format(&h->again[0].addr, buf), HOST_PF);
	host_gone(h, HOST_VF0);
	assert_int_equal(h->again_count, 2);
	assert_string_equal(pci_addr_format(&h->again[1].addr, buf), HOST_PF);
	assert_int_equal(h->again[1].due_usec, h->now.boottime_usec + 100000);
}

static void test_a_binding_change_is_one_change_with_old_and_new(void **state)
{
	struct host *h = *state;
	struct observation obs = host_vf(HOST_VF0, HOST_PF, 0);
	const struct change *c;

	host_see(h, &obs);
	host_take_changes(h);
	host_set_driver(&obs, "igbvf");
	obs.hint.evidence = EVIDENCE_BOUND;
	obs.hint.cause = (struct cause){ CAUSE_UEVENT, UEVENT_BIND, 77, 0 };
	host_see(h, &obs);
	c = &h->changes[0].change;
	assert_int_equal(c->previous->binding, VF_BINDING_UNBOUND);
	assert_int_equal(c->device->binding, VF_BINDING_HOST);
	assert_string_equal(text_str(c->device->driver), "igbvf");
	assert_int_equal(c->device->binding_since_usec, h->now.realtime_usec);
	assert_int_equal(c->cause.seqnum, 77);
	assert_string_equal(host_take_changes(h), "changed " HOST_VF0 " binding");
}

static void test_a_read_without_the_static_part_keeps_it(void **state)
{
	struct host *h = *state;
	struct observation obs = host_vf(HOST_VF0, HOST_PF, 0);

	obs.numa_node = 1;
	host_see(h, &obs);
	host_take_changes(h);
	obs = host_vf(HOST_VF0, HOST_PF, -1);
	obs.has_static = obs.has_ids = false;
	obs.vendor_id = obs.product_id = 0;
	host_see(h, &obs);
	assert_string_equal(host_take_changes(h), "");
	assert_int_equal(host_get(h, HOST_VF0)->vendor_id, 0x8086);
	assert_int_equal(host_get(h, HOST_VF0)->numa_node, 1);
}

static void test_only_pf_and_vf_have_a_known_inode(void **state)
{
	struct host *h = *state;
	struct observation plain = host_plain("0000:00:1f.0");
	struct observation vf = host_vf(HOST_VF0, HOST_PF, 0);

	host_see(h, &plain);
	host_see(h, &vf);
	assert_int_equal(registry_known_inode(h->registry, &vf.addr), vf.inode);
	assert_int_equal(registry_known_inode(h->registry, &plain.addr), 0);
}

static void test_an_unreadable_function_is_unknown_and_read_again(void **state)
{
	struct host *h = *state;
	struct observation obs = host_vf(HOST_VF0, HOST_PF, 0);

	host_see(h, &obs);
	host_take_changes(h);
	h->again_count = 0;
	obs.kind = OBSERVATION_UNREADABLE;
	obs.error = 13;
	for (int i = 0; i < 10; i++)
		host_see(h, &obs);
	assert_string_equal(host_take_changes(h), "changed " HOST_VF0 " binding");
	assert_int_equal(host_get(h, HOST_VF0)->binding, VF_BINDING_UNKNOWN);
	assert_int_equal(h->again_count, 10); /* seldom, but for as long as it is so */
	assert_in_range(h->again[5].due_usec - h->again[4].due_usec, 29000000, 31000000);
}

static void test_only_the_nodes_of_a_known_life_are_taken_over(void **state)
{
	struct host *h = *state;
	struct observation obs = host_vf(HOST_VF0, HOST_PF, 0);

	host_see(h, &obs);
	host_take_changes(h);
	obs.kind = OBSERVATION_NODES;
	obs.nodes = VF_NODE_GROUP;
	host_see(h, &obs);
	assert_string_equal(host_take_changes(h), "changed " HOST_VF0 " vfio_nodes");
	obs.inode++;
	obs.nodes = 0;
	host_see(h, &obs);
	assert_string_equal(host_take_changes(h), "");
}

static void test_functions_come_in_the_order_of_their_addresses(void **state)
{
	static const char *const given[] = { "0000:3b:02.3", "0000:3b:02.0", "0000:3b:02.1" };
	static const char *const wanted[] = { HOST_PF, HOST_VF0, HOST_VF1, "0000:3b:02.3" };
	struct host *h = *state;
	struct vf *vf = NULL;
	char buf[PCI_ADDR_TEXT_MAX];

	for (int i = 0; i < 3; i++)
		host_see_vf(h, given[i], i);
	for (int i = 0; i < 4; i++) {
		vf = registry_next(h->registry, vf ? &vf->addr : NULL);
		assert_string_equal(pci_addr_format(&vf->addr, buf), wanted[i]);
	}
	assert_null(registry_next(h->registry, &vf->addr));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, host_set_up, host_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_first_scan_numbers_its_functions_but_is_no_change),
		TEST(test_a_vf_appears_with_its_pf_and_index),
		TEST(test_the_same_read_twice_is_no_change),
		TEST(test_a_function_without_physfn_at_its_add_is_held_until_its_next_event),
		cmocka_unit_test(test_a_held_plain_function_is_listed_after_its_time_where_all_are),
		cmocka_unit_test(test_a_held_function_is_not_forgotten_after_an_earlier_read),
		cmocka_unit_test(test_a_vf_that_goes_unseen_makes_its_pf_be_read_again),
		TEST(test_a_plain_function_is_not_listed),
		TEST(test_the_pf_of_a_vf_is_remembered_after_physfn_is_gone),
		TEST(test_the_pf_is_read_again_after_a_vf_came_or_went),
		TEST(test_a_binding_change_is_one_change_with_old_and_new),
		TEST(test_a_read_without_the_static_part_keeps_it),
		TEST(test_only_pf_and_vf_have_a_known_inode),
		TEST(test_an_unreadable_function_is_unknown_and_read_again),
		TEST(test_only_the_nodes_of_a_known_life_are_taken_over),
		TEST(test_functions_come_in_the_order_of_their_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
