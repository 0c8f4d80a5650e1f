/* SPDX-License-Identifier: Apache-2.0 */
/* Which functions are asked for: the Filter of the interface, from options and arguments. */
#ifndef VFMON_CLI_SELECTION_H
#define VFMON_CLI_SELECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "vfmon/json_text.h"

/* The lists of Filter, in its order. */
enum selection_list_id {
	SELECTION_ADDRESSES,
	SELECTION_KINDS,
	SELECTION_STATES,
	SELECTION_READINESS,
	SELECTION_CLASSES,
	SELECTION_PHYSICAL_FUNCTIONS,
	SELECTION_DRIVERS,
	SELECTION_COUNT
};

struct selection_list {
	char **items; /* owned, as they go to the daemon */
	size_t count;
};

/* All zero is a filter that lets everything pass. */
struct selection {
	struct selection_list lists[SELECTION_COUNT];
	bool has_managed;
	bool managed;
};

void selection_done(struct selection *s);

/*
 * Adds one value or several with commas between. Returns 0, -ENOMEM, or -EINVAL: then it has
 * written to err what is wrong and what is allowed.
 */
int selection_add(struct selection *s, enum selection_list_id field, const char *values, FILE *err);

/* "yes" or "no". The same for the result. */
int selection_set_managed(struct selection *s, const char *value, FILE *err);

bool selection_is_empty(const struct selection *s);

/* Writes the member "filter" of a call's parameters, nothing if all pass. */
void selection_write(const struct selection *s, struct json_text *out);

#endif
