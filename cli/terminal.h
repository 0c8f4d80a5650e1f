/* SPDX-License-Identifier: Apache-2.0 */
/* What standard output can show: colours, characters, width. */
#ifndef VFMON_CLI_TERMINAL_H
#define VFMON_CLI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

#include "vfmon/vf.h"

enum terminal_colours { TERMINAL_COLOURS_AUTO, TERMINAL_COLOURS_ALWAYS, TERMINAL_COLOURS_NEVER };

struct terminal {
	bool is_terminal;
	bool colours;
	bool utf8;	/* the locale's characters are UTF-8 */
	size_t columns; /* width; meaningless if it is no terminal */
};

/* Looks at standard output, the locale (set before) and the environment. */
void terminal_init(struct terminal *t, enum terminal_colours when);

/* "auto", "always" or "never"; -EINVAL for another word. */
int terminal_colours_from_name(const char *name);

/* Signs, each with its plain form for locales without UTF-8. Borrowed. */
const char *terminal_arrow(const struct terminal *t);
const char *terminal_ellipsis(const struct terminal *t);

/*
 * The mark of a readiness: filled where a guest can be given the function or nobody asked for it,
 * hollow where not or where that is not known. Takes the name on the wire, also one that this
 * program does not know, and NULL.
 */
const char *terminal_mark(const struct terminal *t, const char *readiness);

/* The sequence that starts the colour of a readiness, NULL where no colours are wanted. */
const char *terminal_colour(const struct terminal *t, const char *readiness);

/* The sequence that ends a colour. */
#define TERMINAL_PLAIN "\033[0m"

/* How many columns a text takes: characters, not bytes. */
size_t terminal_width(const char *text);

#endif
