/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client that watches everything and believes what it is told, for fuzzing: it reads when it is
 * told to, goes away and resumes, and in the end knows what the registry has. Ends the program with
 * abort() when a reply is not as the interface says.
 */
#ifndef VFMON_TEST_WATCHER_H
#define VFMON_TEST_WATCHER_H

#include <stdbool.h>
#include <stdint.h>

#include "vfmon/session.h"

#define WATCHER_FUNCTIONS 256 /* of bus 1: slot and function are the number */

struct watcher {
	struct service *service;
	struct session *session;
	bool is_slow; /* its queue counts as full */
	bool in_snapshot;
	bool has_place;			       /* it can resume */
	int64_t place;			       /* sequence of the last that it knows of */
	int64_t generation[WATCHER_FUNCTIONS]; /* 0: there is no such function */
};

/* Connects and calls; from where it was, if it had come so far. */
void watcher_connect(struct watcher *w, struct service *service);
void watcher_done(struct watcher *w);

/* Lets the session work until it has nothing more to say; every reply is believed. */
void watcher_read(struct watcher *w);

/* The same for one step of work, and for what comes when it was silent. */
void watcher_step(struct watcher *w);
void watcher_bookmark(struct watcher *w);

/* As the daemon hands out a change; the history has it. */
void watcher_change(struct watcher *w, const struct change *change);

/* Reads the rest, and compares. */
void watcher_expect_truth(struct watcher *w);

#endif
