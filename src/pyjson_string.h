/* SPDX-License-Identifier: Apache-2.0 */
/* One string of Python's JSON; a part of pyjson. */
#ifndef PYJSON_STRING_H
#define PYJSON_STRING_H

struct arena;

struct pyjson_string {
	const char
		*pos; /* in: the first quote; out: behind the last one, or the place of the fault */
	const char *end; /* of the whole text */
	struct arena *arena;
	const char *reason; /* out, with -EINVAL */
};

/* Gives the characters as struct pyjson has them. Returns 0, -EINVAL or -ENOMEM. */
int pyjson_string_parse(struct pyjson_string *s, const char **ret);

#endif
