/* SPDX-License-Identifier: Apache-2.0 */
/* A thread's side of the queue. */
#include <unistd.h>

#include "moment.h"
#include "reader_queue_internal.h"

/* During a scan the loop is woken when so many wait. */
#define WAKE_AT 32

bool reader_queue_take(struct reader_queue *q, struct reader_task *task, struct reader_command *ret)
{
	bool go_on;

	reader_queue_lock(q);
	while (!q->stop && q->commands.count == 0)
		(void)pthread_cond_wait(&q->to_thread, &q->lock);
	go_on = !q->stop;
	if (go_on) {
		*ret = reader_commands_take(&q->commands);
		task->command = *ret;
	}
	reader_queue_unlock(q);
	return go_on;
}

static bool is_same_place(const struct reader_work *a, const struct reader_work *b)
{
	return a->place == b->place &&
	       (a->place != READER_FUNCTION || pci_addr_compare(&a->addr, &b->addr) == 0);
}

uint64_t reader_queue_silence(struct reader_queue *q, const struct reader_work *work)
{
	uint64_t since_usec = 0, now = clock_usec(CLOCK_MONOTONIC);

	reader_queue_lock(q);
	for (size_t i = 0; i < q->left_count; i++)
		if (!q->left[i]->back && is_same_place(&q->left[i]->work, work))
			since_usec = q->left[i]->work.since_usec;
	reader_queue_unlock(q);
	return since_usec == 0 ? 0 : now > since_usec ? now - since_usec : 1;
}

static void begin_work(struct reader_queue *q, struct reader_task *task,
		       const struct reader_work *work)
{
	task->working = true;
	task->work = *work;
	task->work.number = ++q->works;
	task->work.since_usec = clock_usec(CLOCK_MONOTONIC);
}

void reader_queue_wake_loop(struct reader_queue *q)
{
	static const uint64_t one = 1;

	if (q->woken)
		return;
	(void)!write(q->wake_fd, &one, sizeof(one)); /* only fails if it is readable */
	q->woken = true;
}

/* Returns whether what the thread has found still counts. */
static bool end_work(struct reader_queue *q, struct reader_task *task)
{
	task->working = false;
	if (task->left) {
		task->back = true;
		reader_queue_wake_loop(q);
		return false;
	}
	if (q->stop)
		(void)pthread_cond_signal(&q->to_loop);
	return true;
}

struct observation *reader_queue_begin(struct reader_queue *q, struct reader_task *task,
				       const struct reader_work *work)
{
	struct observation *obs = NULL;

	reader_queue_lock(q);
	while (!q->stop && q->slot_count == READER_SLOTS)
		(void)pthread_cond_wait(&q->to_thread, &q->lock);
	if (!q->stop) {
		begin_work(q, task, work);
		obs = task->filling;
	}
	reader_queue_unlock(q);
	return obs;
}

/* The filled observation changes places with one that nobody uses. */
static void put_observation(struct reader_queue *q, struct reader_task *task)
{
	struct observation **slot = &q->slots[(q->slot_first + q->slot_count++) % READER_SLOTS];
	struct observation *unused = *slot;

	*slot = task->filling;
	task->filling = unused;
}

bool reader_queue_finish(struct reader_queue *q, struct reader_task *task, enum reader_more more)
{
	bool counts;

	reader_queue_lock(q);
	counts = end_work(q, task);
	if (counts) {
		put_observation(q, task);
		q->reads += task->work.place == READER_FUNCTION;
		if (more == READER_LAST || q->slot_count >= WAKE_AT)
			reader_queue_wake_loop(q);
	}
	reader_queue_unlock(q);
	return counts;
}

bool reader_queue_enter(struct reader_queue *q, struct reader_task *task,
			const struct reader_work *work)
{
	bool go_on;

	reader_queue_lock(q);
	go_on = !q->stop;
	if (go_on)
		begin_work(q, task, work);
	reader_queue_unlock(q);
	return go_on;
}

bool reader_queue_leave(struct reader_queue *q, struct reader_task *task)
{
	bool counts;

	reader_queue_lock(q);
	counts = end_work(q, task);
	reader_queue_unlock(q);
	return counts;
}
