/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A real server on a real registry and history in an event loop, with made-up functions: the PF
 * 0000:3b:00.0 and its VFs. What a test changes of a function is its driver_override.
 */
#ifndef VFMON_TEST_STAGE_H
#define VFMON_TEST_STAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "../../monitor/server.h"
#include "vfmon/registry.h"
#include "vfmon/session.h"

#define STAGE_PF "0000:3b:00.0"
#define STAGE_EPOCH "the-epoch"

struct stage_options {
	size_t vfs;
	size_t history_bytes;
	size_t padding; /* how much longer each driver_override is, at most 2000 */
	struct server_limits limits;
};

struct stage {
	struct event_base *base;
	struct event *deadline;
	struct text_pool *pool;
	struct registry *registry;
	struct history *history;
	struct server *server;
	struct service service;
	struct moment now;
	void (*publish)(struct server *server, const struct change *change); /* for each change */
	size_t vfs;
	size_t padding;
	size_t status_calls;
	/* What was logged: lines with an id, and the text of the last one. */
	size_t dropped_lines;
	size_t warnings;
	char line[512];
};

/* 8 VFs, the limits of the daemon. */
void stage_options_init(struct stage_options *options);

/* Ends the test program on failure: a fixture that can not be made is no test. */
void stage_init(struct stage *s, const struct stage_options *options);
void stage_done(struct stage *s);

/* Waits for one thing to happen. Ends the program after a minute without any. */
void stage_step(struct stage *s);

#define STAGE_UNTIL(stage, condition)                                                              \
	do {                                                                                       \
		while (!(condition))                                                               \
			stage_step(stage);                                                         \
	} while (0)

/* Whether nothing happens by itself for a moment: no event that comes again and again. */
bool stage_is_quiet(struct stage *s);

/* Address of a VF, from 0; in a buffer that the next call reuses. */
const char *stage_address(size_t vf);

/* The VF gets the driver_override "v<value>" (and padding), which is one change if it had another. */
void stage_change(struct stage *s, size_t vf, size_t value);

/* It is not there any more. */
void stage_remove(struct stage *s, size_t vf);

/* What the registry has as driver_override; "" for none, NULL if there is no such function. */
const char *stage_truth(const struct stage *s, const char *address);

#endif
