/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/wire_image.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vfmon/cleanup.h"
#include "vfmon/names.h"
#include "vfmon/text.h"
#include "vfmon/value.h"
#include "vfmon/vf.h"
#include "wire_image_part.h"

#define ARRAY_COUNT(array) (sizeof(array) / sizeof(*(array)))

DEFINE_CLEANUP(struct vf *, vf_unref);

int wire_image_refuse(struct image_reading *rd, const char *name, const char *what)
{
	(void)snprintf(rd->reason, WIRE_IMAGE_REASON_MAX, "%s %s", name, what);
	return -EINVAL;
}

int wire_image_text(struct image_reading *rd, const char *s, struct text **field)
{
	struct text *t;

	if (text_take(rd->pool, s, &t) < 0)
		return -ENOMEM;
	text_unref(*field);
	*field = t;
	return 0;
}

/* How a member is read that is not null. Returns 0, -EINVAL or -ENOMEM. */
typedef int (*read_fn)(struct image_reading *rd, const struct value *v, size_t offset);

struct member {
	const char *name;
	read_fn read;
	size_t offset; /* in struct vf */
};

static int read_text(struct image_reading *rd, const struct value *v, size_t offset)
{
	const char *s = value_as_text(v);

	if (!s)
		return wire_image_refuse(rd, rd->name, "is no text");
	return wire_image_text(rd, s, (struct text **)((char *)rd->vf + offset));
}

static int read_addr(struct image_reading *rd, const struct value *v, size_t offset)
{
	const char *s = value_as_text(v);

	if (!s || pci_addr_parse(s, (struct pci_addr *)((char *)rd->vf + offset)) < 0)
		return wire_image_refuse(rd, rd->name, "is no PCI address");
	return 0;
}

static int read_physical_function(struct image_reading *rd, const struct value *v, size_t offset)
{
	rd->vf->has_physical_function = true;
	return read_addr(rd, v, offset);
}

static int read_number(struct image_reading *rd, const struct value *v, size_t offset)
{
	int64_t number = value_as_int(v, -1);

	if (!value_is_int(v) || number < 0 || number > INT32_MAX)
		return wire_image_refuse(rd, rd->name, "is no number from 0 to 2147483647");
	*(int32_t *)((char *)rd->vf + offset) = (int32_t)number;
	return 0;
}

static int read_count(struct image_reading *rd, const struct value *v, size_t offset)
{
	int64_t number = value_as_int(v, -1);

	if (!value_is_int(v) || number < 0)
		return wire_image_refuse(rd, rd->name, "is no number from 0 up");
	*(uint64_t *)((char *)rd->vf + offset) = (uint64_t)number;
	return 0;
}

static int read_flag(struct image_reading *rd, const struct value *v, size_t offset)
{
	int flag = value_as_bool(v);

	if (flag < 0)
		return wire_image_refuse(rd, rd->name, "is neither true nor false");
	*((int8_t *)rd->vf + offset) = (int8_t)flag;
	return 0;
}

/* Exactly so many hex digits; -1 for anything else. */
static int64_t hex_of(const struct value *v, size_t digits)
{
	const char *s = value_as_text(v);

	if (!s || strlen(s) != digits || strspn(s, "0123456789abcdefABCDEF") != digits)
		return -1;
	return (int64_t)strtoul(s, NULL, 16);
}

static int read_id(struct image_reading *rd, const struct value *v, size_t offset)
{
	int64_t id = hex_of(v, 4);

	if (id < 0)
		return wire_image_refuse(rd, rd->name, "is not four hex digits");
	*(uint16_t *)((char *)rd->vf + offset) = (uint16_t)id;
	return 0;
}

static int read_class(struct image_reading *rd, const struct value *v, size_t offset)
{
	int64_t code = hex_of(v, 6);

	(void)offset;
	if (code < 0)
		return wire_image_refuse(rd, rd->name, "is not six hex digits");
	rd->vf->class_code = (uint32_t)code;
	rd->vf->has_class = true;
	return 0;
}

static int read_kind(struct image_reading *rd, const struct value *v, size_t offset)
{
	const char *s = value_as_text(v);
	int kind = s ? vf_kind_from_name(s) : -EINVAL;

	(void)offset;
	if (kind < 0)
		return wire_image_refuse(rd, rd->name, "is none of pf, vf, pci");
	rd->vf->kind = (uint8_t)kind;
	return 0;
}

static int read_device_type(struct image_reading *rd, const struct value *v, size_t offset)
{
	const char *s = value_as_text(v);

	(void)offset;
	if (!s)
		return wire_image_refuse(rd, rd->name, "is no text");
	rd->vf->is_vdpa = strcmp(s, NOVA_TYPE_VDPA) == 0;
	return 0;
}

#define AT(member) offsetof(struct vf, member)

