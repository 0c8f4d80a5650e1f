/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which PCI functions have a block device that the host uses: mounted, swapped to, or below another
 * one (device mapper, RAID). An NVMe disk with several paths is one of each controller's function.
 */
#ifndef VFMON_MONITOR_USE_DISKS_H
#define VFMON_MONITOR_USE_DISKS_H

#include "use_table.h"

/*
 * Adds them, by sysfs and by the mounts and swap areas below proc_root. Mounts are those of our own
 * mount namespace; what a container mounts in its own is not seen. Returns 0 or -errno.
 */
int use_disks_collect(int sysfs_fd, const char *proc_root, struct use_table *t);

#endif
