/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Serial numbers of cards from their VPD. Reading one can take seconds, so it is read only for whom
 * it is asked for, and once in a function's life.
 */
#ifndef VFMON_MONITOR_SYSFS_VPD_H
#define VFMON_MONITOR_SYSFS_VPD_H

#include "vfmon/addr_table.h"
#include "vfmon/observation.h"

/* What was read; all zero is nothing. */
struct sysfs_vpd {
	struct addr_table known;
};

void sysfs_vpd_done(struct sysfs_vpd *v);

/*
 * Sets has_card_serial and card_serial of a function with this folder, as libvirt and Nova see it: a
 * VF without one has its PF's. One that can not be read (before Linux 7 only root may) is as none.
 * obs->inode must be set. Returns 0, -ENOMEM or -E2BIG.
 */
int sysfs_vpd_read(struct sysfs_vpd *v, int fd, struct observation *obs);

#endif
