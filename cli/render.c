/* SPDX-License-Identifier: Apache-2.0 */
#include "render.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libsmartcols/libsmartcols.h>

struct render_table {
	struct libscols_table *table;
	struct libscols_line *row; /* the newest; borrowed */
};

static const int column_flags[] = {
	[RENDER_LEFT] = 0,
	[RENDER_RIGHT] = SCOLS_FL_RIGHT,
	[RENDER_CUT] = SCOLS_FL_TRUNC,
};

int render_table_new(const struct terminal *t, bool headings, struct render_table **ret)
{
	cleanup_(render_table_freep) struct render_table *table = calloc(1, sizeof(*table));

	if (!table)
		return -ENOMEM;
	table->table = scols_new_table();
	if (!table->table)
		return -ENOMEM;
	/* Not what the library finds out by itself: standard output may be a pager by now. */
	(void)scols_table_set_termforce(table->table, t->is_terminal ? SCOLS_TERMFORCE_ALWAYS
								     : SCOLS_TERMFORCE_NEVER);
	(void)scols_table_set_termwidth(table->table, t->columns);
	(void)scols_table_enable_colors(table->table, t->colours);
	(void)scols_table_enable_noheadings(table->table, !headings);
	if (scols_table_set_column_separator(table->table, "  ") < 0)
		return -ENOMEM;
	*ret = TAKE_PTR(table);
	return 0;
}

struct render_table *render_table_free(struct render_table *table)
{
	if (table)
		scols_unref_table(table->table);
	free(table);
	return NULL;
}

int render_table_add_column(struct render_table *table, const char *heading,
			    enum render_column column)
{
	return scols_table_new_column(table->table, heading, 0, column_flags[column]) ? 0 : -ENOMEM;
}

int render_table_add_row(struct render_table *table)
{
	table->row = scols_table_new_line(table->table, NULL);
	return table->row ? 0 : -ENOMEM;
}

int render_table_set(struct render_table *table, size_t column, const char *text,
		     const char *colour)
{
	if (scols_line_set_data(table->row, column, text) < 0)
		return -ENOMEM;
	if (colour && scols_cell_set_color(scols_line_get_cell(table->row, column), colour) < 0)
		return -ENOMEM;
	return 0;
}

DEFINE_CLEANUP(char *, free);

int render_table_print(const struct render_table *table, FILE *out)
{
	cleanup_(freep) char *text = NULL;
	char *rest, *line;

	/* An empty table prints nothing, not even its headings: there is then nothing to head. */
	if (scols_table_is_empty(table->table))
		return 0;
	if (scols_print_table_to_string(table->table, &text) < 0 || !text)
		return -ENOMEM;
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		size_t len = strlen(line);

		/* The library pads all but the last column, though that one can be empty. */
		while (len && line[len - 1] == ' ')
			len--;
		if (rest || len)
			fprintf(out, "%.*s\n", (int)len, line);
	}
	return 0;
}
