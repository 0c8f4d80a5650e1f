/* SPDX-License-Identifier: Apache-2.0 */
/* One connection: moves bytes between its socket and its session, within limits. */
#ifndef VFMOND_CLIENT_H
#define VFMOND_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#include "peersock.h"
#include "vfmon/session.h"

struct client;
struct event_base;
struct shared_text;

/* What the owner of a client hears; each at most once in a client's life. */
struct client_ops {
	/* It is over; to be freed, but not before the present callback has returned. */
	void (*on_over)(void *arg);
	/* It watches from now on, until it is over. */
	void (*on_watching)(void *arg);
};

struct client_setup {
	struct event_base *base; /* outlives the client, as service and ops do */
	struct service *service;
	const struct client_ops *ops;
	void *arg; /* of ops */
	struct client_peer peer;
	uint64_t request_within_usec; /* to send the first request, or the rest of one, whole */
	uint64_t read_within_usec;    /* if it sends no more: to take a byte of what is queued */
	const size_t *refuse_limit;   /* what it is one too many for: it is told so; or NULL */
};

/* Begins to serve fd, a connected non-blocking socket, taken on success only. 0 or -ENOMEM. */
int client_new(const struct client_setup *setup, int fd, struct client **ret);

/* Closes the connection. Takes NULL. Returns NULL. */
struct client *client_free(struct client *c);

/* Why the daemon has ended it; NULL while it is served or if the peer went by itself. Borrowed. */
const char *client_why(const struct client *c);

const struct client_peer *client_get_peer(const struct client *c);

/* Bytes that wait for the peer to read. */
size_t client_queued_bytes(const struct client *c);

/* When something was sent or queued last (CLOCK_MONOTONIC). */
uint64_t client_sent_usec(const struct client *c);

/* What this client's session makes of a change; see session_change(). */
enum session_delivery client_change(struct client *c, const struct change *change);

/* Sends the text, or queues what the socket does not take now. NULL: it could not be made. */
void client_send(struct client *c, struct shared_text *text);

/* Sends a bookmark if nothing was sent since that time and nothing is queued. */
void client_bookmark(struct client *c, uint64_t since_usec);

#endif
