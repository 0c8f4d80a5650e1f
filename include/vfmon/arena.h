/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that is taken in many small pieces and given back as a whole. */
#ifndef VFMON_ARENA_H
#define VFMON_ARENA_H

#include <stddef.h>

#include "vfmon/cleanup.h"

struct arena;

/* Returns 0 or -ENOMEM. */
int arena_new(struct arena **ret);

/* Takes NULL. Returns NULL. */
struct arena *arena_free(struct arena *arena);

/* Zeroed, aligned for any type; NULL if there is no memory. Lives as long as the arena. */
void *arena_alloc(struct arena *arena, size_t size);

/* A copy of len bytes with a NUL behind; NULL if there is no memory. */
char *arena_copy(struct arena *arena, const char *bytes, size_t len);

DEFINE_CLEANUP(struct arena *, arena_free);

#endif
