/* SPDX-License-Identifier: Apache-2.0 */
/* Takes away copies of files that are gone; a part of novacopy. */
#ifndef VFMOND_NOVASWEEP_H
#define VFMOND_NOVASWEEP_H

#include <stddef.h>

struct novafiles;

/*
 * Removes from the folder of copies what is no copy of these files and no folder for one, and counts
 * what was a file. Returns 0 or a negative errno; it goes on behind an error.
 */
int novasweep_run(int folder, const struct novafiles *files, size_t *removed);

/* Removes a file, or a folder with all that is in it. Returns 0 or a negative errno. */
int novasweep_remove(int folder, const char *name);

#endif
