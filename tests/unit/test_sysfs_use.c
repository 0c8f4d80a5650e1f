/* SPDX-License-Identifier: Apache-2.0 */
#include "../../monitor/sysfs_use.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../monitor/addr_dump.h"
#include "../../monitor/use_addresses.h"
#include "../lib/reading.h"

#define FN "0000:01:00.0"
#define OTHER "0000:02:00.0"
#define DISK "devices/pci/" FN "/nvme/nvme0/nvme0n1"
#define MOUNT(device, point, source) "36 35 " device " / " point " rw - ext4 " source " rw\n"

/* Two functions, on a driver of the host. */
static void add_functions(struct reading *f)
{
	tree_add_driver(f->tree, "nvme", "nvme");
	tree_add_function(f->tree, FN);
	tree_add_function(f->tree, OTHER);
	tree_bind(f->tree, FN, "nvme");
	tree_bind(f->tree, OTHER, "nvme");
}

/* What is said of a function after something else has happened. */
static const char *use_of(struct reading *f, const char *addr)
{
	sysfs_forget_use(f->sysfs);
	return reading_of(f, addr)->host_use;
}

static void test_a_function_that_the_host_does_not_use(void **state)
{
	struct reading *f = *state;

	add_functions(f);
	assert_null(use_of(f, FN));
	tree_add_disk(f->tree, "259:0", DISK);
	tree_write_proc(f->tree, "self/mountinfo", MOUNT("8:1", "/", "/dev/sda1"));
	assert_null(use_of(f, FN));
	assert_false(f->obs.is_vdpa);
}

static void test_a_mounted_disk_or_partition_is_used(void **state)
{
	static const struct {
		const char *mounts, *expected;
	} cases[] = {
		{ MOUNT("259:0", "/data", "/dev/nvme0n1"),
		  "has its disk nvme0n1 mounted on /data" },
		{ MOUNT("259:1", "/my\\040data", "/dev/x"),
		  "has its disk nvme0n1p1 mounted on /my data" },
		{ MOUNT("259:1", "/b", "/dev/x") MOUNT("259:1", "/a", "/dev/x"),
		  "has its disk nvme0n1p1 mounted on /a" },
		/* btrfs shows a number that is no block device's. */
		{ MOUNT("0:45", "/srv", "/dev/nvme0n1p1"),
		  "has its disk nvme0n1p1 mounted on /srv" },
		{ MOUNT("0:45", "/proc", "nvme0n1"), NULL },
	};
	struct reading *f = *state;

	add_functions(f);
	tree_add_disk(f->tree, "259:0", DISK);
	tree_add_disk(f->tree, "259:1", DISK "/nvme0n1p1");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		tree_write_proc(f->tree, "self/mountinfo", cases[i].mounts);
		reading_assert_text(use_of(f, FN), cases[i].expected);
		assert_null(use_of(f, OTHER));
	}
}

static void test_a_disk_below_a_bus_of_its_own_is_the_functions(void **state)
{
	struct reading *f = *state;

	add_functions(f);
	tree_add_disk(f->tree, "8:16",
		      "devices/pci/" FN "/ata1/host0/target0:0:0/0:0:0:0/block/sdb");
	tree_write_proc(f->tree, "self/mountinfo", MOUNT("8:16", "/data", "/dev/sdb"));
	assert_string_equal(use_of(f, FN), "has its disk sdb mounted on /data");
}

static void test_swap_is_use(void **state)
{
	struct reading *f = *state;

	add_functions(f);
	tree_add_disk(f->tree, "259:0", DISK);
	tree_write_proc(f->tree, "swaps",
			"Filename Type Size Used Priority\n/dev/nvme0n1 partition 1 0 -2\n");
	assert_string_equal(use_of(f, FN), "uses its disk nvme0n1 for swap");
}

