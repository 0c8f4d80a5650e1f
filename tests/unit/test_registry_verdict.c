/* SPDX-License-Identifier: Apache-2.0 */
/* Who is judged again when something changes, and what that publishes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "../lib/alloc.h"
#include "../lib/host.h"
#include "vfmon/readiness.h"

#define TAKES_VFS "{\"product_id\": \"10ca\", \"managed\": \"no\"}"

static void test_vfs_are_judged_again_when_their_pf_loses_its_driver(void **state)
{
	struct host *h = *state;
	struct observation pf = host_bound_pf();

	host_see_two_vfs(h, TAKES_VFS);
	assert_int_equal(host_get(h, HOST_VF0)->readiness, VF_READINESS_READY);
	pf.link_driver = pf.uevent_driver = pf.module = NULL;
	pf.hint.evidence = EVIDENCE_UNBOUND;
	pf.hint.cause.seqnum = 4711;
	host_see(h, &pf);
	for (size_t i = 0; i < h->change_count; i++)
		assert_int_equal(h->changes[i].change.cause.seqnum, 4711);
	assert_string_equal(host_take_changes(h),
			    "changed " HOST_PF " binding\n"
			    "changed " HOST_VF0 " readiness\nchanged " HOST_VF1 " readiness");
	assert_true(host_has_reason(h, HOST_VF1, REASON_PHYSICAL_FUNCTION_UNBOUND));
	host_see_bound_pf(h);
	assert_int_equal(host_get(h, HOST_VF0)->readiness, VF_READINESS_READY);
	assert_int_equal(host_get(h, HOST_VF1)->readiness, VF_READINESS_READY);
}

static void test_vfs_are_judged_again_when_their_pf_is_gone(void **state)
{
	struct host *h = *state;
	struct observation pf = host_bound_pf();

	host_see_two_vfs(h, TAKES_VFS);
	pf.link_driver = pf.uevent_driver = pf.module = NULL;
	pf.hint.evidence = EVIDENCE_UNBOUND;
	host_see(h, &pf);
	host_gone(h, HOST_PF);
	assert_int_equal(host_get(h, HOST_VF0)->readiness, VF_READINESS_READY);
	host_see(h, &pf);
	assert_true(host_has_reason(h, HOST_VF0, REASON_PHYSICAL_FUNCTION_UNBOUND));
}

static void test_a_member_that_blocks_its_group_changes_the_others_verdict(void **state)
{
	struct host *h = *state;
	struct observation other = host_plain("0000:3b:1f.0");

	host_see_two_vfs(h, TAKES_VFS);
	other.product_id = 0x1234;
	other.iommu_group = 10;
	host_set_driver(&other, "ahci");
	other.hint.evidence = EVIDENCE_BOUND;
	host_see(h, &other);
	assert_string_equal(host_take_changes(h),
			    "changed " HOST_VF0 " iommu_group_members readiness guest_start");
	assert_true(host_has_reason(h, HOST_VF0, REASON_IOMMU_GROUP_NOT_VIABLE));
	assert_int_equal(host_get(h, HOST_VF0)->guest_starts, 0);
	host_gone(h, "0000:3b:1f.0");
	assert_int_equal(host_get(h, HOST_VF0)->readiness, VF_READINESS_READY);
}

static void test_a_node_that_goes_is_judged(void **state)
{
	struct host *h = *state;
	struct observation nodes = host_good_vf(HOST_VF0, 0);

	host_see_two_vfs(h, TAKES_VFS);
	nodes.kind = OBSERVATION_NODES;
	nodes.nodes = 0;
	host_see(h, &nodes);
	assert_string_equal(host_take_changes(h),
			    "changed " HOST_VF0 " vfio_nodes readiness guest_start");
	assert_true(host_has_reason(h, HOST_VF0, REASON_VFIO_NODE_MISSING));
}

static void see_cdev(struct host *h, const char *addr, int index, uint8_t nodes)
{
	struct observation vf = host_good_vf(addr, index);

	vf.nodes = nodes;
	host_see(h, &vf);
}

static void test_whether_groups_have_nodes_is_told_by_those_that_have(void **state)
{
	struct host *h = *state;

	h->options.has_group_nodes = false;
	host_see_bound_pf(h);
	host_configure(h, TAKES_VFS);
	see_cdev(h, HOST_VF0, 0, 0);
	assert_true(host_has_reason(h, HOST_VF0, REASON_VFIO_NODE_MISSING));
	see_cdev(h, HOST_VF0, 0, VF_NODE_CDEV);
	assert_int_equal(host_get(h, HOST_VF0)->readiness, VF_READINESS_READY);
	host_take_changes(h);
	see_cdev(h, HOST_VF1, 1, VF_NODE_CDEV | VF_NODE_GROUP);
	assert_string_equal(host_take_changes(h), "appeared " HOST_VF1 "\n"
						  "changed " HOST_VF0 " readiness guest_start");
	assert_true(host_has_reason(h, HOST_VF0, REASON_VFIO_NODE_MISSING));
}

static void test_nodes_that_the_first_scan_finds_later_count_for_all_of_it(void **state)
{
	struct host h;

	(void)state;
	host_init(&h, NULL);
	h.options.has_group_nodes = false;
	host_configure(&h, "{\"vendor_id\": \"8086\", \"managed\": \"no\"}");
	host_begin_scan(&h);
	see_cdev(&h, HOST_VF0, 0, VF_NODE_CDEV);
	see_cdev(&h, HOST_VF1, 1, VF_NODE_CDEV | VF_NODE_GROUP);
	host_end_scan(&h);
	assert_true(host_has_reason(&h, HOST_VF0, REASON_VFIO_NODE_MISSING));
	assert_int_equal(host_get(&h, HOST_VF1)->readiness, VF_READINESS_READY);
	host_done(&h);
}

static void test_what_was_read_of_host_and_vendor_is_kept_and_judged(void **state)
{
	struct host *h = *state;
	struct observation vf = host_good_vf(HOST_VF0, 0);
	const struct vf *image;

	host_see_two_vfs(h, "{\"product_id\": \"10ca\"}");
	vf.host_use = observation_put(&vf, "has an address", 14);
	vf.vendor_state = observation_put(&vf, "current_vgpu_type\t0", 19);
	vf.vendor_problem = observation_put(&vf, "no type", 7);
	vf.card_serial = observation_put(&vf, "MT1", 3);
	vf.has_card_serial = vf.is_vdpa = true;
	vf.in_use = 1;
	host_see(h, &vf);
	image = host_get(h, HOST_VF0);
	assert_string_equal(text_str(image->host_use), "has an address");
	assert_string_equal(text_str(image->vendor_state), "current_vgpu_type\t0");
	assert_string_equal(text_str(image->vendor_problem), "no type");
	assert_string_equal(text_str(image->card_serial), "MT1");
	assert_string_equal(vf_nova_device_type(image), "vdpa");
	assert_int_equal(image->in_use, 1);
	vf.is_vdpa = vf.has_card_serial = false;
	vf.card_serial = NULL;
	host_see(h, &vf);
	assert_true(host_has_reason(h, HOST_VF0, REASON_HOST_USES_DEVICE));
	/* Not asked for again, so still known. */
	assert_string_equal(text_str(host_get(h, HOST_VF0)->card_serial), "MT1");
}

