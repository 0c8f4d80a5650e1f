/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All that the event loop and the reader's thread share: commands one way, observations the other,
 * and what the thread is doing now. Counted, as either side may be the last to use it.
 */
#ifndef VFMON_MONITOR_READER_QUEUE_H
#define VFMON_MONITOR_READER_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reader.h"

struct reader_queue;

enum reader_command_kind {
	COMMAND_READ,
	COMMAND_SCAN,
	COMMAND_INVALIDATE, /* modules and drivers */
	COMMAND_FORGET_USE,
	COMMAND_REFRESH_USE,
	COMMAND_VENDOR_RULES,
	COMMAND_FIND_NEW /* for the audit */
};

struct reader_command {
	enum reader_command_kind kind;
	struct read_request request;	   /* of all but a read only the hint counts */
	unsigned int use_parts;		   /* to be refreshed */
	struct vendor_rules *vendor_rules; /* goes over to whoever takes the command */
	struct pci_addr *known;		   /* the same */
	size_t known_count;
};

/* With one reference for the caller. Returns 0 or -errno. */
int reader_queue_new(struct reader_queue **ret);

struct reader_queue *reader_queue_ref(struct reader_queue *q);

/* Takes NULL. Returns NULL. */
struct reader_queue *reader_queue_unref(struct reader_queue *q);

/* The loop's side. */

int reader_queue_fd(const struct reader_queue *q);

/* Queues a read for each request: all, or -ENOMEM and none. */
int reader_queue_put_reads(struct reader_queue *q, const struct read_request *requests,
			   size_t count);

/* Queues any one command. Returns 0 or -ENOMEM. */
int reader_queue_put(struct reader_queue *q, const struct reader_command *command);

/* See reader_next(). */
int reader_queue_next(struct reader_queue *q, const struct observation **ret);

/*
 * Asks the thread to end and waits until it works on nothing, at most timeout_usec. Returns whether
 * it will end at once.
 */
bool reader_queue_stop(struct reader_queue *q, uint64_t timeout_usec);

bool reader_queue_work(struct reader_queue *q, struct reader_work *ret);
size_t reader_queue_waiting(struct reader_queue *q);
uint64_t reader_queue_reads(struct reader_queue *q);

/* The thread's side. */

/* Waits for the next command. Returns false if the thread is to end. */
bool reader_queue_take(struct reader_queue *q, struct reader_command *ret);

/*
 * Waits for room for one more observation, and lends it to the caller to be filled. From here to
 * reader_queue_finish() the thread may hang. NULL if the thread is to end.
 */
struct observation *reader_queue_begin(struct reader_queue *q, const struct reader_work *work);

/* More of a scan follows at once: the loop need not wake up for each. */
enum reader_more { READER_LAST, READER_MORE_FOLLOWS };

/* What reader_queue_begin() lent is filled, and goes to the loop. */
void reader_queue_finish(struct reader_queue *q, enum reader_more more);

#endif
