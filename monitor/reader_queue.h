/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All that the event loop and the reader's threads share: commands one way, observations the other,
 * and what each thread is doing now. One thread is the current one; those that hang were left
 * behind, and nothing that they find goes to the loop any more. Counted, as any side may be the last
 * to use it.
 */
#ifndef VFMON_MONITOR_READER_QUEUE_H
#define VFMON_MONITOR_READER_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reader.h"
#include "reader_commands.h"

struct reader_queue;

/* What one thread works on and with. Belongs to the queue. */
struct reader_task;

/* Starts the thread that is to work on a task, which waits until its maker is done. 0 or -errno. */
typedef int (*reader_start_fn)(struct reader_task *task, void *arg);

/* With one reference for the caller. Returns 0 or -errno. */
int reader_queue_new(struct reader_queue **ret);

struct reader_queue *reader_queue_ref(struct reader_queue *q);

/* Takes NULL. Returns NULL. */
struct reader_queue *reader_queue_unref(struct reader_queue *q);

/* The loop's side. */

int reader_queue_fd(const struct reader_queue *q);

/* Has start() make the first thread. Returns 0, -ENOMEM or its error. */
int reader_queue_start(struct reader_queue *q, reader_start_fn start, void *arg);

/*
 * The same for another thread, if the current one is still at that work: it is left behind, and what
 * it was asked for is the first thing that the new one does. Returns 1, 0 if it has gone on
 * meanwhile, -EBUSY if READER_LEFT_MAX are left behind already, -ENOMEM, or start()'s error.
 */
int reader_queue_replace(struct reader_queue *q, const struct reader_work *work,
			 reader_start_fn start, void *arg);

/* What the threads that are left behind still hang in. Returns how many. */
size_t reader_queue_left(struct reader_queue *q, struct reader_work ret[static READER_LEFT_MAX]);

/* See reader_take_back(). */
bool reader_queue_take_back(struct reader_queue *q, struct reader_work *ret);

/* Queues a read for each request: all, or -ENOMEM and none. */
int reader_queue_put_reads(struct reader_queue *q, const struct read_request *requests,
			   size_t count);

/* Queues any one command. Returns 0 or -ENOMEM. */
int reader_queue_put(struct reader_queue *q, const struct reader_command *command);

/* See reader_next(). */
int reader_queue_next(struct reader_queue *q, const struct observation **ret);

/*
 * Asks the threads to end and waits until the current one works on nothing, at most timeout_usec.
 * Returns whether it will end at once.
 */
bool reader_queue_stop(struct reader_queue *q, uint64_t timeout_usec);

bool reader_queue_work(struct reader_queue *q, struct reader_work *ret);
size_t reader_queue_waiting(struct reader_queue *q);
uint64_t reader_queue_reads(struct reader_queue *q);

/* A thread's side. After one of these has told it to end, it may not use its task any more. */

/* Waits for the next command. Returns false if the thread is to end. */
bool reader_queue_take(struct reader_queue *q, struct reader_task *task,
		       struct reader_command *ret);

/*
 * Whether another thread hangs in just that, so that this one would hang in it as well. Returns for
 * how long it does, or 0.
 */
uint64_t reader_queue_silence(struct reader_queue *q, const struct reader_work *work);

/*
 * Waits for room for one more observation, and lends it to the caller to be filled. From here to
 * reader_queue_finish() the thread may hang. NULL if the thread is to end.
 */
struct observation *reader_queue_begin(struct reader_queue *q, struct reader_task *task,
				       const struct reader_work *work);

/* More of a scan follows at once: the loop need not wake up for each. */
enum reader_more { READER_LAST, READER_MORE_FOLLOWS };

/*
 * What reader_queue_begin() lent is filled, and goes to the loop. Returns false if the thread was
 * left behind meanwhile and is to end: it goes nowhere.
 */
bool reader_queue_finish(struct reader_queue *q, struct reader_task *task, enum reader_more more);

/* The same two for work of which nothing is observed. Both return false if the thread is to end. */
bool reader_queue_enter(struct reader_queue *q, struct reader_task *task,
			const struct reader_work *work);
bool reader_queue_leave(struct reader_queue *q, struct reader_task *task);

#endif
