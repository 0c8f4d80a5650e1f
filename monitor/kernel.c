/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "vfmon/names.h"

/* The first release that makes vfio-dev/. */
#define VFIO_DEV_MAJOR 6
#define VFIO_DEV_MINOR 1

/* Whatever --proc-root says: of this process. */
#define NETWORK_NAMESPACE "/proc/self/ns/net"

bool kernel_has_vfio_dev(void)
{
	struct utsname u;
	char *end;
	long major, minor;

	if (uname(&u) < 0)
		return true;
	major = strtol(u.release, &end, 10);
	minor = *end == '.' ? strtol(end + 1, NULL, 10) : 0;
	return major != VFIO_DEV_MAJOR ? major > VFIO_DEV_MAJOR : minor >= VFIO_DEV_MINOR;
}

bool kernel_has_group_nodes(const char *dev_root)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/" DEV_VFIO_CONTAINER, dev_root) >= (int)sizeof(path))
		return false;
	return access(path, F_OK) == 0;
}

uint64_t kernel_network_namespace(void)
{
	struct stat st;

	return stat(NETWORK_NAMESPACE, &st) < 0 ? 0 : (uint64_t)st.st_ino;
}
