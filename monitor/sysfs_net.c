/* SPDX-License-Identifier: Apache-2.0 */
#include "sysfs_net.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vfmon/names.h"

struct interfaces {
	int fd; /* of the function's folder */
	char first[SYSFS_NAME_MAX];
	char with_master[SYSFS_NAME_MAX], master[SYSFS_NAME_MAX];
};

static bool comes_before(const char *name, const char *other)
{
	return !other[0] || strcmp(name, other) < 0;
}

static int on_interface(const char *name, void *arg)
{
	struct interfaces *all = arg;
	char path[sizeof(SYSFS_NET "/") + SYSFS_NAME_MAX + sizeof("/" SYSFS_MASTER)];
	char master[SYSFS_NAME_MAX];
	size_t len = strlen(name);
	int r;

	if (len >= SYSFS_NAME_MAX)
		return -ENAMETOOLONG;
	if (comes_before(name, all->first))
		memcpy(all->first, name, len + 1);
	(void)snprintf(path, sizeof(path), SYSFS_NET "/%s/" SYSFS_MASTER, name);
	r = sysfs_file_link(all->fd, path, master);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (!comes_before(name, all->with_master))
		return 0;
	memcpy(all->with_master, name, len + 1);
	memcpy(all->master, master, (size_t)r + 1);
	return 0;
}

int sysfs_net_read(int fd, char ret_name[static SYSFS_NAME_MAX], char ret_use[static USE_TEXT_MAX])
{
	struct interfaces all = { .fd = fd };
	int r = sysfs_file_each(fd, SYSFS_NET, on_interface, &all);

	if (r < 0)
		return r;
	if (!all.first[0])
		return -ENOENT;
	memcpy(ret_name, all.first, strlen(all.first) + 1);
	ret_use[0] = '\0';
	if (all.with_master[0])
		(void)snprintf(ret_use, USE_TEXT_MAX, "has its interface %.64s in %.64s",
			       all.with_master, all.master);
	return 0;
}
