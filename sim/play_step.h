/* SPDX-License-Identifier: Apache-2.0 */
/* One step of a play: what it does to the host, to the events, to the command. */
#ifndef VFMOND_SIM_PLAY_STEP_H
#define VFMOND_SIM_PLAY_STEP_H

#include "play_state.h"

/* Whether a step can stand before or behind `start`. Returns 0 or -EINVAL with the error filled. */
int play_step_check(const struct step *step, bool started, struct scenario_error *ret_error);

/*
 * Does the step, keeps the model up to date and acknowledges it. Returns 0; 1 if the play ends
 * here; -EINVAL with the error filled if it can not be done; -errno.
 */
int play_step(struct play *p, const struct step *step, struct scenario_error *ret_error);

/*
 * Starts the command, and waits for what the options say. Returns 0, -ECANCELED if the command
 * ended before that, or -errno.
 */
int play_start(struct play *p);

#endif
