/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the redacted copies of Nova's files into a folder, each at the original's path. */
#ifndef VFMOND_NOVACOPY_H
#define VFMOND_NOVACOPY_H

#include <stddef.h>

struct novafiles;

/* What was done. */
struct novacopy_result {
	size_t copied;	   /* copies that are there now */
	size_t unreadable; /* files and folders in whose place is a mark with the error */
	size_t without;	   /* those that can have no copy, see novafiles_copy_path() */
	size_t removed;	   /* copies of what is gone */
};

/*
 * Makes the folder hold the copies of these files and folders and nothing else; it is made if it is
 * not there. A copy that is right already is not touched, another one is replaced at once. Nothing
 * outside of the folder is written to, whatever is in it. Returns 0, or a negative errno: some may
 * be missing, the rest is right.
 */
int novacopy_write(const struct novafiles *files, const char *folder, struct novacopy_result *ret);

#endif
