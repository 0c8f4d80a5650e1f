/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions whose device node was opened or closed, and when they are read again. A VFIO user opens
 * the group first and the device some time later, and nothing tells of that; so each is looked at a
 * few times. So is a PF whose number of VFs somebody has set.
 */
#ifndef VFMON_MONITOR_OPENED_H
#define VFMON_MONITOR_OPENED_H

#include <stddef.h>
#include <stdint.h>

#include "vfmon/addr_table.h"

/* All zero: none. */
struct opened {
	struct addr_table all;
};

void opened_done(struct opened *o);

/* It happened now. Returns 0 or -ENOMEM. */
int opened_add(struct opened *o, const struct pci_addr *addr, uint64_t now_usec);

/* When opened_each() has to be called; UINT64_MAX: not at all. */
uint64_t opened_next_usec(const struct opened *o);

/* Calls fn for each that is due; it must not add any. */
typedef void (*opened_fn)(const struct pci_addr *addr, void *arg);
void opened_each(struct opened *o, uint64_t now_usec, opened_fn fn, void *arg);

#endif
