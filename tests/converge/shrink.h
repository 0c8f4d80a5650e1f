/* SPDX-License-Identifier: Apache-2.0 */
/* Makes a plan that fails shorter, as long as it still fails. */
#ifndef VFMON_TEST_SHRINK_H
#define VFMON_TEST_SHRINK_H

#include "plan.h"

/* Plays a plan and returns whether it fails. */
typedef bool (*shrink_fn)(const struct plan *p, void *arg);

void shrink(struct plan *p, shrink_fn fails, void *arg);

#endif
