/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vfmon/device_spec.h"
#include "vfmon/names.h"
#include "vfmon/observation.h"
#include "vfmon/readiness.h"
#include "vfmon/text.h"
#include "wire_member.h"

/* The names of vf.h as such literals, by enum vf_field. */
static const struct {
	const char *text;
	size_t len;
} fields[] = {
#define FIELD_LITERAL(name, key) { LITERAL(MEMBER(key)) },
	VF_FIELDS(FIELD_LITERAL)
#undef FIELD_LITERAL
};

#define FIELD(name) fields[VF_FIELD_##name].text, fields[VF_FIELD_##name].len

/* What most functions need; longer ones grow by themselves. */
#define USUAL_DEVICE_BYTES 2048

static void put_class(struct json_text *t, uint32_t code)
{
	char text[6];

	for (int i = 5; i >= 0; i--, code >>= 4)
		text[i] = "0123456789abcdef"[code & 15];
	json_text_raw(t, FIELD(CLASS));
	PUT(t, "\"");
	json_text_raw(t, text, sizeof(text));
	PUT(t, "\"");
}

static void put_identity(struct json_text *t, const struct vf *vf)
{
	put_text(t, FIELD(KIND), vf_kind_name(vf->kind));
	/* Not nullable: a function whose ids could not be read yet has four zeros. */
	put_hex(t, FIELD(VENDOR_ID), vf->has_ids ? vf->vendor_id : 0);
	put_hex(t, FIELD(PRODUCT_ID), vf->has_ids ? vf->product_id : 0);
	if (vf->has_subsystem) {
		put_hex(t, FIELD(SUBSYSTEM_VENDOR_ID), vf->subsystem_vendor_id);
		put_hex(t, FIELD(SUBSYSTEM_PRODUCT_ID), vf->subsystem_product_id);
	}
	if (vf->has_class)
		put_class(t, vf->class_code);
	put_text(t, FIELD(VENDOR_NAME), text_str(vf->vendor_name));
	put_text(t, FIELD(PRODUCT_NAME), text_str(vf->product_name));
	if (vf->has_physical_function) {
		json_text_raw(t, FIELD(PHYSICAL_FUNCTION));
		put_addr(t, &vf->physical_function);
	}
}

static void put_sriov(struct json_text *t, const struct vf *vf)
{
	put_count(t, FIELD(VF_INDEX), vf->vf_index);
	put_count(t, FIELD(TOTAL_VFS), vf->total_vfs);
	put_count(t, FIELD(NUM_VFS), vf->num_vfs);
	put_flag(t, FIELD(DRIVERS_AUTOPROBE), vf->drivers_autoprobe);
	put_count(t, FIELD(NUMA_NODE), vf->numa_node);
}

static void put_member(struct json_text *t, const struct vf_group_member *member)
{
	PUT(t, "{\"" KEY_ADDRESS "\":");
	put_addr(t, &member->addr);
	PUT_TEXT(t, KEY_DRIVER, text_str(member->driver));
	PUT_FLAG(t, KEY_BLOCKS, member->blocks);
	PUT(t, "}");
}

static void put_group(struct json_text *t, const struct vf *vf)
{
	unsigned int count = vf->group ? vf->group->count : 0;
	bool first = true;

	put_count(t, FIELD(IOMMU_GROUP), vf->iommu_group);
	json_text_raw(t, FIELD(IOMMU_GROUP_MEMBERS));
	PUT(t, "[");
	for (unsigned int i = 0; i < count; i++) {
		const struct vf_group_member *member = &vf->group->members[i];

		if (pci_addr_compare(&member->addr, &vf->addr) == 0)
			continue;
		if (!first)
			PUT(t, ",");
		put_member(t, member);
		first = false;
	}
	PUT(t, "]");
}

static void put_binding(struct json_text *t, const struct vf *vf)
{
	char explanation[VF_EXPLANATION_MAX];

	json_text_raw(t, FIELD(BINDING));
	PUT(t, "{\"" KEY_STATE "\":");
	json_text_raw_string(t, vf_binding_name(vf->binding));
	PUT_TEXT(t, KEY_DRIVER, text_str(vf->driver));
	PUT_TEXT(t, KEY_MODULE, text_str(vf->module));
	put_time(t, LITERAL(MEMBER(KEY_SINCE_USEC)), vf->binding_since_usec);
	PUT_TEXT(t, KEY_EXPLANATION, vf_explain(vf, explanation));
	PUT(t, "}");
}

static void put_candidates(struct json_text *t, const struct vf *vf)
{
	put_text(t, FIELD(DRIVER_OVERRIDE), text_str(vf->driver_override));
	put_text(t, FIELD(BEST_DRIVER), text_str(vf->best_driver));
	put_text(t, FIELD(BEST_MODULE), text_str(vf->best_module));
}