static void test_a_disk_that_another_is_stacked_on_is_used(void **state)
{
	struct reading *f = *state;

	add_functions(f);
	tree_add_disk(f->tree, "259:0", DISK);
	tree_link(f->tree, DISK "/holders/dm-3", "devices/virtual/block/dm-3");
	assert_string_equal(use_of(f, FN), "uses its disk nvme0n1 through dm-3");
}

/* The disk's folder is not below any function then. */
static void test_a_disk_with_several_paths_is_one_of_each_function(void **state)
{
	static const char subsystem[] = "devices/virtual/nvme-subsystem/nvme-subsys0";
	struct reading *f = *state;
	char path[128];

	add_functions(f);
	(void)snprintf(path, sizeof(path), "%s/nvme0n1", subsystem);
	tree_add_disk(f->tree, "259:0", path);
	(void)snprintf(path, sizeof(path), "%s/nvme0", subsystem);
	tree_link(f->tree, path, "devices/pci/" FN "/nvme/nvme0");
	(void)snprintf(path, sizeof(path), "%s/nvme1", subsystem);
	tree_link(f->tree, path, "devices/pci/" OTHER "/nvme/nvme1");
	tree_write_proc(f->tree, "self/mountinfo", MOUNT("259:0", "/data", "/dev/nvme0n1"));
	assert_string_equal(use_of(f, FN), "has its disk nvme0n1 mounted on /data");
	assert_string_equal(use_of(f, OTHER), "has its disk nvme0n1 mounted on /data");
}

static void test_a_function_that_a_vfio_driver_has_is_not_the_hosts(void **state)
{
	struct reading *f = *state;

	add_functions(f);
	tree_add_disk(f->tree, "259:0", DISK);
	tree_write_proc(f->tree, "self/mountinfo", MOUNT("259:0", "/data", "/dev/nvme0n1"));
	tree_add_vfio_device(f->tree, FN, "vfio0");
	assert_null(use_of(f, FN));
}

static void test_any_interface_with_a_master_is_used(void **state)
{
	struct reading *f = *state;

	add_functions(f);
	tree_add_interface(f->tree, FN, "eth1");
	tree_add_interface(f->tree, FN, "eth0");
	assert_null(use_of(f, FN));
	assert_string_equal(f->obs.interface, "eth0");
	tree_link(f->tree, "devices/pci/" FN "/net/eth1/master", "devices/virtual/net/br0");
	assert_string_equal(use_of(f, FN), "has its interface eth1 in br0");
	assert_string_equal(f->obs.interface, "eth0");
}

static void test_a_vdpa_device_hangs_below_its_function_whatever_its_name(void **state)
{
	struct reading *f = *state;

	add_functions(f);
	tree_link(f->tree, "bus/vdpa/devices/blue", "devices/pci/" FN "/blue");
	sysfs_forget_use(f->sysfs);
	assert_true(reading_of(f, FN)->is_vdpa);
	assert_false(reading_of(f, OTHER)->is_vdpa);
}

