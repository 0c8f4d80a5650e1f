/* SPDX-License-Identifier: Apache-2.0 */
/* VFs, cards and refusals of the simulated host, and its model as JSON. */
#include "sim_fixture.h"

static void test_enabling_sends_add_before_physfn_and_change_after(void **state)
{
	struct fixture *f = *state;

	play(f, "vfs 0000:3b:00.0 1");
	assert_string_equal(f->trace.text, "keys -\n"
					   "link 0000:3b:00.1/subsystem\n"
					   "link bus/pci/devices/0000:3b:00.1\n"
					   "link 0000:3b:00.1/iommu_group\n"
					   "link kernel/iommu_groups/1/devices/0000:3b:00.1\n"
					   "event add 0000:3b:00.1\n"
					   "link 0000:3b:00.0/virtfn0\n"
					   "link 0000:3b:00.1/physfn\n"
					   "event change 0000:3b:00.1\n"
					   "keys DRIVER=\n"
					   "link bus/pci/drivers/nic/0000:3b:00.1\n"
					   "link 0000:3b:00.1/driver\n"
					   "event bind 0000:3b:00.1 DRIVER=nic\n"
					   "event change 0000:3b:00.0 DRIVER=nic\n"
					   "write 0000:3b:00.0/sriov_numvfs 1\n");
}

static void test_disabling_takes_physfn_first_and_says_nothing_of_the_pf(void **state)
{
	struct fixture *f = *state;

	play(f, "vfs 0000:3b:00.0 1");
	play(f, "vfs 0000:3b:00.0 0");
	assert_ptr_equal(strstr(f->trace.text, "gone 0000:3b:00.0/virtfn0\n"
					       "gone 0000:3b:00.1/physfn\n"
					       "gone bus/pci/drivers/nic/0000:3b:00.1\n"
					       "gone 0000:3b:00.1/driver\n"
					       "keys -\n"
					       "event unbind 0000:3b:00.1\n"
					       "gone bus/pci/devices/0000:3b:00.1\n"),
			 f->trace.text);
	assert_non_null(strstr(f->trace.text, "gone 0000:3b:00.1/iommu_group\n"
					      "gone kernel/iommu_groups/1\n"
					      "event remove 0000:3b:00.1\n"
					      "gone 0000:3b:00.1\n"
					      "write 0000:3b:00.0/sriov_numvfs 0\n"));
	assert_null(strstr(f->trace.text, "change"));
	assert_int_equal(function(f, "0000:3b:00.0")->num_vfs, 0);
	assert_null(function(f, "0000:3b:00.1"));
}

static void test_unbinding_a_pf_takes_its_vfs_before_its_own_event(void **state)
{
	struct fixture *f = *state;
	const char *link, *vf, *unbind;

	play(f, "vfs 0000:3b:00.0 2");
	play(f, "unbind 0000:3b:00.0");
	link = strstr(f->trace.text, "gone 0000:3b:00.0/driver\n");
	vf = strstr(f->trace.text, "event remove 0000:3b:00.2\n");
	unbind = strstr(f->trace.text, "event unbind 0000:3b:00.0\n");
	assert_true(link && vf && unbind && link < vf && vf < unbind);
	assert_null(function(f, "0000:3b:00.1"));
	assert_state(f, "0000:3b:00.0", "unbound");
}

static void test_a_driver_can_leave_the_vfs_on(void **state)
{
	struct fixture *f = *state;

	play(f, "driver lazy id 1234:0001 keeps-vfs");
	play(f, "pf 0000:3b:01.0 1234:0001 total 2 vf-id 0002");
	play(f, "vfs 0000:3b:01.0 2");
	play(f, "unbind 0000:3b:01.0");
	assert_int_equal(function(f, "0000:3b:01.0")->num_vfs, 2);
	assert_non_null(function(f, "0000:3b:01.2"));
	assert_int_equal(try_line(f, "vfs 0000:3b:01.0 0"), -22);
	assert_non_null(strstr(f->error.text, "ENOENT"));
}

