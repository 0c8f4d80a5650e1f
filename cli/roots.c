/* SPDX-License-Identifier: Apache-2.0 */
#include "roots.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "vfmon/names.h"

/* What is read below each root. */
#define IN_SYSFS "bus/pci/devices"
#define IN_PROC "self/mountinfo"

const char *roots_sysfs(const struct options *o)
{
	return o->sysfs_root ? o->sysfs_root : VFMON_SYSFS_ROOT;
}

static enum exit_status say(const char *option, const char *path, const char *inside, int error)
{
	fprintf(stderr, "vfmonctl: %s: %s%s%s can not be read: %s\n", option, path,
		*inside ? "/" : "", inside, strerror(error));
	return EXIT_STATUS_OTHER;
}

/* Returns 0 or an errno. */
static int look(const char *path, const char *inside)
{
	int fd = open(path, O_PATH | O_CLOEXEC);
	int error = 0;

	if (fd < 0)
		return errno;
	if (*inside && faccessat(fd, inside, R_OK, 0) < 0)
		error = errno;
	(void)close(fd);
	return error;
}

enum exit_status roots_check(const struct options *o, bool expects_functions)
{
	const struct {
		const char *option, *path, *inside;
	} roots[] = {
		{ "--sysfs-root", expects_functions ? roots_sysfs(o) : o->sysfs_root, IN_SYSFS },
		{ "--dev-root", o->dev_root, "" },
		{ "--proc-root", o->proc_root, IN_PROC },
		{ "--modules-alias", o->modules_alias, "" },
	};

	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
		int error = roots[i].path ? look(roots[i].path, roots[i].inside) : 0;

		if (error)
			return say(roots[i].option, roots[i].path, roots[i].inside, error);
	}
	return EXIT_STATUS_YES;
}
