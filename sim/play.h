/* SPDX-License-Identifier: Apache-2.0 */
/* Plays a scenario: takes its lines, does its steps one after the other, and acknowledges them. */
#ifndef VFMOND_SIM_PLAY_H
#define VFMOND_SIM_PLAY_H

#include <stdbool.h>

#include "source.h"

struct play_options {
	const char *scenario;
	/* NULL: the model is not kept */
	const char *model;
	/* NULL: nobody wants to know */
	const char *ack;
	/* NULL, or what must exist before `start` is done */
	const char *wait_for;
	/* `start` is done when the command says READY=1, as to systemd */
	bool notify;
	char *const *command;
};

/* Exit statuses of this program's own, beside the command's. */
#define PLAY_STATUS_FAILED 1
#define PLAY_STATUS_REFUSED 2

/*
 * Goes through a whole file on a host that only exists in memory, and prints the first line that
 * is wrong. Returns 0 or -EINVAL. A stream is not looked at.
 */
int play_check(struct source *source, const char *name);

/* Makes the host, plays, and waits for the command. Returns the exit status. */
int play_run(struct source *source, const struct play_options *options);

#endif
