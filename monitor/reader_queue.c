/* SPDX-License-Identifier: Apache-2.0 */
#include "reader_queue.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "vfmon/cleanup.h"

#include "reader_queue_internal.h"

DEFINE_CLEANUP(struct reader_queue *, reader_queue_unref);

static struct reader_task *task_free(struct reader_task *task)
{
	if (!task)
		return NULL;
	free(task->filling);
	free(task);
	return NULL;
}

DEFINE_CLEANUP(struct reader_task *, task_free);

static int task_new(struct reader_task **ret)
{
	cleanup_(task_freep) struct reader_task *task = calloc(1, sizeof(*task));

	if (!task)
		return -ENOMEM;
	task->filling = malloc(sizeof(*task->filling));
	if (!task->filling)
		return -ENOMEM;
	*ret = TAKE_PTR(task);
	return 0;
}

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
	for (size_t i = 0; i < READER_SLOTS; i++) {
		q->slots[i] = malloc(sizeof(*q->slots[i]));
		if (!q->slots[i])
			return -ENOMEM;
	}
	*ret = TAKE_PTR(q);
	return 0;
}

void reader_queue_lock(struct reader_queue *q)
{
	int r = pthread_mutex_lock(&q->lock);

	if (r != 0)
		abort(); /* only our own mistake can do that */
}

void reader_queue_unlock(struct reader_queue *q)
{
	int r = pthread_mutex_unlock(&q->lock);

	if (r != 0)
		abort(); /* the same */
}

struct reader_queue *reader_queue_ref(struct reader_queue *q)
{
	reader_queue_lock(q);
	q->refs++;
	reader_queue_unlock(q);
	return q;
}

struct reader_queue *reader_queue_unref(struct reader_queue *q)
{
	bool last;

	if (!q)
		return NULL;
	reader_queue_lock(q);
	last = --q->refs == 0;
	reader_queue_unlock(q);
	if (!last)
		return NULL;
	if (q->wake_fd >= 0)
		(void)close(q->wake_fd); /* nothing to lose */
	(void)pthread_cond_destroy(&q->to_loop);
	(void)pthread_cond_destroy(&q->to_thread);
	(void)pthread_mutex_destroy(&q->lock);
	reader_commands_done(&q->commands);
	task_free(q->current);
	for (size_t i = 0; i < q->left_count; i++)
		task_free(q->left[i]);
	for (size_t i = 0; i < READER_SLOTS; i++)
		free(q->slots[i]);
	free(q);
	return NULL;
}

int reader_queue_fd(const struct reader_queue *q)
{
	return q->wake_fd;
}

int reader_queue_start(struct reader_queue *q, reader_start_fn start, void *arg)
{
	cleanup_(task_freep) struct reader_task *task = NULL;
	int r = task_new(&task);

	if (r < 0)
		return r;
	reader_queue_lock(q);
	r = start(task, arg);
	if (r == 0)
		q->current = TAKE_PTR(task);
	reader_queue_unlock(q);
	return r;
}

/*
 * A scan begins anew, and a read is tried again, which tells that the function hangs. What was being
 * compared is lost: a rescan mends that.
 */
static void put_again(struct reader_queue *q, const struct reader_task *hung)
{
	struct reader_command again = hung->command;

	if (again.kind != COMMAND_SCAN && again.kind != COMMAND_READ) {
		if (hung->work.place != READER_FUNCTION)
			return;
		again = (struct reader_command){ .kind = COMMAND_READ,
						 .request = { .addr = hung->work.addr,
							      .what = READ_FUNCTION,
							      .hint = again.request.hint } };
	}
	reader_commands_put_first(&q->commands, &again);
}

static int replace(struct reader_queue *q, struct reader_task **task, reader_start_fn start,
		   void *arg)
{
	int r;

	if (q->left_count == READER_LEFT_MAX)
		return -EBUSY;
	r = reader_commands_make_room(&q->commands, 1);
	if (r == 0)
		r = start(*task, arg);
	if (r < 0)
		return r;
	put_again(q, q->current);
	q->current->left = true;
	q->left[q->left_count++] = q->current;
	q->current = TAKE_PTR(*task);
	return 1;
}

