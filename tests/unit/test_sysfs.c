/* SPDX-License-Identifier: Apache-2.0 */
#include "../../monitor/sysfs.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/reading.h"

#define PF "0000:3b:00.0"

static void test_a_plain_function_has_its_ids_and_no_sriov(void **state)
{
	struct reading *f = *state;
	const struct observation *o;

	tree_add_function(f->tree, "0000:00:1f.3");
	o = reading_of(f, "0000:00:1f.3");
	assert_int_equal(o->kind, OBSERVATION_FUNCTION);
	assert_true(o->has_static && o->has_ids && o->has_subsystem && o->has_class);
	assert_int_equal(o->vendor_id, 0x8086);
	assert_int_equal(o->product_id, 0x10c9);
	assert_int_equal(o->class_code, 0x020000);
	assert_int_equal(o->numa_node, 1);
	assert_true(o->inode > 0);
	assert_false(o->has_physical_function);
	assert_int_equal(o->total_vfs, -1);
	assert_int_equal(o->num_vfs, -1);
	assert_int_equal(o->drivers_autoprobe, -1);
	assert_int_equal(o->iommu_group, -1);
	assert_int_equal(o->in_use, -1);
	assert_null(o->link_driver);
	assert_null(o->uevent_driver);
	assert_null(o->driver_override);
}

/* tree_add_pf() makes sriov_numvfs block whoever reads it. */
static void test_a_pf_counts_its_vfs_without_sriov_numvfs(void **state)
{
	struct reading *f = *state;
	const struct observation *o;

	tree_add_pf(f->tree, PF, 8);
	o = reading_of(f, PF);
	assert_int_equal(o->total_vfs, 8);
	assert_int_equal(o->num_vfs, 0);
	assert_int_equal(o->drivers_autoprobe, 1);
	tree_set_vfs(f->tree, PF, 5);
	assert_int_equal(reading_of(f, PF)->num_vfs, 5);
	tree_write(f->tree, "devices/pci/" PF "/sriov_drivers_autoprobe", "0\n");
	assert_int_equal(reading_of(f, PF)->drivers_autoprobe, 0);
}

static void test_a_vf_knows_its_pf_and_its_number(void **state)
{
	struct reading *f = *state;
	struct pci_addr pf;

	assert_int_equal(pci_addr_parse(PF, &pf), 0);
	tree_add_pf(f->tree, PF, 8);
	tree_set_vfs(f->tree, PF, 8);
	for (int i = 0; i < 8; i++) {
		const struct observation *o = reading_of(f, tree_vf(PF, i));

		assert_true(o->has_physical_function);
		assert_int_equal(pci_addr_compare(&o->physical_function, &pf), 0);
		assert_int_equal(o->vf_index, i);
		assert_int_equal(o->total_vfs, -1);
		assert_int_equal(o->product_id, 0x10ca);
	}
}

/* Offset and stride change with the number of VFs; the links are right. */
static void test_links_overrule_a_routing_that_does_not_fit(void **state)
{
	static const struct {
		const char *offset, *stride;
	} wrong[] = { { "128\n", "1\n" },
		      { "0\n", "0\n" },
		      { "126\n", "2\n" },
		      { "x\n", "2\n" },
		      { NULL, NULL } };
	struct reading *f = *state;

	tree_add_pf(f->tree, PF, 8);
	tree_set_vfs(f->tree, PF, 4);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		tree_write(f->tree, "devices/pci/" PF "/sriov_offset", wrong[i].offset);
		tree_write(f->tree, "devices/pci/" PF "/sriov_stride", wrong[i].stride);
		reading_restart(f);
		assert_int_equal(reading_of(f, tree_vf(PF, 2))->vf_index, 2);
		assert_int_equal(reading_of(f, tree_vf(PF, 1))->vf_index, 1);
	}
}

