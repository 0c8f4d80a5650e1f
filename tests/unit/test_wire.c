/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/alloc.h"
#include "vfmon/device_spec.h"
#include "vfmon/json_check.h"
#include "vfmon/readiness.h"
#include "vfmon/text.h"
#include "vfmon/wire.h"

#define ARRAY_COUNT(array) (sizeof(array) / sizeof(*(array)))

/* The value of a path like "binding.state" as JSON text; "-" if it is not there. */
static const char *look_up(struct json_object *object, const char *path)
{
	char *copy = strdup(path), *rest = copy;
	const char *name;

	while ((name = strsep(&rest, ".")))
		if (!json_object_object_get_ex(object, name, &object))
			object = NULL;
	free(copy);
	return object ? json_object_to_json_string_ext(
				object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)
		      : "-";
}

/* Writes the device and reads it back with a parser that is not ours. */
static struct json_object *device_tree(const struct vf *vf)
{
	struct json_text t = { 0 };
	struct json_object *tree;

	wire_device(&t, vf);
	assert_int_equal(json_check(t.data, t.len, 1000), 0);
	json_text_end_message(&t);
	tree = json_tokener_parse(t.data);
	assert_non_null(tree);
	json_text_done(&t);
	return tree;
}

static void check_paths(struct json_object *tree, const char *const (*paths)[2], size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_string_equal(look_up(tree, paths[i][0]), paths[i][1]);
}

static struct vf *new_vf(const char *text)
{
	struct pci_addr addr;
	struct vf *vf;

	assert_int_equal(pci_addr_parse(text, &addr), 0);
	assert_int_equal(vf_new(&addr, &vf), 0);
	return vf;
}

static void test_a_device_of_which_little_is_known_leaves_null_out(void **state)
{
	static const char *const paths[][2] = {
		{ "address", "\"10000:01:02.3\"" },
		{ "generation", "7" },
		{ "sequence", "9" },
		{ "kind", "\"vf\"" },
		{ "vendor_id", "\"0000\"" },
		{ "iommu_group_members", "[]" },
		{ "vfio_nodes", "[]" },
		{ "traits", "[]" },
		{ "vendor_state", "{}" },
		{ "nova_device_type", "\"type-VF\"" },
		{ "readiness", "{\"state\":\"untracked\",\"reasons\":[]}" },
		{ "binding.state", "\"unknown\"" },
	};
	struct vf *vf = new_vf("10000:01:02.3");
	struct json_object *tree;

	(void)state;
	vf->generation = 7;
	vf->sequence = 9;
	vf->kind = VF_KIND_VF;
	tree = device_tree(vf);
	check_paths(tree, paths, ARRAY_COUNT(paths));
	assert_int_equal(json_object_object_length(tree), 13);
	assert_int_equal(json_object_object_length(json_object_object_get(tree, "binding")), 2);
	json_object_put(tree);
	vf_unref(vf);
}

/* An image in which everything is set. */
struct full {
	struct text_pool *pool;
	struct spec_match spec;
	struct vf *vf;
};

static struct text *take(struct full *full, const char *s)
{
	struct text *text;

	assert_int_equal(text_take(full->pool, s, &text), 0);
	return text;
}

static struct vf_group *new_group(struct full *full)
{
	struct vf_group *group = calloc(1, sizeof(*group) + 3 * sizeof(*group->members));

	assert_non_null(group);
	group->refs = 1;
	group->count = 3;
	for (unsigned int i = 0; i < 3; i++)
		group->members[i].addr = (struct pci_addr){ 0, 0x25, 0, (uint8_t)(3 + i) };
	group->members[0].driver = take(full, "nouveau");
	group->members[0].blocks = true;
	return group;
}

