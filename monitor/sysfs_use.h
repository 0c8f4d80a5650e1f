/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the host itself uses functions for, as far as that is not written below the function: disks,
 * addresses, vdpa devices. Remembered for all functions at once; events tell when to look again.
 */
#ifndef VFMON_MONITOR_SYSFS_USE_H
#define VFMON_MONITOR_SYSFS_USE_H

#include <stdbool.h>

#include "use_table.h"

struct sysfs_use;

/* Parts that are looked at by themselves; for masks. */
enum { USE_DISKS = 1 << 0, USE_ADDRESSES = 1 << 1, USE_VDPA = 1 << 2 };
#define USE_PARTS 3
#define USE_ALL ((1u << USE_PARTS) - 1)

/* Borrows sysfs_fd, copies proc_root. Returns 0 or -ENOMEM. */
int sysfs_use_new(int sysfs_fd, const char *proc_root, struct sysfs_use **ret);

/* Takes NULL. Returns NULL. */
struct sysfs_use *sysfs_use_free(struct sysfs_use *u);

/* Forgets everything; the next question makes it look again. */
void sysfs_use_invalidate(struct sysfs_use *u);

/*
 * Looks again at some parts, and calls fn for each function of which they say something else than
 * before. Returns 0 or -errno; what could not be read stays as it was.
 */
int sysfs_use_refresh(struct sysfs_use *u, unsigned int parts, use_table_fn fn, void *arg);

/* Whether a part was looked at; has it looked at, or pretends that it was and says nothing. */
bool sysfs_use_is_known(const struct sysfs_use *u, unsigned int part);
void sysfs_use_look(struct sysfs_use *u, unsigned int part);
void sysfs_use_do_without(struct sysfs_use *u, unsigned int part);

/* What one part says of a function, or NULL. Borrowed until the part is looked at again. */
const char *sysfs_use_get(struct sysfs_use *u, unsigned int part, const struct pci_addr *addr);

#endif
