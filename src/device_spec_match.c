/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/device_spec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "device_spec_list.h"

static struct held_match *held(struct spec_match *match)
{
	return (struct held_match *)match;
}

struct spec_match *spec_match_ref(struct spec_match *match)
{
	if (match)
		match->refs++;
	return match;
}

struct spec_match *spec_match_unref(struct spec_match *match)
{
	if (!match || --match->refs > 0)
		return NULL;
	spec_entry_unref(held(match)->entry);
	source_unref(held(match)->source);
	free(match);
	return NULL;
}

static bool traits_equal(const struct spec_match *a, const struct spec_match *b)
{
	if (a->trait_count != b->trait_count)
		return false;
	for (size_t i = 0; i < a->trait_count; i++)
		if (strcmp(a->traits[i], b->traits[i]) != 0)
			return false;
	return true;
}

static bool tags_equal(const struct spec_match *a, const struct spec_match *b)
{
	if (a->tag_count != b->tag_count)
		return false;
	for (size_t i = 0; i < a->tag_count; i++)
		if (strcmp(a->tags[i].name, b->tags[i].name) != 0 ||
		    strcmp(a->tags[i].value, b->tags[i].value) != 0)
			return false;
	return true;
}

bool spec_match_says_same(const struct spec_match *a, const struct spec_match *b)
{
	return a->managed == b->managed && a->managed_effective == b->managed_effective &&
	       strcmp(a->resource_class, b->resource_class) == 0 && traits_equal(a, b) &&
	       tags_equal(a, b);
}

bool spec_match_equal(const struct spec_match *a, const struct spec_match *b)
{
	if (a == b)
		return true;
	if (!a || !b)
		return false;
	return a->index == b->index && a->line == b->line && strcmp(a->file, b->file) == 0 &&
	       spec_match_says_same(a, b);
}

/* The match in the state that its entry and the ids give; the caller has the reference. */
static struct held_match *match_new(const struct slot *slot, const struct spec_subject *subject)
{
	const struct spec_entry *entry = slot->entry;
	struct held_match *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->vendor_id = subject->vendor_id;
	m->product_id = subject->product_id;
	m->entry = spec_entry_ref(slot->entry);
	m->source = source_ref(slot->source);
	m->match = (struct spec_match){
		.refs = 1,
		.line = slot->line,
		.file = slot->source->name,
		.managed = entry->managed,
		.managed_effective = entry->managed_effective,
		.resource_class = entry->resource_class,
		.traits = entry->traits,
		.trait_count = entry->trait_count,
		.tags = entry->tags,
		.tag_count = entry->tag_count,
		.has_physical_network = entry->has_physical_network,
		.remote_managed = entry->remote_managed,
	};
	if (!entry->resource_class)
		m->match.resource_class = resource_class_default(
			subject->vendor_id, subject->product_id, m->default_class);
	return m;
}

/* A host has few different ids, so a list is enough. */
static int slot_match(struct device_specs *specs, size_t index, const struct spec_subject *subject,
		      struct spec_match **ret)
{
	struct slot *slot = &specs->slots[index];
	struct held_match *m = slot->matches;

	while (m && (m->vendor_id != subject->vendor_id || m->product_id != subject->product_id))
		m = m->next;
	if (!m) {
		m = match_new(slot, subject);
		if (!m)
			return -ENOMEM;
		m->match.index = (unsigned int)index;
		m->next = slot->matches;
		slot->matches = m;
	}
	*ret = spec_match_ref(&m->match);
	return 0;
}

int device_specs_match(struct device_specs *specs, const struct spec_host *host,
		       const struct spec_subject *subject, struct spec_match **ret)
{
	for (size_t i = 0; i < specs->count; i++)
		if (spec_entry_takes(specs->slots[i].entry, host, subject))
			return slot_match(specs, i, subject, ret);
	*ret = NULL;
	return 0;
}