static void test_vfs_reach_the_next_bus_which_comes_and_goes_with_them(void **state)
{
	struct fixture *f = *state;

	play(f, "driver wide id 1234:0001");
	play(f, "pf 0000:3b:1f.0 1234:0001 total 16 vf-id 0002 offset 6 stride 1");
	play(f, "vfs 0000:3b:1f.0 4");
	assert_non_null(function(f, "0000:3b:1f.6"));
	assert_non_null(function(f, "0000:3c:00.1"));
	assert_non_null(strstr(f->trace.text, "event add pci_bus/0000:3c\nkeys -\n"
					      "link 0000:3c:00.0/subsystem\n"));
	play(f, "vfs 0000:3b:1f.0 0");
	assert_non_null(strstr(f->trace.text, "event remove 0000:3c:00.1\n"
					      "gone 0000:3c:00.1\n"
					      "gone pci_bus/0000:3c\n"
					      "event remove pci_bus/0000:3c\n"));
}

static void test_rescan_adds_all_before_it_probes_the_first(void **state)
{
	struct fixture *f = *state;
	const char *second_add, *first_bind;

	play(f, "pf 0000:3b:01.0 8086:1572 total 8 vf-id 154c");
	play(f, "remove 0000:3b:00.0");
	assert_null(function(f, "0000:3b:00.0"));
	play(f, "remove 0000:3b:01.0");
	play(f, "rescan");
	second_add = strstr(f->trace.text, "event add 0000:3b:01.0\n");
	first_bind = strstr(f->trace.text, "event bind 0000:3b:00.0");
	assert_true(second_add && first_bind && second_add < first_bind);
	assert_state(f, "0000:3b:00.0", "host");
}

static void test_another_card_can_come_to_the_place_of_a_removed_one(void **state)
{
	struct fixture *f = *state;

	play(f, "remove 0000:3b:00.0");
	play(f, "device 0000:3b:00.0 10de:1234 class 030000");
	assert_int_equal(function(f, "0000:3b:00.0")->kind, FUNCTION_PLAIN);
	play(f, "rescan");
	assert_int_equal(function(f, "0000:3b:00.0")->keys.id.product, 0x1234);
}

static void test_what_the_kernel_refuses_changes_nothing(void **state)
{
	static const struct {
		const char *line;
		unsigned column;
		const char *text;
	} refused[] = {
		{ "vfs 0000:3b:00.0 2", 18, "EBUSY" },
		{ "vfs 0000:3b:00.0 9", 18, "ERANGE" },
		{ "vfs 0000:3b:00.1 1", 5, "not a pf" },
		{ "vfs 0000:3b:07.0 1", 5, "no function at this address" },
		{ "bind 0000:3b:00.2 nic", 6, "has driver nic" },
		{ "bind 0000:3b:00.3 vfio-pci", 19, "override 0000:3b:00.3 vfio-pci first" },
		{ "bind 0000:3b:00.3 nic_vfio_pci", 19, "load nic_vfio_pci first" },
		{ "bind 0000:3b:00.3 nvidia", 19, "no driver nvidia" },
		{ "unbind 0000:3b:00.3", 8, "not bound" },
		{ "release 0000:3b:00.2", 9, "neither an unbind nor a probe" },
		{ "open 0000:3b:00.2", 6, "not bound to a VFIO driver" },
		{ "close 0000:3b:00.1", 7, "is not open" },
		{ "fail 0000:3b:00.1", 6, "no probe is under way" },
		{ "remove 0000:3b:00.1", 8, "a VF has no remove file" },
		{ "write 0000:3b:00.1 driver_override x", 20, "step for this file is override" },
		{ "load nic", 6, "is loaded" },
		{ "load other", 6, "no module other" },
		{ "driver nic", 8, "a driver nic already" },
		{ "pf 0000:3b:00.1 1234:0001 total 2", 4, "a function at this address" },
		{ "device 0000:3b:03.0 1234:0001 below 0000:3a:00.0", 8, "no bridge" },
		{ "unload vfio_pci", 8, "0000:3b:00.1 is held" },
		{ "vfs 0000:3b:00.0 0", 5, "0000:3b:00.1 is held" },
		{ "unbind 0000:3b:00.0", 8, "0000:3b:00.1 is held" },
	};
	struct fixture *f = *state;

	play(f, "vfs 0000:3b:00.0 3");
	play(f, "unbind 0000:3b:00.3");
	for (size_t n = 0; n < sizeof(refused) / sizeof(refused[0]); n++) {
		if (strncmp(refused[n].line, "unload", 6) == 0) {
			play(f, "unbind 0000:3b:00.1");
			play(f, "override 0000:3b:00.1 vfio-pci");
			play(f, "bind 0000:3b:00.1 vfio-pci");
			play(f, "open 0000:3b:00.1");
		}
		assert_int_equal(try_line(f, refused[n].line), -22);
		assert_string_equal(f->trace.text, "");
		if (f->error.column != refused[n].column || !strstr(f->error.text, refused[n].text))
			fail_msg("'%s': got %u: %s", refused[n].line, f->error.column,
				 f->error.text);
	}
}

