/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/host.h"

static struct observation in_group(const char *addr, int group, const char *driver)
{
	struct observation obs = host_vf(addr, HOST_PF, 0);

	obs.iommu_group = group;
	obs.hint.evidence = EVIDENCE_BOUND;
	if (driver)
		host_set_driver(&obs, driver);
	return obs;
}

static void test_group_members_know_each_other(void **state)
{
	struct host *h = *state;
	struct observation a = in_group(HOST_VF0, 7, NULL), b = in_group(HOST_VF1, 7, "igbvf");
	const struct vf_group *group;

	host_see(h, &a);
	host_see(h, &b);
	assert_string_equal(host_take_changes(h), "appeared " HOST_VF0 "\nappeared " HOST_VF1 "\n"
						  "changed " HOST_VF0 " iommu_group_members");
	group = host_get(h, HOST_VF0)->group;
	assert_int_equal(group->count, 2);
	assert_string_equal(text_str(group->members[1].driver), "igbvf");
	assert_true(group->members[1].blocks);
	assert_false(group->members[0].blocks);
	host_gone(h, HOST_VF1);
	assert_string_equal(host_take_changes(h),
			    "disappeared " HOST_VF1 "\nchanged " HOST_VF0 " iommu_group_members");
}

static void test_a_function_moves_from_one_group_to_another(void **state)
{
	struct host *h = *state;
	struct observation mover = in_group(HOST_VF0, 7, NULL), other = in_group(HOST_VF1, 7, NULL);

	mover.iommu_group_noiommu = true;
	host_see(h, &mover);
	host_see(h, &other);
	host_take_changes(h);
	mover.iommu_group = 9;
	host_see(h, &mover);
	assert_string_equal(host_take_changes(h),
			    "changed " HOST_VF0 " iommu_group iommu_group_members\n"
			    "changed " HOST_VF1 " iommu_group_members");
	assert_int_equal(host_get(h, HOST_VF1)->group->count, 1);
	host_gone(h, HOST_VF0);
	assert_string_equal(host_take_changes(h), "disappeared " HOST_VF0);
}

static void test_a_group_without_iommu_goes_with_its_driver(void **state)
{
	struct host *h = *state;
	struct observation vf = in_group(HOST_VF0, 7, NULL);

	vf.iommu_group_noiommu = true;
	host_see(h, &vf);
	host_take_changes(h);
	vf.iommu_group = -1;
	vf.iommu_group_noiommu = false;
	host_see(h, &vf);
	assert_string_equal(host_take_changes(h), "changed " HOST_VF0 " iommu_group");
	assert_null(host_get(h, HOST_VF0)->group);
}

static void test_another_stuck_after_is_judged_at_once(void **state)
{
	struct host *h = *state;
	struct observation vf = host_vf(HOST_VF0, HOST_PF, 0);
	struct registry_options options = h->options;
	size_t before;

	host_set_driver(&vf, "igbvf");
	vf.hint.evidence = EVIDENCE_BOUND;
	host_see(h, &vf);
	vf.link_driver = NULL;
	vf.hint.evidence = 0;
	host_see(h, &vf);
	assert_int_equal(host_get(h, HOST_VF0)->binding, VF_BINDING_UNBINDING);
	before = h->again_count;
	options.stuck_after_usec = 1000000;
	assert_int_equal(registry_configure(h->registry, &options, &h->now), 0);
	assert_int_equal(host_asked_again(h, before, HOST_VF0), h->now.boottime_usec);
}

static void test_an_unlisted_member_of_a_group_is_watched(void **state)
{
	struct host *h = *state;
	struct observation vf = in_group(HOST_VF0, 7, NULL), port = host_plain("0000:00:1c.0");

	host_see(h, &vf);
	port.iommu_group = 7;
	host_see(h, &port);
	host_take_changes(h);
	host_set_driver(&port, "ahci");
	port.hint.evidence = EVIDENCE_BOUND;
	host_see(h, &port);
	assert_string_equal(host_take_changes(h), "changed " HOST_VF0 " iommu_group_members");
}

static void test_what_keeps_out_of_a_group_does_not_block_it(void **state)
{
	struct host *h = *state;
	struct observation bridge = in_group(HOST_VF0, 7, "pcieport");
	struct observation stub = in_group(HOST_VF1, 7, "pci-stub");
	struct observation vfio = in_group("0000:3b:02.2", 7, "vfio-pci");
	struct vf_group *group;

	bridge.has_class = true;
	bridge.class_code = 0x060400;
	vfio.vfio_device = observation_put(&vfio, "vfio0", 5);
	host_see(h, &bridge);
	host_see(h, &stub);
	host_see(h, &vfio);
	group = host_get(h, HOST_VF0)->group;
	assert_int_equal(group->count, 3);
	for (unsigned int i = 0; i < group->count; i++)
		assert_false(group->members[i].blocks);
}

static void test_another_configuration_judges_every_function_again(void **state)
{
	struct host *h = *state;

	host_see_vf(h, HOST_VF0, 0);
	host_see_vf(h, HOST_VF1, 1);
	host_take_changes(h);
	host_configure(h, "{\"address\": \"" HOST_VF0 "\", \"resource_class\": \"gold\"}");
	assert_int_equal(h->changes[0].change.cause.source, CAUSE_CONFIG);
	assert_string_equal(host_take_changes(h), "changed " HOST_VF0 " managed managed_effective "
						  "resource_class spec readiness guest_start");
	assert_string_equal(host_get(h, HOST_VF0)->spec->resource_class, "CUSTOM_GOLD");
	assert_int_equal(host_get(h, HOST_VF0)->readiness, VF_READINESS_BLOCKED);
	assert_int_equal(host_get(h, HOST_VF0)->attributes_changed_usec, h->now.realtime_usec);
	host_configure(h, NULL);
	assert_int_equal(host_get(h, HOST_VF0)->readiness, VF_READINESS_UNTRACKED);
}

static void test_a_plain_function_is_listed_while_a_spec_takes_it(void **state)
{
	struct host *h = *state;
	struct observation obs = host_plain("0000:00:1f.0");
	struct change last;

	host_see(h, &obs);
	host_see(h, &obs);
	host_configure(h, "{\"address\": \"0000:00:1f.0\"}");
	assert_string_equal(host_take_changes(h), "appeared 0000:00:1f.0");
	host_configure(h, NULL);
	assert_string_equal(host_take_changes(h), "disappeared 0000:00:1f.0");
	assert_null(registry_next_vanished(h->registry, NULL));
	assert_true(registry_last_change(h->registry, &obs.addr, &last));
	assert_int_equal(last.kind, CHANGE_DISAPPEARED);
	host_gone(h, "0000:00:1f.0");
	assert_string_equal(host_take_changes(h), "");
	assert_true(registry_last_change(h->registry, &obs.addr, &last));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, host_set_up, host_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_function_moves_from_one_group_to_another),
		TEST(test_a_group_without_iommu_goes_with_its_driver),
		TEST(test_another_stuck_after_is_judged_at_once),
		TEST(test_group_members_know_each_other),
		TEST(test_an_unlisted_member_of_a_group_is_watched),
		TEST(test_what_keeps_out_of_a_group_does_not_block_it),
		TEST(test_another_configuration_judges_every_function_again),
		TEST(test_a_plain_function_is_listed_while_a_spec_takes_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
