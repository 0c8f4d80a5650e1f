/* SPDX-License-Identifier: Apache-2.0 */
/* Entries that decide about nothing. */
#include <errno.h>
#include <stdlib.h>

#include "lint_internal.h"
#include "vfmon/cleanup.h"
#include "vfmon/vf.h"

/*
 * An entry is compared with so many different ones before it; nobody writes as many by hand, and a
 * larger list is not gone through in an event loop.
 */
#define MAX_DIFFERENT 4096

DEFINE_CLEANUP(size_t *, free);

static int add_duplicate(const struct lint *lint, size_t index, size_t first)
{
	struct spec_info info, other;
	struct finding_place place;

	device_specs_get(lint->specs, index, &info);
	device_specs_get(lint->specs, first, &other);
	place = lint_place(&info, index);
	return findings_add(
		lint->out,
		&(const struct finding_kind){ FINDING_SUSPICIOUS, FINDING_DUPLICATE_SPEC,
					      "remove one of the two" },
		&place,
		"the entry asks for the same functions as the one in %s:%u, which comes "
		"first and decides; this one is never used",
		other.file, other.entry_line);
}

static int find_duplicates(const struct lint *lint)
{
	cleanup_(freep) size_t *different = calloc(MAX_DIFFERENT, sizeof(*different));
	size_t count = 0, k;
	int r = different ? 0 : -ENOMEM;

	for (size_t i = 0; i < device_specs_count(lint->specs) && r == 0; i++) {
		for (k = 0; k < count; k++)
			if (device_specs_same_conditions(lint->specs, different[k], i))
				break;
		if (k < count) {
			lint->entries[i].is_duplicate = true;
			r = add_duplicate(lint, i, different[k]);
		} else if (count < MAX_DIFFERENT) {
			different[count++] = i;
		}
	}
	return r;
}

/* The functions that an entry would take if there were no others. */
static void ask_all(const struct lint *lint, size_t index)
{
	struct lint_entry *entry = &lint->entries[index];

	for (size_t i = 0; i < lint->function_count; i++) {
		if (!lint_takes(lint, index, lint->functions[i]))
			continue;
		entry->taken++;
		if (!entry->first)
			entry->first = lint->functions[i];
	}
}

/* What the entries do with this host's functions. */
static void count_taken(const struct lint *lint)
{
	const size_t count = device_specs_count(lint->specs);

	for (size_t i = 0; i < lint->function_count; i++) {
		const struct vf *vf = lint->functions[i];

		/* An image may still show what an older configuration said. */
		if (vf->spec && vf->spec->index < count)
			lint->entries[vf->spec->index].decided++;
	}
	for (size_t i = 0; i < count; i++)
		if (lint->entries[i].decided == 0 && !lint->entries[i].is_duplicate)
			ask_all(lint, i);
}

static int add_useless(const struct lint *lint, size_t index)
{
	const struct lint_entry *entry = &lint->entries[index];
	const struct spec_match *winner = entry->first ? entry->first->spec : NULL;
	struct finding_place place;
	struct spec_info info;
	int r;

	device_specs_get(lint->specs, index, &info);
	place = lint_place(&info, index);
	if (!winner)
		return findings_add(
			lint->out,
			&(const struct finding_kind){
				FINDING_SUSPICIOUS, FINDING_SPEC_MATCHES_NOTHING,
				info.devname ? "check that the interface has this name now"
					     : "compare the ids and the address with those that "
					       "'vfmonctl list' shows" },
			&place, "the entry takes no function of this host");
	r = findings_add(
		lint->out,
		&(const struct finding_kind){ FINDING_SUSPICIOUS, FINDING_SHADOWED_SPEC,
					      "put the narrower entry before the wider one" },
		&place,
		"the entry is never used: of the %zu functions that it would take, each is "
		"taken by an entry before it, the first of them by the one in %s:%u",
		entry->taken, winner->file, winner->line);
	return r == 0 ? lint_concern_taken(lint, index) : r;
}

int lint_matches(const struct lint *lint)
{
	int r = find_duplicates(lint);

	if (r < 0 || !lint->is_complete)
		return r;
	count_taken(lint);
	for (size_t i = 0; i < device_specs_count(lint->specs) && r == 0; i++)
		if (lint->entries[i].decided == 0 && !lint->entries[i].is_duplicate)
			r = add_useless(lint, i);
	return r;
}
