/* SPDX-License-Identifier: Apache-2.0 */
/* One value of alias; a part of alias. */
#ifndef ALIAS_VALUE_H
#define ALIAS_VALUE_H

#include <stdbool.h>
#include <stddef.h>

struct alias_rules;
struct arena;
struct pyjson;
struct spec_fault;
struct vf;

/* Texts and arrays belong to the arena; a text that is NULL was not given. */
struct alias_value {
	const char *name;
	const char *vendor_id; /* as it was written */
	const char *product_id;
	const char *device_type;
	const char *numa_policy;     /* never NULL */
	const char *live_migratable; /* "true" or "false" */
	const char *capability_type;
	bool has_resource_class;    /* the key is there */
	const char *resource_class; /* normalised */
	const char **traits;	    /* normalised, sorted */
	size_t trait_count;
};

/* Returns 0, -EINVAL with *fault filled, or -ENOMEM. */
int alias_value_parse(const struct alias_rules *rules, struct arena *arena,
		      const struct pyjson *root, struct spec_fault *fault, struct alias_value *ret);

/* Whether a tracked function is in a pool that the value can be served from. */
bool alias_value_takes(const struct alias_value *value, const struct vf *vf);

/* Whether the provider of a tracked function has the value's class and traits. */
bool alias_value_fits_provider(const struct alias_value *value, const struct alias_rules *rules,
			       const struct vf *vf);

#endif
