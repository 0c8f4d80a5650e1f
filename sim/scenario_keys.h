/* SPDX-License-Identifier: Apache-2.0 */
/* The keys with values behind a `driver`, `pf` or `device` line. Pure. */
#ifndef VFMOND_SIM_SCENARIO_KEYS_H
#define VFMOND_SIM_SCENARIO_KEYS_H

#include "scenario_words.h"

/* Each takes all keys that are left of the line. Returns 0, or -EINVAL with the error filled. */
int scenario_take_driver_keys(struct words *w, struct step *step);
int scenario_take_function_keys(struct words *w, struct step *step);

#endif
