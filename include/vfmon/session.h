/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connection without its socket: bytes in, calls served, replies and changes out. Knows neither
 * libevent nor a clock; whoever owns the socket moves the bytes and counts what is queued.
 */
#ifndef VFMON_SESSION_H
#define VFMON_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vfmon/history.h"
#include "vfmon/json_text.h"
#include "vfmon/registry.h"
#include "vfmon/status.h"

struct policy;

/* What all sessions share. Everything is borrowed and outlives them. */
struct service {
	const struct registry *registry;
	const struct history *history;
	const char *epoch;
	/* The policy in force; borrowed until the caller returns to the event loop. */
	const struct policy *(*get_policy)(void *arg);
	/* Fills *ret; the texts in it stay valid until the caller returns to the event loop. */
	void (*gather_status)(struct status *ret, void *arg);
	void *arg;
	uint64_t changes_merged; /* counted by the sessions */
	uint64_t malformed;	 /* connections closed for what they sent */
};

struct session;

/* Returns 0 or -ENOMEM. */
int session_new(struct service *service, struct session **ret);

/* Takes NULL. Returns NULL. */
struct session *session_free(struct session *s);

/* From now on the next call is answered with TooManyClients, and then the session is over. */
void session_refuse(struct session *s, uint64_t limit);

/*
 * Takes bytes that came in. Returns 0, -ENOMEM, or -EMSGSIZE: a message is longer than
 * MAX_REQUEST_BYTES. After an error only session_step() and session_free() make sense: calls that
 * were whole before it are still answered.
 */
int session_feed(struct session *s, const char *bytes, size_t len);

/*
 * Does the next piece of work: answers one call, or writes the next part of a stream (snapshot,
 * changes that are owed) into session_output(). To be called in a loop while the peer's queue has
 * room. Returns 1 if something was done, 0 if there is nothing to do now, or a negative errno: the
 * connection is to be closed once what was written has been sent, session_why() says why.
 */
int session_step(struct session *s);

/*
 * What is to be sent; whoever sends it empties it with json_text_clear() or takes it over. To be done
 * after each step and bookmark at once: what session_change() lets send comes behind it.
 */
struct json_text *session_output(struct session *s);

/* Why it is to be closed, for the log; NULL if nothing is wrong. */
const char *session_why(const struct session *s);

/* How many whole requests were taken up. */
uint64_t session_calls(const struct session *s);

/* Whether a request has begun whose rest is waited for. */
bool session_has_begun(const struct session *s);

/*
 * Whether more input is of use now: not while a watch runs or a whole call waits unanswered.
 */
bool session_wants_input(const struct session *s);

/* Whether it watches, so that changes and bookmarks are for it. */
bool session_is_watching(const struct session *s);

/* What is to be done with a change for one session. */
enum session_delivery {
	SESSION_NOT_CONCERNED, /* nothing, or it was stored to be sent by session_step() */
	SESSION_SEND_MATCHING, /* send the change's reply with matches true */
	SESSION_SEND_LEAVING   /* the same with matches false */
};

/* How much the peer's queue can take. */
enum session_room { SESSION_ROOM, SESSION_FULL };

/*
 * A change has happened (it is in the history, which was not trimmed yet). Sequence numbers follow
 * each other without gaps. The reply of session_change_reply() is the same for all sessions.
 */
enum session_delivery session_change(struct session *s, const struct change *change,
				     enum session_room room);

/* Writes the reply of a watch that carries one change, with its NUL. Returns 0 or -ENOMEM. */
int session_change_reply(struct json_text *out, const struct change *change,
			 enum session_delivery delivery);

/*
 * Writes a bookmark (epoch and sequence alone), for a watch that has been silent. Nothing while it
 * is still owed changes. Returns 1 if written, 0 if not, -ENOMEM.
 */
int session_bookmark(struct session *s);

#endif
