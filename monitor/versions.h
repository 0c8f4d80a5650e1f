/* SPDX-License-Identifier: Apache-2.0 */
/* What of libvirt, QEMU and driverctl is installed, found from their files without running them. */
#ifndef VFMOND_VERSIONS_H
#define VFMOND_VERSIONS_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "vfmon/version.h"

/* A program or library as found. */
struct version_found {
	version_t version;    /* 0: none was found */
	char where[PATH_MAX]; /* "": the same */
};

/*
 * libvirt's: the name of its library has it. root stands before every path; "" is this host. With
 * several libraries the newest counts. Returns 0, or -ENOMEM, and *ret stays as it was.
 */
int versions_libvirt(const char *root, struct version_found *ret);

/*
 * QEMU's: in its program for this machine stands what --version prints. That is a large file, so
 * *seen, which begins as all zero, says which one *ret is about: the same file is not read again. Returns 0, or -ENOMEM, and both stay as they were.
 */
int versions_qemu(const char *root, struct stat *seen, struct version_found *ret);

bool versions_has_driverctl(const char *root);

#endif
