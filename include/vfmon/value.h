/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON values that came in, as a tree of json-c that nobody else needs to know. Whoever reads one can
 * follow a path of members that may be absent without a check at each step.
 */
#ifndef VFMON_VALUE_H
#define VFMON_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "vfmon/cleanup.h"

struct json_object;
struct value;

/* The whole text must be one JSON value (RFC 8259). Returns 0, -EBADMSG or -ENOMEM. */
int value_parse(const char *text, size_t len, struct value **ret);

/* Takes NULL; only for what value_parse() gave. Returns NULL. */
struct value *value_free(struct value *v);

DEFINE_CLEANUP(struct value *, value_free);

/* The same tree, for whoever has parsed it with json-c. Borrowed. */
const struct value *value_of(const struct json_object *object);

/* Whether it is such a value; NULL, which is null too, is none of them. */
bool value_is_object(const struct value *v);
bool value_is_array(const struct value *v);
bool value_is_int(const struct value *v);

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
/* Whether one of its elements is that text; NULL is none. */
bool value_lists_text(const struct value *array, const char *text);

/* Whether an object has the member, null or not. */
bool value_has(const struct value *object, const char *name);

/* A string; NULL for what is none. Borrowed. */
const char *value_as_text(const struct value *v);

/* A whole number; otherwise for what is none. What is too large for it is INT64_MAX. */
int64_t value_as_int(const struct value *v, int64_t otherwise);

/* 0 or 1; -1 for what is no boolean. */
int value_as_bool(const struct value *v);

/* Whether both are the same: members in any order, null as absent only at the top. Take NULL. */
bool value_equal(const struct value *a, const struct value *b);

/*
 * Calls fn for each member of an object, in its order, until it returns something else than 0, and
 * returns that or 0. member is NULL for a null.
 */
int value_each(const struct value *object,
	       int (*fn)(const char *name, const struct value *member, void *arg), void *arg);

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
