/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/alloc.h"
#include "../lib/specs.h"
#include "vfmon/text.h"
#include "vfmon/value.h"
#include "vfmon/vf.h"
#include "vfmon/wire.h"
#include "vfmon/wire_image.h"

#define ARRAY_COUNT(array) (sizeof(array) / sizeof(*(array)))

DEFINE_CLEANUP(struct vf *, vf_unref);

#define LEAST "\"address\":\"0000:25:00.4\",\"vendor_id\":\"10de\",\"product_id\":\"25b6\""
#define LEAST_VF LEAST ",\"kind\":\"vf\",\"physical_function\":\"0000:25:00.0\""

static int setup(void **state)
{
	struct text_pool *pool;

	assert_int_equal(text_pool_new(&pool), 0);
	*state = pool;
	return 0;
}

/* Every text must have been given back. */
static int teardown(void **state)
{
	assert_int_equal(text_pool_count(*state), 0);
	text_pool_free(*state);
	return 0;
}

static int read_text(struct text_pool *pool, const char *text, size_t len, struct vf **ret,
		     char *reason)
{
	struct value *value;
	int r;

	assert_int_equal(value_parse(text, len, &value), 0);
	r = wire_image_read(value, pool, ret, reason);
	value_free(value);
	return r;
}

static struct vf *read_good(struct text_pool *pool, const char *text)
{
	char reason[WIRE_IMAGE_REASON_MAX] = "";
	struct vf *vf = NULL;

	if (read_text(pool, text, strlen(text), &vf, reason) < 0)
		fail_msg("%s: %s", text, reason);
	return vf;
}

static void take(struct text_pool *pool, const char *s, struct text **field)
{
	assert_int_equal(text_take(pool, s, field), 0);
}

/* A group of the function and one other. */
static struct vf_group *new_group(struct text_pool *pool, const struct pci_addr *addr)
{
	struct vf_group *group = calloc(1, sizeof(*group) + 2 * sizeof(*group->members));

	assert_non_null(group);
	group->refs = 1;
	group->count = 2;
	group->members[0].addr = (struct pci_addr){ 0, 0x24, 0, 0 };
	group->members[0].blocks = true;
	take(pool, "nouveau", &group->members[0].driver);
	group->members[1].addr = *addr;
	return group;
}

/* A function of which everything is known. */
static struct vf *new_full(struct text_pool *pool, struct device_specs *specs)
{
	const struct pci_addr addr = { 0x10000, 0x25, 0, 4 };
	struct vf *vf;

	assert_int_equal(vf_new(&addr, &vf), 0);
	vf->generation = 4711;
	vf->kind = VF_KIND_VF;
	vf->has_ids = vf->has_subsystem = vf->has_class = vf->has_physical_function = true;
	vf->vendor_id = 0x10de;
	vf->product_id = 0x25b6;
	vf->subsystem_vendor_id = 0x1028;
	vf->subsystem_product_id = 1;
	vf->class_code = 0x030200;
	vf->physical_function = (struct pci_addr){ 0x10000, 0x25, 0, 0 };
	vf->vf_index = 3;
	vf->numa_node = 1;
	vf->iommu_group = 41;
	vf->group = new_group(pool, &addr);
	vf->binding = VF_BINDING_VFIO_VARIANT;
	vf->binding_since_usec = 5;
	vf->in_use = 1;
	vf->is_vdpa = true;
	vf->nodes = VF_NODE_GROUP | VF_NODE_CDEV;
	take(pool, "NVIDIA", &vf->vendor_name);
	take(pool, "nvidia-vgpu-vfio", &vf->driver);
	take(pool, "nvidia_vgpu_vfio", &vf->module);
	take(pool, "nvidia-vgpu-vfio", &vf->driver_override);
	take(pool, "nvidia-vgpu-vfio", &vf->best_driver);
	take(pool, "nvidia_vgpu_vfio", &vf->best_module);
	take(pool, "vfio3", &vf->vfio_device);
	take(pool, "enp1s0", &vf->interface);

	take(pool, "has an address on its interface enp1s0", &vf->host_use);
	take(pool, "current_vgpu_type is 0: no vGPU type is set", &vf->vendor_problem);

