/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "../lib/host.h"
#include "vfmon/device_spec.h"

#define PF "0000:3b:00.0"
#define VF0 "0000:3b:02.0"
#define VF1 "0000:3b:02.1"

static struct host host;

/* A host with a PF, after its first scan. */
static int set_up(void **state)
{
	struct observation pf = host_pf(PF, 8);

	host_init(&host, NULL);
	host_begin_scan(&host);
	host_see(&host, &pf);
	host_end_scan(&host);
	*state = &host;
	return 0;
}

static int tear_down(void **state)
{
	host_done(*state);
	return 0;
}

static void see_vf(struct host *h, const char *addr, int index)
{
	struct observation obs = host_vf(addr, PF, index);

	host_see(h, &obs);
}

static void test_the_first_scan_numbers_its_functions_but_is_no_change(void **state)
{
	struct host *h = *state;

	assert_string_equal(host_take_changes(h), "");
	assert_int_equal(registry_sequence(h->registry), 1);
	assert_int_equal(host_get(h, PF)->sequence, 1);
	assert_int_equal(host_get(h, PF)->appeared_usec, 0);
	assert_int_equal(host_get(h, PF)->binding_since_usec, 0);
}

static void test_a_vf_appears_with_its_pf_and_index(void **state)
{
	struct host *h = *state;
	char buf[PCI_ADDR_TEXT_MAX];

	see_vf(h, VF0, 3);
	assert_string_equal(host_take_changes(h), "appeared " VF0);
	assert_int_equal(host_get(h, VF0)->kind, VF_KIND_VF);
	assert_int_equal(host_get(h, VF0)->vf_index, 3);
	assert_int_equal(host_get(h, VF0)->appeared_usec, h->now.realtime_usec);
	assert_string_equal(pci_addr_format(&host_get(h, VF0)->physical_function, buf), PF);
}

static void test_the_same_read_twice_is_no_change(void **state)
{
	struct host *h = *state;

	see_vf(h, VF0, 0);
	host_take_changes(h);
	see_vf(h, VF0, 0);
	assert_string_equal(host_take_changes(h), "");
	assert_int_equal(registry_sequence(h->registry), 2);
}

static void test_a_function_without_physfn_at_its_add_is_held_until_its_next_event(void **state)
{
	struct host *h = *state;
	struct observation obs = host_plain(VF0);

	obs.hint.evidence = EVIDENCE_ADDED;
	obs.hint.cause.action = UEVENT_ADD;
	host_see(h, &obs);
	assert_string_equal(host_take_changes(h), "");
	assert_int_equal(h->again[h->again_count - 1].due_usec, h->now.boottime_usec + 100000);
	see_vf(h, VF0, 0);
	assert_string_equal(host_take_changes(h), "appeared " VF0);
}

static void test_a_held_plain_function_is_listed_after_its_time_where_all_are(void **state)
{
	const struct registry_options options = { .all_functions = true,
						  .kernel_has_vfio_dev = true };
	struct observation obs = host_plain(VF0);
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
	assert_string_equal(host_take_changes(&h), "appeared " VF0);
	assert_int_equal(host_get(&h, VF0)->kind, VF_KIND_PCI);
	host_done(&h);
}

