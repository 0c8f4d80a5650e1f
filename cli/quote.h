/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quotes a line of a configuration file: only from its section [pci], whatever somebody says about
 * the line. Every other one may be a password.
 */
#ifndef VFMON_CLI_QUOTE_H
#define VFMON_CLI_QUOTE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "terminal.h"

/* A line in a file; both from 1, the column in characters and 0 for none. */
struct quote_place {
	const char *file;
	int64_t line;
	int64_t column;
};

/*
 * Writes the line and below it a mark under the column, with so many blanks in front. Nothing if this
 * user can not read the file, or the line is not of [pci]. Returns 0 or -ENOMEM.
 */
int quote_print(const struct quote_place *place, int indent, const struct terminal *t, FILE *out);

#endif
