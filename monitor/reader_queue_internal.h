/* SPDX-License-Identifier: Apache-2.0 */
/* What the queue's two files share, the loop's side and a thread's. */
#ifndef VFMON_MONITOR_READER_QUEUE_INTERNAL_H
#define VFMON_MONITOR_READER_QUEUE_INTERNAL_H

#include <pthread.h>

#include "reader_queue.h"

/*
 * Observations that wait at most: enough that neither thread waits for the other at each one, few
 * enough that a scan of any host takes little memory.
 */
#define READER_SLOTS 64

struct reader_task {
	bool working;
	bool left;		       /* behind; nothing of it counts any more */
	bool back;		       /* and has come back: its thread does not use it any more */
	struct reader_work work;       /* valid if working */
	struct reader_command command; /* that is carried out; what went over with it is not ours */
	struct observation *filling;
};

struct reader_queue {
	pthread_mutex_t lock;	  /* of everything below but slots[] */
	pthread_cond_t to_thread; /* a command, room, or the end */
	pthread_cond_t to_loop;	  /* the current thread works on nothing any more */
	unsigned int refs;
	bool stop;
	uint64_t reads;
	uint64_t works; /* number of the last work */
	struct reader_task *current;
	struct reader_task *left[READER_LEFT_MAX];
	size_t left_count;
	struct reader_commands commands;

	int wake_fd;
	bool woken;		       /* wake_fd is readable */
	bool lent;		       /* the loop looks at slots[slot_first] */
	size_t slot_first, slot_count; /* finished ones */
	struct observation *slots[READER_SLOTS];
};

void reader_queue_lock(struct reader_queue *q);
void reader_queue_unlock(struct reader_queue *q);

/* With the lock held. */
void reader_queue_wake_loop(struct reader_queue *q);

#endif
