/* SPDX-License-Identifier: Apache-2.0 */
/* The host as this program reads it itself, with the files of the daemon that read sysfs. */
#ifndef VFMON_CLI_SCAN_H
#define VFMON_CLI_SCAN_H

#include <stddef.h>

#include "vfmon/cleanup.h"

struct options;
struct text_pool;
struct vf;

/* Every function of the host, ascending. All zero is none. */
struct scan {
	struct vf **images; /* owned references */
	size_t count;
};

/*
 * Reads the host once; --sysfs-root and its like say where it is. The texts are the pool's. Returns 0,
 * -ENOMEM, or why sysfs can not be read.
 */
int scan_read(const struct options *o, struct text_pool *pool, struct scan *ret);

void scan_done(struct scan *s);

#endif