/* In this order; what a later one looks at is read before. */
static const struct member members[] = {
	{ KEY_ADDRESS, read_addr, AT(addr) },
	{ "kind", read_kind, 0 },
	{ "vendor_id", read_id, AT(vendor_id) },
	{ "product_id", read_id, AT(product_id) },
	{ "subsystem_vendor_id", read_id, AT(subsystem_vendor_id) },
	{ "subsystem_product_id", read_id, AT(subsystem_product_id) },
	{ "class", read_class, 0 },
	{ KEY_GENERATION, read_count, AT(generation) },
	{ KEY_SEQUENCE, read_count, AT(sequence) },
	{ "vendor_name", read_text, AT(vendor_name) },
	{ "product_name", read_text, AT(product_name) },
	{ "physical_function", read_physical_function, AT(physical_function) },
	{ "vf_index", read_number, AT(vf_index) },
	{ "total_vfs", read_number, AT(total_vfs) },
	{ "num_vfs", read_number, AT(num_vfs) },
	{ "drivers_autoprobe", read_flag, AT(drivers_autoprobe) },
	{ "numa_node", read_number, AT(numa_node) },
	{ "iommu_group", read_number, AT(iommu_group) },
	{ "driver_override", read_text, AT(driver_override) },
	{ "best_driver", read_text, AT(best_driver) },
	{ "best_module", read_text, AT(best_module) },
	{ "vfio_device", read_text, AT(vfio_device) },
	{ "in_use", read_flag, AT(in_use) },
	{ "card_serial", read_text, AT(card_serial) },
	{ "nova_device_type", read_device_type, 0 },
	{ "vendor_problem", read_text, AT(vendor_problem) },
	{ "host_use", read_text, AT(host_use) },
	{ KEY_APPEARED_USEC, read_count, AT(appeared_usec) },
	{ KEY_APPEARED_BOOTTIME_USEC, read_count, AT(appeared_boottime_usec) },
	{ KEY_ATTRIBUTES_CHANGED_USEC, read_count, AT(attributes_changed_usec) },
	{ KEY_ATTRIBUTES_CHANGED_BOOTTIME_USEC, read_count, AT(attributes_changed_boottime_usec) },
	{ KEY_VANISHED_USEC, read_count, AT(vanished_usec) },
	{ KEY_VANISHED_BOOTTIME_USEC, read_count, AT(vanished_boottime_usec) },
};

static int read_members(struct image_reading *rd)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_COUNT(members); i++) {
		const struct value *v = value_member(rd->device, members[i].name);

		rd->name = members[i].name;
		if (v)
			r = members[i].read(rd, v, members[i].offset);
	}
	return r;
}

static int check_required(struct image_reading *rd)
{
	static const char *const required[] = { KEY_ADDRESS, "kind", "vendor_id", "product_id" };

	for (size_t i = 0; i < ARRAY_COUNT(required); i++)
		if (!value_member(rd->device, required[i]))
			return wire_image_refuse(rd, required[i], "is missing");
	if (rd->vf->kind == VF_KIND_VF && !rd->vf->has_physical_function)
		return wire_image_refuse(rd, "physical_function",
					 "of a virtual function is missing");
	return 0;
}

/*
 * A null is left out when a Device is written, but a list never is: so it is the lists that tell
 * whether the rest is not known or not there. Without modules.alias no best driver is known anyway.
 */
static void note_untold(struct image_reading *rd)
{
	const struct value *device = rd->device;

	if (!value_has(device, "iommu_group") && !value_has(device, "iommu_group_members"))
		rd->vf->not_told |= VF_NOT_TOLD_GROUP;
	if (!value_has(device, "vfio_nodes"))
		rd->vf->not_told |= VF_NOT_TOLD_NODES;
	if (!rd->vf->best_driver)
		rd->vf->not_told |= VF_NOT_TOLD_BEST;
}

int wire_image_read(const struct value *device, struct text_pool *pool, struct vf **ret,
		    char ret_reason[static WIRE_IMAGE_REASON_MAX])
{
	cleanup_(vf_unrefp) struct vf *vf = NULL;
	struct image_reading rd = { .device = device, .pool = pool, .reason = ret_reason };
	static const struct pci_addr nowhere = { 0 };
	int r;

	if (!value_is_object(device))
		return wire_image_refuse(&rd, "it", "is no object in braces");
	if (vf_new(&nowhere, &vf) < 0)
		return -ENOMEM;
	rd.vf = vf;
	vf->has_ids = true;
	vf->has_subsystem = value_member(device, "subsystem_vendor_id") != NULL;
	r = read_members(&rd);
	if (r == 0)
		r = check_required(&rd);
	if (r == 0)
		r = wire_image_read_parts(&rd);
	if (r < 0)
		return r;
	note_untold(&rd);
	*ret = TAKE_PTR(vf);
	return 0;
}
