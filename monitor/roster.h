/* SPDX-License-Identifier: Apache-2.0 */
/* The server's lists: all clients, those who watch, those who are over and wait to be freed. */
#ifndef VFMOND_ROSTER_H
#define VFMOND_ROSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

struct client;
struct server;

/* A client in the lists. */
struct slot {
	struct server *server;
	struct client *client; /* owned */
	bool refused;	       /* one too many, only here to be told so */
	bool watching;	       /* is in that list */
	bool over;	       /* the same */
	LIST_ENTRY(slot) all;
	LIST_ENTRY(slot) watchers;
	LIST_ENTRY(slot) overs;
};

LIST_HEAD(slot_list, slot);

/* All zero is empty. */
struct roster {
	struct slot_list all;
	struct slot_list watchers;
	struct slot_list overs;
	size_t count; /* without the refused */
	size_t refused_count;
	uint64_t dropped;	/* since the start */
	uint64_t second_usec;	/* when the present second began */
	unsigned int log_lines; /* about dropped clients, in it */
};

/* Takes the slot with its client. */
void roster_add(struct roster *r, struct slot *slot);

void roster_add_watcher(struct roster *r, struct slot *slot);

/* Only notes it: whoever walks a list, or works on this client, must still find it. */
void roster_add_over(struct roster *r, struct slot *slot);

/*
 * Frees those who are over; counts those whom the daemon dropped, and logs them: no more than ten a
 * second, as whoever connects again and again must not fill the journal.
 */
void roster_sweep(struct roster *r);

/* Frees all. */
void roster_clear(struct roster *r);

/* How many clients a user has, without the refused. */
size_t roster_count_of_user(const struct roster *r, uid_t uid);

/* Logs each client in a line. */
void roster_dump(const struct roster *r);

#endif
