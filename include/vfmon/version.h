/* SPDX-License-Identifier: Apache-2.0 */
/* Versions of Nova, libvirt and QEMU: X.Y.Z as an ordered number. */
#ifndef VFMON_VERSION_H
#define VFMON_VERSION_H

#include <stdbool.h>
#include <stdint.h>

/* X << 32 | Y << 16 | Z; 0: not known. */
typedef uint64_t version_t;

#define VERSION(x, y, z) ((version_t)(x) << 32 | (version_t)(y) << 16 | (version_t)(z))

/* The newest Nova whose behaviour is known here. */
#define NOVA_NEWEST VERSION(34, 0, 0)

#define VERSION_TEXT_MAX 24

/* "X.Y" or "X.Y.Z", each at most 65535. Returns 0 or -EINVAL. */
int version_parse(const char *text, version_t *ret);

/* Writes "X.Y.Z"; returns buf. */
const char *version_format(version_t version, char buf[static VERSION_TEXT_MAX]);

#endif
