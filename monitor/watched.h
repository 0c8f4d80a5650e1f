/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of the kernel's watch numbers is of which function's directory: found by number for an event,
 * by function and kind to be renewed or given up. Knows no inotify.
 */
#ifndef VFMON_MONITOR_WATCHED_H
#define VFMON_MONITOR_WATCHED_H

#include <stdint.h>

#include "vfmon/addr_table.h"

/* A function's own directory, and that which its driver's vendor has put into it. */
enum watched_kind { WATCHED_OWN, WATCHED_VENDOR, WATCHED_KINDS };

struct watched {
	struct pci_addr addr; /* first, see addr_table.h */
	enum watched_kind kind;
	int wd;		      /* of the kernel */
	uint32_t round;	      /* of inotifysrc_renew(), in which the kernel last confirmed it */
	uint64_t inode;	      /* of the directory */
	struct watched *next; /* of the same bucket */
};

#define WATCHED_BUCKETS 1024

/* All zero: none. */
struct watched_table {
	struct addr_table by_addr[WATCHED_KINDS];
	struct watched *by_wd[WATCHED_BUCKETS];
};

void watched_done(struct watched_table *t);

/* Both borrowed, or NULL. */
struct watched *watched_find(const struct watched_table *t, int wd);
struct watched *watched_get(const struct watched_table *t, enum watched_kind kind,
			    const struct pci_addr *addr);

/* Copies w, of which neither number nor function and kind are there yet. Returns 0 or -ENOMEM. */
int watched_add(struct watched_table *t, const struct watched *w);

/* Frees w, which is one of the table. */
void watched_remove(struct watched_table *t, struct watched *w);

#endif