static void test_a_failed_move_ends_the_step_with_its_error(void **state)
{
	struct fixture *f = *state;

	f->trace.fail_at = 5;
	assert_int_equal(try_line(f, "vfs 0000:3b:00.0 1"), -28);
	assert_string_equal(f->error.text, "");
}

static uint64_t inode_of(const char *path, void *arg)
{
	(void)arg;
	return strcmp(path, "devices/pci0000:3b/0000:3b:00.1") == 0 ? 77 : 5;
}

static void test_the_model_is_json_in_the_names_of_device(void **state)
{
	struct fixture *f = *state;
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	assert_non_null(file);
	play_vfio_vf(f);
	assert_int_equal(model_write(f->host, file, inode_of, NULL), 0);
	(void)fclose(file);
	assert_non_null(strstr(
		text,
		"{\"address\": \"0000:3b:00.1\", \"kind\": \"vf\", \"vendor_id\": \"8086\", "
		"\"product_id\": \"154c\", \"subsystem_vendor_id\": \"8086\", "
		"\"subsystem_product_id\": \"1572\", \"class\": \"020000\", "
		"\"physical_function\": \"0000:3b:00.0\", \"vf_index\": 0, \"total_vfs\": null, "
		"\"num_vfs\": null, \"drivers_autoprobe\": null, \"numa_node\": null, "
		"\"iommu_group\": 1, \"state\": \"vfio_generic\", \"driver\": \"vfio-pci\", "
		"\"module\": \"vfio_pci\", \"driver_override\": \"vfio-pci\", "
		"\"vfio_device\": \"vfio0\", \"vfio_nodes\": [\"/dev/vfio/1\", "
		"\"/dev/vfio/devices/vfio0\"], \"in_use\": false, \"interface\": null, "
		"\"generation\": 77}"));
	assert_non_null(strstr(text, "\"total_vfs\": 8, \"num_vfs\": 2, "
				     "\"drivers_autoprobe\": true"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_enabling_sends_add_before_physfn_and_change_after),
		TEST(test_disabling_takes_physfn_first_and_says_nothing_of_the_pf),
		TEST(test_unbinding_a_pf_takes_its_vfs_before_its_own_event),
		TEST(test_a_driver_can_leave_the_vfs_on),
		TEST(test_vfs_reach_the_next_bus_which_comes_and_goes_with_them),
		TEST(test_rescan_adds_all_before_it_probes_the_first),
		TEST(test_another_card_can_come_to_the_place_of_a_removed_one),
		TEST(test_what_the_kernel_refuses_changes_nothing),
		TEST(test_a_failed_move_ends_the_step_with_its_error),
		TEST(test_the_model_is_json_in_the_names_of_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