static void put_nodes(struct json_text *t, const struct vf *vf)
{
	const char *separator = "\"";

	put_text(t, FIELD(VFIO_DEVICE), text_str(vf->vfio_device));
	json_text_raw(t, FIELD(VFIO_NODES));
	PUT(t, "[");
	if ((vf->nodes & VF_NODE_GROUP) && vf->iommu_group >= 0) {
		PUT(t, "\"" VFIO_NODE_GROUP);
		json_text_raw_uint(t, (uint64_t)vf->iommu_group);
		separator = "\",\"";
	}
	if ((vf->nodes & VF_NODE_NOIOMMU_GROUP) && vf->iommu_group >= 0) {
		json_text_raw(t, separator, strlen(separator));
		PUT(t, VFIO_NODE_NOIOMMU);
		json_text_raw_uint(t, (uint64_t)vf->iommu_group);
		separator = "\",\"";
	}
	if ((vf->nodes & VF_NODE_CDEV) && vf->vfio_device) {
		json_text_raw(t, separator, strlen(separator));
		PUT(t, VFIO_NODE_CDEV);
		json_text_raw_characters(t, text_str(vf->vfio_device));
		separator = "\",\"";
	}
	if (separator[1] != '\0')
		PUT(t, "\"");
	PUT(t, "]");
	put_flag(t, FIELD(IN_USE), vf->in_use);
}

static void put_strings(struct json_text *t, const char *const *items, size_t count)
{
	PUT(t, "[");
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			PUT(t, ",");
		json_text_raw_string(t, items[i]);
	}
	PUT(t, "]");
}

static void put_tags(struct json_text *t, const struct spec_match *spec)
{
	PUT(t, MEMBER(KEY_TAGS) "{");
	for (size_t i = 0; i < spec->tag_count; i++) {
		if (i > 0)
			PUT(t, ",");
		json_text_raw_string(t, spec->tags[i].name);
		PUT(t, ":");
		json_text_raw_string(t, spec->tags[i].value);
	}
	PUT(t, "}");
}

/* What device_spec says; of the lists, the empty one where no entry takes the function. */
static void put_spec(struct json_text *t, const struct vf *vf)
{
	const struct spec_match *spec = vf->spec;

	if (spec) {
		put_flag(t, FIELD(MANAGED), spec->managed);
		put_flag(t, FIELD(MANAGED_EFFECTIVE), spec->managed_effective);
		put_text(t, FIELD(RESOURCE_CLASS), spec->resource_class);
	}
	json_text_raw(t, FIELD(TRAITS));
	put_strings(t, spec ? spec->traits : NULL, spec ? spec->trait_count : 0);
	if (!spec)
		return;
	json_text_raw(t, FIELD(SPEC));
	PUT(t, "{\"" KEY_INDEX "\":");
	json_text_raw_uint(t, spec->index);
	PUT_TEXT(t, KEY_FILE, spec->file);
	PUT_UINT(t, KEY_LINE, spec->line);
	put_tags(t, spec);
	PUT(t, "}");
}

static void put_network(struct json_text *t, const struct vf *vf)
{
	if (!vf->interface)
		return;
	json_text_raw(t, FIELD(NETWORK));
	PUT(t, "{\"" KEY_INTERFACE "\":");
	json_text_raw_string(t, text_str(vf->interface));
	PUT(t, "}");
}

/* Writes a line's piece up to one of the delimiters; returns what is behind that. */
static const char *put_piece(struct json_text *t, const char *s, const char *delimiters)
{
	char piece[OBSERVATION_TEXT_MAX];
	size_t len = strcspn(s, delimiters);

	(void)snprintf(piece, sizeof(piece), "%.*s", (int)len, s);
	json_text_raw_string(t, piece);
	return s + len + (s[len] != '\0');
}

/* Lines of name and value, as in an observation. */
static void put_vendor_state(struct json_text *t, const struct vf *vf)
{
	const char *line = vf->vendor_state ? text_str(vf->vendor_state) : "";

	json_text_raw(t, FIELD(VENDOR_STATE));
	PUT(t, "{");
	for (bool first = true; *line; first = false) {
		if (!first)
			PUT(t, ",");
		line = put_piece(t, line, "\t");
		PUT(t, ":");
		line = put_piece(t, line, "\n");
	}
	PUT(t, "}");
}

static void put_blockers(struct json_text *t, const struct vf *vf, enum reason_code code)
{
	struct pci_addr addr;
	size_t cursor = 0;

	PUT(t, MEMBER(KEY_BLOCKERS) "[");
	for (bool first = true; readiness_next_blocker(vf, code, &cursor, &addr); first = false) {
		if (!first)
			PUT(t, ",");
		put_addr(t, &addr);
	}
	PUT(t, "]");
}

static void put_reason(struct json_text *t, const struct vf *vf, enum reason_code code)
{
	struct reason reason;

	readiness_describe(vf, code, &reason);
	PUT(t, "{\"" KEY_CODE "\":");
	json_text_raw_string(t, reason_code_name(code));
	PUT_TEXT(t, KEY_SEVERITY, vf_readiness_name(reason.severity));
	PUT_TEXT(t, KEY_MESSAGE, reason.message);
	put_blockers(t, vf, code);
	PUT_TEXT(t, KEY_REMEDY, reason.remedy[0] ? reason.remedy : NULL);
	PUT(t, "}");
}

