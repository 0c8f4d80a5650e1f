/* SPDX-License-Identifier: Apache-2.0 */
/* The host as this program reads it itself, with the files of the daemon that read sysfs. */
#ifndef VFMON_CLI_SCAN_H
#define VFMON_CLI_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vfmon/cleanup.h"
#include "vfmon/pci_addr.h"

struct options;
struct scan_left_out;
struct text_pool;
struct vf;

/* Every function of the host that was read, ascending. All zero is none. */
struct scan {
	struct vf **images; /* owned references */
	size_t count;
};

/* What a scan that has failed was at. */
struct scan_place {
	bool has_addr; /* else what is common to all functions */
	struct pci_addr addr;
};

/*
 * Reads the host once, but for what is left out; --sysfs-root and its like say where it is. The texts
 * are the pool's. Returns 0, -ENOMEM, -ETIMEDOUT if something did not answer within patience_usec,
 * -ECHILD if the process that reads has ended by itself, or why sysfs can not be read.
 */
int scan_read(const struct options *o, const struct scan_left_out *left_out, uint64_t patience_usec,
	      struct text_pool *pool, struct scan *ret, struct scan_place *ret_place);

void scan_done(struct scan *s);

#endif
