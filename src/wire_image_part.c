/* SPDX-License-Identifier: Apache-2.0 */
#include "wire_image_part.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "vfmon/arena.h"
#include "vfmon/cleanup.h"
#include "vfmon/conf_names.h"
#include "vfmon/device_spec.h"
#include "vfmon/memtext.h"
#include "vfmon/names.h"
#include "vfmon/text.h"
#include "vfmon/value.h"
#include "vfmon/vf.h"

/* A member of the part that is read; NULL where the part is not there, or is null. */
static const struct value *part(struct image_reading *rd, enum vf_field field)
{
	rd->name = vf_field_name(field);
	return value_member(rd->device, rd->name);
}

static int refuse(struct image_reading *rd, const char *what)
{
	return wire_image_refuse(rd, rd->name, what);
}

static int read_binding(struct image_reading *rd)
{
	const struct value *binding = part(rd, VF_FIELD_BINDING);
	const char *state = value_text(binding, KEY_STATE);
	int known = state ? vf_binding_from_name(state) : VF_BINDING_UNKNOWN;
	int64_t since = value_int(binding, KEY_SINCE_USEC, 0);
	int r;

	rd->vf->evidence = VF_EVIDENCE_DUMP;
	if (!binding)
		return 0;
	if (!value_is_object(binding) || since < 0)
		return refuse(rd, "is not of type Binding");
	rd->vf->binding = (uint8_t)(known < 0 ? VF_BINDING_UNKNOWN : known);
	rd->vf->binding_since_usec = (uint64_t)since;
	r = wire_image_text(rd, value_text(binding, KEY_DRIVER), &rd->vf->driver);
	return r < 0 ? r : wire_image_text(rd, value_text(binding, KEY_MODULE), &rd->vf->module);
}

static int read_member(struct image_reading *rd, const struct value *v, struct vf_group *group)
{
	struct vf_group_member *m = &group->members[group->count];
	const char *address = value_text(v, KEY_ADDRESS);

	if (!address || pci_addr_parse(address, &m->addr) < 0)
		return refuse(rd, "has a member without a PCI address");
	m->blocks = value_bool(v, KEY_BLOCKS) == 1;
	m->driver = NULL;
	group->count++;
	return wire_image_text(rd, value_text(v, KEY_DRIVER), &m->driver);
}

/* The view of the group has the function itself too. */
static int read_group(struct image_reading *rd)
{
	const struct value *list = part(rd, VF_FIELD_IOMMU_GROUP_MEMBERS);
	size_t count = value_count(list);
	struct vf_group *group;
	int r = 0;

	if (list && !value_is_array(list))
		return refuse(rd, "is no list");
	if (rd->vf->iommu_group < 0)
		return 0;
	group = calloc(1, sizeof(*group) + (count + 1) * sizeof(*group->members));
	if (!group)
		return -ENOMEM;
	group->refs = 1;
	rd->vf->group = group;
	group->count = 1;
	group->members[0].addr = rd->vf->addr;
	group->members[0].driver = text_ref(rd->vf->driver);
	for (size_t i = 0; r == 0 && i < count; i++)
		r = read_member(rd, value_at(list, i), group);
	return r;
}

static int read_nodes(struct image_reading *rd)
{
	const struct value *list = part(rd, VF_FIELD_VFIO_NODES);
	struct vf *vf = rd->vf;

	if (list && !value_is_array(list))
		return refuse(rd, "is no list");
	for (size_t i = 0; i < value_count(list); i++) {
		const char *path = value_text_at(list, i);

		if (!path)
			return refuse(rd, "has something that is no text");
		if (strncmp(path, VFIO_NODE_CDEV, strlen(VFIO_NODE_CDEV)) == 0)
			vf->nodes |= VF_NODE_CDEV;
		else if (strncmp(path, VFIO_NODE_NOIOMMU, strlen(VFIO_NODE_NOIOMMU)) == 0)
			vf->nodes |= VF_NODE_NOIOMMU_GROUP;
		else if (strncmp(path, VFIO_NODE_GROUP, strlen(VFIO_NODE_GROUP)) == 0)
			vf->nodes |= VF_NODE_GROUP;
	}
	vf->iommu_group_noiommu = vf->nodes & VF_NODE_NOIOMMU_GROUP;
	return 0;
}

static int read_network(struct image_reading *rd)
{
	const struct value *network = part(rd, VF_FIELD_NETWORK);

	return wire_image_text(rd, value_text(network, KEY_INTERFACE), &rd->vf->interface);
}

struct attribute_lines {
	FILE *out;
	bool has_one;
};

static void print_attribute(const char *name, const char *text, void *arg)
{
	struct attribute_lines *lines = arg;

	fprintf(lines->out, "%s%s\t%s", lines->has_one ? "\n" : "", name, text);
	lines->has_one = true;
}