static void test_a_held_function_is_not_forgotten_after_an_earlier_read(void **state)
{
	const struct registry_options options = { .all_functions = true,
						  .kernel_has_vfio_dev = true };
	struct observation obs = host_plain(VF0);
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
static uint64_t asked_again(const struct host *h, size_t since, const char *addr)
{
	char buf[PCI_ADDR_TEXT_MAX];

	for (size_t i = since; i < h->again_count; i++)
		if (strcmp(pci_addr_format(&h->again[i].addr, buf), addr) == 0)
			return h->again[i].due_usec;
	return 0;
}

static void test_a_vf_that_goes_unseen_makes_its_pf_be_read_again(void **state)
{
	struct observation pf = host_pf(PF, 8);
	struct host h;

	(void)state;
	host_init(&h, NULL);
	host_begin_scan(&h);
	pf.num_vfs = 1;
	host_see(&h, &pf);
	/* It was in the list of the scan and is gone when it is its turn; nobody tells of the PF. */
	host_gone(&h, VF0);
	host_end_scan(&h);
	assert_int_not_equal(asked_again(&h, 0, PF), 0);
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
	struct observation obs = host_plain(VF0);
	char buf[PCI_ADDR_TEXT_MAX];

	see_vf(h, VF0, 2);
	host_take_changes(h);
	host_see(h, &obs);
	assert_string_equal(host_take_changes(h), "");
	assert_int_equal(host_get(h, VF0)->kind, VF_KIND_VF);
	assert_int_equal(host_get(h, VF0)->vf_index, 2);
	assert_string_equal(pci_addr_format(&host_get(h, VF0)->physical_function, buf), PF);
}

static void test_the_pf_is_read_again_after_a_vf_came_or_went(void **state)
{
	struct host *h = *state;
	char buf[PCI_ADDR_TEXT_MAX];

	see_vf(h, VF0, 0);
	assert_int_equal(h->again_count, 1);
	assert_string_equal(pci_addr_format(&h->again[0].addr, buf), PF);
	host_gone(h, VF0);
	assert_int_equal(h->again_count, 2);
	assert_string_equal(pci_addr_format(&h->again[1].addr, buf), PF);
	assert_int_equal(h->again[1].due_usec, h->now.boottime_usec + 100000);
}

static void test_a_gone_function_is_kept_as_vanished_until_it_is_back(void **state)
{
	struct host *h = *state;
	struct vf *last;

	see_vf(h, VF0, 0);
	host_gone(h, VF0);
	assert_string_equal(host_take_changes(h), "appeared " VF0 "\ndisappeared " VF0);
	assert_null(host_get(h, VF0));
	last = registry_next_vanished(h->registry, NULL);
	assert_non_null(last);
	assert_int_equal(last->vanished_usec, h->now.realtime_usec);
	assert_null(registry_next_vanished(h->registry, &last->addr));
	see_vf(h, VF0, 0);
	assert_null(registry_next_vanished(h->registry, NULL));
}

static void test_another_inode_ends_a_life_and_begins_a_new_one(void **state)
{
	struct host *h = *state;
	struct observation obs = host_vf(VF0, PF, 0);
	uint64_t first = obs.inode;

	host_see(h, &obs);
	host_take_changes(h);
	obs.inode += 1000;
	host_see(h, &obs);
	assert_int_equal(h->changes[0].change.generation, first);
	assert_int_equal(h->changes[1].change.generation, first + 1000);
	assert_string_equal(host_take_changes(h), "disappeared " VF0 "\nappeared " VF0);
}

static void test_a_new_life_forgets_how_the_old_one_was_bound(void **state)
{
	struct host *h = *state;
	struct observation obs = host_vf(VF0, PF, 0);

	host_set_driver(&obs, "igbvf");
	obs.hint.evidence = EVIDENCE_BOUND;
	host_see(h, &obs);
	assert_int_equal(host_get(h, VF0)->binding, VF_BINDING_HOST);
	obs.inode += 1000;
	obs.hint.evidence = 0;
	host_see(h, &obs);
	assert_int_equal(host_get(h, VF0)->binding, VF_BINDING_PROBING);
}

static void test_what_a_rescan_does_not_see_is_gone(void **state)
{
	struct host *h = *state;
	struct observation pf = host_pf(PF, 8);

	see_vf(h, VF0, 0);
	see_vf(h, VF1, 1);
	host_take_changes(h);
	host_begin_scan(h);
	pf.hint.cause = (struct cause){ .source = CAUSE_RESYNC };
	host_see(h, &pf);
	see_vf(h, VF1, 1);
	host_end_scan(h);
	assert_int_equal(h->changes[0].change.cause.source, CAUSE_RESYNC);
	assert_string_equal(host_take_changes(h), "disappeared " VF0);
}

static void test_a_rescan_that_failed_removes_nothing(void **state)
{
	const struct pci_addr none = { 0 };
	struct host *h = *state;
	struct observation end;

	see_vf(h, VF0, 0);
	host_take_changes(h);
	host_begin_scan(h);
	observation_init(&end, OBSERVATION_SCAN_END, &none);
	end.error = 5;
	host_see(h, &end);
	assert_string_equal(host_take_changes(h), "");
	assert_non_null(host_get(h, VF0));
}

static void test_a_binding_change_is_one_change_with_old_and_new(void **state)
{
	struct host *h = *state;
	struct observation obs = host_vf(VF0, PF, 0);
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
	assert_string_equal(host_take_changes(h), "changed " VF0 " binding");
}

static void test_a_read_without_the_static_part_keeps_it(void **state)
{
	struct host *h = *state;
	struct observation obs = host_vf(VF0, PF, 0);

	obs.numa_node = 1;
	host_see(h, &obs);
	host_take_changes(h);
	obs = host_vf(VF0, PF, -1);
	obs.has_static = obs.has_ids = false;
	obs.vendor_id = obs.product_id = 0;
	host_see(h, &obs);
	assert_string_equal(host_take_changes(h), "");
	assert_int_equal(host_get(h, VF0)->vendor_id, 0x8086);
	assert_int_equal(host_get(h, VF0)->numa_node, 1);
}

static void test_only_pf_and_vf_have_a_known_inode(void **state)
{
	struct host *h = *state;
	struct observation plain = host_plain("0000:00:1f.0");
	struct observation vf = host_vf(VF0, PF, 0);

	host_see(h, &plain);
	host_see(h, &vf);
	assert_int_equal(registry_known_inode(h->registry, &vf.addr), vf.inode);
	assert_int_equal(registry_known_inode(h->registry, &plain.addr), 0);
}

static void test_an_unreadable_function_is_unknown_and_read_again(void **state)
{
	struct host *h = *state;
	struct observation obs = host_vf(VF0, PF, 0);

	host_see(h, &obs);
	host_take_changes(h);
	h->again_count = 0;
	obs.kind = OBSERVATION_UNREADABLE;
	obs.error = 13;
	for (int i = 0; i < 10; i++)
		host_see(h, &obs);
	assert_string_equal(host_take_changes(h), "changed " VF0 " binding");
	assert_int_equal(host_get(h, VF0)->binding, VF_BINDING_UNKNOWN);
	assert_int_equal(h->again_count, 5);
}

static struct observation in_group(const char *addr, int group, const char *driver)
{
	struct observation obs = host_vf(addr, PF, 0);

	obs.iommu_group = group;
	obs.hint.evidence = EVIDENCE_BOUND;
	if (driver)
		host_set_driver(&obs, driver);
	return obs;
}

static void test_group_members_know_each_other(void **state)
{
	struct host *h = *state;
	struct observation a = in_group(VF0, 7, NULL), b = in_group(VF1, 7, "igbvf");
	const struct vf_group *group;

	host_see(h, &a);
	host_see(h, &b);
	assert_string_equal(host_take_changes(h), "appeared " VF0 "\nappeared " VF1 "\n"
						  "changed " VF0 " iommu_group_members");
	group = host_get(h, VF0)->group;
	assert_int_equal(group->count, 2);
	assert_string_equal(text_str(group->members[1].driver), "igbvf");
	assert_true(group->members[1].blocks);
	assert_false(group->members[0].blocks);
	host_gone(h, VF1);
	assert_string_equal(host_take_changes(h),
			    "disappeared " VF1 "\nchanged " VF0 " iommu_group_members");
}

static void test_a_function_moves_from_one_group_to_another(void **state)
{
	struct host *h = *state;
	struct observation mover = in_group(VF0, 7, NULL), other = in_group(VF1, 7, NULL);

	mover.iommu_group_noiommu = true;
	host_see(h, &mover);
	host_see(h, &other);
	host_take_changes(h);
	mover.iommu_group = 9;
	host_see(h, &mover);
	assert_string_equal(host_take_changes(h),
			    "changed " VF0 " iommu_group iommu_group_members\n"
			    "changed " VF1 " iommu_group_members");
	assert_int_equal(host_get(h, VF1)->group->count, 1);
	host_gone(h, VF0);
	assert_string_equal(host_take_changes(h), "disappeared " VF0);
}

static void test_a_group_without_iommu_goes_with_its_driver(void **state)
{
	struct host *h = *state;
	struct observation vf = in_group(VF0, 7, NULL);

	vf.iommu_group_noiommu = true;
	host_see(h, &vf);
	host_take_changes(h);
	vf.iommu_group = -1;
	vf.iommu_group_noiommu = false;
	host_see(h, &vf);
	assert_string_equal(host_take_changes(h), "changed " VF0 " iommu_group");
	assert_null(host_get(h, VF0)->group);
}

static void test_a_new_life_is_not_bound_by_the_bind_of_the_old_one(void **state)
{
	struct host *h = *state;
	struct observation vf = host_vf(VF0, PF, 0);

	host_see(h, &vf);
	/* The address was given up and taken again before the old life's bind was looked at. */
	vf.inode++;
	host_set_driver(&vf, "igbvf");
	vf.hint.evidence = EVIDENCE_BOUND;
	host_see(h, &vf);
	assert_int_equal(host_get(h, VF0)->binding, VF_BINDING_PROBING);
	vf.inode++;
	vf.hint.evidence = EVIDENCE_ADDED | EVIDENCE_BOUND;
	host_see(h, &vf);
	assert_int_equal(host_get(h, VF0)->binding, VF_BINDING_HOST);
}

static void test_another_stuck_after_is_judged_at_once(void **state)
{
	struct host *h = *state;
	struct observation vf = host_vf(VF0, PF, 0);
	struct registry_options options = h->options;
	size_t before;

	host_set_driver(&vf, "igbvf");
	vf.hint.evidence = EVIDENCE_BOUND;
	host_see(h, &vf);
	vf.link_driver = NULL;
	vf.hint.evidence = 0;
	host_see(h, &vf);
	assert_int_equal(host_get(h, VF0)->binding, VF_BINDING_UNBINDING);
	before = h->again_count;
	options.stuck_after_usec = 1000000;
	assert_int_equal(registry_configure(h->registry, &options, &h->now), 0);
	assert_int_equal(asked_again(h, before, VF0), h->now.boottime_usec);
}

static void test_an_unlisted_member_of_a_group_is_watched(void **state)
{
	struct host *h = *state;
	struct observation vf = in_group(VF0, 7, NULL), port = host_plain("0000:00:1c.0");

	host_see(h, &vf);
	port.iommu_group = 7;
	host_see(h, &port);
	host_take_changes(h);
	host_set_driver(&port, "ahci");
	port.hint.evidence = EVIDENCE_BOUND;
	host_see(h, &port);
	assert_string_equal(host_take_changes(h), "changed " VF0 " iommu_group_members");
}

static void test_what_keeps_out_of_a_group_does_not_block_it(void **state)
{
	struct host *h = *state;
	struct observation bridge = in_group(VF0, 7, "pcieport");
	struct observation stub = in_group(VF1, 7, "pci-stub");
	struct observation vfio = in_group("0000:3b:02.2", 7, "vfio-pci");
	struct vf_group *group;

	bridge.has_class = true;
	bridge.class_code = 0x060400;
	vfio.vfio_device = observation_put(&vfio, "vfio0", 5);
	host_see(h, &bridge);
	host_see(h, &stub);
	host_see(h, &vfio);
	group = host_get(h, VF0)->group;
	assert_int_equal(group->count, 3);
	for (unsigned int i = 0; i < group->count; i++)
		assert_false(group->members[i].blocks);
}

static struct device_specs *specs_of(const char *text)
{
	const struct spec_value value = {
		.file = "vfmond.conf", .line = 2, .column = 1, .text = text, .len = strlen(text)
	};
	struct device_specs *specs;
	struct spec_error error;

	assert_int_equal(device_specs_new(&specs), 0);
	assert_int_equal(device_specs_add(specs, &value, &error), 0);
	return specs;
}

static void test_another_configuration_judges_every_function_again(void **state)
{
	struct host *h = *state;
	struct device_specs *specs = specs_of("{\"address\": \"" VF0
					      "\", \"resource_class\": \"gold\"}");
	struct registry_options options = h->options;

	see_vf(h, VF0, 0);
	see_vf(h, VF1, 1);
	host_take_changes(h);
	options.specs = specs;
	assert_int_equal(registry_configure(h->registry, &options, &h->now), 0);
	assert_int_equal(h->changes[0].change.cause.source, CAUSE_CONFIG);
	assert_string_equal(host_take_changes(h), "changed " VF0 " managed managed_effective "
						  "resource_class spec readiness");
	assert_string_equal(host_get(h, VF0)->spec->resource_class, "CUSTOM_GOLD");
	assert_int_equal(host_get(h, VF0)->readiness, VF_READINESS_UNKNOWN);
	assert_int_equal(host_get(h, VF0)->attributes_changed_usec, h->now.realtime_usec);
	options.specs = NULL;
	assert_int_equal(registry_configure(h->registry, &options, &h->now), 0);
	device_specs_free(specs);
	assert_int_equal(host_get(h, VF0)->readiness, VF_READINESS_UNTRACKED);
}

static void test_a_plain_function_is_listed_while_a_spec_takes_it(void **state)
{
	struct host *h = *state;
	struct device_specs *specs = specs_of("{\"address\": \"0000:00:1f.0\"}");
	struct observation obs = host_plain("0000:00:1f.0");
	struct registry_options options = h->options;
	struct change last;

	host_see(h, &obs);
	host_see(h, &obs);
	options.specs = specs;
	registry_configure(h->registry, &options, &h->now);
	assert_string_equal(host_take_changes(h), "appeared 0000:00:1f.0");
	options.specs = NULL;
	registry_configure(h->registry, &options, &h->now);
	assert_string_equal(host_take_changes(h), "disappeared 0000:00:1f.0");
	assert_null(registry_next_vanished(h->registry, NULL));
	assert_true(registry_last_change(h->registry, &obs.addr, &last));
	assert_int_equal(last.kind, CHANGE_DISAPPEARED);
	host_gone(h, "0000:00:1f.0");
	assert_string_equal(host_take_changes(h), "");
	assert_true(registry_last_change(h->registry, &obs.addr, &last));
	device_specs_free(specs);
}

static void test_only_the_nodes_of_a_known_life_are_taken_over(void **state)
{
	struct host *h = *state;
	struct observation obs = host_vf(VF0, PF, 0);

	host_see(h, &obs);
	host_take_changes(h);
	obs.kind = OBSERVATION_NODES;
	obs.nodes = VF_NODE_GROUP;
	host_see(h, &obs);
	assert_string_equal(host_take_changes(h), "changed " VF0 " vfio_nodes");
	obs.inode++;
	obs.nodes = 0;
	host_see(h, &obs);
	assert_string_equal(host_take_changes(h), "");
}

static void test_functions_come_in_the_order_of_their_addresses(void **state)
{
	static const char *const given[] = { "0000:3b:02.3", "0000:3b:02.0", "0000:3b:02.1" };
	static const char *const wanted[] = { PF, VF0, VF1, "0000:3b:02.3" };
	struct host *h = *state;
	struct vf *vf = NULL;
	char buf[PCI_ADDR_TEXT_MAX];

	for (int i = 0; i < 3; i++)
		see_vf(h, given[i], i);
	for (int i = 0; i < 4; i++) {
		vf = registry_next(h->registry, vf ? &vf->addr : NULL);
		assert_string_equal(pci_addr_format(&vf->addr, buf), wanted[i]);
	}
	assert_null(registry_next(h->registry, &vf->addr));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

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
		TEST(test_a_function_moves_from_one_group_to_another),
		TEST(test_a_group_without_iommu_goes_with_its_driver),
		TEST(test_a_new_life_is_not_bound_by_the_bind_of_the_old_one),
		TEST(test_another_stuck_after_is_judged_at_once),
		TEST(test_a_plain_function_is_not_listed),
		TEST(test_the_pf_of_a_vf_is_remembered_after_physfn_is_gone),
		TEST(test_the_pf_is_read_again_after_a_vf_came_or_went),
		TEST(test_a_gone_function_is_kept_as_vanished_until_it_is_back),
		TEST(test_another_inode_ends_a_life_and_begins_a_new_one),
		TEST(test_a_new_life_forgets_how_the_old_one_was_bound),
		TEST(test_what_a_rescan_does_not_see_is_gone),
		TEST(test_a_rescan_that_failed_removes_nothing),
		TEST(test_a_binding_change_is_one_change_with_old_and_new),
		TEST(test_a_read_without_the_static_part_keeps_it),
		TEST(test_only_pf_and_vf_have_a_known_inode),
		TEST(test_an_unreadable_function_is_unknown_and_read_again),
		TEST(test_group_members_know_each_other),
		TEST(test_an_unlisted_member_of_a_group_is_watched),
		TEST(test_what_keeps_out_of_a_group_does_not_block_it),
		TEST(test_another_configuration_judges_every_function_again),
		TEST(test_a_plain_function_is_listed_while_a_spec_takes_it),
		TEST(test_only_the_nodes_of_a_known_life_are_taken_over),
		TEST(test_functions_come_in_the_order_of_their_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