static void fill(struct full *full)
{
	static const char *const traits[] = { "CUSTOM_A", "CUSTOM_B" };
	static const struct spec_tag tags[] = { { "physical_network", "null" }, { "x", "a\"b" } };
	struct vf *vf = full->vf;

	full->spec = (struct spec_match){
		.refs = 2,
		.index = 3,
		.line = 12,
		.file = "/etc/nova/nova.conf",
		.managed = false,
		.managed_effective = true,
		.resource_class = "CUSTOM_GPU",
		.traits = traits,
		.trait_count = 2,
		.tags = tags,
		.tag_count = 2,
	};
	vf->kind = VF_KIND_VF;
	vf->has_ids = vf->has_subsystem = vf->has_class = vf->has_physical_function = true;
	vf->vendor_id = 0x10de;
	vf->product_id = 0x000a;
	vf->subsystem_vendor_id = 1;
	vf->subsystem_product_id = 0xffff;
	vf->class_code = 0x030200;
	vf->physical_function = (struct pci_addr){ 0, 0x25, 0, 0 };
	vf->vf_index = 0;
	vf->total_vfs = 16;
	vf->num_vfs = 0;
	vf->numa_node = 1;
	vf->iommu_group = 41;
	vf->drivers_autoprobe = 0;
	vf->in_use = 1;
	vf->binding = VF_BINDING_VFIO_VENDOR;
	vf->evidence = VF_EVIDENCE_ALIAS_NONE;
	vf->readiness = VF_READINESS_BLOCKED;
	vf->reasons = 1U << REASON_IOMMU_GROUP_NOT_VIABLE | 1U << REASON_MANAGED_YES_REBINDS |
		      1U << REASON_VGPU_TYPE_UNSET;
	vf->has_guest_start = true;
	vf->guest_starts = 0;
	vf->driver_during = take(full, "vfio-pci");
	vf->driver_after = text_ref(vf->driver_during);
	vf->vendor_state = take(full, "current_vgpu_type\t0\nplacement_id\ta\"b");
	vf->vendor_problem = take(full, "no type");
	vf->host_use = take(full, "has it");
	vf->card_serial = take(full, "MT1");
	vf->is_vdpa = true;
	vf->nodes = VF_NODE_GROUP | VF_NODE_NOIOMMU_GROUP | VF_NODE_CDEV;
	vf->group = new_group(full);
	vf->vendor_name = take(full, "NVIDIA");
	vf->product_name = take(full, "GA107GL [A16]");
	vf->driver = vf->module = take(full, "nvidia");
	text_ref(vf->module);
	vf->driver_override = take(full, "nvidia\t");
	vf->best_driver = take(full, "vfio-pci");
	vf->best_module = take(full, "vfio_pci");
	vf->vfio_device = take(full, "vfio2");
	vf->interface = take(full, "eth\xff");
	vf->spec = &full->spec;
	vf->binding_since_usec = vf->appeared_usec = vf->vanished_usec = 1700000000000000;
	vf->appeared_boottime_usec = vf->vanished_boottime_usec = 5000000;
	vf->attributes_changed_usec = vf->attributes_changed_boottime_usec = 6;
}

static const char *const full_paths[][2] = {
	{ "address", "\"0000:25:00.4\"" },
	{ "vendor_id", "\"10de\"" },
	{ "product_id", "\"000a\"" },
	{ "subsystem_vendor_id", "\"0001\"" },
	{ "subsystem_product_id", "\"ffff\"" },
	{ "class", "\"030200\"" },
	{ "vendor_name", "\"NVIDIA\"" },
	{ "product_name", "\"GA107GL [A16]\"" },
	{ "physical_function", "\"0000:25:00.0\"" },
	{ "vf_index", "0" },
	{ "total_vfs", "16" },
	{ "num_vfs", "0" },
	{ "drivers_autoprobe", "false" },
	{ "numa_node", "1" },
	{ "iommu_group", "41" },
	{ "iommu_group_members",
	  "[{\"address\":\"0000:25:00.3\",\"driver\":\"nouveau\",\"blocks\":true},"
	  "{\"address\":\"0000:25:00.5\",\"blocks\":false}]" },
	{ "binding.state", "\"vfio_vendor\"" },
	{ "binding.driver", "\"nvidia\"" },
	{ "binding.module", "\"nvidia\"" },
	{ "binding.since_usec", "1700000000000000" },
	{ "binding.explanation",
	  "\"vfio-dev/vfio2 exists; module nvidia has no vfio_pci: alias\"" },
	{ "driver_override", "\"nvidia\\t\"" },
	{ "best_driver", "\"vfio-pci\"" },
	{ "best_module", "\"vfio_pci\"" },
	{ "vfio_device", "\"vfio2\"" },
	{ "vfio_nodes", "[\"/dev/vfio/41\",\"/dev/vfio/noiommu-41\","
			"\"/dev/vfio/devices/vfio2\"]" },
	{ "in_use", "true" },
	{ "managed", "false" },
	{ "managed_effective", "true" },
	{ "resource_class", "\"CUSTOM_GPU\"" },
	{ "traits", "[\"CUSTOM_A\",\"CUSTOM_B\"]" },
	{ "spec", "{\"index\":3,\"file\":\"/etc/nova/nova.conf\",\"line\":12,"
		  "\"tags\":{\"physical_network\":\"null\",\"x\":\"a\\\"b\"}}" },
	{ "network", "{\"interface\":\"eth\xef\xbf\xbd\"}" },
	{ "card_serial", "\"MT1\"" },
	{ "nova_device_type", "\"vdpa\"" },
	{ "vendor_state", "{\"current_vgpu_type\":\"0\",\"placement_id\":\"a\\\"b\"}" },
	{ "vendor_problem", "\"no type\"" },
	{ "host_use", "\"has it\"" },
	{ "readiness.state", "\"blocked\"" },
	{ "guest_start",
	  "{\"starts\":false,\"driver_during\":\"vfio-pci\",\"driver_after\":\"vfio-pci\"}" },
	{ "appeared_usec", "1700000000000000" },
	{ "appeared_boottime_usec", "5000000" },
	{ "attributes_changed_usec", "6" },
	{ "attributes_changed_boottime_usec", "6" },
	{ "vanished_usec", "1700000000000000" },
	{ "vanished_boottime_usec", "5000000" },
};

