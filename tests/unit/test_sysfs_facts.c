/* SPDX-License-Identifier: Apache-2.0 */
/* What is read of a function's driver, its module, its IOMMU group and its nodes. */
#include "../../monitor/sysfs_facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "vfmon/vf.h"

#include "../lib/reading.h"

#define PF "0000:3b:00.0"
#define ALIASES                                                                                    \
	"alias vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci\n"                                             \
	"alias vfio_pci:v00008086d000010CAsv*sd*bc*sc*i* igb_vfio_pci\n"

static void test_the_three_records_of_a_binding_are_told_apart(void **state)
{
	struct reading *f = *state;
	const struct observation *o;

	tree_add_driver(f->tree, "igb", "igb");
	tree_add_function(f->tree, PF);
	tree_bind(f->tree, PF, "igb");
	o = reading_of(f, PF);
	reading_assert_text(o->link_driver, "igb");
	reading_assert_text(o->uevent_driver, "igb");
	reading_assert_text(o->module, "igb");
	tree_remove_link(f->tree, PF);
	o = reading_of(f, PF);
	reading_assert_text(o->link_driver, NULL);
	reading_assert_text(o->uevent_driver, "igb");
	reading_assert_text(o->module, "igb");
	tree_unbind(f->tree, PF);
	o = reading_of(f, PF);
	reading_assert_text(o->uevent_driver, NULL);
	reading_assert_text(o->module, NULL);
}

static void test_modules_are_classified_by_their_aliases(void **state)
{
	static const struct {
		const char *driver, *module;
		enum module_vfio vfio;
	} cases[] = {
		{ "vfio-pci", "vfio_pci", MODULE_VFIO_GENERIC },
		{ "igb-vfio-pci", "igb_vfio_pci", MODULE_VFIO_VARIANT },
		{ "igb", "igb", MODULE_VFIO_NONE },
		{ "pcieport", NULL, MODULE_VFIO_NONE },
	};
	struct reading *f = *state;

	tree_set_aliases(f->tree, ALIASES);
	tree_add_function(f->tree, PF);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		tree_add_driver(f->tree, cases[i].driver, cases[i].module);
		tree_bind(f->tree, PF, cases[i].driver);
		reading_assert_text(reading_of(f, PF)->module, cases[i].module);
		assert_int_equal(f->obs.module_vfio, cases[i].vfio);
		assert_false(f->obs.module_holds_vfio_core);
	}
}

static void test_a_holder_of_the_vfio_core_is_seen(void **state)
{
	struct reading *f = *state;

	tree_add_function(f->tree, PF);
	tree_add_driver(f->tree, "nvgpu", "nvgpu");
	tree_write(f->tree, "module/vfio_pci_core/holders/nvgpu", "");
	tree_bind(f->tree, PF, "nvgpu");
	assert_true(reading_of(f, PF)->module_holds_vfio_core);
}

/* The kernel makes the driver's module link only after the first probes. */
static void test_a_module_link_that_comes_late_is_found_at_the_next_read(void **state)
{
	struct reading *f = *state;

	tree_add_function(f->tree, PF);
	tree_add_driver(f->tree, "igb", NULL);
	tree_bind(f->tree, PF, "igb");
	reading_assert_text(reading_of(f, PF)->module, NULL);
	tree_add_driver(f->tree, "igb", "igb");
	reading_assert_text(reading_of(f, PF)->module, "igb");
}

static void test_the_best_driver_is_what_modules_alias_would_choose(void **state)
{
	struct reading *f = *state;
	const struct observation *o;

	tree_set_aliases(f->tree, ALIASES);
	tree_add_pf(f->tree, PF, 8);
	tree_set_vfs(f->tree, PF, 1);
	/* Not loaded: its name stands for the driver's. */
	o = reading_of(f, tree_vf(PF, 0));
	reading_assert_text(o->best_module, "igb_vfio_pci");
	reading_assert_text(o->best_driver, "igb_vfio_pci");
	tree_add_driver(f->tree, "igb-vfio-pci", "igb_vfio_pci");
	sysfs_invalidate(f->sysfs);
	o = reading_of(f, tree_vf(PF, 0));
	reading_assert_text(o->best_module, "igb_vfio_pci");
	reading_assert_text(o->best_driver, "igb-vfio-pci");
	reading_assert_text(reading_of(f, PF)->best_module, "vfio_pci");
}

static void test_without_modules_alias_there_is_no_best_driver(void **state)
{
	struct reading *f = *state;

	tree_add_function(f->tree, PF);
	reading_assert_text(reading_of(f, PF)->best_driver, NULL);
	reading_assert_text(f->obs.best_module, NULL);
}

