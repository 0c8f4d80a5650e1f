/* SPDX-License-Identifier: Apache-2.0 */
/* A Finding of the interface as a compiler would print it, and how many of them there are. */
#ifndef VFMON_CLI_REMARK_H
#define VFMON_CLI_REMARK_H

#include <stddef.h>
#include <stdio.h>

#include "quote.h"
#include "terminal.h"
#include "vfmon/finding.h"
#include "vfmon/value.h"

/* How many findings there are of each level. A level that is not known counts as suspicious. */
struct remark_sum {
	size_t levels[FINDING_LEVEL_COUNT];
};

void remark_count(struct remark_sum *sum, const struct value *finding);

/* Writes "1 refused, 0 wrong, 2 suspicious". */
void remark_print_sum(const struct remark_sum *sum, FILE *out);

/*
 * Writes the place, level, message and code, then what is in that place where it may be shown, the
 * functions that it concerns, and what to do. q is for all that are printed. Returns 0 or -ENOMEM.
 */
int remark_print(struct quote *q, const struct value *finding, const struct terminal *t, FILE *out);

#endif
