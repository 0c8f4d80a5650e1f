/* SPDX-License-Identifier: Apache-2.0 */
/* Drivers come and go on the simulated host, with links and events in the kernel's order. */
#include "sim_fixture.h"

static void test_a_vfio_bind_makes_group_node_and_device_before_bind(void **state)
{
	struct fixture *f = *state;

	play(f, "vfs 0000:3b:00.0 1");
	play(f, "unbind 0000:3b:00.1");
	play(f, "override 0000:3b:00.1 vfio-pci");
	assert_string_equal(f->trace.text, "write 0000:3b:00.1/driver_override vfio-pci\n");
	play(f, "bind 0000:3b:00.1 vfio-pci");
	assert_string_equal(f->trace.text, "keys DRIVER=\n"
					   "link bus/pci/drivers/vfio-pci/0000:3b:00.1\n"
					   "link 0000:3b:00.1/driver\n"
					   "link devices/virtual/vfio/1/subsystem\n"
					   "link class/vfio/1\n"
					   "event add devices/virtual/vfio/1\n"
					   "link 0000:3b:00.1/vfio-dev/vfio0/subsystem\n"
					   "link class/vfio-dev/vfio0\n"
					   "event add 0000:3b:00.1/vfio-dev/vfio0\n"
					   "event bind 0000:3b:00.1 DRIVER=vfio-pci\n");
	assert_state(f, "0000:3b:00.1", "vfio_generic");
}

static void test_a_stuck_unbind_has_neither_link_nor_device_nor_event(void **state)
{
	struct fixture *f = *state;

	play_vfio_vf(f);
	play(f, "stuck 0000:3b:00.1");
	assert_string_equal(f->trace.text, "gone bus/pci/drivers/vfio-pci/0000:3b:00.1\n"
					   "gone 0000:3b:00.1/driver\n"
					   "gone dev/vfio/devices/vfio0\n"
					   "gone class/vfio-dev/vfio0\n"
					   "gone 0000:3b:00.1/vfio-dev\n"
					   "event remove 0000:3b:00.1/vfio-dev/vfio0\n");
	assert_state(f, "0000:3b:00.1", "stuck");
	assert_string_equal(function(f, "0000:3b:00.1")->driver->name, "vfio-pci");
	play(f, "release 0000:3b:00.1");
	assert_string_equal(f->trace.text, "gone class/vfio/1\n"
					   "gone devices/virtual/vfio/1\n"
					   "gone dev/vfio/1\n"
					   "event remove devices/virtual/vfio/1\n"
					   "keys -\n"
					   "event unbind 0000:3b:00.1\n");
	assert_state(f, "0000:3b:00.1", "unbound");
}

static void test_an_open_function_gets_stuck_by_itself_until_it_is_closed(void **state)
{
	struct fixture *f = *state;

	play_vfio_vf(f);
	play(f, "open 0000:3b:00.1");
	assert_state(f, "0000:3b:00.1", "vfio_generic");
	play(f, "unbind 0000:3b:00.1");
	assert_state(f, "0000:3b:00.1", "stuck");
	play(f, "close 0000:3b:00.1");
	assert_state(f, "0000:3b:00.1", "unbound");
}

static void test_a_failed_probe_flickers_and_sends_nothing(void **state)
{
	struct fixture *f = *state;

	play(f, "vfs 0000:3b:00.0 1");
	play(f, "unbind 0000:3b:00.1");
	play(f, "fail-probe 0000:3b:00.1 nic");
	assert_string_equal(f->trace.text, "keys DRIVER=\n"
					   "link bus/pci/drivers/nic/0000:3b:00.1\n"
					   "link 0000:3b:00.1/driver\n"
					   "gone bus/pci/drivers/nic/0000:3b:00.1\n"
					   "gone 0000:3b:00.1/driver\n"
					   "keys -\n");
	assert_state(f, "0000:3b:00.1", "unbound");
}

static void test_a_slow_probe_ends_in_bind_or_in_nothing(void **state)
{
	struct fixture *f = *state;

	play(f, "vfs 0000:3b:00.0 1");
	play(f, "unbind 0000:3b:00.1");
	play(f, "slow-probe 0000:3b:00.1 nic");
	assert_null(strstr(f->trace.text, "event"));
	assert_state(f, "0000:3b:00.1", "probing");
	play(f, "fail 0000:3b:00.1");
	assert_null(strstr(f->trace.text, "event"));
	assert_state(f, "0000:3b:00.1", "unbound");
	play(f, "slow-probe 0000:3b:00.1 nic");
	play(f, "release 0000:3b:00.1");
	assert_string_equal(f->trace.text, "event bind 0000:3b:00.1 DRIVER=nic\n");
	assert_state(f, "0000:3b:00.1", "host");
}

