/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests do with JSON of the interface, beside json-c itself. */
#ifndef VFMON_TEST_JSON_H
#define VFMON_TEST_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <json-c/json.h>

struct vf;

/* Members that may be absent: NULL, 0 or "" then. Borrowed. */
struct json_object *json_get(struct json_object *object, const char *key);
int64_t json_number(struct json_object *object, const char *key);
const char *json_string(struct json_object *object, const char *key);

/* A Device of the registry as it is served, made now; the caller puts it. */
struct json_object *json_of_image(const struct vf *vf);

/*
 * Takes out what never makes a change by itself, as texts may be older than they would be if they
 * were made now: explanation, message, remedy.
 */
void json_drop_texts(struct json_object *device);

/* Whether a Device passes a Filter, as the interface says; a NULL device does not. */
bool json_matches(struct json_object *filter, struct json_object *device);

/* Names the first member that differs, in a buffer that the next call reuses; NULL: they are equal. */
const char *json_difference(struct json_object *a, struct json_object *b);

#endif
