/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nova's [pci] alias: which functions a flavor can ask for by a name. Follows nova/pci/request.py and
 * the pools of nova/pci/stats.py.
 */
#ifndef VFMON_ALIAS_H
#define VFMON_ALIAS_H

#include <stdbool.h>
#include <stddef.h>

#include "vfmon/device_spec.h"
#include "vfmon/spec_error.h"
#include "vfmon/version.h"

struct aliases;
struct vf;

/* Which Nova is followed, and the options that its rules look at. */
struct alias_rules {
	version_t nova;
	bool pci_in_placement;
};

/* An empty list. Returns 0 or -ENOMEM. */
int aliases_new(const struct alias_rules *rules, struct aliases **ret);

/* Takes NULL. Returns NULL. */
struct aliases *aliases_free(struct aliases *aliases);

/*
 * Adds one value. Returns 0, -ENOMEM, or -EINVAL with *ret_error filled: Nova refuses it. From then
 * on no alias can be resolved (Nova parses all of them for any request, and from 31.3.1 on at its
 * start).
 */
int aliases_add(struct aliases *aliases, const struct spec_value *value,
		struct spec_error *ret_error);

/* One value that was added. */
struct alias_info {
	const char *name;
	const char *file;
	unsigned int line;
	unsigned int column;
	bool has_capability_type;   /* such an alias never matches any device */
	const char *resource_class; /* normalised; NULL: not given */
	bool has_ids;		    /* vendor_id and product_id are given */
};

size_t aliases_count(const struct aliases *aliases);
void aliases_get(const struct aliases *aliases, size_t index, struct alias_info *ret);

/* Whether any value was refused. */
bool aliases_are_broken(const struct aliases *aliases);

/* Whether a tracked function can be had by one of the values of that number, without Placement. */
bool aliases_takes(const struct aliases *aliases, size_t index, const struct vf *vf);

/* The functions that a name can get; pointers of the caller's array, in its order. */
struct alias_answer {
	const struct vf **devices;
	size_t device_count;
	bool with_placement; /* pci_in_placement is on, what follows means something */
	const struct vf **placement_devices;
	size_t placement_device_count;
};

/*
 * What the alias can get of these functions (untracked ones are left out). Returns 0, -ENOMEM, or
 * -ENOENT: there is no such alias, or the aliases are broken. alias_answer_done() frees.
 */
int aliases_resolve(const struct aliases *aliases, const char *name,
		    const struct vf *const *functions, size_t count, struct alias_answer *ret);
void alias_answer_done(struct alias_answer *answer);

#endif
