/* SPDX-License-Identifier: Apache-2.0 */
/* The names for Placement in a value of device_spec or alias. */
#ifndef SPEC_NAMES_H
#define SPEC_NAMES_H

#include <stddef.h>

struct arena;
struct pyjson;

/*
 * The normalised class; NULL where there is none: v is NULL, a false value, or a true one that is no
 * text and that Nova never gets to Placement. Returns 0 or -ENOMEM.
 */
int spec_class_parse(struct arena *arena, const struct pyjson *v, const char **ret);

/* The same for traits, as a sorted set. */
int spec_traits_parse(struct arena *arena, const struct pyjson *v, const char ***ret,
		      size_t *ret_count);

#endif