#define GOLD_AND_SILVER                                                                            \
	"[{\"address\": \"" HOST_VF0 "\", \"resource_class\": \"gold\", \"managed\": \"no\"},"     \
	"{\"product_id\": \"10ca\", \"resource_class\": \"silver\", \"managed\": \"no\"}]"

static void test_a_conflict_in_placement_is_the_whole_familys(void **state)
{
	struct host *h = *state;

	h->config.report_in_placement = true;
	host_see_two_vfs(h, GOLD_AND_SILVER);
	assert_int_equal(host_get(h, HOST_VF0)->conflict, PLACEMENT_MIXED_CLASSES);
	assert_true(host_has_reason(h, HOST_VF1, REASON_PLACEMENT_CONFLICT));
	assert_int_equal(host_get(h, HOST_PF)->readiness, VF_READINESS_UNTRACKED);
	host_gone(h, HOST_VF0);
	assert_string_equal(host_take_changes(h),
			    "disappeared " HOST_VF0 "\nchanged " HOST_VF1 " readiness");
	host_see_good_vf(h, "0000:3b:02.2", 2);
	assert_string_equal(host_take_changes(h), "appeared 0000:3b:02.2");
	host_see_good_vf(h, HOST_VF0, 0);
	assert_string_equal(host_take_changes(h), "appeared " HOST_VF0 "\n"
						  "changed " HOST_VF1 " readiness\n"
						  "changed 0000:3b:02.2 readiness");
	assert_true(host_has_reason(h, HOST_VF0, REASON_PLACEMENT_CONFLICT));
}

