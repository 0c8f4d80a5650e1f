/* SPDX-License-Identifier: Apache-2.0 */
#include "namespace.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#define MOUNT_PATH_MAX 512
#define MODULES_PARENT "/lib/modules"

/* Keeps errno's value, says what it was about, and returns it negated. */
static int __attribute__((format(printf, 2, 3)))
fail(struct namespace_problem *problem, const char *format, ...)
{
	int r = errno ? -errno : -EIO;
	va_list args;

	va_start(args, format);
	(void)vsnprintf(problem->text, sizeof(problem->text), format, args);
	va_end(args);
	return r;
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), r = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		r = -errno;
	(void)close(fd);
	return r;
}

/* Root inside is whoever runs this outside; there is nobody else. */
static int map_user(uid_t uid, gid_t gid)
{
	char text[64];
	int r = write_file("/proc/self/setgroups", "deny");

	/* Kernels of before this file need no such promise. */
	if (r < 0 && r != -ENOENT)
		return r;
	(void)snprintf(text, sizeof(text), "0 %u 1\n", (unsigned)uid);
	r = write_file("/proc/self/uid_map", text);
	if (r < 0)
		return r;
	(void)snprintf(text, sizeof(text), "0 %u 1\n", (unsigned)gid);
	return write_file("/proc/self/gid_map", text);
}

static int raise_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), r = 0;

	if (fd < 0)
		return -errno;
	if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		r = -errno;
	(void)close(fd);
	return r;
}

/* Without a bound on inodes: 16,384 VFs have more than the default allows. */
static int open_tmpfs(struct namespace_problem *problem)
{
	int fd;

	if (mount("vfmond-sim", "/sys", "tmpfs", MS_NOSUID | MS_NODEV,
		  "mode=755,nr_inodes=0,size=90%") < 0)
		return fail(problem, "mount a tmpfs over /sys");
	fd = open("/sys", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? fail(problem, "open the tmpfs") : fd;
}

int namespace_enter(int *ret_fd, struct namespace_problem *problem)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int fd;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS) < 0)
		return fail(problem,
			    "make a user, network and mount namespace (user.max_user_namespaces "
			    "and kernel.unprivileged_userns_clone of sysctl decide)");
	errno = -map_user(uid, gid);
	if (errno)
		return fail(problem, "map the user into the namespace");
	errno = -raise_loopback();
	if (errno)
		return fail(problem, "bring lo up");
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return fail(problem, "keep the mounts to this namespace");
	fd = open_tmpfs(problem);
	if (fd < 0)
		return fd;
	*ret_fd = fd;
	return 0;
}

/* Mounts what is at path below a descriptor, also where another mount hides that by name. */
static int bind_mount(int fd, const char *path, const char *target)
{
	char source[MOUNT_PATH_MAX];

	if (snprintf(source, sizeof(source), "/proc/self/fd/%d/%s", fd, path) >=
	    (int)sizeof(source))
		return -ENAMETOOLONG;
	return mount(source, target, NULL, MS_BIND | MS_REC, NULL) < 0 ? -errno : 0;
}

/* Makes something at path that another file or directory can be mounted on. */
static int make_target(const char *path, bool directory)
{
	if (directory)
		return mkdir(path, 0755) < 0 ? -errno : 0;
	return mknod(path, S_IFREG | 0644, 0) < 0 ? -errno : 0;
}

/* Lets one entry of the old directory appear in the new one of the same path. */
static int carry_over(int old, const char *directory, const char *name)
{
	char path[MOUNT_PATH_MAX], target[MOUNT_PATH_MAX];
	struct stat st;
	ssize_t len;
	int r;

	if (fstatat(old, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (snprintf(path, sizeof(path), "%s/%s", directory, name) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	if (S_ISLNK(st.st_mode)) {
		len = readlinkat(old, name, target, sizeof(target) - 1);
		if (len < 0)
			return -errno;
		target[len] = '\0';
		return symlink(target, path) < 0 ? -errno : 0;
	}
	r = make_target(path, S_ISDIR(st.st_mode));
	return r < 0 ? r : bind_mount(old, name, path);
}

/*
 * Puts the folder `folder` of fd over a directory, with all that was in it but one entry. So a
 * directory of the host gets an entry that nobody here may make.
 */
static int extend(int fd, const char *folder, const char *directory, const char *except)
{
	int old = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = old < 0 ? NULL : fdopendir(old);
	int r;

	if (!entries) {
		r = -errno;
		if (old >= 0)
			(void)close(old);
		return r;
	}
	r = bind_mount(fd, folder, directory);
	for (struct dirent *e; r == 0 && (e = readdir(entries));) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
		    strcmp(e->d_name, except) == 0)
			continue;
		/* What can not be carried over is missed by nobody here. */
		(void)carry_over(old, directory, e->d_name);
	}
	(void)closedir(entries);
	return r;
}

int namespace_modules_folder(size_t size, char *ret)
{
	struct utsname name;

	if (uname(&name) < 0)
		return -errno;
	return snprintf(ret, size, MODULES_PARENT "/%s", name.release) >= (int)size ? -ENAMETOOLONG
										    : 0;
}

/* A container often has no folder for the kernel that runs: then it is made to appear. */
static int show_modules(int fd)
{
	char folder[MOUNT_PATH_MAX];
	int r = namespace_modules_folder(sizeof(folder), folder);

	if (r < 0)
		return r;
	if (access(folder, F_OK) == 0)
		return bind_mount(fd, "modules", folder);
	if (mkdirat(fd, "lib", 0755) < 0)
		return -errno;
	r = access(MODULES_PARENT, F_OK) == 0
		    ? extend(fd, "lib", MODULES_PARENT, strrchr(folder, '/') + 1)
		    : extend(fd, "lib", "/lib", "modules");
	if (r < 0)
		return r;
	(void)mkdir(MODULES_PARENT, 0755);
	if (mkdir(folder, 0755) < 0)
		return -errno;
	return bind_mount(fd, "modules", folder);
}

int namespace_show(int fd, struct namespace_problem *problem)
{
	errno = -extend(fd, "dev", "/dev", "vfio");
	if (errno)
		return fail(problem, "put a /dev with vfio/ in place");
	errno = -show_modules(fd);
	if (errno)
		return fail(problem, "put modules.alias in place");
	errno = -bind_mount(fd, "sys", "/sys");
	if (errno)
		return fail(problem, "put the tree over /sys");
	return 0;
}
