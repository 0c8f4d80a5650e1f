/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quotes a line of a configuration file: only from its section [pci], whatever somebody says about
 * the line. Every other one may be a password.
 */
#ifndef VFMON_CLI_QUOTE_H
#define VFMON_CLI_QUOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "terminal.h"

struct value;

/* A line in a file; both from 1, the column in characters and 0 for none. */
struct quote_place {
	const char *file;
	int64_t line;
	int64_t column;
};

/* A file, as far as it was read: findings come in the order of lines. All zero is none. */
struct quote {
	char *path;
	FILE *file;	/* NULL: it can not be read */
	int64_t number; /* of line */
	char *line;
	size_t size;
	bool in_pci;
	bool is_over;	    /* what follows is not shown */
	struct value *safe; /* what is shown of line; NULL: not asked for yet */
};

/* Frees what is in it. */
void quote_done(struct quote *q);

/*
 * Writes the line and below it a mark under the column, with so many blanks in front. Nothing if this
 * user can not read the file, or the line is not of [pci]. Returns 0 or -ENOMEM.
 */
int quote_print(struct quote *q, const struct quote_place *place, int indent,
		const struct terminal *t, FILE *out);

#endif
