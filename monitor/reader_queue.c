/* SPDX-License-Identifier: Apache-2.0 */
#include "reader_queue.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "vfmon/cleanup.h"
#include "vfmon/vendor_rules.h"

/*
 * Observations that wait at most: enough that neither thread waits for the other at each one, few
 * enough that a scan of any host takes little memory.
 */
#define SLOTS 64

/* During a scan the loop is woken when so many wait. */
#define WAKE_AT 32

#define COMMANDS_FIRST 64

struct reader_queue {
	pthread_mutex_t lock;	  /* of everything below but slots[] */
	pthread_cond_t to_thread; /* a command, room, or the end */
	pthread_cond_t to_loop;	  /* the thread works on nothing any more */
	unsigned int refs;
	bool stop;
	bool working;
	struct reader_work work; /* valid if working */
	uint64_t reads;

	struct reader_command *commands; /* ring of command_room, a power of two */
	size_t command_room, command_first, command_count;

	int wake_fd;
	bool woken;		       /* wake_fd is readable */
	bool lent;		       /* the loop looks at slots[slot_first] */
	size_t slot_first, slot_count; /* finished ones; the thread fills the one behind them */
	struct observation slots[SLOTS];
};

DEFINE_CLEANUP(struct reader_queue *, reader_queue_unref);

static int init_conditions(struct reader_queue *q)
{
	pthread_condattr_t attr;
	int r = pthread_condattr_init(&attr);

	if (r != 0)
		return -r;
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC); /* a clock that is always there */
	r = pthread_cond_init(&q->to_loop, &attr);
	(void)pthread_condattr_destroy(&attr);
	return r != 0 ? -r : -pthread_cond_init(&q->to_thread, NULL);
}

int reader_queue_new(struct reader_queue **ret)
{
	cleanup_(reader_queue_unrefp) struct reader_queue *q = calloc(1, sizeof(*q));
	int r;

	if (!q)
		return -ENOMEM;
	q->refs = 1;
	q->wake_fd = -1;
	r = pthread_mutex_init(&q->lock, NULL);
	if (r == 0)
		r = init_conditions(q);
	if (r != 0)
		return -abs(r);
	q->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (q->wake_fd < 0)
		return -errno;
	*ret = TAKE_PTR(q);
	return 0;
}

static void lock(struct reader_queue *q)
{
	int r = pthread_mutex_lock(&q->lock);

	if (r != 0)
		abort(); /* only our own mistake can do that */
}

static void unlock(struct reader_queue *q)
{
	int r = pthread_mutex_unlock(&q->lock);

	if (r != 0)
		abort(); /* the same */
}

struct reader_queue *reader_queue_ref(struct reader_queue *q)
{
	lock(q);
	q->refs++;
	unlock(q);
	return q;
}

struct reader_queue *reader_queue_unref(struct reader_queue *q)
{
	bool last;

	if (!q)
		return NULL;
	lock(q);
	last = --q->refs == 0;
	unlock(q);
	if (!last)
		return NULL;
	if (q->wake_fd >= 0)
		(void)close(q->wake_fd); /* nothing to lose */
	(void)pthread_cond_destroy(&q->to_loop);
	(void)pthread_cond_destroy(&q->to_thread);
	(void)pthread_mutex_destroy(&q->lock);
	for (size_t i = 0; i < q->command_count; i++) {
		struct reader_command *c = &q->commands[(q->command_first + i) % q->command_room];

		vendor_rules_free(c->vendor_rules);
		free(c->known);
	}
	free(q->commands);
	free(q);
	return NULL;
}

int reader_queue_fd(const struct reader_queue *q)
{
	return q->wake_fd;
}

/* Room for count more commands; the ring is laid out anew from its first. */
static int make_room(struct reader_queue *q, size_t count)
{
	size_t room = q->command_room ? q->command_room : COMMANDS_FIRST;
	struct reader_command *commands;

	while (room - q->command_count < count)
		room *= 2;
	if (room == q->command_room)
		return 0;
	commands = reallocarray(NULL, room, sizeof(*commands));
	if (!commands)
		return -ENOMEM;
	for (size_t i = 0; i < q->command_count; i++)
		commands[i] = q->commands[(q->command_first + i) % q->command_room];
	free(q->commands);
	q->commands = commands;
	q->command_room = room;
	q->command_first = 0;
	return 0;
}

/* The place behind the last command, which it becomes. */
static struct reader_command *append(struct reader_queue *q)
{
	return &q->commands[(q->command_first + q->command_count++) % q->command_room];
}

