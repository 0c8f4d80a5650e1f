/* SPDX-License-Identifier: Apache-2.0 */
/* A stream that is written into memory, for texts that are needed before they can be printed. */
#ifndef VFMON_CLI_WRITER_H
#define VFMON_CLI_WRITER_H

#include <stddef.h>
#include <stdio.h>

/* All zero is none. */
struct writer {
	FILE *out;  /* NULL: closed */
	char *text; /* after writer_close(); ends with a NUL */
	size_t len;
};

/* Returns 0 or -ENOMEM. */
int writer_open(struct writer *w);

/* No more is written; the text can be read until writer_done(). Returns 0 or -ENOMEM. */
int writer_close(struct writer *w);

void writer_done(struct writer *w);

#endif
