/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One run of the daemon's parts on a world: sources, tracker with its reader, registry, history and
 * the service of sessions, wired as daemon.c, hearing.c and attention.c do, but for the event loop: the caller
 * says when which of them gets its turn.
 */
#ifndef VFMON_TEST_MONITORED_H
#define VFMON_TEST_MONITORED_H

#include "../../monitor/inotifysrc.h"
#include "../../monitor/nlsrc.h"
#include "../../monitor/tracker.h"
#include "../../monitor/watchfiles.h"
#include "dice.h"
#include "vfmon/nova_config.h"
#include "vfmon/policy.h"
#include "vfmon/session.h"
#include "world.h"

struct monitored_options {
	size_t history_bytes;
	bool all_functions;
	bool has_group_nodes;
	const char *specs;   /* entries of device_spec; NULL: none */
	uint64_t audit_usec; /* how often the audit runs; 0: never */
	/* Changes go there; NULL: nowhere. */
	void (*on_change)(const struct change *change, void *arg);
	void *arg;
};

struct monitored {
	struct world *world;
	struct monitored_options options;
	struct nlsrc *uevents, *links;
	struct inotifysrc *inotify;
	struct watchfiles *aliases;
	struct tracker *tracker;
	struct history *history;
	struct service service;
	struct nova_config config;
	struct policy policy;
	char epoch[32];
	bool draining;
	bool in_read; /* the reader has stopped in the midst of a read */
	bool scanned; /* the first scan is over */
	/* No turn of the reader passes more files than this; 0: any number. */
	uint32_t files_a_turn;
};

/* Begins with the first scan. Ends the program if it can not be made. */
void monitored_init(struct monitored *m, struct world *w, const struct monitored_options *options,
		    uint64_t epoch);
void monitored_done(struct monitored *m);

/* Some of its parts get a turn. */
void monitored_turn(struct monitored *m, struct dice *dice);

/* All of them, until nobody has anything to do at this moment. */
void monitored_catch_up(struct monitored *m);

/*
 * The audit goes through the host, often enough to mend also what follows from what it finds. Returns
 * how many changes it has told that an event should have.
 */
uint64_t monitored_audit(struct monitored *m);

/* Time passes up to a moment (UINT64_MAX: until nothing is pending any more). */
void monitored_pass(struct monitored *m, uint64_t until_usec);

#endif
