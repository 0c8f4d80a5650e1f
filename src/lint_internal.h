/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of lint. */
#ifndef LINT_INTERNAL_H
#define LINT_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "vfmon/device_spec.h"
#include "vfmon/finding.h"

struct policy;
struct registry;
struct vf;

/* What is known of an entry once all functions were asked. */
struct lint_entry {
	size_t taken;		/* functions that it would take alone */
	size_t decided;		/* functions that it decides about */
	const struct vf *first; /* the first that it would take alone; NULL: none */
	bool is_duplicate;
};

struct lint {
	const struct policy *policy;
	const struct registry *registry;
	struct device_specs *specs;
	struct findings *out;
	struct spec_host host;
	/* All listed functions in the order of their addresses; none before the first scan. */
	const struct vf **functions;
	size_t function_count;
	bool is_complete; /* the first scan is over */
	struct lint_entry *entries;
};

/*
 * Adds a function to the last finding, which has room for LINT_MAX_DEVICES: who has more of them
 * has the same problem with all. Returns 0 or -ENOMEM.
 */
int lint_concern(const struct lint *lint, const struct vf *vf);

/* Adds the functions that an entry decides about, or those that it would take alone. The same. */
int lint_concern_decided(const struct lint *lint, size_t index);
int lint_concern_taken(const struct lint *lint, size_t index);

/* Whether an entry would take a function if there were no others. */
bool lint_takes(const struct lint *lint, size_t index, const struct vf *vf);

struct finding_place lint_place(const struct spec_info *info, size_t index);

/* Each part appends what it has to say. All return 0 or -ENOMEM. */

/* Of each entry what can be seen in it alone, on this host. */
int lint_entries(const struct lint *lint);

/* Its keys. */
int lint_keys(const struct lint *lint, const struct spec_info *info,
	      const struct finding_place *place);

/* Its names for Placement. */
int lint_names(const struct lint *lint, const struct spec_info *info,
	       const struct finding_place *place);

/* Entries that take nothing, or leave nothing to each other. */
int lint_matches(const struct lint *lint);

/* PFs with their VFs. */
int lint_families(const struct lint *lint);

int lint_aliases(const struct lint *lint);

#endif