int reader_queue_replace(struct reader_queue *q, const struct reader_work *work,
			 reader_start_fn start, void *arg)
{
	cleanup_(task_freep) struct reader_task *task = NULL;
	int r = task_new(&task);

	if (r < 0)
		return r;
	reader_queue_lock(q);
	if (q->current->working && q->current->work.number == work->number) {
		r = replace(q, &task, start, arg);
		/* What it has found before counts, and there may be no more of it for long. */
		reader_queue_wake_loop(q);
	}
	reader_queue_unlock(q);
	return r;
}

size_t reader_queue_left(struct reader_queue *q, struct reader_work ret[static READER_LEFT_MAX])
{
	size_t count = 0;

	reader_queue_lock(q);
	for (size_t i = 0; i < q->left_count; i++)
		if (!q->left[i]->back)
			ret[count++] = q->left[i]->work;
	reader_queue_unlock(q);
	return count;
}

/* The place among those that are left behind of one that has come back; left_count: none has. */
static size_t find_back(const struct reader_queue *q)
{
	size_t i = 0;

	while (i < q->left_count && !q->left[i]->back)
		i++;
	return i;
}

bool reader_queue_take_back(struct reader_queue *q, struct reader_work *ret)
{
	struct reader_task *back = NULL;
	size_t i;

	reader_queue_lock(q);
	i = find_back(q);
	if (i < q->left_count) {
		back = q->left[i];
		q->left[i] = q->left[--q->left_count];
	}
	reader_queue_unlock(q);
	if (!back)
		return false;
	*ret = back->work;
	task_free(back);
	return true;
}

int reader_queue_put_reads(struct reader_queue *q, const struct read_request *requests,
			   size_t count)
{
	int r;

	reader_queue_lock(q);
	r = reader_commands_make_room(&q->commands, count);
	for (size_t i = 0; r == 0 && i < count; i++) {
		const struct reader_command command = { .kind = COMMAND_READ,
							.request = requests[i] };

		reader_commands_append(&q->commands, &command);
	}
	(void)pthread_cond_signal(&q->to_thread);
	reader_queue_unlock(q);
	return r;
}

int reader_queue_put(struct reader_queue *q, const struct reader_command *command)
{
	int r;

	reader_queue_lock(q);
	r = reader_commands_make_room(&q->commands, 1);
	if (r == 0)
		reader_commands_append(&q->commands, command);
	(void)pthread_cond_signal(&q->to_thread);
	reader_queue_unlock(q);
	return r;
}

int reader_queue_next(struct reader_queue *q, const struct observation **ret)
{
	uint64_t count;
	int found;

	reader_queue_lock(q);
	if (q->lent) {
		q->lent = false;
		q->slot_first = (q->slot_first + 1) % READER_SLOTS;
		if (q->slot_count-- == READER_SLOTS)
			(void)pthread_cond_signal(&q->to_thread);
	}
	found = q->slot_count > 0;
	if (found) {
		*ret = q->slots[q->slot_first];
		q->lent = true;
	} else if (q->woken && find_back(q) == q->left_count) {
		(void)!read(q->wake_fd, &count, sizeof(count)); /* it is readable */
		q->woken = false;
	}
	reader_queue_unlock(q);
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
	reader_queue_lock(q);
	q->stop = true;
	(void)pthread_cond_broadcast(&q->to_thread);
	while (q->current->working && r == 0)
		r = pthread_cond_timedwait(&q->to_loop, &q->lock, &until);
	idle = !q->current->working;
	reader_queue_unlock(q);
	return idle;
}

bool reader_queue_work(struct reader_queue *q, struct reader_work *ret)
{
	bool working;

	reader_queue_lock(q);
	working = q->current->working;
	if (working)
		*ret = q->current->work;
	reader_queue_unlock(q);
	return working;
}

size_t reader_queue_waiting(struct reader_queue *q)
{
	size_t count;

	reader_queue_lock(q);
	count = q->commands.count;
	reader_queue_unlock(q);
	return count;
}

uint64_t reader_queue_reads(struct reader_queue *q)
{
	uint64_t reads;

	reader_queue_lock(q);
	reads = q->reads;
	reader_queue_unlock(q);
	return reads;
}
