/* SPDX-License-Identifier: Apache-2.0 */
#include "reader.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "vfmon/cleanup.h"
#include "vfmon/vendor_rules.h"

#include "moment.h"
#include "reader_queue.h"
#include "sysfs.h"

/* How long the end of the daemon waits for a read that is under way. */
#define STOP_WITHIN_USEC 500000

struct reader {
	struct reader_queue *queue;
	pthread_t thread;
	bool started;
};

/* What the thread owns alone. */
struct worker {
	struct reader_queue *queue; /* a reference of its own */
	struct sysfs *sysfs;
};

DEFINE_CLEANUP(struct reader *, reader_free);

static struct worker *worker_free(struct worker *w)
{
	if (!w)
		return NULL;
	sysfs_free(w->sysfs);
	reader_queue_unref(w->queue);
	free(w);
	return NULL;
}

DEFINE_CLEANUP(struct worker *, worker_free);

/* Reads one function straight into the queue. Returns false if the thread is to end. */
static bool work_read(struct worker *w, const struct read_request *request, enum reader_more more)
{
	const struct reader_work work = { .addr = request->addr,
					  .since_usec = clock_usec(CLOCK_BOOTTIME) };
	const struct sysfs_want want = { request->known_inode, request->card_serial };
	struct observation *obs = reader_queue_begin(w->queue, &work);

	if (!obs)
		return false;
	if (request->what == READ_NODES)
		sysfs_read_nodes(w->sysfs, &request->addr, obs);
	else
		sysfs_read_function(w->sysfs, &request->addr, &want, obs);
	obs->hint = request->hint;
	reader_queue_finish(w->queue, more);
	return true;
}

/* Lists the functions, and reports that a scan begins. Returns as work_read(). */
static bool work_begin_scan(struct worker *w, const struct hint *hint, struct pci_addr **ret,
			    ssize_t *ret_count)
{
	const struct reader_work work = { .border = true,
					  .since_usec = clock_usec(CLOCK_BOOTTIME) };
	struct observation *obs = reader_queue_begin(w->queue, &work);

	if (!obs)
		return false;
	observation_init(obs, OBSERVATION_SCAN_BEGIN, NULL);
	obs->hint = *hint;
	*ret_count = sysfs_list(w->sysfs, ret);
	reader_queue_finish(w->queue, READER_MORE_FOLLOWS);
	return true;
}

static bool work_end_scan(struct worker *w, const struct hint *hint, int error)
{
	const struct reader_work work = { .border = true,
					  .since_usec = clock_usec(CLOCK_BOOTTIME) };
	struct observation *obs = reader_queue_begin(w->queue, &work);

	if (!obs)
		return false;
	observation_init(obs, OBSERVATION_SCAN_END, NULL);
	obs->hint = *hint;
	obs->error = error;
	reader_queue_finish(w->queue, READER_LAST);
	return true;
}

static bool work_scan(struct worker *w, const struct hint *hint)
{
	struct read_request request = { .what = READ_FUNCTION, .hint = *hint };
	struct pci_addr *addrs = NULL;
	ssize_t count = 0;
	bool go_on = work_begin_scan(w, hint, &addrs, &count);

	for (ssize_t i = 0; go_on && i < count; i++) {
		request.addr = addrs[i];
		go_on = work_read(w, &request, READER_MORE_FOLLOWS);
	}
	free(addrs);
	return go_on && work_end_scan(w, hint, count < 0 ? (int)-count : 0);
}

struct refresh {
	struct worker *worker;
	struct read_request request;
	bool go_on;
};

static void on_other_use(const struct pci_addr *addr, void *arg)
{
	struct refresh *refresh = arg;

	if (!refresh->go_on)
		return;
	refresh->request.addr = *addr;
	refresh->go_on = work_read(refresh->worker, &refresh->request, READER_LAST);
}

/* What could not be looked at stays as it was: the next event, or a rescan, looks again. */
static bool work_refresh_use(struct worker *w, const struct reader_command *command)
{
	struct refresh refresh = { w, { .what = READ_FUNCTION }, true };

	refresh.request.hint = command->request.hint;
	(void)sysfs_refresh_use(w->sysfs, command->use_parts, on_other_use, &refresh);
	return refresh.go_on;
}

static int compare_addr(const void *a, const void *b)
{
	return pci_addr_compare(a, b);
}

static bool work_find_new(struct worker *w, struct reader_command *command)
{
	const struct reader_work work = { .border = true,
					  .since_usec = clock_usec(CLOCK_BOOTTIME) };
	struct read_request request = { .what = READ_FUNCTION, .hint = command->request.hint };
	struct pci_addr *addrs = NULL;
	struct observation *obs;
	ssize_t count = sysfs_list(w->sysfs, &addrs);
	bool go_on = true;

	for (ssize_t i = 0; go_on && i < count; i++) {
		if (command->known_count > 0 &&
		    bsearch(&addrs[i], command->known, command->known_count, sizeof(*addrs),
			    compare_addr))
			continue;
		request.addr = addrs[i];
		go_on = work_read(w, &request, READER_MORE_FOLLOWS);
	}
	free(addrs);
	free(command->known);
	obs = go_on ? reader_queue_begin(w->queue, &work) : NULL;
	if (!obs)
		return false;
	observation_init(obs, OBSERVATION_LISTED, NULL);
	obs->hint = command->request.hint;
	obs->error = count < 0 ? (int)-count : 0;
	reader_queue_finish(w->queue, READER_LAST);
	return true;
}

