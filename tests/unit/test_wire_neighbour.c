/* SPDX-License-Identifier: Apache-2.0 */
/* A device in a list is written as it is written alone, whatever the one before it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "vfmon/device_spec.h"
#include "vfmon/text.h"
#include "vfmon/wire.h"

static struct text_pool *pool;
static struct text *other; /* not any text of the base */
static struct spec_match spec = { .refs = 1000, .file = "f", .resource_class = "CUSTOM_A" };
static struct spec_match other_spec = { .refs = 1000, .file = "g", .managed = true };

static struct vf *new_base(void)
{
	static const char *const texts[] = { "vendor", "product", "driver", "module", "override",
					     "best",   "bestmod", "vfio0",  "eth0" };
	struct text *taken[9];
	struct vf *vf;

	assert_int_equal(vf_new(&(struct pci_addr){ 0, 1, 2, 3 }, &vf), 0);
	for (int i = 0; i < 9; i++)
		assert_int_equal(text_take(pool, texts[i], &taken[i]), 0);
	vf->vendor_name = taken[0];
	vf->product_name = taken[1];
	vf->driver = taken[2];
	vf->module = taken[3];
	vf->driver_override = taken[4];
	vf->best_driver = taken[5];
	vf->best_module = taken[6];
	vf->vfio_device = taken[7];
	vf->interface = taken[8];
	vf->kind = VF_KIND_VF;
	vf->binding = VF_BINDING_HOST;
	vf->has_ids = vf->has_subsystem = vf->has_class = vf->has_physical_function = true;
	vf->vendor_id = vf->product_id = vf->subsystem_vendor_id = vf->subsystem_product_id = 1;
	vf->class_code = 0x020000;
	vf->spec = spec_match_ref(&spec);
	return vf;
}

/* Changes each give one field another value. */
typedef void (*change_fn)(struct vf *vf);

#define SET(name, statement)                                                                       \
	static void name(struct vf *vf)                                                            \
	{                                                                                          \
		statement;                                                                         \
	}
#define SET_TEXT(name)                                                                             \
	static void another_##name(struct vf *vf)                                                  \
	{                                                                                          \
		text_unref(vf->name);                                                              \
		vf->name = text_ref(other);                                                        \
	}                                                                                          \
	static void no_##name(struct vf *vf)                                                       \
	{                                                                                          \
		vf->name = text_unref(vf->name);                                                   \
	}

SET(nothing, (void)vf)
SET(another_address, vf->addr.func = 4)
SET(another_kind, vf->kind = VF_KIND_PF)
SET(no_ids, vf->has_ids = false)
SET(another_vendor, vf->vendor_id = 2)
SET(another_product, vf->product_id = 2)
SET(no_subsystem, vf->has_subsystem = false)
SET(another_subsystem_vendor, vf->subsystem_vendor_id = 2)
SET(another_subsystem_product, vf->subsystem_product_id = 2)
SET(no_class, vf->has_class = false)
SET(another_class, vf->class_code = 0x030000)
SET(no_parent, vf->has_physical_function = false)
SET(another_parent, vf->physical_function.bus = 9)
SET(another_binding, vf->binding = VF_BINDING_STUCK)
SET(another_readiness, vf->readiness = VF_READINESS_UNKNOWN)
SET(another_since, vf->binding_since_usec = 7)
SET(another_index, vf->vf_index = 7)
SET(another_node, vf->numa_node = 1)
SET(in_use, vf->in_use = 1)
SET(no_spec, vf->spec = spec_match_unref(vf->spec))
SET(another_spec, (spec_match_unref(vf->spec), vf->spec = spec_match_ref(&other_spec)))
SET_TEXT(vendor_name)
SET_TEXT(product_name)
SET_TEXT(driver)
SET_TEXT(module)
SET_TEXT(driver_override)
SET_TEXT(best_driver)
SET_TEXT(best_module)
SET_TEXT(vfio_device)
SET_TEXT(interface)

static const change_fn changes[] = {
	nothing,
	another_address,
	another_kind,
	no_ids,
	another_vendor,
	another_product,
	no_subsystem,
	another_subsystem_vendor,
	another_subsystem_product,
	no_class,
	another_class,
	no_parent,
	another_parent,
	another_binding,
	another_readiness,
	another_since,
	another_index,
	another_node,
	in_use,
	no_spec,
	another_spec,
	another_vendor_name,
	no_vendor_name,
	another_product_name,
	no_product_name,
	another_driver,
	no_driver,
	another_module,
	no_module,
	another_driver_override,
	no_driver_override,
	another_best_driver,
	no_best_driver,
	another_best_module,
	no_best_module,
	another_vfio_device,
	no_vfio_device,
	another_interface,
	no_interface,
};

/* a, b, a in one list are the same as a, b and a alone. */
static void check_list(const struct vf *a, const struct vf *b)
{
	const struct vf *order[] = { a, b, a };
	struct json_text list = { 0 }, alone = { 0 };
	struct wire_neighbour before = { 0 };

	for (int i = 0; i < 3; i++) {
		wire_device_after(&list, order[i], &before);
		wire_device(&alone, order[i]);
	}
	json_text_end_message(&list);
	json_text_end_message(&alone);
	assert_string_equal(list.data, alone.data);
	json_text_done(&list);
	json_text_done(&alone);
}

static void test_a_device_in_a_list_is_as_it_is_alone(void **state)
{
	struct vf *a = new_base();

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		struct vf *b;

		assert_int_equal(vf_copy(a, &b), 0);
		changes[i](b);
		check_list(a, b);
		check_list(b, a);
		vf_unref(b);
	}
	vf_unref(a);
}

static int set_up(void **state)
{
	(void)state;
	return text_pool_new(&pool) < 0 || text_take(pool, "other", &other) < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
	(void)state;
	text_unref(other);
	text_pool_free(pool);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_device_in_a_list_is_as_it_is_alone),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