/* The worst first, in their order, each with its sentence. */
static void check_reasons(struct json_object *tree)
{
	static const char *const expected[] = {
		"{\"code\":\"iommu_group_not_viable\",\"severity\":\"blocked\",\"message\":\"",
		("{\"code\":\"vgpu_type_unset\",\"severity\":\"blocked\",\"message\":"
		 "\"0000:25:00.4 has nothing to give to a guest yet: no type\",\"blockers\":[]}"),
		"{\"code\":\"managed_yes_rebinds\",\"severity\":\"degraded\",\"message\":\"",
	};
	static const char blockers[] = "\"blockers\":[\"0000:25:00.3\"]}";
	struct json_object *reasons =
		json_object_object_get(json_object_object_get(tree, "readiness"), "reasons");

	assert_int_equal(json_object_array_length(reasons), ARRAY_COUNT(expected));
	for (size_t i = 0; i < ARRAY_COUNT(expected); i++) {
		const char *text = json_object_to_json_string_ext(
			json_object_array_get_idx(reasons, i),
			JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);

		assert_memory_equal(text, expected[i], strlen(expected[i]));
		assert_true((strstr(text, blockers) != NULL) == (i == 0));
	}
}

static void test_a_device_of_which_all_is_known_has_every_field(void **state)
{
	struct full full = { .vf = new_vf("0000:25:00.4") };
	struct json_object *tree;

	(void)state;
	assert_int_equal(text_pool_new(&full.pool), 0);
	fill(&full);
	tree = device_tree(full.vf);
	check_paths(tree, full_paths, ARRAY_COUNT(full_paths));
	check_reasons(tree);
	json_object_put(tree);
	full.vf->spec = NULL; /* it is not on the heap */
	vf_unref(full.vf);
	text_pool_free(full.pool);
}

static void test_a_node_stands_alone_or_with_others(void **state)
{
	static const struct {
		uint8_t nodes;
		const char *list;
	} cases[] = {
		{ 0, "[]" },
		{ VF_NODE_GROUP, "[\"/dev/vfio/5\"]" },
		{ VF_NODE_NOIOMMU_GROUP, "[\"/dev/vfio/noiommu-5\"]" },
		{ VF_NODE_NOIOMMU_GROUP | VF_NODE_GROUP,
		  "[\"/dev/vfio/5\",\"/dev/vfio/noiommu-5\"]" },
		{ VF_NODE_CDEV, "[]" }, /* whose name is not known */
	};
	struct vf *vf = new_vf("0000:25:00.4");

	(void)state;
	vf->iommu_group = 5;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		struct json_object *tree;

		vf->nodes = cases[i].nodes;
		tree = device_tree(vf);
		assert_string_equal(look_up(tree, "vfio_nodes"), cases[i].list);
		json_object_put(tree);
	}
	vf_unref(vf);
}

/* Written into a text of its own; the caller gives it back. */
static struct json_text kept_text(struct vf *vf)
{
	struct json_text t = { 0 };

	json_text_raw(&t, "[", 1);
	wire_device_kept(&t, vf);
	json_text_end_message(&t);
	assert_int_equal(json_text_error(&t), 0);
	return t;
}

static void test_a_text_that_is_kept_is_that_of_its_image(void **state)
{
	struct vf *vf = new_vf("0000:25:00.4"), *next;
	struct json_text first = kept_text(vf), again = kept_text(vf), changed;

	(void)state;
	assert_non_null(vf->text);
	assert_string_equal(first.data, again.data);
	assert_int_equal(vf_copy(vf, &next), 0);
	next->numa_node = 1;
	changed = kept_text(next);
	assert_non_null(strstr(changed.data, "\"numa_node\":1"));
	assert_null(strstr(first.data, "numa_node"));
	json_text_done(&first);
	json_text_done(&again);
	json_text_done(&changed);
	vf_unref(vf);
	vf_unref(next);
}

static void test_a_text_that_can_not_be_kept_is_written_all_the_same(void **state)
{
	struct vf *vf = new_vf("0000:25:00.4");
	struct json_text t = { 0 };

	(void)state;
	assert_true(json_text_reserve(&t, 4096));
	alloc_fail_after(0);
	wire_device_kept(&t, vf);
	assert_true(alloc_fail_never());
	assert_null(vf->text);
	assert_int_equal(json_text_error(&t), 0);
	assert_int_equal(json_check(t.data, t.len, 100), 0);
	json_text_done(&t);
	vf_unref(vf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_device_of_which_little_is_known_leaves_null_out),
		cmocka_unit_test(test_a_device_of_which_all_is_known_has_every_field),
		cmocka_unit_test(test_a_node_stands_alone_or_with_others),
		cmocka_unit_test(test_a_text_that_is_kept_is_that_of_its_image),
		cmocka_unit_test(test_a_text_that_can_not_be_kept_is_written_all_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
