/* SPDX-License-Identifier: Apache-2.0 */
/* Which functions are asked for: the Filter of the interface, from options and arguments. */
#ifndef VFMON_CLI_FILTER_H
#define VFMON_CLI_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "vfmon/json_text.h"

/* The lists of Filter, in its order. */
enum filter_field {
	FILTER_ADDRESSES,
	FILTER_KINDS,
	FILTER_STATES,
	FILTER_READINESS,
	FILTER_CLASSES,
	FILTER_PHYSICAL_FUNCTIONS,
	FILTER_DRIVERS,
	FILTER_FIELD_COUNT
};

struct filter_list {
	char **items; /* owned, as they go to the daemon */
	size_t count;
};

/* All zero is a filter that lets everything pass. */
struct filter {
	struct filter_list lists[FILTER_FIELD_COUNT];
	bool has_managed;
	bool managed;
};

void filter_done(struct filter *f);

/*
 * Adds one value or several with commas between. Returns 0, -ENOMEM, or -EINVAL: then it has
 * written to err what is wrong and what is allowed.
 */
int filter_add(struct filter *f, enum filter_field field, const char *values, FILE *err);

/* "yes" or "no". The same for the result. */
int filter_set_managed(struct filter *f, const char *value, FILE *err);

bool filter_is_empty(const struct filter *f);

/* Writes the member "filter" of a call's parameters, nothing if all pass. */
void filter_write(const struct filter *f, struct json_text *out);

#endif
