/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client that watches: a real session, a queue of bytes between the two with the rules of client.c,
 * and a view. It reads as slowly as it was told to, and goes and comes again.
 */
#ifndef VFMON_TEST_SUBSCRIBER_H
#define VFMON_TEST_SUBSCRIBER_H

#include "dice.h"
#include "monitored.h"
#include "view.h"

#define SUBSCRIBER_FILTER_MAX 400

/* How it behaves. */
struct subscriber_plan {
	uint32_t room;	    /* bytes that wait for it before its queue counts as full */
	uint32_t speed;	    /* bytes that it reads at a time at most */
	uint32_t idle;	    /* how often it does not read, in percent */
	uint32_t reconnect; /* how often it goes and comes again, in percent */
	uint32_t odd;	    /* how often it then asks for what can not be had */
	uint64_t chaos;	    /* of all that it does */
	char filter[SUBSCRIBER_FILTER_MAX]; /* JSON; "": none */
};

struct subscriber {
	const struct subscriber_plan *plan;
	struct monitored *server; /* NULL: there is none now */
	struct session *session;  /* NULL: not connected */
	char name[32];
	struct json_object *filter;
	struct view view;
	char *queue; /* bytes that were sent and not yet read */
	size_t queue_size, queue_room;
	char *input; /* what was read of a message that is not whole */
	size_t input_size, input_room;
	/* Where it can go on: what the last reply said. */
	bool has_place;
	char epoch[32];
	uint64_t sequence;
	/* Of this connection: */
	bool asked; /* by epoch and sequence */
	bool must_resume;
	bool answered; /* the first reply has come */
	bool in_snapshot;
	uint64_t asked_sequence;
	bool stored; /* changes of this connection waited behind a full queue, and may be merged */
	/* Counters of the run. */
	uint64_t resumes, snapshots, merged;
};

void subscriber_init(struct subscriber *s, const struct subscriber_plan *plan, unsigned int number);
void subscriber_done(struct subscriber *s);

/* The daemon is there, or has gone (NULL). */
void subscriber_set_server(struct subscriber *s, struct monitored *m);

/* A change was published; see session_change(). */
void subscriber_change(struct subscriber *s, const struct change *change);

/* It connects, reads, goes, or does nothing. */
void subscriber_turn(struct subscriber *s, struct dice *dice);

/* It reads all there is, and is connected. */
void subscriber_drain(struct subscriber *s);

#endif
