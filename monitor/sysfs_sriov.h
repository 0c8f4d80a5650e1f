/* SPDX-License-Identifier: Apache-2.0 */
/* The SR-IOV side of a function: whether it is a PF or a VF, of whom, and which. */
#ifndef VFMON_MONITOR_SYSFS_SRIOV_H
#define VFMON_MONITOR_SYSFS_SRIOV_H

#include "vfmon/observation.h"

#include "sysfs_text.h"

/* The routing of the PF that was met last, as its VFs are read one after the other. */
struct sysfs_sriov {
	struct pci_addr pf;
	struct sysfs_routing routing; /* offset 0: none is remembered */
};

/*
 * Reads below the function's folder fd into obs: physfn, or what only a PF has; for a VF with
 * has_static also which one it is. Never sriov_numvfs, which waits for the PF's device lock.
 * Returns 0 or -errno.
 */
int sysfs_sriov_read(struct sysfs_sriov *memory, int fd, struct observation *obs);

#endif