/* What is remembered of the PF is right for some of its VFs only. */
static void test_a_routing_that_changed_is_read_again(void **state)
{
	struct reading *f = *state;

	tree_add_pf(f->tree, PF, 8);
	tree_set_vfs(f->tree, PF, 4);
	tree_write(f->tree, "devices/pci/" PF "/sriov_stride", "4\n");
	assert_int_equal(reading_of(f, tree_vf(PF, 2))->vf_index, 2);
	tree_write(f->tree, "devices/pci/" PF "/sriov_stride", "2\n");
	assert_int_equal(reading_of(f, tree_vf(PF, 3))->vf_index, 3);
}

static void test_a_vf_whose_virtfn_is_gone_has_no_number(void **state)
{
	struct reading *f = *state;

	tree_add_pf(f->tree, PF, 8);
	tree_set_vfs(f->tree, PF, 2);
	tree_write(f->tree, "devices/pci/" PF "/virtfn1", NULL);
	assert_int_equal(reading_of(f, tree_vf(PF, 1))->vf_index, -1);
	assert_true(f->obs.has_physical_function);
}

static void test_what_never_changes_is_read_once_a_life(void **state)
{
	struct reading *f = *state;
	const struct observation *o;
	uint64_t inode;

	tree_add_pf(f->tree, PF, 8);
	tree_set_vfs(f->tree, PF, 1);
	inode = reading_of(f, tree_vf(PF, 0))->inode;
	tree_make_blocking(f->tree, tree_vf(PF, 0), "numa_node");
	o = reading_of_known(f, tree_vf(PF, 0), inode);
	assert_int_equal(o->kind, OBSERVATION_FUNCTION);
	assert_int_equal(o->inode, inode);
	assert_false(o->has_static || o->has_ids);
	assert_int_equal(o->vf_index, -1);
	assert_true(o->has_physical_function);
	tree_write(f->tree, "devices/pci/0000:3b:10.0/numa_node", NULL);
	assert_true(reading_of_known(f, tree_vf(PF, 0), inode + 1)->has_static);
}

/* On a driver of the host it is 1 whoever uses it. */
static void test_enable_tells_the_use_of_a_vfio_device_only(void **state)
{
	struct reading *f = *state;

	tree_add_function(f->tree, PF);
	tree_add_driver(f->tree, "vfio-pci", "vfio_pci");
	tree_bind(f->tree, PF, "vfio-pci");
	tree_write(f->tree, "devices/pci/" PF "/enable", "1\n");
	assert_int_equal(reading_of(f, PF)->in_use, -1);
	tree_add_vfio_device(f->tree, PF, "vfio3");
	assert_int_equal(reading_of(f, PF)->in_use, 1);
	tree_write(f->tree, "devices/pci/" PF "/enable", "0\n");
	assert_int_equal(reading_of(f, PF)->in_use, 0);
	tree_write(f->tree, "devices/pci/" PF "/enable", NULL);
	assert_int_equal(reading_of(f, PF)->in_use, -1);
}

static void test_what_is_not_there_is_gone(void **state)
{
	struct reading *f = *state;

	assert_int_equal(reading_of(f, PF)->kind, OBSERVATION_GONE);
	assert_int_equal(reading_of_nodes(f, PF)->kind, OBSERVATION_GONE);
	tree_add_function(f->tree, PF);
	assert_int_equal(reading_of(f, PF)->kind, OBSERVATION_FUNCTION);
	tree_remove(f->tree, PF);
	assert_int_equal(reading_of(f, PF)->kind, OBSERVATION_GONE);
	assert_int_equal(f->obs.error, 0);
}

/* The kernel removes the uevent file, sends remove, and only then removes the folder. */
static void test_a_folder_without_its_uevent_file_is_as_good_as_gone(void **state)
{
	struct reading *f = *state;

	tree_add_function(f->tree, PF);
	tree_write(f->tree, "devices/pci/" PF "/uevent", NULL);
	assert_int_equal(reading_of(f, PF)->kind, OBSERVATION_GONE);
}

static void test_an_entry_that_makes_no_sense_is_unreadable(void **state)
{
	static const char *const names[] = { "numa_node", "sriov_totalvfs" };
	struct reading *f = *state;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[128];

		tree_add_pf(f->tree, PF, 8);
		(void)snprintf(path, sizeof(path), "devices/pci/" PF "/%s", names[i]);
		tree_write(f->tree, path, "many\n");
		assert_int_equal(reading_of(f, PF)->kind, OBSERVATION_UNREADABLE);
		assert_int_equal(f->obs.error, EINVAL);
		assert_true(f->obs.inode > 0);
		tree_remove(f->tree, PF);
	}
}

