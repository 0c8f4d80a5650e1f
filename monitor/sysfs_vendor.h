/* SPDX-License-Identifier: Apache-2.0 */
/* What a vendor's driver tells of one function in a directory of its own, by the vendor rules. */
#ifndef VFMON_MONITOR_SYSFS_VENDOR_H
#define VFMON_MONITOR_SYSFS_VENDOR_H

#include "vfmon/observation.h"
#include "vfmon/vendor_rules.h"

#include "sysfs_file.h"

/*
 * Reads below the function's folder fd into obs: vendor_directory, vendor_inode, vendor_state and
 * vendor_problem, by the first rule whose directory is there; an attribute that can not be read is
 * left out. text is room for a file. Returns 0 or -errno.
 */
int sysfs_vendor_read(const struct vendor_rules *rules, int fd, char text[static SYSFS_FILE_MAX],
		      struct observation *obs);

#endif
