/* SPDX-License-Identifier: Apache-2.0 */
/* A Change of the interface as one line: the same in watch and history. */
#ifndef VFMON_CLI_CHANGE_H
#define VFMON_CLI_CHANGE_H

#include <stdio.h>

#include "terminal.h"
#include "vfmon/value.h"

/* Writes the line: time, address, what, readiness, more in words, cause. Returns 0 or -ENOMEM. */
int change_print(const struct value *change, const struct terminal *t, FILE *out);

#endif
