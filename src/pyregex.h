/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regular expressions of Python's re module (3.12 and newer), matched by PCRE2 against a field of a
 * PCI address: one to four digits of lower case hexadecimal, nothing else.
 */
#ifndef PYREGEX_H
#define PYREGEX_H

#include <stdbool.h>

#include "vfmon/cleanup.h"

/* What a subject can have at most, and all that can be in it. */
#define PYREGEX_SUBJECT_MAX 4
#define PYREGEX_SUBJECT_CHARS "0123456789abcdef"

struct pyregex;

struct pyregex_error {
	const char *python_class; /* of an error that is not re's own; NULL: re.error */
	char reason[128];
};

/*
 * Compiles a pattern: a string's text as in struct pyjson. Returns 0; -EINVAL with *ret_error filled
 * where Python refuses it; -ENOMEM.
 */
int pyregex_new(const char *pattern, struct pyregex **ret, struct pyregex_error *ret_error);

/* Takes NULL. Returns NULL. */
struct pyregex *pyregex_free(struct pyregex *re);

/*
 * Whether re.match() would find something: from the start of the subject, not necessarily up to its
 * end. A match that needs more steps or memory than a sane pattern does counts as none.
 */
bool pyregex_matches(const struct pyregex *re, const char *subject);

DEFINE_CLEANUP(struct pyregex *, pyregex_free);

#endif
