/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A made-up host that is served: registry, history, and sessions whose callers read when they are
 * told to. Stands for the daemon and its sockets, step by step and in one thread.
 */
#ifndef VFMON_TEST_SERVED_H
#define VFMON_TEST_SERVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host.h"
#include "vfmon/history.h"
#include "vfmon/session.h"

#define SERVED_EPOCH "epoch-1"
#define SERVED_CALLERS_MAX 4

/* The client's end of one connection. */
struct caller {
	struct session *session;
	struct json_text in; /* what the daemon sent and the test has not looked at */
	size_t looked;
	bool is_slow; /* its queue counts as full */
	int over;     /* what session_step() ended with */
};

struct served {
	struct text_pool *pool;
	struct registry *registry;
	struct history *history;
	struct service service;
	struct moment now;
	struct caller *callers[SERVED_CALLERS_MAX];
	size_t caller_count;
	bool out_of_memory;  /* an observation could not be folded */
	uint64_t generation; /* inode of the next function that is seen for the first time */
};

/* Ends the test program on failure. The first scan of an empty host is over. */
void served_init(struct served *s, size_t history_bytes);
void served_done(struct served *s);

/* Folds an observation; the change is handed to every session as server.c does it. */
void served_see(struct served *s, const struct observation *obs);
void served_gone(struct served *s, const char *addr);

/* A function of bus 3b by its number, in the state of a driver; "" is none. */
void served_vf(struct served *s, unsigned int number, const char *driver);
void served_vf_gone(struct served *s, unsigned int number);
void served_vf_addr(unsigned int number, char buf[static PCI_ADDR_TEXT_MAX]);

/* Connects and disconnects. */
struct caller *served_connect(struct served *s);
void served_disconnect(struct served *s, struct caller *c);

/* Sends one message, and lets the session work until it has nothing to do. */
void caller_call(struct caller *c, const char *message);
void caller_feed(struct caller *c, const char *bytes, size_t len);

/* Lets the session do one step, or all; what it wrote is received. Returns as session_step(). */
int caller_step(struct caller *c);
void caller_run(struct caller *c);

/* As session_bookmark(), and it is received. */
int caller_bookmark(struct caller *c);

/* The next message that was received, or NULL. Valid until the next step. */
const char *caller_next(struct caller *c);

#endif
