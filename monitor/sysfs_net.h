/* SPDX-License-Identifier: Apache-2.0 */
/* The network interfaces below one function. */
#ifndef VFMON_MONITOR_SYSFS_NET_H
#define VFMON_MONITOR_SYSFS_NET_H

#include "sysfs_file.h"
#include "use_table.h"

/*
 * Reads below the function's folder fd: the first interface by name, and what it or another one is
 * used for, as a text for observation.host_use, "" for nothing: its master (a bridge, a bond, a
 * switch). Returns 0, -ENOENT if there is no interface, or -errno.
 */
int sysfs_net_read(int fd, char ret_name[static SYSFS_NAME_MAX], char ret_use[static USE_TEXT_MAX]);

#endif