static void test_another_kind_of_vf_is_a_conflict_too(void **state)
{
	struct host *h = *state;
	struct observation vf = host_good_vf(HOST_VF1, 1);

	h->config.pci_in_placement = true;
	host_see_two_vfs(h, TAKES_VFS);
	assert_int_equal(host_get(h, HOST_VF0)->readiness, VF_READINESS_READY);
	vf.is_vdpa = true;
	host_see(h, &vf);
	assert_int_equal(host_get(h, HOST_VF0)->conflict, PLACEMENT_MIXED_TAGS);
	assert_true(host_has_reason(h, HOST_VF0, REASON_PLACEMENT_CONFLICT));
	vf.is_vdpa = false;
	host_see(h, &vf);
	assert_int_equal(host_get(h, HOST_VF0)->readiness, VF_READINESS_READY);
}

static void test_without_placement_nothing_is_in_conflict(void **state)
{
	struct host *h = *state;

	host_see_two_vfs(h, GOLD_AND_SILVER);
	assert_int_equal(host_get(h, HOST_VF0)->readiness, VF_READINESS_READY);
	h->config.report_in_placement = true;
	host_configure(h, GOLD_AND_SILVER);
	assert_string_equal(host_take_changes(h), "changed " HOST_VF0 " readiness\n"
						  "changed " HOST_VF1 " readiness");
	assert_int_equal(host_get(h, HOST_VF0)->readiness, VF_READINESS_DEGRADED);
}

static void test_the_first_scan_ends_with_every_family_judged(void **state)
{
	struct host h;

	(void)state;
	host_init(&h, NULL);
	h.config.report_in_placement = true;
	host_configure(&h, "[{\"address\": \"" HOST_VF0 "\", \"resource_class\": \"gold\"},"
			   "{\"address\": \"" HOST_PF "\", \"product_id\": \"10ca\"}]");
	host_begin_scan(&h);
	host_see_good_vf(&h, HOST_VF0, 0);
	host_see_good_vf(&h, HOST_VF1, 1);
	host_see_bound_pf(&h);
	host_end_scan(&h);
	assert_string_equal(host_take_changes(&h), "");
	assert_non_null(host_get(&h, HOST_VF1)->spec);
	assert_true(host_has_reason(&h, HOST_VF0, REASON_PLACEMENT_CONFLICT));
	assert_true(host_has_reason(&h, HOST_VF1, REASON_PLACEMENT_CONFLICT));
	/* It was so before the watch began. */
	assert_int_equal(host_get(&h, HOST_VF1)->attributes_changed_usec, 0);
	host_done(&h);
}

static void test_placement_is_asked_at_the_end_of_the_first_scan(void **state)
{
	struct host h;

	(void)state;
	host_init(&h, NULL);
	h.config.report_in_placement = true;
	host_configure(&h, GOLD_AND_SILVER);
	host_begin_scan(&h);
	host_see_bound_pf(&h);
	host_see_good_vf(&h, HOST_VF0, 0);
	host_see_good_vf(&h, HOST_VF1, 1);
	host_end_scan(&h);
	assert_true(host_has_reason(&h, HOST_VF0, REASON_PLACEMENT_CONFLICT));
	assert_true(host_has_reason(&h, HOST_VF1, REASON_PLACEMENT_CONFLICT));
	host_done(&h);
}

static void test_another_configuration_is_one_change_a_function(void **state)
{
	struct host *h = *state;

	h->config.report_in_placement = true;
	host_see_two_vfs(h, NULL);
	host_configure(h, GOLD_AND_SILVER);
	assert_string_equal(host_take_changes(h),
			    "changed " HOST_VF0 " managed managed_effective resource_class spec "
			    "readiness guest_start\n"
			    "changed " HOST_VF1 " managed managed_effective resource_class spec "
			    "readiness guest_start");
	assert_true(host_has_reason(h, HOST_VF0, REASON_PLACEMENT_CONFLICT));
}