static void test_without_autoprobe_the_link_flickers_unless_overridden(void **state)
{
	struct fixture *f = *state;

	play(f, "autoprobe 0000:3b:00.0 off");
	assert_string_equal(f->trace.text, "write 0000:3b:00.0/sriov_drivers_autoprobe 0\n");
	play(f, "vfs 0000:3b:00.0 1");
	assert_non_null(strstr(f->trace.text, "event change 0000:3b:00.1\n"
					      "keys DRIVER=\n"
					      "link bus/pci/drivers/nic/0000:3b:00.1\n"
					      "link 0000:3b:00.1/driver\n"
					      "gone bus/pci/drivers/nic/0000:3b:00.1\n"
					      "gone 0000:3b:00.1/driver\n"
					      "keys -\n"
					      "event change 0000:3b:00.0 DRIVER=nic\n"));
	assert_null(strstr(f->trace.text, "event bind"));
	play(f, "override 0000:3b:00.1 nic");
	play(f, "probe 0000:3b:00.1");
	assert_state(f, "0000:3b:00.1", "host");
}

static void test_loading_binds_before_the_driver_event_and_unloading_undoes_it(void **state)
{
	struct fixture *f = *state;

	play(f, "vfs 0000:3b:00.0 1");
	play(f, "unload nic");
	assert_null(function(f, "0000:3b:00.1"));
	assert_state(f, "0000:3b:00.0", "unbound");
	assert_non_null(strstr(f->trace.text, "event unbind 0000:3b:00.0\n"
					      "gone module/nic/drivers/pci:nic\n"
					      "gone bus/pci/drivers/nic/module\n"
					      "event remove bus/pci/drivers/nic\n"
					      "gone bus/pci/drivers/nic\n"
					      "event remove module/nic\n"
					      "gone module/nic\n"));
	play(f, "load nic");
	assert_string_equal(f->trace.text, "event add module/nic\n"
					   "keys DRIVER=\n"
					   "link bus/pci/drivers/nic/0000:3b:00.0\n"
					   "link 0000:3b:00.0/driver\n"
					   "event bind 0000:3b:00.0 DRIVER=nic\n"
					   "link bus/pci/drivers/nic/module\n"
					   "link module/nic/drivers/pci:nic\n"
					   "event add bus/pci/drivers/nic\n");
}

static void test_loading_a_variant_binds_nothing_by_itself(void **state)
{
	struct fixture *f = *state;

	play(f, "vfs 0000:3b:00.0 1");
	play(f, "unbind 0000:3b:00.1");
	play(f, "load nic_vfio_pci");
	assert_state(f, "0000:3b:00.1", "unbound");
	play(f, "override 0000:3b:00.1 nic_vfio_pci");
	play(f, "probe 0000:3b:00.1");
	assert_state(f, "0000:3b:00.1", "vfio_variant");
}

static void test_only_the_vfs_of_a_vendor_driver_are_vfio_devices(void **state)
{
	struct fixture *f = *state;

	play(f, "pf 0000:3b:01.0 10de:2236 total 4 vf-id 25b6 offset 4");
	play(f, "vfs 0000:3b:01.0 1");
	assert_state(f, "0000:3b:01.0", "host");
	assert_state(f, "0000:3b:01.4", "vfio_vendor");
}

static void test_a_pf_on_vfio_names_itself_in_its_vfs_overrides(void **state)
{
	struct fixture *f = *state;

	play(f, "unbind 0000:3b:00.0");
	play(f, "override 0000:3b:00.0 vfio-pci");
	play(f, "bind 0000:3b:00.0 vfio-pci");
	play(f, "vfs 0000:3b:00.0 1");
	assert_string_equal(function(f, "0000:3b:00.1")->override, "vfio-pci");
	assert_state(f, "0000:3b:00.1", "vfio_generic");
}

static void test_vfs_can_share_the_group_of_their_pf_and_its_node(void **state)
{
	struct fixture *f = *state;

	play(f, "pf 0000:3b:01.0 8086:1572 total 2 vf-id 154c group 41 vf-group same");
	play(f, "vfs 0000:3b:01.0 2");
	assert_int_equal(function(f, "0000:3b:01.2")->group, 41);
	play(f, "unbind 0000:3b:01.1");
	play(f, "override 0000:3b:01.1 vfio-pci");
	play(f, "probe 0000:3b:01.1");
	assert_non_null(strstr(f->trace.text, "event add devices/virtual/vfio/41\n"));
	play(f, "unbind 0000:3b:01.2");
	play(f, "override 0000:3b:01.2 vfio-pci");
	play(f, "probe 0000:3b:01.2");
	assert_null(strstr(f->trace.text, "devices/virtual/vfio"));
	play(f, "unbind 0000:3b:01.1");
	assert_null(strstr(f->trace.text, "devices/virtual/vfio"));
	play(f, "unbind 0000:3b:01.2");
	assert_non_null(strstr(f->trace.text, "event remove devices/virtual/vfio/41\n"));
}