static bool carry_out(struct worker *w, struct reader_command *command)
{
	switch (command->kind) {
	case COMMAND_READ:
		return work_read(w, &command->request, READER_LAST);
	case COMMAND_SCAN:
		return work_scan(w, &command->request.hint);
	case COMMAND_INVALIDATE:
		sysfs_invalidate(w->sysfs);
		return true;
	case COMMAND_FORGET_USE:
		sysfs_forget_use(w->sysfs);
		return true;
	case COMMAND_VENDOR_RULES:
		sysfs_set_vendor_rules(w->sysfs, command->vendor_rules);
		return true;
	case COMMAND_REFRESH_USE:
		return work_refresh_use(w, command);
	case COMMAND_FIND_NEW:
		return work_find_new(w, command);
	}
	return true;
}

static void *run(void *arg)
{
	struct worker *w = arg;
	struct reader_command command;

	while (reader_queue_take(w->queue, &command) && carry_out(w, &command))
		;
	worker_free(w);
	return NULL;
}

/* All signals are the loop's. */
static int start(struct reader *r, struct worker *w)
{
	sigset_t all, old;
	int e;

	sigfillset(&all);
	e = pthread_sigmask(SIG_SETMASK, &all, &old);
	if (e != 0)
		return -e;
	e = pthread_create(&r->thread, NULL, run, w);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL); /* it was possible before */
	r->started = e == 0;
	return -e;
}

int reader_new(const struct reader_options *options, struct reader **ret)
{
	const struct sysfs_options sysfs = {
		.sysfs_root = options->sysfs_root,
		.dev_root = options->dev_root,
		.modules_alias = options->modules_alias,
		.proc_root = options->proc_root,
	};
	cleanup_(reader_freep) struct reader *r = calloc(1, sizeof(*r));
	cleanup_(worker_freep) struct worker *w = calloc(1, sizeof(*w));
	int e;

	if (!r || !w)
		return -ENOMEM;
	e = reader_queue_new(&r->queue);
	if (e < 0)
		return e;
	w->queue = reader_queue_ref(r->queue);
	e = sysfs_new(&sysfs, &w->sysfs);
	if (e < 0)
		return e;
	e = start(r, w);
	if (e < 0)
		return e;
	(void)TAKE_PTR(w); /* the thread's now */
	*ret = TAKE_PTR(r);
	return 0;
}

struct reader *reader_free(struct reader *r)
{
	if (!r)
		return NULL;
	if (r->started) {
		if (reader_queue_stop(r->queue, STOP_WITHIN_USEC))
			(void)pthread_join(r->thread, NULL); /* it was started and is joined once */
		else
			(void)pthread_detach(r->thread); /* the same */
	}
	reader_queue_unref(r->queue);
	free(r);
	return NULL;
}

int reader_fd(const struct reader *r)
{
	return reader_queue_fd(r->queue);
}

int reader_submit(struct reader *r, const struct read_request *requests, size_t count)
{
	return reader_queue_put_reads(r->queue, requests, count);
}

int reader_scan(struct reader *r, const struct hint *hint)
{
	const struct reader_command command = { .kind = COMMAND_SCAN, .request.hint = *hint };

	return reader_queue_put(r->queue, &command);
}

int reader_invalidate_modules(struct reader *r)
{
	const struct reader_command command = { .kind = COMMAND_INVALIDATE };

	return reader_queue_put(r->queue, &command);
}

int reader_invalidate_all(struct reader *r)
{
	const struct reader_command command = { .kind = COMMAND_FORGET_USE };
	int e = reader_invalidate_modules(r);

	return e < 0 ? e : reader_queue_put(r->queue, &command);
}

int reader_refresh_use(struct reader *r, unsigned int parts, const struct hint *hint)
{
	const struct reader_command command = { .kind = COMMAND_REFRESH_USE,
						.request.hint = *hint,
						.use_parts = parts };

	return reader_queue_put(r->queue, &command);
}

int reader_find_new(struct reader *r, struct pci_addr *known, size_t count, const struct hint *hint)
{
	const struct reader_command command = { .kind = COMMAND_FIND_NEW,
						.request.hint = *hint,
						.known = known,
						.known_count = count };
	int e = reader_queue_put(r->queue, &command);

	if (e < 0)
		free(known);
	return e;
}

int reader_set_vendor_rules(struct reader *r, struct vendor_rules *rules)
{
	const struct reader_command command = { .kind = COMMAND_VENDOR_RULES,
						.vendor_rules = rules };
	int e = reader_queue_put(r->queue, &command);

	if (e < 0)
		vendor_rules_free(rules);
	return e;
}

int reader_next(struct reader *r, const struct observation **ret)
{
	return reader_queue_next(r->queue, ret);
}

bool reader_is_busy(struct reader *r, struct reader_work *ret)
{
	return reader_queue_work(r->queue, ret);
}

size_t reader_waiting(struct reader *r)
{
	return reader_queue_waiting(r->queue);
}

uint64_t reader_reads(struct reader *r)
{
	return reader_queue_reads(r->queue);
}
