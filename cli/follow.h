/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A subscription that does not end with the daemon: one that is not there yet is waited for, and
 * after a restart it goes on where it was, or from a new snapshot.
 */
#ifndef VFMON_CLI_FOLLOW_H
#define VFMON_CLI_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "census.h"
#include "query.h"

struct follow {
	const struct options *options;
	struct query query;   /* without a connection: not connected now */
	struct census census; /* of the host */
	bool complete;	      /* the census is one of a moment, not of half a snapshot */
	bool resuming;	      /* nothing has come yet on this connection */
	char *epoch;	      /* where to go on; NULL: from the start */
	int64_t sequence;
	uint64_t pause_usec; /* before the next try */
};

void follow_init(struct follow *f, const struct options *o);
void follow_done(struct follow *f);

/* How texts are to come in, for another connection that goes with it. */
enum connection_texts follow_texts(const struct options *o);

/* Whether an error reply passes by itself: too many clients are there now. */
bool follow_is_passing(const struct reply *reply);

/*
 * Waits at most usec for something to happen, and takes in all of it that is there. Sets *ret_news if
 * the census may be another one. After anything but EXIT_STATUS_YES everything is said: it can not
 * go on.
 */
enum exit_status follow_step(struct follow *f, uint64_t usec, bool *ret_news);

/* Whether the census is that of the host; not while the daemon is away. */
bool follow_is_complete(const struct follow *f);

/* Writes why it is not, "vfmond is not running". */
void follow_print_trouble(const struct follow *f, FILE *out);

#endif
