/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "device_spec_list.h"
#include "vfmon/device_spec.h"

static const struct spec_entry *entry_of(const struct device_specs *specs, size_t index)
{
	return specs->slots[index].entry;
}

bool device_specs_use_devname(const struct device_specs *specs)
{
	for (size_t i = 0; i < specs->count; i++)
		if (entry_of(specs, i)->devname)
			return true;
	return false;
}

bool device_specs_use_card_serial(const struct device_specs *specs)
{
	for (size_t i = 0; i < specs->count; i++)
		if (entry_of(specs, i)->remote_managed)
			return true;
	return false;
}

/* An entry before it that takes the function in any case leaves it nothing to decide. */
bool device_specs_want_card_serial(const struct device_specs *specs, const struct spec_host *host,
				   const struct spec_subject *subject)
{
	for (size_t i = 0; i < specs->count; i++)
		if (spec_entry_fits(entry_of(specs, i), host, subject))
			return entry_of(specs, i)->remote_managed;
	return false;
}

static bool is_wide(const struct spec_entry *entry)
{
	return entry->vendor_id == SPEC_ANY && entry->product_id == SPEC_ANY && !entry->devname &&
	       spec_address_is_any(&entry->address) && !entry->remote_managed;
}

void device_specs_get(const struct device_specs *specs, size_t index, struct spec_info *ret)
{
	const struct slot *slot = &specs->slots[index];
	const struct spec_entry *entry = slot->entry;

	*ret = (struct spec_info){
		.file = slot->source->name,
		.line = slot->line,
		.entry_line = slot->entry_line,
		.entry_column = slot->entry_column,
		.matches_everything = is_wide(entry),
		.is_exact = entry->address.name != NULL,
		.address = entry->address.name,
		.devname = entry->devname,
		.remote_managed = entry->remote_managed,
		.remote_managed_text = entry->remote_managed_text,
		.remote_managed_is_text = entry->remote_managed_is_text,
		.has_resource_class = entry->has_resource_class,
		.resource_class_is_text = entry->resource_class_is_text,
		.traits_are_text = entry->traits_are_text,
		.has_structured_tag = entry->has_structured_tag,
		.tags = entry->tags,
		.tag_count = entry->tag_count,
		.resource_class = entry->resource_class,
		.traits = entry->traits,
		.trait_count = entry->trait_count,
		.managed = entry->managed,
		.managed_is_set = entry->managed_is_set,
		.physical_network = entry->physical_network,
	};
}

bool device_specs_takes(const struct device_specs *specs, size_t index,
			const struct spec_host *host, const struct spec_subject *subject)
{
	return spec_entry_takes(entry_of(specs, index), host, subject);
}

static bool same_devname(const struct spec_entry *a, const struct spec_entry *b)
{
	if (!a->devname || !b->devname)
		return a->devname == b->devname;
	return strcmp(a->devname, b->devname) == 0;
}

bool device_specs_same_conditions(const struct device_specs *specs, size_t a, size_t b)
{
	const struct spec_entry *left = entry_of(specs, a), *right = entry_of(specs, b);

	return left->vendor_id == right->vendor_id && left->product_id == right->product_id &&
	       left->remote_managed == right->remote_managed && same_devname(left, right) &&
	       spec_address_equal(&left->address, &right->address);
}

const char *device_specs_refused(const struct device_specs *specs, size_t index,
				 const struct spec_host *host, const char **ret_class)
{
	return spec_entry_refused(entry_of(specs, index), host, ret_class);
}
