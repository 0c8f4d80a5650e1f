/* SPDX-License-Identifier: Apache-2.0 */
/* Accepts clients within limits, keeps them, and hands every change to those who watch. */
#ifndef VFMOND_SERVER_H
#define VFMOND_SERVER_H

#include <stddef.h>
#include <stdint.h>

struct change;
struct event_base;
struct server;
struct service;

struct server_limits {
	size_t max_clients;
	size_t max_clients_per_user;
	uint64_t request_within_usec; /* to ask something, and to end a request that has begun */
	uint64_t read_within_usec;    /* for one that sends no more, to read some of its replies */
	uint64_t bookmark_after_usec; /* silence after which a watch gets a bookmark */
};

/* The defaults of names.h. */
void server_limits_init(struct server_limits *limits);

/* Borrows base and service, which outlive it. Returns 0 or -ENOMEM. */
int server_new(struct event_base *base, struct service *service, const struct server_limits *limits,
	       struct server **ret);

/* Closes all clients; before event_base_free(). Takes NULL. Returns NULL. */
struct server *server_free(struct server *s);

/* Accepts from fd, a listening non-blocking socket that is borrowed. Returns 0 or -errno. */
int server_listen(struct server *s, int fd);

/*
 * Takes a connected socket, as if it had been accepted: limits count, and it is closed on any
 * failure. Returns 0 or -errno.
 */
int server_adopt(struct server *s, int fd);

/* Other limits; they count for clients that come from now on. */
void server_set_limits(struct server *s, const struct server_limits *limits);

/*
 * Hands one change to all who watch. Never blocks, frees no client before it returns to the loop.
 * To be called for each change in order, after history_append() and before history_trim().
 */
void server_publish(struct server *s, const struct change *change);

/* For GetStatus. */
size_t server_client_count(const struct server *s);
uint64_t server_dropped_count(const struct server *s);

/* Bytes that wait for all clients together to read. */
size_t server_queued_bytes(const struct server *s);

/* Logs each client in a line. */
void server_dump(const struct server *s);

#endif
