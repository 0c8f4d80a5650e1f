/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads single files, links and folders below a folder's descriptor. "There is none" is always
 * -ENOENT: the kernel says ENOENT, ENODEV or ENXIO, depending on how far a removal has come.
 */
#ifndef VFMON_MONITOR_SYSFS_FILE_H
#define VFMON_MONITOR_SYSFS_FILE_H

#include <stdbool.h>
#include <stddef.h>

/* A sysfs attribute is at most one page, plus our NUL. */
#define SYSFS_FILE_MAX 4097
#define SYSFS_NAME_MAX 256

/* Opens for openat() and its like. Returns the descriptor or -errno. */
int sysfs_file_open_dir(int dir_fd, const char *path);

/* Whether an error says something of this process or of memory, and nothing of the file. */
bool sysfs_file_is_shortage(int r);

/* Reads a file of at most one page to its end. Returns its length or -errno. */
int sysfs_file_read(int dir_fd, const char *path, char ret_text[static SYSFS_FILE_MAX]);

/* The same for one that has one line, at whose end it is not asked whether more comes. */
int sysfs_file_read_line(int dir_fd, const char *path, char ret_text[static SYSFS_FILE_MAX]);

/* Reads a decimal number. Returns 0 or -errno; -EINVAL if it is none. */
int sysfs_file_number(int dir_fd, const char *path, int *ret);

/* The last component of a link's target. Returns its length or -errno. */
int sysfs_file_link(int dir_fd, const char *path, char ret_name[static SYSFS_NAME_MAX]);

/* The whole target of a link, with a NUL. Returns its length or -errno. */
#define SYSFS_TARGET_MAX 4096
int sysfs_file_target(int dir_fd, const char *path, char ret_target[static SYSFS_TARGET_MAX]);

/* 1 if there is such a thing, 0 if not, -errno. */
int sysfs_file_exists(int dir_fd, const char *path);

/*
 * Calls fn with each name of a folder but those that begin with a dot, until it returns non-zero,
 * which is then returned. Else returns 0 or -errno.
 */
typedef int (*sysfs_file_fn)(const char *name, void *arg);
int sysfs_file_each(int dir_fd, const char *path, sysfs_file_fn fn, void *arg);

/* The first name in order of characters that want() takes. Returns 0, or -ENOENT if there is none. */
int sysfs_file_first(int dir_fd, const char *path, bool (*want)(const char *name),
		     char ret_name[static SYSFS_NAME_MAX]);

/* Closes a descriptor that goes out of scope; -1: nothing. */
void sysfs_file_closep(int *fd);

#endif
