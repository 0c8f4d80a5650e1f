/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which functions are to be read again, and when: one entry a function, however many events named
 * it. Knows no clock; times are CLOCK_BOOTTIME in microseconds.
 */
#ifndef VFMON_DIRTY_H
#define VFMON_DIRTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vfmon/observation.h"

enum dirty_what {
	DIRTY_NODES,   /* only the device nodes */
	DIRTY_FUNCTION /* everything; wins over DIRTY_NODES */
};

struct dirty_entry {
	struct pci_addr addr;
	enum dirty_what what;
	struct hint hint;
};

struct dirty;

/* Returns 0 or -ENOMEM. */
int dirty_new(struct dirty **ret);

/* Takes NULL. Returns NULL. */
struct dirty *dirty_free(struct dirty *d);

/*
 * The function is to be read at due_usec, or earlier if that was asked before. The cause of the
 * newest event counts; a timer's never replaces an event's. Evidence adds up, of bind and unbind
 * the newest counts. Returns 0 or -ENOMEM.
 */
int dirty_mark(struct dirty *d, const struct dirty_entry *entry, uint64_t due_usec);

/*
 * Takes up to max entries that are due, in the order of their time and, at the same time, of their
 * marking. Returns their number.
 */
size_t dirty_take(struct dirty *d, uint64_t now_usec, struct dirty_entry *ret, size_t max);

/* When the next entry is due; UINT64_MAX if there is none. */
uint64_t dirty_next_usec(const struct dirty *d);

/* Whether a function is to be read, now or later. */
bool dirty_has(const struct dirty *d, const struct pci_addr *addr);

size_t dirty_count(const struct dirty *d);

#endif
