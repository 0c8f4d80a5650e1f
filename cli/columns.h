/* SPDX-License-Identifier: Apache-2.0 */
/* The columns that a table of functions can have, by name. */
#ifndef VFMON_CLI_COLUMNS_H
#define VFMON_CLI_COLUMNS_H

#include <stddef.h>
#include <stdio.h>

#include "render.h"
#include "terminal.h"
#include "vfmon/value.h"

#define COLUMNS_MAX 64

struct column;

struct columns {
	const struct column *list[COLUMNS_MAX];
	size_t count;
};

/*
 * Reads names with commas between, in either case; "+" in front adds to the usual columns, NULL
 * gives those. Returns 0, or -EINVAL after it has written to err what is wrong and what there is.
 */
int columns_parse(const char *names, struct columns *ret, FILE *err);

/* A table with these columns. Returns 0 or -ENOMEM. */
int columns_new_table(const struct columns *columns, const struct terminal *t, bool headings,
		      struct render_table **ret);

/* One function more in such a table. Returns 0 or -ENOMEM. */
int columns_add_row(const struct columns *columns, const struct terminal *t,
		    const struct value *device, struct render_table *table);

#endif