static void test_a_netdev_has_an_event_for_each_queue(void **state)
{
	struct fixture *f = *state;

	play(f, "driver eth id 1234:0001 net");
	play(f, "pf 0000:3b:01.0 1234:0001 total 2");
	assert_non_null(strstr(f->trace.text, "event add 0000:3b:01.0/net/eth0\n"
					      "event add 0000:3b:01.0/net/eth0/queues/rx-0\n"
					      "event add 0000:3b:01.0/net/eth0/queues/tx-0\n"
					      "event bind 0000:3b:01.0 DRIVER=eth\n"));
}

#define PCI_KEYS(driver)                                                                           \
	"SUBSYSTEM=pci|" driver                                                                    \
	"PCI_CLASS=20000|PCI_ID=8086:154C|PCI_SUBSYS_ID=8086:1572|PCI_SLOT_NAME=0000:3b:00.1|"
#define PCI_MODALIAS "MODALIAS=pci:v00008086d0000154Csv00008086sd00001572bc02sc00i00|"

static void test_events_have_the_kernels_keys(void **state)
{
	static const struct {
		const char *step;
		const char *expected;
	} cases[] = {
		{ "unbind 0000:3b:00.1", "unbind@/devices/pci0000:3b/0000:3b:00.1|ACTION=unbind|"
					 "DEVPATH=/devices/pci0000:3b/0000:3b:00.1|" PCI_KEYS("") },
		{ "probe 0000:3b:00.1", "bind@/devices/pci0000:3b/0000:3b:00.1|ACTION=bind|"
					"DEVPATH=/devices/pci0000:3b/0000:3b:00.1|" PCI_KEYS(
						"DRIVER=nic|") PCI_MODALIAS },
		{ "event remove 0000:3b:00.1",
		  "remove@/devices/pci0000:3b/0000:3b:00.1|ACTION=remove|"
		  "DEVPATH=/devices/pci0000:3b/0000:3b:00.1|SUBSYSTEM=pci|SYNTH_UUID=0|DRIVER=nic|"
		  "PCI_CLASS=20000|PCI_ID=8086:154C|PCI_SUBSYS_ID=8086:1572|"
		  "PCI_SLOT_NAME=0000:3b:00.1|" PCI_MODALIAS },
	};
	struct fixture *f = *state;

	play(f, "vfs 0000:3b:00.0 1");
	for (size_t n = 0; n < sizeof(cases) / sizeof(cases[0]); n++) {
		play(f, cases[n].step);
		for (size_t at = 0; at < f->trace.event_size; at++)
			if (f->trace.event[at] == '\0')
				f->trace.event[at] = '|';
		f->trace.event[f->trace.event_size] = '\0';
		assert_string_equal(f->trace.event, cases[n].expected);
	}
}

static void test_numbers_given_back_are_given_out_again(void **state)
{
	struct fixture *f = *state;

	play_vfio_vf(f);
	play(f, "unbind 0000:3b:00.2");
	play(f, "override 0000:3b:00.2 vfio-pci");
	play(f, "probe 0000:3b:00.2");
	assert_int_equal(function(f, "0000:3b:00.2")->vfio, 1);
	play(f, "unbind 0000:3b:00.1");
	play(f, "probe 0000:3b:00.1");
	assert_int_equal(function(f, "0000:3b:00.1")->vfio, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_vfio_bind_makes_group_node_and_device_before_bind),
		TEST(test_a_stuck_unbind_has_neither_link_nor_device_nor_event),
		TEST(test_an_open_function_gets_stuck_by_itself_until_it_is_closed),
		TEST(test_a_failed_probe_flickers_and_sends_nothing),
		TEST(test_a_slow_probe_ends_in_bind_or_in_nothing),
		TEST(test_without_autoprobe_the_link_flickers_unless_overridden),
		TEST(test_loading_binds_before_the_driver_event_and_unloading_undoes_it),
		TEST(test_loading_a_variant_binds_nothing_by_itself),
		TEST(test_only_the_vfs_of_a_vendor_driver_are_vfio_devices),
		TEST(test_a_pf_on_vfio_names_itself_in_its_vfs_overrides),
		TEST(test_vfs_can_share_the_group_of_their_pf_and_its_node),
		TEST(test_a_netdev_has_an_event_for_each_queue),
		TEST(test_events_have_the_kernels_keys),
		TEST(test_numbers_given_back_are_given_out_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
