/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loaded before the daemon's libraries (LD_PRELOAD): what the system rarely does, done on demand. A
 * test writes what is to go wrong into the file that VFMON_FAULTS names, at any time; its layout is
 * struct faults, and tests/functional/faults.py writes it.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* All zero: nothing goes wrong. */
struct faults {
	int64_t most_bytes;	 /* that one read or write of a file or stream moves; 0: any */
	int64_t realtime_usec;	 /* added to CLOCK_REALTIME */
	int64_t read_error;	 /* errno of reading a file whose path ends with read_path */
	int64_t read_error_left; /* for how many reads; counted down here */
	int64_t no_udev;	 /* libudev: 1: no monitor, 2: nothing at all */
	int64_t unlink_error;	 /* errno of removing any file */
	char read_path[256];
};

struct udev;
struct udev_monitor;

ssize_t __read_chk(int fd, void *to, size_t len, size_t size);
struct udev *udev_new(void);
struct udev_monitor *udev_monitor_new_from_netlink(struct udev *udev, const char *name);

static volatile struct faults none;
static volatile struct faults *faults = &none;

__attribute__((constructor)) static void set_up(void)
{
	const char *path = getenv("VFMON_FAULTS");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *map;

	if (fd < 0)
		return;
	map = mmap(NULL, sizeof(*faults), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map != MAP_FAILED)
		faults = map;
	(void)close(fd);
}

/* The function of this name that would be called without us. */
#define REAL(name) ((__typeof__(&(name)))dlsym(RTLD_NEXT, #name))

static int is_stream_socket(int fd)
{
	int type = 0;
	socklen_t len = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == SOCK_STREAM;
}

/* How many of so many bytes may be moved: all, but where a part is as good as the whole. */
static size_t share(int fd, size_t len)
{
	struct stat st;

	if (faults->most_bytes <= 0 || len <= (size_t)faults->most_bytes)
		return len;
	if (fstat(fd, &st) < 0 || !(S_ISREG(st.st_mode) || is_stream_socket(fd)))
		return len;
	return (size_t)faults->most_bytes;
}

/* Whether this file is one whose reading fails now. */
static int fails(int fd)
{
	char link[64], path[4096], wanted[sizeof(faults->read_path)];
	ssize_t n;
	size_t len;

	if (faults->read_error == 0 || faults->read_error_left <= 0)
		return 0;
	for (size_t i = 0; i < sizeof(wanted); i++)
		wanted[i] = faults->read_path[i];
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	len = strnlen(wanted, sizeof(wanted));
	if (n < (ssize_t)len || memcmp(path + n - len, wanted, len) != 0)
		return 0;
	faults->read_error_left--;
	errno = (int)faults->read_error;
	return 1;
}

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): the library's are reserved. */

ssize_t read(int fd, void *to, size_t len)
{
	return fails(fd) ? -1 : REAL(read)(fd, to, share(fd, len));
}

/* As a program calls it whose buffer's size the compiler knows. */
ssize_t __read_chk(int fd, void *to, size_t len, size_t size)
{
	if (len > size)
		abort();
	return read(fd, to, len);
}

ssize_t readv(int fd, const struct iovec *parts, int count)
{
	if (count < 1 || share(fd, SIZE_MAX) == SIZE_MAX)
		return REAL(readv)(fd, parts, count);
	return REAL(read)(fd, parts->iov_base, share(fd, parts->iov_len));
}

ssize_t write(int fd, const void *from, size_t len)
{
	return REAL(write)(fd, from, share(fd, len));
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
	if (count < 1 || share(fd, SIZE_MAX) == SIZE_MAX)
		return REAL(writev)(fd, parts, count);
	return REAL(write)(fd, parts->iov_base, share(fd, parts->iov_len));
}

ssize_t send(int fd, const void *from, size_t len, int flags)
{
	return REAL(send)(fd, from, share(fd, len), flags);
}

int unlink(const char *path)
{
	if (faults->unlink_error) {
		errno = (int)faults->unlink_error;
		return -1;
	}
	return REAL(unlink)(path);
}

int clock_gettime(clockid_t clock, struct timespec *ret)
{
	int r = REAL(clock_gettime)(clock, ret);
	int64_t nsec;

	if (r < 0 || clock != CLOCK_REALTIME)
		return r;
	nsec = ret->tv_sec * 1000000000LL + ret->tv_nsec + faults->realtime_usec * 1000;
	ret->tv_sec = nsec / 1000000000;
	ret->tv_nsec = nsec % 1000000000;
	return 0;
}

struct udev *udev_new(void)
{
	if (faults->no_udev == 2) {
		errno = ENOSYS;
		return NULL;
	}
	return REAL(udev_new)();
}

struct udev_monitor *udev_monitor_new_from_netlink(struct udev *udev, const char *name)
{
	if (faults->no_udev == 1) {
		errno = EAFNOSUPPORT;
		return NULL;
	}
	return REAL(udev_monitor_new_from_netlink)(udev, name);
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
