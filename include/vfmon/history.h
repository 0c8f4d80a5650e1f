/* SPDX-License-Identifier: Apache-2.0 */
/* The last changes, in order, bounded in bytes; images are shared with the registry. */
#ifndef VFMON_HISTORY_H
#define VFMON_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vfmon/registry.h"

struct history;

/* max_bytes counts records and images. Returns 0 or -ENOMEM. */
int history_new(size_t max_bytes, struct history **ret);

/* Takes NULL. Returns NULL. */
struct history *history_free(struct history *h);

/*
 * Appends a change, with references of its own to the images, and drops nothing: the oldest ones go
 * with history_trim(), so that whoever still follows the history can be served in between.
 * Returns 0, or -ENOMEM: then the history is empty, as numbers must have no gaps.
 */
int history_append(struct history *h, const struct change *change);

/* The sequence number below which history_trim() would drop everything; 0 if nothing. */
uint64_t history_trim_below(const struct history *h);

/* Drops the oldest changes until the bound holds. */
void history_trim(struct history *h);

/* Another bound, at once. */
void history_set_max(struct history *h, size_t max_bytes);

/*
 * The first change with a sequence number above after, or NULL. Borrowed until the next append or
 * trim. Numbers have no gaps between the oldest and the newest.
 */
const struct change *history_after(const struct history *h, uint64_t after);

/* Sequence number of the oldest change that is kept; 0 if there is none. */
uint64_t history_oldest(const struct history *h);

/*
 * Whether all changes after this sequence number are kept, given the number of the newest change of
 * all: then a client that has seen it can go on without a snapshot.
 */
bool history_covers(const struct history *h, uint64_t after, uint64_t newest);

size_t history_count(const struct history *h);
size_t history_bytes(const struct history *h);

#endif