	vf->spec = specs_match(specs, "0000:25:00.4");
	assert_non_null(vf->spec);
	vf->appeared_usec = 10;
	vf->appeared_boottime_usec = 11;
	vf->attributes_changed_usec = 12;
	vf->vanished_usec = 14;
	return vf;
}

static void test_what_was_written_is_read_back(void **state)
{
	cleanup_(device_specs_freep) struct device_specs *specs = specs_new();
	cleanup_(vf_unrefp) struct vf *vf = NULL, *again = NULL;
	char reason[WIRE_IMAGE_REASON_MAX] = "";
	struct json_text text = { 0 };

	specs_add_good(specs,
		       "{\"vendor_id\": \"10de\", \"managed\": \"no\", \"traits\": \"A,B\"}");
	vf = new_full(*state, specs);
	wire_device(&text, vf);
	if (read_text(*state, text.data, text.len, &again, reason) < 0)
		fail_msg("%s", reason);
	assert_int_equal(vf_diff(vf, again), 0);
	assert_int_equal(pci_addr_compare(&vf->addr, &again->addr), 0);
	assert_int_equal(again->generation, 4711);
	assert_int_equal(again->appeared_boottime_usec, 11);
	assert_int_equal(again->vanished_usec, 14);
	assert_int_equal(again->not_told, 0);
	json_text_done(&text);
}

static void test_what_is_missing_is_not_known(void **state)
{
	cleanup_(vf_unrefp) struct vf *vf = read_good(*state, "{" LEAST_VF "}");

	assert_int_equal(vf->binding, VF_BINDING_UNKNOWN);
	assert_int_equal(vf->iommu_group, -1);
	assert_int_equal(vf->in_use, -1);
	assert_int_equal(vf->total_vfs, -1);
	assert_int_equal(vf->not_told, VF_NOT_TOLD_GROUP | VF_NOT_TOLD_NODES | VF_NOT_TOLD_BEST);
}

static void test_an_empty_list_says_that_there_is_none(void **state)
{
	cleanup_(vf_unrefp) struct vf *vf =
		read_good(*state, "{" LEAST_VF ",\"iommu_group_members\":[],\"vfio_nodes\":[]}");

	assert_int_equal(vf->not_told, VF_NOT_TOLD_BEST);
}

static void test_what_a_later_version_adds_is_passed_over(void **state)
{
	cleanup_(vf_unrefp) struct vf *vf =
		read_good(*state, "{" LEAST_VF ",\"new\":[1],\"binding\":{\"state\":\"melting\"},"
				  "\"vfio_nodes\":[\"/dev/vfio2/7\"]}");

	assert_int_equal(vf->binding, VF_BINDING_UNKNOWN);
	assert_int_equal(vf->nodes, 0);
}

static void test_what_tags_mean_is_known_again(void **state)
{
	cleanup_(vf_unrefp) struct vf *vf = read_good(
		*state, "{" LEAST_VF ",\"resource_class\":\"C\",\"spec\":{\"file\":\"f\",\"tags\":"
			"{\"physical_network\":\"physnet1\",\"remote_managed\":\"True\"}}}");

	assert_true(vf->spec->has_physical_network);
	assert_true(vf->spec->remote_managed);
}

static void test_a_node_without_an_iommu_is_of_a_group_without_one(void **state)
{
	cleanup_(vf_unrefp) struct vf *vf =
		read_good(*state, "{" LEAST_VF
				  ",\"iommu_group\":3,\"vfio_nodes\":[\"/dev/vfio/noiommu-3\"]}");

	assert_int_equal(vf->nodes, VF_NODE_NOIOMMU_GROUP);
	assert_true(vf->iommu_group_noiommu);
}

static void test_vdpa_is_kept(void **state)
{
	cleanup_(vf_unrefp) struct vf *vf = read_good(*state, "{" LEAST_VF
							      ",\"nova_device_type\":\"vdpa\"}");

	assert_string_equal(vf_nova_device_type(vf), "vdpa");
}

