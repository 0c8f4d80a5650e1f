/* SPDX-License-Identifier: Apache-2.0 */
/* Which PCI functions have a network interface that the host has given an address. */
#ifndef VFMON_MONITOR_USE_ADDRESSES_H
#define VFMON_MONITOR_USE_ADDRESSES_H

#include <stdbool.h>

#include "use_table.h"

struct addr_dump;

/*
 * Whether an address of AF_INET or AF_INET6 tells that somebody uses the interface. Link-local ones
 * do not, the kernel gives one to every interface that is merely up; nor does the loopback's.
 */
bool use_addresses_counts(int family, const void *address);

/*
 * Adds the functions of this network namespace's addresses, by the links of sysfs. Returns 0 or
 * -errno. The other one takes addresses that are known already.
 */
int use_addresses_collect(int sysfs_fd, struct use_table *t);
int use_addresses_collect_from(int sysfs_fd, const struct addr_dump *dump, struct use_table *t);

#endif
