/* SPDX-License-Identifier: Apache-2.0 */
/* Where the scenario's lines come from: a file, or a stream that is read as it is written. */
#ifndef VFMOND_SIM_SOURCE_H
#define VFMOND_SIM_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "scenario.h"

struct source {
	/* -1: all is read */
	int fd;
	/* it was a regular file, so all of it is there from the start */
	bool whole;
	char *text;
	size_t size;
	size_t room;
	/* of the next line */
	size_t pos;
	unsigned number;
};

/* Opens a file, a FIFO (which no writer's end ends), or "-". Returns 0 or -errno. */
int source_open(struct source *s, const char *path);
void source_done(struct source *s);

/* Reads what is there now, when the descriptor is readable. Returns 0 or -errno. */
int source_read(struct source *s);

/* Takes the next whole line, valid until the next read. Returns false if there is none yet. */
bool source_next(struct source *s, struct scenario_line *ret);

/* Whether no line will come any more. */
bool source_is_at_end(const struct source *s);

/* Begins again with the first line of a whole file. */
void source_rewind(struct source *s);

#endif
