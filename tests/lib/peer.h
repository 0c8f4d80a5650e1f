/* SPDX-License-Identifier: Apache-2.0 */
/* A Varlink client at the other end of a socketpair, in the same event loop as the server. */
#ifndef VFMON_TEST_PEER_H
#define VFMON_TEST_PEER_H

#include <stdbool.h>
#include <stddef.h>

#include "stage.h"

struct event;

struct peer {
	struct stage *stage;
	int fd; /* -1: hung up */
	struct event *readable;
	char *data; /* what came and was not taken */
	size_t start, len, size;
	bool ended; /* the server has closed */
};

/* Connects to the stage's server and begins to read. Ends the test program on failure. */
void peer_init(struct peer *p, struct stage *stage);

/* The same with a socket that is connected already, which it takes. */
void peer_init_fd(struct peer *p, struct stage *stage, int fd);
void peer_done(struct peer *p);

/* Reads no more, or again. */
void peer_pause(struct peer *p);
void peer_resume(struct peer *p);

/* Sends bytes as they are; steps the loop while the socket is full. */
void peer_send(struct peer *p, const char *bytes, size_t len);

/* Sends bytes again and again until no more are taken; returns how many, at most limit. */
size_t peer_flood(struct peer *p, const char *bytes, size_t len, size_t limit);

/* Sends one call: method of io.vfmon.Monitor; parameters (NULL: none) as JSON. */
void peer_call(struct peer *p, const char *method, const char *parameters);

/* The same with "more": starts a watch or a list in parts. */
void peer_call_more(struct peer *p, const char *method, const char *parameters);

/* Says that it sends no more. */
void peer_shut_sending(struct peer *p);

/* Closes its end. */
void peer_hang_up(struct peer *p);

/*
 * The next message, once it is there; NULL if the server has closed instead. Valid until the next
 * call for this peer.
 */
const char *peer_next(struct peer *p);

/* Whether a whole message is there already. */
bool peer_has_message(const struct peer *p);

/* Fails the test unless the next message is there and contains text. Returns it. */
const char *peer_expect(struct peer *p, const char *text);

/* Fails the test unless the server closes without another message. */
void peer_expect_end(struct peer *p);

/* That somebody else is still served. */
void peer_assert_others_are_served(struct stage *stage);

#endif
