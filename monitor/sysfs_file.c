/* SPDX-License-Identifier: Apache-2.0 */
#include "sysfs_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vfmon/cleanup.h"

#include "sysfs_text.h"

/* Room for the names of a typical function's folder in one call. */
#define DIRENTS_BYTES 8192

static int last_error(void)
{
	if (errno == ENODEV || errno == ENXIO || errno == ENOTDIR)
		return -ENOENT;
	return -errno;
}

void sysfs_file_closep(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd); /* only read from */
}

static int open_at(int dir_fd, const char *path, int flags)
{
	int fd;

	do
		fd = openat(dir_fd, path, flags | O_CLOEXEC);
	while (fd < 0 && errno == EINTR);
	return fd < 0 ? last_error() : fd;
}

int sysfs_file_open_dir(int dir_fd, const char *path)
{
	return open_at(dir_fd, path, O_PATH | O_DIRECTORY);
}

bool sysfs_file_is_shortage(int r)
{
	return r == -EMFILE || r == -ENFILE || r == -ENOMEM;
}

/* Whether the text is all there is, as far as that can be told without another read. */
typedef bool (*is_whole_fn)(const char *text, size_t len);

static bool is_line(const char *text, size_t len)
{
	return len > 0 && text[len - 1] == '\n';
}

static bool is_never_whole(const char *text, size_t len)
{
	(void)text;
	(void)len;
	return false;
}

/* The kernel gives an attribute in one read; what stands in for a sysfs may give it in pieces. */
static int read_text(int dir_fd, const char *path, is_whole_fn is_whole, char *text)
{
	cleanup_(sysfs_file_closep) int fd = open_at(dir_fd, path, O_RDONLY);
	size_t len = 0;
	ssize_t n = 1;

	if (fd < 0)
		return fd;
	while (n != 0 && len < SYSFS_FILE_MAX - 1 && !is_whole(text, len)) {
		n = read(fd, text + len, SYSFS_FILE_MAX - 1 - len);
		if (n < 0 && errno != EINTR)
			return last_error();
		len += n > 0 ? (size_t)n : 0;
	}
	text[len] = '\0';
	return (int)len;
}

int sysfs_file_read(int dir_fd, const char *path, char ret_text[static SYSFS_FILE_MAX])
{
	return read_text(dir_fd, path, is_never_whole, ret_text);
}

int sysfs_file_read_line(int dir_fd, const char *path, char ret_text[static SYSFS_FILE_MAX])
{
	return read_text(dir_fd, path, is_line, ret_text);
}

int sysfs_file_number(int dir_fd, const char *path, int *ret)
{
	char text[SYSFS_FILE_MAX];
	int r = sysfs_file_read_line(dir_fd, path, text);

	return r < 0 ? r : sysfs_text_number(text, ret);
}

int sysfs_file_target(int dir_fd, const char *path, char ret_target[static SYSFS_TARGET_MAX])
{
	ssize_t n = readlinkat(dir_fd, path, ret_target, SYSFS_TARGET_MAX - 1);

	if (n < 0)
		return last_error();
	ret_target[n] = '\0';
	return (int)n;
}

int sysfs_file_link(int dir_fd, const char *path, char ret_name[static SYSFS_NAME_MAX])
{
	char target[SYSFS_TARGET_MAX];
	const char *name;
	int n = sysfs_file_target(dir_fd, path, target);
	size_t len;

	if (n < 0)
		return n;
	name = memrchr(target, '/', (size_t)n);
	name = name ? name + 1 : target;
	len = (size_t)(target + n - name);
	if (len == 0 || len >= SYSFS_NAME_MAX)
		return -EINVAL;
	memcpy(ret_name, name, len);
	ret_name[len] = '\0';
	return (int)len;
}

int sysfs_file_exists(int dir_fd, const char *path)
{
	struct stat st;
	int r;

	/* Not access(): DevicePolicy= of the service's unit makes it fail for any device node. */
	if (fstatat(dir_fd, path, &st, 0) == 0)
		return 1;
	r = last_error();
	return r == -ENOENT ? 0 : r;
}

/* One buffer full of entries. */
static int each_in(char *buffer, ssize_t len, sysfs_file_fn fn, void *arg)
{
	for (ssize_t at = 0; at < len;) {
		const struct dirent64 *entry = (const void *)(buffer + at);
		int r = entry->d_name[0] == '.' ? 0 : fn(entry->d_name, arg);

		if (r != 0)
			return r;
		at += entry->d_reclen;
	}
	return 0;
}

int sysfs_file_each(int dir_fd, const char *path, sysfs_file_fn fn, void *arg)
{
	/* Not opendir(): that allocates 32 KiB and makes three calls more, in every read. */
	_Alignas(struct dirent64) char buffer[DIRENTS_BYTES];
	cleanup_(sysfs_file_closep) int fd = open_at(dir_fd, path, O_RDONLY | O_DIRECTORY);
	ssize_t n;
	int r;

	if (fd < 0)
		return fd;
	while ((n = getdents64(fd, buffer, sizeof(buffer))) > 0) {
		r = each_in(buffer, n, fn, arg);
		if (r != 0)
			return r;
	}
	return n < 0 ? last_error() : 0;
}

struct first {
	bool (*want)(const char *name);
	char *name;
};

static int on_name(const char *name, void *arg)
{
	struct first *first = arg;

	if (!first->want(name) || (first->name[0] && strcmp(first->name, name) <= 0))
		return 0;
	if (strlen(name) >= SYSFS_NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(first->name, name, strlen(name) + 1);
	return 0;
}

int sysfs_file_first(int dir_fd, const char *path, bool (*want)(const char *name),
		     char ret_name[static SYSFS_NAME_MAX])
{
	char name[SYSFS_NAME_MAX] = "";
	struct first first = { want, name };
	int r = sysfs_file_each(dir_fd, path, on_name, &first);

	if (r < 0)
		return r;
	if (!name[0])
		return -ENOENT;
	memcpy(ret_name, name, strlen(name) + 1);
	return 0;
}
