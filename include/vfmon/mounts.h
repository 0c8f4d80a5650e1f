/* SPDX-License-Identifier: Apache-2.0 */
/* What /proc/self/mountinfo and /proc/swaps say of block devices, taken apart line by line. */
#ifndef VFMON_MOUNTS_H
#define VFMON_MOUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One mount. The texts are within the text that was taken apart, as written there. */
struct mount_line {
	uint32_t major, minor; /* of the block device; major 0: the file system has a made-up one */
	const char *point;     /* where it is mounted */
	size_t point_len;
	const char *source; /* "/dev/sda1", or whatever the file system shows instead */
	size_t source_len;
};

/*
 * Takes the next mount of a mountinfo text and moves *text behind its line; a line that is not well
 * formed is passed over. Returns false at the end.
 */
bool mounts_next(const char **text, struct mount_line *ret);

/* The same for the swap areas of /proc/swaps that are block devices; ret_path as written there. */
bool mounts_next_swap(const char **text, const char **ret_path, size_t *ret_len);

/*
 * Writes a path of either file as text: the kernel's octal escapes undone, what would break a line
 * replaced by '?'. One that does not fit in size is cut and ends in "...". Returns buf.
 */
const char *mounts_unescape(const char *path, size_t len, char *buf, size_t size);

#endif
