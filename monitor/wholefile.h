/* SPDX-License-Identifier: Apache-2.0 */
/* A small file as a whole: files of configuration, and what is kept. */
#ifndef VFMOND_WHOLEFILE_H
#define VFMOND_WHOLEFILE_H

#include <stddef.h>

/* A configuration is some lines; whatever is larger is not one. */
#define WHOLEFILE_MAX_BYTES (1u << 20)

/* Whether a link in the file's own place is followed. */
enum wholefile_links { WHOLEFILE_FOLLOW, WHOLEFILE_NO_LINK };

/*
 * Reads it, without ever waiting for a device or a FIFO in its place. Returns 0 with *ret, which the
 * caller frees; -ENOMEM; -EFBIG: it is larger than WHOLEFILE_MAX_BYTES; -EISDIR, or -EMEDIUMTYPE:
 * it is no regular file; -ELOOP: it is a link and may be none; or another -errno.
 */
int wholefile_read(const char *path, enum wholefile_links links, char **ret, size_t *ret_len);

/* Writes all of it to a descriptor that blocks. Returns 0 or -errno; then a part may be written. */
int wholefile_write(int fd, const void *data, size_t len);

/* Why it could not be read, for a person; r is what wholefile_read() gave. Static, or strerror's. */
const char *wholefile_reason(int r);

#endif
