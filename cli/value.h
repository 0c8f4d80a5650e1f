/* SPDX-License-Identifier: Apache-2.0 */
/* Reads JSON values that came in: the program's only module with json-c. */
#ifndef VFMON_CLI_VALUE_H
#define VFMON_CLI_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "vfmon/cleanup.h"

struct value;

/* The whole text must be one JSON value. Returns 0, -EBADMSG or -ENOMEM. */
int value_parse(const char *text, size_t len, struct value **ret);

/* Takes NULL; only for what value_parse() gave. Returns NULL. */
struct value *value_free(struct value *v);

DEFINE_CLEANUP(struct value *, value_free);

/* Whether it is an object; NULL is none. */
bool value_is_object(const struct value *v);

/*
 * A member of an object. NULL if it is absent, null, or if there is no such object: so that a
 * path of absent members can be followed without a check at each step. Borrowed.
 */
const struct value *value_member(const struct value *object, const char *name);

/* The same for a member of a known type: NULL, otherwise or -1 if it is absent or of another. */
const char *value_text(const struct value *object, const char *name);
int64_t value_int(const struct value *object, const char *name, int64_t otherwise);
int value_bool(const struct value *object, const char *name);

/* Elements of an array; 0 and NULL for what is no array, NULL for what is no string. Borrowed. */
size_t value_count(const struct value *array);
const struct value *value_at(const struct value *array, size_t i);
const char *value_text_at(const struct value *array, size_t i);

/* Calls fn for each member of an object whose value is a string. */
void value_each_text(const struct value *object,
		     void (*fn)(const char *name, const char *text, void *arg), void *arg);

/*
 * Writes the value as JSON text without white space and without any control character. Errors of
 * out are the caller's to see. Returns 0 or -ENOMEM.
 */
int value_print(const struct value *v, FILE *out);

/* Writes a text of ours as a JSON string. Returns 0 or -ENOMEM. */
int value_print_text(const char *text, FILE *out);

#endif
