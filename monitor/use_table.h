/* SPDX-License-Identifier: Apache-2.0 */
/* Functions with what the host uses them for, sorted; two such tables can be compared. */
#ifndef VFMON_MONITOR_USE_TABLE_H
#define VFMON_MONITOR_USE_TABLE_H

#include <stddef.h>

#include "vfmon/pci_addr.h"

/* Longer ones are cut. */
#define USE_TEXT_MAX 256

struct use {
	struct pci_addr addr;
	char *text; /* owned */
};

/* All zero is empty. */
struct use_table {
	struct use *items;
	size_t count, room;
};

void use_table_done(struct use_table *t);

/* One more; a function may be added several times. Copies text. Returns 0 or -ENOMEM. */
int use_table_add(struct use_table *t, const struct pci_addr *addr, const char *text);

/* After the last one was added: sorts; of several texts of one function the lowest one stays. */
void use_table_sort(struct use_table *t);

/* Of a sorted table, the function's text, or NULL. Borrowed. */
const char *use_table_get(const struct use_table *t, const struct pci_addr *addr);

/* Calls fn for each function whose text is not the same in both of two sorted tables. */
typedef void (*use_table_fn)(const struct pci_addr *addr, void *arg);
void use_table_compare(const struct use_table *a, const struct use_table *b, use_table_fn fn,
		       void *arg);

#endif
