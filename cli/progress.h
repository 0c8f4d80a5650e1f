/* SPDX-License-Identifier: Apache-2.0 */
/* One line on standard error that is written over again and again, where that is a terminal. */
#ifndef VFMON_CLI_PROGRESS_H
#define VFMON_CLI_PROGRESS_H

#include <stdbool.h>

#include "terminal.h"

struct progress {
	const struct terminal *terminal;
	bool shown;   /* standard error can show it */
	bool written; /* there is a line now */
};

void progress_init(struct progress *p, const struct terminal *t);

/* The line is gone. */
void progress_done(struct progress *p);

bool progress_is_shown(const struct progress *p);

/* Writes the line over the one before, cut to the terminal's width. */
void progress_show(struct progress *p, const char *text);

/* Takes the line away. */
void progress_clear(struct progress *p);

#endif
