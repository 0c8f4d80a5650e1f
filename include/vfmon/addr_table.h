/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Things by PCI address: a sorted array of pointers to structs whose first member is their struct
 * pci_addr. Compact, in order, and fast enough: moving pointers costs less than finding a place.
 */
#ifndef VFMON_ADDR_TABLE_H
#define VFMON_ADDR_TABLE_H

#include <stddef.h>

#include "vfmon/pci_addr.h"

/* All zero is an empty table. The things belong to whoever put them in. */
struct addr_table {
	void **items;
	size_t count;
	size_t size;
};

/* Frees the array, not the things. */
void addr_table_done(struct addr_table *t);

/* Position of the first thing whose address is not below addr; count if there is none. */
size_t addr_table_lower_bound(const struct addr_table *t, const struct pci_addr *addr);

/* The thing of this address, or NULL. */
void *addr_table_get(const struct addr_table *t, const struct pci_addr *addr);

/* The first thing with an address above after (NULL: the first at all), or NULL. */
void *addr_table_next(const struct addr_table *t, const struct pci_addr *after);

/*
 * The same for going through all of them: *hint is where the thing of after stands, if nothing has
 * moved since; any other number is only slower. It becomes that of the one that is returned.
 */
void *addr_table_next_near(const struct addr_table *t, const struct pci_addr *after, size_t *hint);

/* Puts a thing in whose address is not there yet. Returns 0 or -ENOMEM. */
int addr_table_insert(struct addr_table *t, void *item);

/* Takes the thing of this address out and returns it, or NULL. */
void *addr_table_remove(struct addr_table *t, const struct pci_addr *addr);

#endif
