/* SPDX-License-Identifier: Apache-2.0 */
/* The values of Nova's options from all files, "$name" in them replaced; a part of nova_config. */
#ifndef NOVA_VALUES_H
#define NOVA_VALUES_H

#include <stdbool.h>
#include <stddef.h>

#include "nova_options.h"
#include "vfmon/spec_error.h"

/* All zero is empty. */
struct nova_values {
	struct nova_assignment *items;
	size_t count;
	size_t size;
	bool redacted; /* lines were taken out of one of the files */
};

/* Adds what is of use of a file's assignment. Returns 1 if it was, 0 if not, -ENOMEM. */
int nova_values_add(struct nova_values *values, size_t file, size_t index,
		    const struct nova_conf_value *value);

/* To be called once all are added: brings them into Nova's order. */
void nova_values_sort(struct nova_values *values);

void nova_values_done(struct nova_values *values);

/* All assignments of an option in the order of Nova's list; NULL: none. */
const struct nova_assignment *nova_values_all(const struct nova_values *values,
					      enum nova_option option, size_t *ret_count);

/* The assignment that counts, of an option with one value; NULL: none, the default counts. */
const struct nova_assignment *nova_values_last(const struct nova_values *values,
					       enum nova_option option);

/*
 * A value as Nova uses it. Returns 0 and a text that the caller frees, -ENOMEM, or -EINVAL with
 * *ret_error filled: Nova fails when it reads the option, or nobody can say without what was taken
 * out. There are as many lines in it as before.
 */
int nova_values_text(const struct nova_values *values, const struct nova_assignment *assignment,
		     char **ret, size_t *ret_len, struct spec_error *ret_error);

/*
 * The value of an option that has one, its default included: a boolean is "True" or "False". As
 * nova_values_text().
 */
int nova_values_get(const struct nova_values *values, enum nova_option option, char **ret,
		    struct spec_error *ret_error);

#endif
