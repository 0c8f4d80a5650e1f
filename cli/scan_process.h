/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads functions in a process of its own, so that a file of sysfs that does not answer can be left
 * behind: a thread in the kernel that can not be interrupted would keep this process from ending.
 */
#ifndef VFMON_CLI_SCAN_PROCESS_H
#define VFMON_CLI_SCAN_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "../monitor/sysfs.h"

struct scan_process {
	pid_t pid;
	int fd;			 /* what it says; -1: it does not run */
	struct observation *obs; /* borrowed; the same place in both processes */
	struct pci_addr at;	 /* what it reads now, if has_at; else what is common to all */
	bool has_at;
};

/* Not to be read, although they are there. */
struct scan_left_out {
	const struct pci_addr *addrs;
	size_t count;
};

/*
 * Begins. Each function that was read will be in *obs, which must stay until scan_process_end().
 * Returns 0 or -errno.
 */
int scan_process_begin(const struct sysfs_options *options, const struct scan_left_out *left_out,
		       struct observation *obs, struct scan_process *ret);

/*
 * Waits for the next one, in ascending order. Returns 1; 0 at the end; -ETIMEDOUT if one has not been
 * read within patience_usec, see has_at; -ECHILD if the process has ended by itself; or why sysfs can
 * not be read.
 */
int scan_process_next(struct scan_process *p, uint64_t patience_usec);

/* Ends it, and waits for that only if it answers. */
void scan_process_end(struct scan_process *p, bool is_silent);

#endif
