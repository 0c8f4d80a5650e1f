/* SPDX-License-Identifier: Apache-2.0 */
/* Tables: the program's only module with libsmartcols. */
#ifndef VFMON_CLI_RENDER_H
#define VFMON_CLI_RENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "terminal.h"
#include "vfmon/cleanup.h"

enum render_column {
	RENDER_LEFT,
	RENDER_RIGHT,
	RENDER_CUT /* left, and cut where the terminal ends */
};

struct render_table;

/* Returns 0 or -ENOMEM. */
int render_table_new(const struct terminal *t, bool headings, struct render_table **ret);

/* Takes NULL. Returns NULL. */
struct render_table *render_table_free(struct render_table *table);

DEFINE_CLEANUP(struct render_table *, render_table_free);

/* All columns before the first row. Returns 0 or -ENOMEM. */
int render_table_add_column(struct render_table *table, const char *heading,
			    enum render_column column);

/* One more row; render_table_set() fills it. Returns 0 or -ENOMEM. */
int render_table_add_row(struct render_table *table);

/*
 * Sets a cell of the newest row. colour is a sequence of terminal_colour() or NULL. Copies text.
 * Returns 0 or -ENOMEM.
 */
int render_table_set(struct render_table *table, size_t column, const char *text,
		     const char *colour);

/* Writes the table; a line has no blanks at its end. Returns 0 or -ENOMEM. */
int render_table_print(const struct render_table *table, FILE *out);

#endif
