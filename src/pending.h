/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a watch still owes to a client that reads slowly: one entry a function, in the order of each
 * function's latest change. Changes are added in their order, so that a list which a function moves
 * to the end of is sorted by itself.
 */
#ifndef VFMON_PENDING_H
#define VFMON_PENDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vfmon/registry.h"

struct pending_entry {
	struct pci_addr addr;
	bool appeared;	       /* one of its changes is that it appeared */
	uint32_t older, newer; /* neighbours in the order */
	uint32_t chain;	       /* next one of the same bucket, or of the unused ones */
	uint64_t merged;       /* how many changes it stands for */
	uint64_t fields;       /* that any of them changed */
	struct vf *previous; /* how it was before; NULL if it stands for several, or it appeared */
};

struct pending;

/* Returns 0 or -ENOMEM. */
int pending_new(struct pending **ret);

/* Takes NULL. Returns NULL. */
struct pending *pending_free(struct pending *p);

/*
 * Adds a change that is newer than all before. Returns 1 if it was merged into an entry that was
 * there, 0 if it got its own, -ENOMEM.
 */
int pending_add(struct pending *p, const struct change *change);

bool pending_has(const struct pending *p, const struct pci_addr *addr);

/* The entry with the oldest latest change, or NULL. Borrowed until the next call that changes p. */
const struct pending_entry *pending_first(const struct pending *p);

/* Drops that one; the last one gives all memory back. */
void pending_drop_first(struct pending *p);

size_t pending_count(const struct pending *p);

#endif