/* As the reader keeps it: lines, which come sorted from the daemon. */
static int read_vendor_state(struct image_reading *rd)
{
	const struct value *state = part(rd, VF_FIELD_VENDOR_STATE);
	struct memtext text;
	struct attribute_lines lines = { value_is_object(state) ? memtext_open(&text) : NULL,
					 false };
	int r;

	if (!lines.out)
		return value_is_object(state) ? -ENOMEM : 0;
	value_each_text(state, print_attribute, &lines);
	r = memtext_close(lines.out, &text);
	if (r == 0 && text.len > 0)
		r = wire_image_text(rd, text.bytes, &rd->vf->vendor_state);
	free(text.bytes);
	return r;
}

/* Tags while they are counted and put into their array. */
struct tags {
	struct spec_tag *items;
	size_t count;
};

static void take_tag(const char *name, const char *text, void *arg)
{
	struct tags *tags = arg;

	if (tags->items)
		tags->items[tags->count] = (struct spec_tag){ name, text };
	tags->count++;
}

static int read_traits(const struct value *list, struct arena *arena, struct spec_match *ret)
{
	size_t count = value_count(list);
	const char **traits = arena_alloc(arena, (count + 1) * sizeof(*traits));

	if (!traits)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		traits[i] = value_text_at(list, i);
		if (!traits[i])
			return -EINVAL;
	}
	ret->traits = traits;
	ret->trait_count = count;
	return 0;
}

static int read_tags(const struct value *object, struct arena *arena, struct spec_match *ret)
{
	struct tags tags = { 0 };

	value_each_text(object, take_tag, &tags);
	tags.items = arena_alloc(arena, (tags.count + 1) * sizeof(*tags.items));
	if (!tags.items)
		return -ENOMEM;
	tags.count = 0;
	value_each_text(object, take_tag, &tags);
	ret->tags = tags.items;
	ret->tag_count = tags.count;
	return 0;
}

static const char *tag_of(const struct spec_match *match, const char *name)
{
	for (size_t i = 0; i < match->tag_count; i++)
		if (strcmp(match->tags[i].name, name) == 0)
			return match->tags[i].value;
	return NULL;
}

/* What Python takes for false, as it is written in a tag. */
static bool is_false(const char *text)
{
	static const char *const words[] = { "", "null", "false", "0", "[]", "{}" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(text, words[i]) == 0)
			return true;
	return false;
}

/* What the tags mean, beside what is told of them elsewhere. */
static void read_meanings(struct spec_match *match)
{
	static const char *const true_words[] = { "1", "t", "true", "on", "y", "yes" };
	const char *network = tag_of(match, SPEC_PHYSICAL_NETWORK);
	const char *remote = tag_of(match, SPEC_REMOTE_MANAGED);

	match->has_physical_network = network && !is_false(network);
	for (size_t i = 0; remote && i < sizeof(true_words) / sizeof(*true_words); i++)
		if (strcasecmp(remote, true_words[i]) == 0)
			match->remote_managed = true;
}

/* What the entry said that took the function where the dump was made. */
static int read_spec(struct image_reading *rd)
{
	cleanup_(arena_freep) struct arena *arena = NULL;
	const struct value *device = rd->device, *spec = part(rd, VF_FIELD_SPEC);
	int managed = value_bool(device, vf_field_name(VF_FIELD_MANAGED));
	int effective = value_bool(device, vf_field_name(VF_FIELD_MANAGED_EFFECTIVE));
	struct spec_match match = {
		.index = (unsigned int)value_int(spec, KEY_INDEX, 0),
		.line = (unsigned int)value_int(spec, KEY_LINE, 0),
		.file = value_text(spec, KEY_FILE),
		.managed = managed != 0,
		.managed_effective = effective != 0,
		.resource_class = value_text(device, vf_field_name(VF_FIELD_RESOURCE_CLASS)),
	};
	int r;

	if (!spec)
		return 0;
	if (!value_is_object(spec) || !match.file || !match.resource_class)
		return refuse(rd, "has no file, or no resource_class beside it");
	if (arena_new(&arena) < 0)
		return -ENOMEM;
	r = read_tags(value_member(spec, KEY_TAGS), arena, &match);
	if (r == 0)
		r = read_traits(part(rd, VF_FIELD_TRAITS), arena, &match);
	if (r == -EINVAL)
		return refuse(rd, "has something that is no text");
	read_meanings(&match);
	return r < 0 ? r : spec_match_import(&match, &rd->vf->spec);
}

int wire_image_read_parts(struct image_reading *rd)
{
	static int (*const parts[])(struct image_reading * rd) = {
		read_binding, read_group, read_nodes, read_network, read_vendor_state, read_spec,
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(parts) / sizeof(*parts); i++)
		r = parts[i](rd);
	return r;
}