static void test_texts_that_do_not_fit_make_it_unreadable(void **state)
{
	struct reading *f = *state;
	char text[OBSERVATION_TEXT_MAX + 1];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	tree_add_function(f->tree, PF);
	tree_set_override(f->tree, PF, text);
	assert_int_equal(reading_of(f, PF)->kind, OBSERVATION_UNREADABLE);
	assert_int_equal(f->obs.error, E2BIG);
}

static void test_the_list_is_every_function_in_order(void **state)
{
	static const char *const addrs[] = { "0000:00:1f.3", "0000:3b:00.0", "10000:00:00.0" };
	struct reading *f = *state;
	char text[PCI_ADDR_TEXT_MAX];
	struct pci_addr *list;

	assert_int_equal(sysfs_list(f->sysfs, &list), 0);
	free(list);
	for (int i = 2; i >= 0; i--)
		tree_add_function(f->tree, addrs[i]);
	tree_write(f->tree, "bus/pci/devices/stranger", "");
	assert_int_equal(sysfs_list(f->sysfs, &list), 3);
	for (int i = 0; i < 3; i++)
		assert_string_equal(pci_addr_format(&list[i], text), addrs[i]);
	free(list);
}

static void test_a_long_list_is_complete(void **state)
{
	struct reading *f = *state;
	struct pci_addr *list;
	ssize_t count;

	tree_add_pf(f->tree, PF, 600);
	tree_set_vfs(f->tree, PF, 600);
	count = sysfs_list(f->sysfs, &list);
	assert_int_equal(count, 601);
	for (ssize_t i = 1; i < count; i++)
		assert_true(pci_addr_compare(&list[i - 1], &list[i]) < 0);
	free(list);
	assert_int_equal(reading_of(f, PF)->num_vfs, 600);
}

static void test_roots_that_are_missing(void **state)
{
	const struct sysfs_options nowhere = { "/nonexistent/sys", "/dev", NULL, NULL };
	struct reading *f = *state;
	struct sysfs_options no_dev = { tree_sysfs(f->tree), "/nonexistent/dev", NULL, NULL };
	struct sysfs *sysfs;
	struct pci_addr a;

	assert_int_equal(sysfs_new(&nowhere, &sysfs), -ENOENT);
	tree_add_function(f->tree, PF);
	tree_set_group(f->tree, PF, 12);
	assert_int_equal(pci_addr_parse(PF, &a), 0);
	assert_int_equal(sysfs_new(&no_dev, &sysfs), 0);
	sysfs_read_function(sysfs, &a, &(struct sysfs_want){ 0 }, &f->obs);
	assert_int_equal(f->obs.kind, OBSERVATION_FUNCTION);
	assert_int_equal(f->obs.nodes, 0);
	assert_null(sysfs_free(sysfs));
	assert_null(sysfs_free(NULL));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, reading_setup, reading_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_plain_function_has_its_ids_and_no_sriov),
		TEST(test_a_pf_counts_its_vfs_without_sriov_numvfs),
		TEST(test_a_vf_knows_its_pf_and_its_number),
		TEST(test_links_overrule_a_routing_that_does_not_fit),
		TEST(test_a_routing_that_changed_is_read_again),
		TEST(test_a_vf_whose_virtfn_is_gone_has_no_number),
		TEST(test_what_never_changes_is_read_once_a_life),
		TEST(test_enable_tells_the_use_of_a_vfio_device_only),
		TEST(test_what_is_not_there_is_gone),
		TEST(test_a_folder_without_its_uevent_file_is_as_good_as_gone),
		TEST(test_an_entry_that_makes_no_sense_is_unreadable),
		TEST(test_texts_that_do_not_fit_make_it_unreadable),
		TEST(test_the_list_is_every_function_in_order),
		TEST(test_a_long_list_is_complete),
		TEST(test_roots_that_are_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
