/* SPDX-License-Identifier: Apache-2.0 */
/* One connection: moves bytes between its socket and its session, within limits. */
#ifndef VFMOND_CLIENT_H
#define VFMOND_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "vfmon/session.h"

struct client;
struct event_base;

/* What the owner of a client hears; both are called at most once in a client's life. */
struct client_ops {
	/* It is over. To be freed, but only after the present callback has returned. */
	void (*on_over)(struct client *c, void *arg);
	/* It watches from now on, until it is over. */
	void (*on_watching)(struct client *c, void *arg);
	void *arg;
};

/* What all clients share; borrowed, outlives them. */
struct client_setup {
	struct event_base *base;
	struct service *service;
	struct client_ops ops;
};

/* The process at the other end when it connected. */
struct client_peer {
	pid_t pid;
	uid_t uid;
};

/* Takes fd, a connected non-blocking socket, on success only. Returns 0 or -errno. */
int client_new(const struct client_setup *setup, int fd, struct client **ret);

/* Closes the connection. Takes NULL. Returns NULL. */
struct client *client_free(struct client *c);

/*
 * Begins to serve it; without a whole request after first_request_usec it is over. limit is 0, or
 * the number of clients that it is too many for: then its first call is answered so.
 */
int client_start(struct client *c, uint64_t first_request_usec, uint64_t limit);

const struct client_peer *client_get_peer(const struct client *c);

/* Why the daemon ended it; NULL while it is served or if the peer went by itself. Borrowed. */
const char *client_why(const struct client *c);

/* How much its queue can take. */
enum session_room client_room(const struct client *c);

/*
 * A text that several clients get. Made once; a client that can not send it at once keeps a
 * reference of its own.
 */
struct client_text;
int client_text_new(struct json_text *text, struct client_text **ret); /* takes the text's buffer */
struct client_text *client_text_unref(struct client_text *t);	       /* takes NULL, returns NULL */

/* What the session makes of a change; see session_change(). */
enum session_delivery client_change(struct client *c, const struct change *change);

/* Sends the text, or queues what the socket does not take now. */
void client_send(struct client *c, struct client_text *text);

/* Sends a bookmark if nothing was sent since before_usec (CLOCK_MONOTONIC). */
void client_bookmark(struct client *c, uint64_t before_usec);

/* When something was sent last (CLOCK_MONOTONIC). */
uint64_t client_sent_usec(const struct client *c);

/* Bytes that wait for the peer to read. */
size_t client_queued_bytes(const struct client *c);

bool client_is_watching(const struct client *c);

#endif
