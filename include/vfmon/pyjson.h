/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON as Python's json module takes it: also NaN, Infinity, integers of any length and lone
 * surrogates; of a name that occurs twice the last value counts. Each value knows where it stood.
 */
#ifndef VFMON_PYJSON_H
#define VFMON_PYJSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vfmon/cleanup.h"

/* Python's own limit of recursion is near. */
#define PYJSON_MAX_DEPTH 960

struct pyjson_doc;

enum pyjson_type {
	PYJSON_NULL,
	PYJSON_FALSE,
	PYJSON_TRUE,
	PYJSON_INTEGER,
	PYJSON_FLOAT,
	PYJSON_STRING,
	PYJSON_ARRAY,
	PYJSON_OBJECT
};

struct pyjson {
	enum pyjson_type type;
	size_t offset; /* of its first byte in the text */
	/*
	 * String: the characters in UTF-8, U+0000 as C0 80 and a lone surrogate as its three bytes;
	 * so no two different strings are equal here. Number: as it was written.
	 */
	const char *text;
	size_t count;		    /* array, object: how many items */
	const struct pyjson *items; /* the first one; items of an object have a name */
	const struct pyjson *next;  /* the next item of the same container */
	const char *name;	    /* as text of a string; NULL: no member */
	size_t name_offset;
};

/* Where the text is no JSON, and why. */
struct pyjson_error {
	size_t offset;
	char reason[160];
};

/*
 * Parses one text, blanks around it included, that must be UTF-8. Returns 0; -EINVAL with *ret_error
 * filled where Python refuses it; -ENOMEM.
 */
int pyjson_parse(const char *text, size_t len, struct pyjson_doc **ret,
		 struct pyjson_error *ret_error);

/* Takes NULL. Returns NULL. */
struct pyjson_doc *pyjson_free(struct pyjson_doc *doc);

/* The value itself. Borrowed, as all that hangs below it. */
const struct pyjson *pyjson_root(const struct pyjson_doc *doc);

/* The value of that name in an object, or NULL. */
const struct pyjson *pyjson_get(const struct pyjson *object, const char *name);

/* What bool(value) says; a NULL value is false. */
bool pyjson_truth(const struct pyjson *value);

/*
 * Takes the next character of a string's text from *p, which is before end, as Python has it: U+0000
 * and lone surrogates too.
 */
uint32_t pyjson_next(const char **p, const char *end);

/* Writes the value as json.dumps() does. The caller frees *ret. Returns 0 or -ENOMEM. */
int pyjson_dump(const struct pyjson *value, char **ret);

DEFINE_CLEANUP(struct pyjson_doc *, pyjson_free);

#endif