static void test_without_an_alias_the_generic_driver_is_the_best(void **state)
{
	struct reading *f = *state;

	tree_set_aliases(f->tree, "alias pci:v00008086d* igb\n");
	tree_add_function(f->tree, PF);
	reading_assert_text(reading_of(f, PF)->best_module, "vfio_pci");
	tree_add_driver(f->tree, "vfio-pci", "vfio_pci");
	sysfs_invalidate(f->sysfs);
	reading_assert_text(reading_of(f, PF)->best_driver, "vfio-pci");
}

static void test_another_modules_alias_is_noticed_by_a_look(void **state)
{
	struct reading *f = *state;

	tree_add_function(f->tree, PF);
	reading_assert_text(reading_of(f, PF)->best_module, NULL);
	tree_set_aliases(f->tree, ALIASES);
	reading_assert_text(reading_of(f, PF)->best_module, NULL);
	sysfs_look_at(f->sysfs, SYSFS_ALIASES);
	reading_assert_text(reading_of(f, PF)->best_module, "vfio_pci");
}

static void test_driver_override_is_read_as_the_kernel_writes_it(void **state)
{
	struct reading *f = *state;

	tree_add_function(f->tree, PF);
	reading_assert_text(reading_of(f, PF)->driver_override, NULL);
	tree_set_override(f->tree, PF, "vfio-pci\n");
	reading_assert_text(reading_of(f, PF)->driver_override, "vfio-pci");
	tree_set_override(f->tree, PF, "\n");
	reading_assert_text(reading_of(f, PF)->driver_override, NULL);
}

/* Both ways of reading must agree, or a function would seem to change with each event. */
static void assert_nodes(struct reading *f, uint8_t nodes)
{
	assert_int_equal(reading_of(f, PF)->nodes, nodes);
	assert_int_equal(reading_of_nodes(f, PF)->kind, OBSERVATION_NODES);
	assert_int_equal(f->obs.nodes, nodes);
	assert_true(f->obs.inode > 0);
}

static void test_nodes_are_those_of_the_group_and_of_the_device(void **state)
{
	struct reading *f = *state;

	tree_add_function(f->tree, PF);
	tree_add_node(f->tree, "vfio/12");
	assert_nodes(f, 0);
	tree_set_group(f->tree, PF, 12);
	assert_int_equal(reading_of(f, PF)->iommu_group, 12);
	assert_false(f->obs.iommu_group_noiommu);
	assert_nodes(f, VF_NODE_GROUP);
	tree_add_node(f->tree, "vfio/devices/vfio3");
	assert_nodes(f, VF_NODE_GROUP);
	tree_write(f->tree, "devices/pci/" PF "/vfio-dev/power", "");
	tree_add_vfio_device(f->tree, PF, "vfio3");
	assert_nodes(f, VF_NODE_GROUP | VF_NODE_CDEV);
	reading_assert_text(f->obs.vfio_device, "vfio3");
}

static void test_a_group_without_iommu_has_a_node_of_its_own(void **state)
{
	struct reading *f = *state;

	tree_add_function(f->tree, PF);
	tree_set_group(f->tree, PF, 0);
	tree_write(f->tree, "kernel/iommu_groups/0/name", "vfio-noiommu\n");
	tree_add_node(f->tree, "vfio/0");
	assert_nodes(f, 0);
	assert_true(f->obs.iommu_group_noiommu);
	tree_add_node(f->tree, "vfio/noiommu-0");
	assert_nodes(f, VF_NODE_NOIOMMU_GROUP);
}

static void test_the_first_interface_of_a_driven_function_is_named(void **state)
{
	struct reading *f = *state;

	tree_add_function(f->tree, PF);
	tree_add_interface(f->tree, PF, "ens1f1");
	tree_add_interface(f->tree, PF, "ens1f0");
	reading_assert_text(reading_of(f, PF)->interface, NULL);
	tree_bind(f->tree, PF, "igb");
	reading_assert_text(reading_of(f, PF)->interface, "ens1f0");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, reading_setup, reading_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_three_records_of_a_binding_are_told_apart),
		TEST(test_modules_are_classified_by_their_aliases),
		TEST(test_a_holder_of_the_vfio_core_is_seen),
		TEST(test_a_module_link_that_comes_late_is_found_at_the_next_read),
		TEST(test_the_best_driver_is_what_modules_alias_would_choose),
		TEST(test_without_modules_alias_there_is_no_best_driver),
		TEST(test_without_an_alias_the_generic_driver_is_the_best),
		TEST(test_another_modules_alias_is_noticed_by_a_look),
		TEST(test_driver_override_is_read_as_the_kernel_writes_it),
		TEST(test_nodes_are_those_of_the_group_and_of_the_device),
		TEST(test_a_group_without_iommu_has_a_node_of_its_own),
		TEST(test_the_first_interface_of_a_driven_function_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