static void test_a_member_that_must_be_there_or_has_a_wrong_form_is_named(void **state)
{
	static const struct {
		const char *text;
		const char *reason;
	} rows[] = {
		{ "[]", "it is no object" },
		{ "{}", "address is missing" },
		{ "{" LEAST "}", "kind is missing" },
		{ "{" LEAST ",\"kind\":\"vf\"}", "physical_function of a virtual function" },
		{ "{" LEAST ",\"kind\":\"card\"}", "kind is none of" },
		{ "{" LEAST ",\"kind\":\"vf\",\"physical_function\":\"25:00.0 \"}",
		  "physical_function is no PCI address" },
		{ "{" LEAST_VF ",\"nova_device_type\":7}", "nova_device_type is no text" },
		{ "{" LEAST_VF ",\"vf_index\":\"3\"}", "vf_index is no number" },
		{ "{" LEAST_VF ",\"vf_index\":-1}", "vf_index is no number" },
		{ "{" LEAST_VF ",\"numa_node\":99999999999999999999}", "numa_node is no number" },
		{ "{" LEAST_VF ",\"generation\":1.5}", "generation is no number" },
		{ "{" LEAST_VF ",\"class\":\"0302\"}", "class is not six hex digits" },
		{ "{" LEAST_VF ",\"subsystem_vendor_id\":\"+10d\"}", "is not four hex digits" },
		{ "{" LEAST_VF ",\"in_use\":\"yes\"}", "in_use is neither" },
		{ "{" LEAST_VF ",\"best_driver\":7}", "best_driver is no text" },
		{ "{" LEAST_VF ",\"binding\":\"host\"}", "binding is not of type Binding" },
		{ "{" LEAST_VF ",\"vfio_nodes\":{}}", "vfio_nodes is no list" },
		{ "{" LEAST_VF ",\"vfio_nodes\":[1]}", "vfio_nodes has something" },
		{ "{" LEAST_VF ",\"iommu_group\":1,\"iommu_group_members\":[{}]}",
		  "iommu_group_members has a member without" },
		{ "{" LEAST_VF ",\"iommu_group_members\":1}", "iommu_group_members is no list" },
		{ "{" LEAST_VF ",\"spec\":{\"index\":0}}", "spec has no file" },
		{ "{" LEAST_VF
		  ",\"spec\":{\"file\":\"f\"},\"resource_class\":\"C\",\"traits\":[1]}",
		  "traits has something" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		char reason[WIRE_IMAGE_REASON_MAX] = "";
		struct vf *vf = NULL;

		assert_int_equal(read_text(*state, rows[i].text, strlen(rows[i].text), &vf, reason),
				 -EINVAL);
		if (!strstr(reason, rows[i].reason))
			fail_msg("%s: %s", rows[i].text, reason);
		assert_null(vf);
	}
}

static void test_each_lost_allocation_is_told(void **state)
{
	static const char text[] =
		"{" LEAST_VF ",\"iommu_group\":1,\"iommu_group_members\":[{\"address\":"
		"\"0000:25:00.5\",\"driver\":\"a\",\"blocks\":false}],\"best_driver\":\"b\","
		"\"vendor_state\":{\"x\":\"y\"},\"spec\":{\"file\":\"f\",\"tags\":{\"a\":\"b\"}},"
		"\"resource_class\":\"C\",\"traits\":[\"T\"]}";
	char reason[WIRE_IMAGE_REASON_MAX];
	struct value *value;
	int r = -ENOMEM, n;

	assert_int_equal(value_parse(text, sizeof(text) - 1, &value), 0);
	for (n = 0; r == -ENOMEM; n++) {
		struct vf *vf = NULL;

		alloc_fail_after(n);
		r = wire_image_read(value, *state, &vf, reason);
		alloc_fail_never();
		vf_unref(vf);
	}
	assert_int_equal(r, 0);
	assert_true(n > 8);
	value_free(value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_what_was_written_is_read_back, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_what_is_missing_is_not_known, setup, teardown),
		cmocka_unit_test_setup_teardown(test_an_empty_list_says_that_there_is_none, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_what_a_later_version_adds_is_passed_over,
						setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_tags_mean_is_known_again, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			test_a_node_without_an_iommu_is_of_a_group_without_one, setup, teardown),
		cmocka_unit_test_setup_teardown(test_vdpa_is_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_member_that_must_be_there_or_has_a_wrong_form_is_named, setup,
			teardown),
		cmocka_unit_test_setup_teardown(test_each_lost_allocation_is_told, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
