/* SPDX-License-Identifier: Apache-2.0 */
/* Words that mean yes or no, as oslo.utils' bool_from_string() takes them. */
#ifndef PYBOOL_H
#define PYBOOL_H

#include "vfmon/pytext.h"

struct pyjson;

enum pybool { PYBOOL_FALSE, PYBOOL_TRUE, PYBOOL_NEITHER };

/* For messages. */
#define PYBOOL_WORDS "1, t, true, on, y, yes, 0, f, false, off, n, no"

/* Trimmed, in any case. */
enum pybool pybool_of_text(struct pytext t);

/* A number counts as its digits; what is neither text, number nor boolean is neither. */
enum pybool pybool_of(const struct pyjson *v);

#endif
