/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with the configuration, on this host: all findings but those of blind sources. */
#ifndef VFMON_LINT_H
#define VFMON_LINT_H

#include <stddef.h>

#include "vfmon/finding.h"

/* A finding names no more functions than this. */
#define LINT_MAX_DEVICES 256

struct policy;
struct registry;

/*
 * Appends what there is to say of the policy's configuration (the findings that it has by itself
 * among it) and the functions of the registry, sorted. Of a newer configuration that was rejected,
 * only its own findings: nothing of it is matched. Returns 0 or -ENOMEM.
 */
int lint_run(const struct policy *policy, const struct registry *registry, struct findings *ret);

#endif