static void test_a_tool_for_remedies_is_no_change_but_in_the_next_answer(void **state)
{
	struct host *h = *state;
	struct observation vf = host_vf(HOST_VF0, HOST_PF, 0);
	struct reason reason;

	host_see_two_vfs(h, TAKES_VFS);
	vf.iommu_group = 10;
	host_see(h, &vf);
	host_take_changes(h);
	h->policy.has_driverctl = true;
	host_configure(h, TAKES_VFS);
	assert_string_equal(host_take_changes(h), "");
	readiness_describe(host_get(h, HOST_VF0), REASON_MANAGED_NO_UNBOUND, &reason);
	assert_string_equal(reason.remedy, "driverctl set-override " HOST_VF0 " vfio-pci");
}

static void test_a_function_that_can_not_be_read_is_unknown(void **state)
{
	struct host *h = *state;
	struct observation vf = host_good_vf(HOST_VF0, 0);

	host_see_two_vfs(h, TAKES_VFS);
	vf.kind = OBSERVATION_UNREADABLE;
	host_see(h, &vf);
	assert_int_equal(host_get(h, HOST_VF0)->readiness, VF_READINESS_UNKNOWN);
	assert_int_equal(host_get(h, HOST_VF0)->guest_starts, -1);
}

/* All that judges a family, with one allocation less each time; what was lost, a rescan finds. */
static void tell_all(struct host *h, bool is_bad)
{
	struct observation pf = host_bound_pf();
	struct observation vf = host_good_vf(HOST_VF0, 0);
	struct observation fresh = host_good_vf("0000:3b:02.2", 2);
	const struct observation *const told[] = { &pf, &vf, &fresh };

	if (is_bad) {
		pf.link_driver = pf.uevent_driver = pf.module = NULL;
		pf.hint.evidence = EVIDENCE_UNBOUND;
		pf.interface = observation_put(&pf, "ens1", 4);
		vf.is_vdpa = true;
	} else {
		fresh.kind = OBSERVATION_GONE;
	}
	for (size_t i = 0; i < sizeof(told) / sizeof(*told); i++)
		(void)registry_apply(h->registry, told[i], &h->now);
}

static void test_each_lost_allocation_is_mended_by_the_next_read(void **state)
{
	struct host *h = *state;
	bool failed = true;

	h->config.report_in_placement = h->config.pci_in_placement = true;
	host_see_two_vfs(h, "[{\"devname\": \"ens7\"}, " TAKES_VFS "]");
	for (size_t n = 0; failed; n++) {
		alloc_fail_after(n);
		tell_all(h, true);
		failed = alloc_fail_never();
		tell_all(h, true);
		host_configure(h, "[{\"devname\": \"ens7\"}, " TAKES_VFS "]");
		assert_true(host_has_reason(h, HOST_VF1, REASON_PHYSICAL_FUNCTION_UNBOUND));
		assert_true(host_has_reason(h, HOST_VF1, REASON_PLACEMENT_CONFLICT));
		tell_all(h, false);
		assert_int_equal(
			host_get(h, HOST_VF1)->reasons & 1U << REASON_PHYSICAL_FUNCTION_UNBOUND, 0);
		host_take_changes(h);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, host_set_up, host_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_vfs_are_judged_again_when_their_pf_loses_its_driver),
		TEST(test_vfs_are_judged_again_when_their_pf_is_gone),
		TEST(test_a_member_that_blocks_its_group_changes_the_others_verdict),
		TEST(test_a_node_that_goes_is_judged),
		TEST(test_whether_groups_have_nodes_is_told_by_those_that_have),
		cmocka_unit_test(test_nodes_that_the_first_scan_finds_later_count_for_all_of_it),
		TEST(test_what_was_read_of_host_and_vendor_is_kept_and_judged),
		TEST(test_a_conflict_in_placement_is_the_whole_familys),
		TEST(test_another_kind_of_vf_is_a_conflict_too),
		TEST(test_without_placement_nothing_is_in_conflict),
		cmocka_unit_test(test_the_first_scan_ends_with_every_family_judged),
		cmocka_unit_test(test_placement_is_asked_at_the_end_of_the_first_scan),
		TEST(test_another_configuration_is_one_change_a_function),
		TEST(test_a_tool_for_remedies_is_no_change_but_in_the_next_answer),
		TEST(test_a_function_that_can_not_be_read_is_unknown),
		TEST(test_each_lost_allocation_is_mended_by_the_next_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
