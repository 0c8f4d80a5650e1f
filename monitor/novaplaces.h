/* SPDX-License-Identifier: Apache-2.0 */
/* Where nova-compute's files are looked for, and whether its copy or the original is to be read. */
#ifndef VFMOND_NOVAPLACES_H
#define VFMOND_NOVAPLACES_H

#include <stddef.h>

struct novafiles_options;

/* The usual places; each is a list of alternatives, of which the first that is there counts. */
enum novaplaces_of { NOVAPLACES_FILES, NOVAPLACES_DIRS };
size_t novaplaces_count(enum novaplaces_of of);

/* Gives the path of a usual place; NULL: nothing is there. Returns 0 or -ENOMEM. */
int novaplaces_first(const struct novafiles_options *options, enum novaplaces_of of, size_t index,
		     const char **ret);

enum novaplace_kind { NOVAPLACE_NOWHERE, NOVAPLACE_COPY, NOVAPLACE_ORIGINAL };

/* What is to be read for a path. */
struct novaplace {
	enum novaplace_kind kind;
	char *path; /* to open; NULL: nowhere */
	int error;  /* a positive errno: why it can not even be looked at */
};

/*
 * Finds it: the copy where there is one, else the original. That it is nowhere is told in *ret.
 * Returns 0 or -ENOMEM. The caller ends with novaplace_done().
 */
int novaplace_find(const struct novafiles_options *options, const char *path,
		   struct novaplace *ret);
void novaplace_done(struct novaplace *place);

#endif
