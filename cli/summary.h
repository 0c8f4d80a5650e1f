/* SPDX-License-Identifier: Apache-2.0 */
/* Counts functions for the line that answers at a glance. */
#ifndef VFMON_CLI_SUMMARY_H
#define VFMON_CLI_SUMMARY_H

#include <stddef.h>
#include <stdio.h>

#include "vfmon/value.h"
#include "vfmon/vf.h"

/* All zero is nothing counted. */
struct summary {
	size_t functions;
	size_t kinds[VF_KIND_COUNT];
	size_t readiness[VF_READINESS_COUNT];
};

/* Counts one Device; what this program has no name for counts as unknown. */
void summary_add(struct summary *s, const struct value *device);

/* Writes "1 PF, 4 VFs". */
void summary_print_kinds(const struct summary *s, FILE *out);

/* Writes "2 ready, 1 blocked, 1 untracked", the best first. */
void summary_print_readiness(const struct summary *s, FILE *out);

#endif