static void test_an_address_is_its_functions_unless_it_is_link_local(void **state)
{
	static const struct {
		const char *interface;
		int family;
		const char *text;
		uint8_t prefix;
		const char *expected;
	} cases[] = {
		{ "eth0", AF_INET, "192.0.2.1", 24,
		  "has an address on its interface eth0 (192.0.2.1/24)" },
		{ "eth0:1", AF_INET, "192.0.2.1", 32,
		  "has an address on its interface eth0:1 (192.0.2.1/32)" },
		{ "eth0", AF_INET6, "2001:db8::1", 64,
		  "has an address on its interface eth0 (2001:db8::1/64)" },
		{ "eth0", AF_INET6, "fe80::1", 64, NULL },
		{ "eth0", AF_INET, "169.254.1.1", 16, NULL },
		{ "br0", AF_INET, "192.0.2.1", 24, NULL },
		{ "gone0", AF_INET, "192.0.2.1", 24, NULL },
	};
	struct reading *f = *state;
	int fd = open(tree_sysfs(f->tree), O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct pci_addr fn;

	assert_true(fd >= 0);
	assert_int_equal(pci_addr_parse(FN, &fn), 0);
	tree_link(f->tree, "class/net/eth0", "devices/pci/" FN "/net/eth0");
	tree_link(f->tree, "class/net/br0", "devices/virtual/net/br0");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct use_table t = { 0 };
		struct addr_dump_entry entries[2] = { 0 };
		const struct addr_dump dump = { entries, 2, 2 };

		(void)snprintf(entries[1].interface, sizeof(entries[1].interface), "%s",
			       cases[i].interface);
		entries[1].family = cases[i].family;
		entries[1].prefix = cases[i].prefix;
		assert_int_equal(inet_pton(cases[i].family, cases[i].text, entries[1].address), 1);
		assert_int_equal(use_addresses_collect_from(fd, &dump, &t), 0);
		use_table_sort(&t);
		reading_assert_text(use_table_get(&t, &fn), cases[i].expected);
		use_table_done(&t);
	}
	close(fd);
}

struct seen {
	char text[256];
};

static void on_other(const struct pci_addr *addr, void *arg)
{
	struct seen *seen = arg;
	char text[PCI_ADDR_TEXT_MAX];

	(void)strcat(seen->text, pci_addr_format(addr, text));
	(void)strcat(seen->text, " ");
}

static const char *refresh(struct reading *f, unsigned int parts, struct seen *seen)
{
	seen->text[0] = '\0';
	assert_int_equal(sysfs_refresh_use(f->sysfs, parts, on_other, seen), 0);
	return seen->text;
}

static void test_what_is_looked_at_again_names_whom_it_concerns(void **state)
{
	struct reading *f = *state;
	struct seen seen;

	add_functions(f);
	tree_add_disk(f->tree, "259:0", DISK);
	tree_add_disk(f->tree, "259:1", "devices/pci/" OTHER "/nvme/nvme1/nvme1n1");
	tree_write_proc(f->tree, "self/mountinfo", MOUNT("259:0", "/data", "/dev/nvme0n1"));
	assert_non_null(reading_of(f, FN)->host_use);
	assert_string_equal(refresh(f, USE_ALL, &seen), "");
	tree_write_proc(f->tree, "self/mountinfo",
			MOUNT("259:0", "/data", "/dev/nvme0n1")
				MOUNT("259:1", "/more", "/dev/nvme1n1"));
	assert_string_equal(refresh(f, USE_ADDRESSES | USE_VDPA, &seen), "");
	assert_string_equal(refresh(f, USE_DISKS, &seen), OTHER " ");
	assert_string_equal(reading_of(f, OTHER)->host_use,
			    "has its disk nvme1n1 mounted on /more");
	tree_write_proc(f->tree, "self/mountinfo", MOUNT("259:1", "/other", "/dev/nvme1n1"));
	assert_string_equal(refresh(f, USE_DISKS, &seen), FN " " OTHER " ");
	assert_null(reading_of(f, FN)->host_use);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, reading_setup, reading_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_function_that_the_host_does_not_use),
		TEST(test_a_mounted_disk_or_partition_is_used),
		TEST(test_a_disk_below_a_bus_of_its_own_is_the_functions),
		TEST(test_swap_is_use),
		TEST(test_a_disk_that_another_is_stacked_on_is_used),
		TEST(test_a_disk_with_several_paths_is_one_of_each_function),
		TEST(test_a_function_that_a_vfio_driver_has_is_not_the_hosts),
		TEST(test_any_interface_with_a_master_is_used),
		TEST(test_a_vdpa_device_hangs_below_its_function_whatever_its_name),
		TEST(test_an_address_is_its_functions_unless_it_is_link_local),
		TEST(test_what_is_looked_at_again_names_whom_it_concerns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
