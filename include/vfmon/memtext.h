/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stream that collects a text in memory, as open_memstream() does; but that is silent about what
 * it had no memory for, and can leave no text at all where its fclose() says that all is well.
 */
#ifndef VFMON_MEMTEXT_H
#define VFMON_MEMTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Stays where it is as long as its stream is open. */
struct memtext {
	char *bytes; /* NUL behind them; the caller's after memtext_close() */
	size_t len;  /* up to date after fflush() */
	size_t room;
	bool has_failed;
};

/* Returns NULL if there is no memory. */
FILE *memtext_open(struct memtext *t);

/* Returns 0, or -ENOMEM: not all of it could be kept, and bytes is NULL. */
int memtext_close(FILE *f, struct memtext *t);

#endif