int reader_queue_put_reads(struct reader_queue *q, const struct read_request *requests,
			   size_t count)
{
	int r;

	lock(q);
	r = make_room(q, count);
	for (size_t i = 0; r == 0 && i < count; i++)
		*append(q) = (struct reader_command){ .kind = COMMAND_READ,
						      .request = requests[i] };
	(void)pthread_cond_signal(&q->to_thread);
	unlock(q);
	return r;
}

int reader_queue_put(struct reader_queue *q, const struct reader_command *command)
{
	int r;

	lock(q);
	r = make_room(q, 1);
	if (r == 0)
		*append(q) = *command;
	(void)pthread_cond_signal(&q->to_thread);
	unlock(q);
	return r;
}

/* A burst's memory is given back when all of it has been taken. */
static void drop_command(struct reader_queue *q)
{
	q->command_first = (q->command_first + 1) % q->command_room;
	if (--q->command_count > 0 || q->command_room == COMMANDS_FIRST)
		return;
	free(q->commands);
	q->commands = NULL;
	q->command_room = q->command_first = 0;
}

bool reader_queue_take(struct reader_queue *q, struct reader_command *ret)
{
	bool go_on;

	lock(q);
	while (!q->stop && q->command_count == 0)
		(void)pthread_cond_wait(&q->to_thread, &q->lock);
	go_on = !q->stop;
	if (go_on) {
		*ret = q->commands[q->command_first];
		drop_command(q);
	}
	unlock(q);
	return go_on;
}

struct observation *reader_queue_begin(struct reader_queue *q, const struct reader_work *work)
{
	struct observation *obs = NULL;

	lock(q);
	while (!q->stop && q->slot_count == SLOTS)
		(void)pthread_cond_wait(&q->to_thread, &q->lock);
	if (!q->stop) {
		q->working = true;
		q->work = *work;
		obs = &q->slots[(q->slot_first + q->slot_count) % SLOTS];
	}
	unlock(q);
	return obs;
}

void reader_queue_finish(struct reader_queue *q, enum reader_more more)
{
	static const uint64_t one = 1;

	lock(q);
	q->working = false;
	if (q->stop)
		(void)pthread_cond_signal(&q->to_loop);
	q->slot_count++;
	q->reads += !q->work.border;
	if (!q->woken && (more == READER_LAST || q->slot_count >= WAKE_AT)) {
		(void)!write(q->wake_fd, &one, sizeof(one)); /* only fails if it is readable */
		q->woken = true;
	}
	unlock(q);
}

int reader_queue_next(struct reader_queue *q, const struct observation **ret)
{
	uint64_t count;
	int found;

	lock(q);
	if (q->lent) {
		q->lent = false;
		q->slot_first = (q->slot_first + 1) % SLOTS;
		if (q->slot_count-- == SLOTS)
			(void)pthread_cond_signal(&q->to_thread);
	}
	found = q->slot_count > 0;
	if (found) {
		*ret = &q->slots[q->slot_first];
		q->lent = true;
	} else if (q->woken) {
		(void)!read(q->wake_fd, &count, sizeof(count)); /* it is readable */
		q->woken = false;
	}
	unlock(q);
	return found;
}

bool reader_queue_stop(struct reader_queue *q, uint64_t timeout_usec)
{
	struct timespec until;
	bool idle;
	int r = 0;

	(void)clock_gettime(CLOCK_MONOTONIC, &until); /* a clock that is always there */
	until.tv_sec += (time_t)(timeout_usec / 1000000);
	until.tv_nsec += (long)(timeout_usec % 1000000) * 1000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	lock(q);
	q->stop = true;
	(void)pthread_cond_signal(&q->to_thread);
	while (q->working && r == 0)
		r = pthread_cond_timedwait(&q->to_loop, &q->lock, &until);
	idle = !q->working;
	unlock(q);
	return idle;
}

bool reader_queue_work(struct reader_queue *q, struct reader_work *ret)
{
	bool working;

	lock(q);
	working = q->working;
	if (working)
		*ret = q->work;
	unlock(q);
	return working;
}

size_t reader_queue_waiting(struct reader_queue *q)
{
	size_t count;

	lock(q);
	count = q->command_count;
	unlock(q);
	return count;
}

uint64_t reader_queue_reads(struct reader_queue *q)
{
	uint64_t reads;

	lock(q);
	reads = q->reads;
	unlock(q);
	return reads;
}
