/* SPDX-License-Identifier: Apache-2.0 */
/* One Varlink connection to the daemon: calls out, replies in, nothing waits for ever. */
#ifndef VFMON_CLI_CONNECTION_H
#define VFMON_CLI_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "vfmon/cleanup.h"
#include "vfmon/json_text.h"
#include "vfmon/value.h"

/* What is done with texts that came in. */
enum connection_texts {
	CONNECTION_TEXTS_EXACT, /* nothing: they go to a program */
	CONNECTION_TEXTS_UTF8,	/* made harmless for a terminal, see harmless.h */
	CONNECTION_TEXTS_ASCII
};

enum connection_call { CONNECTION_ONE_REPLY, CONNECTION_MORE };

struct connection;
struct service;

/*
 * Connects within timeout_usec. Returns 0 or a negative errno: -ENOENT and -ECONNREFUSED if nobody
 * listens, -EACCES if this user may not, -ETIMEDOUT, -ENAMETOOLONG.
 */
int connection_open(const char *path, uint64_t timeout_usec, enum connection_texts texts,
		    struct connection **ret);

/*
 * The same to what this program answers itself, without a socket; such a connection never waits. The
 * service is borrowed. Returns 0 or -ENOMEM.
 */
int connection_open_service(struct service *service, enum connection_texts texts,
			    struct connection **ret);

/* Takes NULL. Returns NULL. */
struct connection *connection_free(struct connection *c);

DEFINE_CLEANUP(struct connection *, connection_free);

/*
 * From now on waiting for a reply ends with -EPIPE when nobody reads the other end of this pipe any
 * more. Without effect for what is no pipe or socket.
 */
void connection_set_reader(struct connection *c, int fd);

/*
 * Begins a call of a method of the daemon's interface and returns where the members of its
 * parameters are written to; connection_send() completes and sends it. Borrowed.
 */
struct json_text *connection_begin(struct connection *c, const char *method);

/* Returns 0, -ENOMEM, -ETIMEDOUT or another errno of sending. */
int connection_send(struct connection *c, enum connection_call call, uint64_t timeout_usec);

struct reply {
	struct value *message;		/* owned */
	const struct value *parameters; /* of message; may be NULL */
	const char *error;		/* of message; NULL: a success */
	bool continues;			/* more replies to this call follow */
};

void reply_done(struct reply *reply);

/*
 * Waits for the next reply. Returns 0, -ETIMEDOUT, -ECONNRESET if the daemon has closed, -EBADMSG
 * for what is no reply, -EMSGSIZE, -ENOMEM, -EPIPE (see connection_set_reader()).
 */
int connection_receive(struct connection *c, uint64_t timeout_usec, struct reply *ret);

#endif
