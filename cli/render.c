/* SPDX-License-Identifier: Apache-2.0 */
#include "render.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <libsmartcols/libsmartcols.h>

/* With less room than this the last column is rather not cut: "3" is not what "3/7 VFs" says. */
#define CUT_WIDTH_MIN 16

struct render_table {
	struct terminal terminal;
	struct libscols_table *table;
	struct libscols_line *row; /* the newest; borrowed */
	size_t cut_column;	   /* the one that may be cut; SIZE_MAX: none */
	size_t cut_width;	   /* of its longest text */
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
	table->terminal = *t;
	table->cut_column = SIZE_MAX;
	table->table = scols_new_table();
	if (!table->table)
		return -ENOMEM;
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
	if (column == RENDER_CUT)
		table->cut_column = scols_table_get_ncols(table->table);
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
	if (column == table->cut_column && terminal_width(text) > table->cut_width)
		table->cut_width = terminal_width(text);
	if (colour && scols_cell_set_color(scols_line_get_cell(table->row, column), colour) < 0)
		return -ENOMEM;
	return 0;
}

DEFINE_CLEANUP(char *, free);

static size_t widest_line(const char *text)
{
	size_t widest = 0;

	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		size_t width = 0;

		for (const char *p = line; *p && *p != '\n'; p++)
			width += ((unsigned char)*p & 0xc0) != 0x80;
		if (width > widest)
			widest = width;
	}
	return widest;
}

/* Whether the column that may be cut has to be, and has enough room for that to make sense. */
static int is_to_cut(const struct render_table *table, bool *ret)
{
	cleanup_(freep) char *text = NULL;
	size_t columns = table->terminal.columns;
	size_t widest;

	*ret = false;
	if (!table->terminal.is_terminal || table->cut_width == 0)
		return 0;
	(void)scols_table_enable_colors(table->table, 0);
	(void)scols_table_set_termforce(table->table, SCOLS_TERMFORCE_NEVER);
	if (scols_print_table_to_string(table->table, &text) < 0 || !text)
		return -ENOMEM;
	widest = widest_line(text);
	*ret = widest > columns && widest - table->cut_width + CUT_WIDTH_MIN <= columns;
	return 0;
}

int render_table_print(const struct render_table *table, FILE *out)
{
	cleanup_(freep) char *text = NULL;
	char *rest, *line;
	bool cut;

	/* An empty table prints nothing, not even its headings: there is then nothing to head. */
	if (scols_table_is_empty(table->table))
		return 0;
	if (is_to_cut(table, &cut) < 0)
		return -ENOMEM;
	/* Not what the library finds out by itself: standard output may be a pager by now. */
	(void)scols_table_set_termforce(table->table,
					cut ? SCOLS_TERMFORCE_ALWAYS : SCOLS_TERMFORCE_NEVER);
	(void)scols_table_set_termwidth(table->table, table->terminal.columns);
	(void)scols_table_enable_colors(table->table, table->terminal.colours);
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
