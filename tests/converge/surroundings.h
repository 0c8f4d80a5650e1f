/* SPDX-License-Identifier: Apache-2.0 */
/* Of the plan of a seed, all but the scenario: queues, configuration, who watches. */
#ifndef VFMON_TEST_SURROUNDINGS_H
#define VFMON_TEST_SURROUNDINGS_H

#include "plan.h"

void surroundings_choose(struct dice *d, struct plan *p);

#endif
