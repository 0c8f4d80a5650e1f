/* SPDX-License-Identifier: Apache-2.0 */
/* What an entry said where a dump was made. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "device_spec_list.h"
#include "vfmon/arena.h"

static int import_traits(const struct spec_match *like, struct spec_entry *entry)
{
	entry->traits = arena_alloc(entry->arena, (like->trait_count + 1) * sizeof(*entry->traits));
	if (!entry->traits)
		return -ENOMEM;
	for (; entry->trait_count < like->trait_count; entry->trait_count++) {
		const char *trait = like->traits[entry->trait_count];
		char *copy = arena_copy(entry->arena, trait, strlen(trait));

		if (!copy)
			return -ENOMEM;
		entry->traits[entry->trait_count] = copy;
	}
	return 0;
}

static int import_tags(const struct spec_match *like, struct spec_entry *entry)
{
	entry->tags = arena_alloc(entry->arena, (like->tag_count + 1) * sizeof(*entry->tags));
	if (!entry->tags)
		return -ENOMEM;
	for (; entry->tag_count < like->tag_count; entry->tag_count++) {
		const struct spec_tag *tag = &like->tags[entry->tag_count];
		struct spec_tag *copy = &entry->tags[entry->tag_count];

		copy->name = arena_copy(entry->arena, tag->name, strlen(tag->name));
		copy->value = arena_copy(entry->arena, tag->value, strlen(tag->value));
		if (!copy->name || !copy->value)
			return -ENOMEM;
	}
	return 0;
}

/* An entry that takes nothing and only holds what a match says. */
static int import_entry(const struct spec_match *like, struct spec_entry **ret)
{
	cleanup_(spec_entry_unrefp) struct spec_entry *entry = calloc(1, sizeof(*entry));

	if (!entry)
		return -ENOMEM;
	entry->refs = 1;
	spec_address_init(&entry->address);
	if (arena_new(&entry->arena) < 0)
		return -ENOMEM;
	entry->resource_class = arena_copy(entry->arena, like->resource_class,
					   strlen(like->resource_class));
	if (!entry->resource_class || import_traits(like, entry) < 0 ||
	    import_tags(like, entry) < 0)
		return -ENOMEM;
	*ret = TAKE_PTR(entry);
	return 0;
}

int spec_match_import(const struct spec_match *like, struct spec_match **ret)
{
	cleanup_(spec_entry_unrefp) struct spec_entry *entry = NULL;
	cleanup_(source_unrefp) struct source *source = source_new(like->file);
	struct held_match *m;

	if (!source || import_entry(like, &entry) < 0)
		return -ENOMEM;
	m = calloc(1, sizeof(*m));
	if (!m)
		return -ENOMEM;
	m->match = *like;
	m->match.refs = 1;
	m->match.file = source->name;
	m->match.resource_class = entry->resource_class;
	m->match.traits = entry->traits;
	m->match.tags = entry->tags;
	m->entry = TAKE_PTR(entry);
	m->source = TAKE_PTR(source);
	*ret = &m->match;
	return 0;
}
