/* SPDX-License-Identifier: Apache-2.0 */
/* Where the host's files are, for who reads them himself. */
#ifndef VFMON_CLI_ROOTS_H
#define VFMON_CLI_ROOTS_H

#include "query.h"

/* The folder of sysfs. Borrowed. */
const char *roots_sysfs(const struct options *o);

/*
 * Whether --sysfs-root and its like have in them what is read there: a scan would take whatever is
 * not there for nothing on this host. A host without PCI is one, unless functions are expected. After
 * anything but EXIT_STATUS_YES it is said.
 */
enum exit_status roots_check(const struct options *o, bool expects_functions);

#endif
