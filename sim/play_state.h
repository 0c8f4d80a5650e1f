/* SPDX-License-Identifier: Apache-2.0 */
/* A play under way, its clock, its waiting, and what it tells those who drive it. */
#ifndef VFMOND_SIM_PLAY_STATE_H
#define VFMOND_SIM_PLAY_STATE_H

#include "command.h"
#include "faults.h"
#include "host.h"
#include "play.h"
#include "tree.h"

#define PLAY_FOREVER UINT64_MAX

struct play {
	/* borrowed */
	const struct play_options *options;
	struct source *source;
	struct host *host;
	struct tree tree;
	struct faults faults;
	struct command command;
	sigset_t signals_before;
	/* each -1 if not open */
	int root_fd;
	int uevent_fd;
	int signal_fd;
	int ack_fd;
	int notify_fd;
	/* the command has said READY=1 */
	bool ready;
	/* a line of a stream was wrong */
	bool refused;
	/* `stop` was played, or a signal asked for it */
	bool stopping;
};

uint64_t play_now_usec(void);

/*
 * Waits until a time, or until a descriptor (-1: none) can be read, and meanwhile sends late events
 * and handles signals. Returns 1 if it can be read, 0 if the time has come, -ECANCELED if the
 * command has ended or a signal asked to stop, or -errno.
 */
int play_wait(struct play *p, uint64_t until_usec, int fd);

/* Asks the command to end. */
void play_stop(struct play *p);

/* Opens the file of the options, if there is one. Returns 0 or -errno. */
int play_open_acknowledgements(struct play *p);

/* Writes one line to whoever waits for it; format is printf's. */
void play_acknowledge(const struct play *p, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Writes the model to its file, whole or not at all, or to stdout. Returns 0 or -errno. */
int play_print_model(const struct play *p);

#endif
