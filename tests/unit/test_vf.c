/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "vfmon/text.h"
#include "vfmon/vf.h"

struct fixture {
	struct text_pool *pool;
	struct vf *a, *b;
};

static int set_up(void **state)
{
	const struct pci_addr addr = { .bus = 0x25, .func = 4 };
	static struct fixture f;

	*state = &f;
	return text_pool_new(&f.pool) < 0 || vf_new(&addr, &f.a) < 0 || vf_new(&addr, &f.b) < 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	vf_unref(f->a);
	vf_unref(f->b);
	text_pool_free(f->pool);
	return 0;
}

static void test_two_empty_images_do_not_differ(void **state)
{
	struct fixture *f = *state;

	f->b->generation = f->b->sequence = 99;
	f->b->evidence = VF_EVIDENCE_NO_LINK;
	assert_int_equal(vf_diff(f->a, f->b), 0);
}

static void test_each_field_has_its_bit(void **state)
{
	struct fixture *f = *state;

	f->b->numa_node = 1;
	assert_int_equal(vf_diff(f->a, f->b), 1ULL << VF_FIELD_NUMA_NODE);
	f->b->binding = VF_BINDING_HOST;
	assert_int_equal(vf_diff(f->a, f->b),
			 1ULL << VF_FIELD_NUMA_NODE | 1ULL << VF_FIELD_BINDING);
	f->b->has_physical_function = true;
	assert_true(vf_diff(f->a, f->b) & 1ULL << VF_FIELD_PHYSICAL_FUNCTION);
	f->a->has_physical_function = true;
	assert_false(vf_diff(f->a, f->b) & 1ULL << VF_FIELD_PHYSICAL_FUNCTION);
	f->b->physical_function.func = 1;
	assert_true(vf_diff(f->a, f->b) & 1ULL << VF_FIELD_PHYSICAL_FUNCTION);
	assert_int_equal(vf_diff(f->b, f->b), 0);
}

static void test_a_driver_is_part_of_the_binding(void **state)
{
	struct fixture *f = *state;

	text_take(f->pool, "igbvf", &f->b->driver);
	assert_int_equal(vf_diff(f->a, f->b), 1ULL << VF_FIELD_BINDING);
}

static void test_node_paths_follow_the_group(void **state)
{
	struct fixture *f = *state;

	f->a->nodes = f->b->nodes = VF_NODE_GROUP;
	f->a->iommu_group = 7;
	f->b->iommu_group = 8;
	assert_int_equal(vf_diff(f->a, f->b),
			 1ULL << VF_FIELD_IOMMU_GROUP | 1ULL << VF_FIELD_VFIO_NODES);
}

static void test_a_copy_is_equal_and_its_own(void **state)
{
	struct fixture *f = *state;
	struct vf *copy;

	text_take(f->pool, "igbvf", &f->a->driver);
	assert_int_equal(vf_copy(f->a, &copy), 0);
	assert_int_equal(vf_diff(f->a, copy), 0);
	copy->driver = text_unref(copy->driver);
	assert_string_equal(text_str(f->a->driver), "igbvf");
	vf_unref(copy);
}

static void test_names_go_both_ways(void **state)
{
	(void)state;
	for (int i = 0; i < VF_BINDING_COUNT; i++)
		assert_int_equal(vf_binding_from_name(vf_binding_name((enum vf_binding)i)), i);
	for (int i = 0; i < VF_KIND_COUNT; i++)
		assert_int_equal(vf_kind_from_name(vf_kind_name((enum vf_kind)i)), i);
	for (int i = 0; i < VF_READINESS_COUNT; i++)
		assert_int_equal(vf_readiness_from_name(vf_readiness_name((enum vf_readiness)i)),
				 i);
	assert_int_equal(vf_binding_from_name("bound"), -EINVAL);
	assert_int_equal(vf_kind_from_name(""), -EINVAL);
	assert_int_equal(vf_readiness_from_name("Ready"), -EINVAL);
}

static void test_the_explanation_names_the_record(void **state)
{
	struct fixture *f = *state;
	char buf[VF_EXPLANATION_MAX];

	f->a->evidence = VF_EVIDENCE_ALIAS_OWN;
	text_take(f->pool, "mlx5_vfio_pci", &f->a->module);
	text_take(f->pool, "vfio3", &f->a->vfio_device);
	assert_string_equal(vf_explain(f->a, buf),
			    "vfio-dev/vfio3 exists; module mlx5_vfio_pci has "
			    "a vfio_pci: alias of its own");
	for (int i = 0; i < VF_EVIDENCE_COUNT; i++) {
		f->a->evidence = (uint8_t)i;
		assert_true(strlen(vf_explain(f->a, buf)) > 0);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static void test_a_pf_without_any_vf_is_a_plain_function_to_nova(void **state)
{
	static const struct {
		int32_t total_vfs, num_vfs;
		const char *type;
	} rows[] = {
		{ 8, 0, "type-PF" },   { 8, 2, "type-PF" },  { 0, 2, "type-PF" },
		{ -1, -1, "type-PF" }, { 0, 0, "type-PCI" }, { 0, -1, "type-PCI" },
	};
	struct fixture *f = *state;

	f->a->kind = VF_KIND_PF;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		f->a->total_vfs = rows[i].total_vfs;
		f->a->num_vfs = rows[i].num_vfs;
		assert_string_equal(vf_nova_device_type(f->a), rows[i].type);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_two_empty_images_do_not_differ),
		TEST(test_each_field_has_its_bit),
		TEST(test_a_driver_is_part_of_the_binding),
		TEST(test_node_paths_follow_the_group),
		TEST(test_a_copy_is_equal_and_its_own),
		TEST(test_names_go_both_ways),
		TEST(test_the_explanation_names_the_record),
		TEST(test_a_pf_without_any_vf_is_a_plain_function_to_nova),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
