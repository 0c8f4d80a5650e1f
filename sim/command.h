/* SPDX-License-Identifier: Apache-2.0 */
/* The command that runs on the simulated host. */
#ifndef VFMOND_SIM_COMMAND_H
#define VFMOND_SIM_COMMAND_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct command {
	/* 0: not started */
	pid_t pid;
	bool ended;
	/* as a shell would say it: 128 + the signal if one ended it */
	int status;
};

/*
 * Says in the environment where things are: VFMOND_SIM_SYSFS, VFMOND_SIM_DEV and
 * VFMOND_SIM_MODULES_ALIAS; and lets libudev take the tree for a sysfs. Returns 0 or -errno.
 */
int command_set_environment(void);

/* Starts argv with the signals that were blocked before. Returns 0 or -errno. */
int command_start(struct command *c, char *const *argv, const sigset_t *signals);

/* Sees whether it has ended; does not wait. */
void command_look(struct command *c);

/* Sends it a signal if it runs. */
void command_signal(const struct command *c, int number);

#endif
