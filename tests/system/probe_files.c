/* SPDX-License-Identifier: Apache-2.0 */
/* Files, folders and device nodes. */
#include "probe.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static int try_read(const char *path)
{
	char some[8192]; /* of the kernel's log a whole line or nothing can be read */
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	return fd < 0 ? -errno : beyond(read(fd, some, sizeof(some)), EAGAIN);
}

static int try_open(const char *path)
{
	return result(open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC));
}

/* Opening is what is forbidden; nothing is written. */
static int try_write(const char *path)
{
	return result(open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC));
}

static int try_create(const char *folder)
{
	char path[256];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/vfmond-probe-file", folder);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	(void)unlink(path); /* a sandbox may let it be made and not be taken away */
	return 0;
}

static int try_mkdir(const char *folder)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/vfmond-probe-file", folder);
	if (mkdir(path, 0700) < 0)
		return -errno;
	(void)rmdir(path);
	return 0;
}

/* What others may do with a file that is made without a wish of who may. */
static int try_umask(const char *folder)
{
	char path[256];
	struct stat st;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/vfmond-probe-file", folder);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0 || fstat(fd, &st) < 0 || unlink(path) < 0)
		return -errno;
	return (st.st_mode & 077) == 0 ? -EACCES : 0;
}

static int try_suid(const char *folder)
{
	char path[256];
	int fd, r;

	(void)snprintf(path, sizeof(path), "%s/vfmond-probe-file", folder);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
	if (fd < 0)
		return -errno;
	r = result(fchmod(fd, 04755));
	(void)unlink(path);
	return r;
}

/* The device of the kernel's memory, by a node of our own. */
static int try_mknod(const char *folder)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/vfmond-probe-file", folder);
	if (mknod(path, S_IFCHR | 0600, makedev(1, 1)) < 0)
		return -errno;
	(void)unlink(path);
	return 0;
}

const struct attempt probe_files[] = {
	PROBE_ROW(read),  PROBE_ROW(open), PROBE_ROW(write), PROBE_ROW(create), PROBE_ROW(mkdir),
	PROBE_ROW(umask), PROBE_ROW(suid), PROBE_ROW(mknod), { NULL, NULL },
};
