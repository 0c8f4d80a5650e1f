/* SPDX-License-Identifier: Apache-2.0 */
/* Text as Python sees it: characters, white space, digits, numbers with base 16. */
#ifndef VFMON_PYTEXT_H
#define VFMON_PYTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What pytext_next() gives for a byte that is no part of well-formed UTF-8. */
#define PYTEXT_INVALID 0x110000u

/* A piece of a text; need not end in a NUL. */
struct pytext {
	const char *start;
	const char *end;
};

struct pytext pytext_of(const char *text);

/* Takes the next character from *p, which is before end. */
uint32_t pytext_next(const char **p, const char *end);

/* How many characters there are; a byte that is no UTF-8 counts as one. */
size_t pytext_length(struct pytext t);

/* Whether str.isspace() holds, in any script. */
bool pytext_is_space(uint32_t c);

/* As str.lstrip(), str.rstrip() and str.strip(). */
struct pytext pytext_lstrip(struct pytext t);
struct pytext pytext_rstrip(struct pytext t);
struct pytext pytext_strip(struct pytext t);

/* Whether it is exactly these characters. */
bool pytext_is(struct pytext t, const char *text);

/*
 * A copy of what may be any bytes, for a message: a control character, or a byte that is no UTF-8,
 * is '?', and what does not fit is cut between two characters. Returns buf, which has size bytes.
 */
const char *pytext_print(struct pytext t, char *buf, size_t size);

/* What a number with base 16 can be where only values from 0 to max are of use. */
enum { PYTEXT_NO_NUMBER = -1, PYTEXT_NEGATIVE = -2, PYTEXT_TOO_LARGE = -3 };

/*
 * As int(t, 16): blanks around, a sign, "0x", underscores between digits and digits of any script
 * are fine. Returns the value, or one of the above.
 */
int32_t pytext_hex(struct pytext t, int32_t max);

#endif