static void put_readiness(struct json_text *t, const struct vf *vf)
{
	enum reason_code code;
	size_t cursor = 0;

	json_text_raw(t, FIELD(READINESS));
	PUT(t, "{\"" KEY_STATE "\":");
	json_text_raw_string(t, vf_readiness_name(vf->readiness));
	PUT(t, MEMBER(KEY_REASONS) "[");
	for (bool first = true; readiness_next_reason(vf, &cursor, &code); first = false) {
		if (!first)
			PUT(t, ",");
		put_reason(t, vf, code);
	}
	PUT(t, "]}");
}

/* All of it is nullable, so that the first member may be missing. */
static void put_guest_start(struct json_text *t, const struct vf *vf)
{
	if (!vf->has_guest_start)
		return;
	json_text_raw(t, FIELD(GUEST_START));
	PUT(t, "{\"" KEY_STARTS "\":");
	if (vf->guest_starts < 0)
		PUT(t, "null");
	else if (vf->guest_starts > 0)
		PUT(t, "true");
	else
		PUT(t, "false");
	PUT_TEXT(t, KEY_DRIVER_DURING, text_str(vf->driver_during));
	PUT_TEXT(t, KEY_DRIVER_AFTER, text_str(vf->driver_after));
	PUT(t, "}");
}

static void put_verdict(struct json_text *t, const struct vf *vf)
{
	put_spec(t, vf);
	put_text(t, FIELD(CARD_SERIAL), text_str(vf->card_serial));
	put_text(t, FIELD(NOVA_DEVICE_TYPE), vf_nova_device_type(vf));
	put_network(t, vf);
	put_vendor_state(t, vf);
	put_text(t, FIELD(VENDOR_PROBLEM), text_str(vf->vendor_problem));
	put_text(t, FIELD(HOST_USE), text_str(vf->host_use));
	put_readiness(t, vf);
	put_guest_start(t, vf);
}

static void put_times(struct json_text *t, const struct vf *vf)
{
	put_time(t, LITERAL(MEMBER(KEY_APPEARED_USEC)), vf->appeared_usec);
	put_time(t, LITERAL(MEMBER(KEY_APPEARED_BOOTTIME_USEC)), vf->appeared_boottime_usec);
	put_time(t, LITERAL(MEMBER(KEY_ATTRIBUTES_CHANGED_USEC)), vf->attributes_changed_usec);
	put_time(t, LITERAL(MEMBER(KEY_ATTRIBUTES_CHANGED_BOOTTIME_USEC)),
		 vf->attributes_changed_boottime_usec);
	put_time(t, LITERAL(MEMBER(KEY_VANISHED_USEC)), vf->vanished_usec);
	put_time(t, LITERAL(MEMBER(KEY_VANISHED_BOOTTIME_USEC)), vf->vanished_boottime_usec);
}

static void write_device(struct json_text *t, const struct vf *vf)
{
	PUT(t, "{\"" KEY_ADDRESS "\":");
	put_addr(t, &vf->addr);
	PUT_UINT(t, KEY_GENERATION, vf->generation);
	PUT_UINT(t, KEY_SEQUENCE, vf->sequence);
	put_identity(t, vf);
	put_sriov(t, vf);
	put_group(t, vf);
	put_binding(t, vf);
	put_candidates(t, vf);
	put_nodes(t, vf);
	put_verdict(t, vf);
	put_times(t, vf);
	PUT(t, "}");
}

void wire_device_brief(struct json_text *t, const struct vf *vf)
{
	PUT(t, "{\"" KEY_ADDRESS "\":");
	put_addr(t, &vf->addr);
	PUT_UINT(t, KEY_GENERATION, vf->generation);
	put_identity(t, vf);
	put_count(t, FIELD(VF_INDEX), vf->vf_index);
	put_count(t, FIELD(NUMA_NODE), vf->numa_node);
	put_spec(t, vf);
	put_text(t, FIELD(NOVA_DEVICE_TYPE), vf_nova_device_type(vf));
	put_network(t, vf);
	put_times(t, vf);
	PUT(t, "}");
}

void wire_device(struct json_text *t, const struct vf *vf)
{
	if (vf->text)
		json_text_raw(t, vf->text->bytes, vf->text->len);
	else if (json_text_reserve(t, USUAL_DEVICE_BYTES))
		write_device(t, vf);
}

void wire_device_kept(struct json_text *t, struct vf *vf)
{
	size_t start = t->len;

	wire_device(t, vf);
	if (vf->text || json_text_error(t) < 0)
		return;
	vf->text = malloc(sizeof(*vf->text) + t->len - start);
	if (!vf->text)
		return; /* it is written anew the next time */
	vf->text->len = t->len - start;
	memcpy(vf->text->bytes, t->data + start, vf->text->len);
}
