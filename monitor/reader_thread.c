/* SPDX-License-Identifier: Apache-2.0 */
#include "reader_thread.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "vfmon/cleanup.h"
#include "vfmon/vendor_rules.h"

struct reader_thread {
	struct reader_queue *queue; /* a reference of its own */
	struct reader_task *task;
	struct sysfs *sysfs;
};

DEFINE_CLEANUP(struct reader_thread *, reader_thread_free);

int reader_thread_new(struct reader_queue *q, const struct sysfs_options *options,
		      const struct vendor_rules *rules, struct reader_thread **ret)
{
	cleanup_(reader_thread_freep) struct reader_thread *t = calloc(1, sizeof(*t));
	struct vendor_rules *copy = NULL;
	int r;

	if (!t)
		return -ENOMEM;
	r = sysfs_new(options, &t->sysfs);
	if (r < 0)
		return r;
	if (rules && vendor_rules_copy(rules, &copy) < 0)
		return -ENOMEM;
	sysfs_set_vendor_rules(t->sysfs, copy);
	t->queue = reader_queue_ref(q);
	*ret = TAKE_PTR(t);
	return 0;
}

struct reader_thread *reader_thread_free(struct reader_thread *t)
{
	if (!t)
		return NULL;
	sysfs_free(t->sysfs);
	reader_queue_unref(t->queue);
	free(t);
	return NULL;
}

_Static_assert((int)READER_ALIASES - (int)SYSFS_ALIASES == (int)READER_VDPA - (int)SYSFS_VDPA,
	       "places are as what is common");

static enum reader_place place_of(enum sysfs_common what)
{
	return (enum reader_place)((int)READER_ALIASES + (int)what);
}

/* Looks at what is common, unless another thread hangs in it. Returns false if it is to end. */
static bool look_at(struct reader_thread *t, enum sysfs_common what)
{
	const struct reader_work work = { .place = place_of(what) };

	if (reader_queue_silence(t->queue, &work)) {
		sysfs_do_without(t->sysfs, what);
		return true;
	}
	if (!reader_queue_enter(t->queue, t->task, &work))
		return false;
	sysfs_look_at(t->sysfs, what);
	return reader_queue_leave(t->queue, t->task);
}

/* So that a function is not blamed for what is none of its files. As look_at(). */
static bool look_at_unknown(struct reader_thread *t)
{
	for (int what = 0; what < SYSFS_COMMON_COUNT; what++)
		if (!sysfs_is_known(t->sysfs, (enum sysfs_common)what) &&
		    !look_at(t, (enum sysfs_common)what))
			return false;
	return true;
}

/* Instead of a read that would hang. Its directory can be looked at without the kernel's driver. */
static void tell_silence(struct reader_thread *t, const struct pci_addr *addr, uint64_t usec,
			 struct observation *obs)
{
	if (sysfs_exists(t->sysfs, addr) == 0) {
		observation_init(obs, OBSERVATION_GONE, addr);
		return;
	}
	observation_init(obs, OBSERVATION_SILENT, addr);
	obs->silent_usec = usec;
}

/* Reads one function straight into the queue. Returns false if the thread is to end. */
static bool work_read(struct reader_thread *t, const struct read_request *request,
		      enum reader_more more)
{
	const struct reader_work work = { .addr = request->addr,
					  .card_serial = request->card_serial };
	const struct sysfs_want want = { request->known_inode, request->card_serial };
	struct observation *obs;
	uint64_t silence;

	if (!look_at_unknown(t))
		return false;
	silence = reader_queue_silence(t->queue, &work);
	obs = reader_queue_begin(t->queue, t->task, &work);
	if (!obs)
		return false;
	if (silence)
		tell_silence(t, &request->addr, silence, obs);
	else if (request->what == READ_NODES)
		sysfs_read_nodes(t->sysfs, &request->addr, obs);
	else
		sysfs_read_function(t->sysfs, &request->addr, &want, obs);
	obs->hint = request->hint;
	/* What comes behind it may hang as well, so that nothing would wake the loop. */
	return reader_queue_finish(t->queue, t->task, silence ? READER_LAST : more);
}

/* Lists the functions, and reports that a scan begins. Returns as work_read(). */
static bool work_begin_scan(struct reader_thread *t, const struct hint *hint, struct pci_addr **ret,
			    ssize_t *ret_count)
{
	const struct reader_work work = { .place = READER_LIST };
	bool silent = reader_queue_silence(t->queue, &work);
	struct observation *obs = reader_queue_begin(t->queue, t->task, &work);

	if (!obs)
		return false;
	observation_init(obs, OBSERVATION_SCAN_BEGIN, NULL);
	obs->hint = *hint;
	*ret_count = silent ? -ETIMEDOUT : sysfs_list(t->sysfs, ret);
	return reader_queue_finish(t->queue, t->task, READER_MORE_FOLLOWS);
}

static bool work_end_scan(struct reader_thread *t, const struct hint *hint, int error)
{
	const struct reader_work work = { .place = READER_END };
	struct observation *obs = reader_queue_begin(t->queue, t->task, &work);

	if (!obs)
		return false;
	observation_init(obs, OBSERVATION_SCAN_END, NULL);
	obs->hint = *hint;
	obs->error = error;
	return reader_queue_finish(t->queue, t->task, READER_LAST);
}

static bool work_scan(struct reader_thread *t, const struct hint *hint)
{
	struct read_request request = { .what = READ_FUNCTION, .hint = *hint };
	struct pci_addr *addrs = NULL;
	ssize_t count = 0;
	bool go_on = work_begin_scan(t, hint, &addrs, &count) && look_at(t, SYSFS_ALIASES);

	for (ssize_t i = 0; go_on && i < count; i++) {
		request.addr = addrs[i];
		go_on = work_read(t, &request, READER_MORE_FOLLOWS);
	}
	free(addrs);
	return go_on && work_end_scan(t, hint, count < 0 ? (int)-count : 0);
}

struct refresh {
	struct reader_thread *thread;
	struct read_request request;
	bool go_on;
};

static void on_other_use(const struct pci_addr *addr, void *arg)
{
	struct refresh *refresh = arg;

	if (!refresh->go_on)
		return;
	refresh->request.addr = *addr;
	refresh->go_on = work_read(refresh->thread, &refresh->request, READER_LAST);
}

/* What could not be looked at stays as it was: the next event, or a rescan, looks again. */
static bool work_refresh_part(struct reader_thread *t, const struct reader_command *command,
			      unsigned int part)
{
	const struct reader_work work = { .place = place_of(sysfs_common_of_use(part)) };
	struct refresh refresh = { t, { .what = READ_FUNCTION }, true };

	if (reader_queue_silence(t->queue, &work))
		return true;
	if (!reader_queue_enter(t->queue, t->task, &work))
		return false;
	refresh.request.hint = command->request.hint;
	(void)sysfs_refresh_use(t->sysfs, part, on_other_use, &refresh);
	return refresh.go_on && reader_queue_leave(t->queue, t->task);
}

static bool work_refresh_use(struct reader_thread *t, const struct reader_command *command)
{
	bool go_on = true;

	for (unsigned int left = command->use_parts; go_on && left; left &= left - 1)
		go_on = work_refresh_part(t, command, left & -left);
	return go_on;
}

static int compare_addr(const void *a, const void *b)
{
	return pci_addr_compare(a, b);
}

static bool is_known(const struct reader_command *command, const struct pci_addr *addr)
{
	return command->known_count > 0 &&
	       bsearch(addr, command->known, command->known_count, sizeof(*addr), compare_addr);
}

/* Lists the functions; *ret_count is negative if that can not be done. Returns as work_read(). */
static bool work_list(struct reader_thread *t, struct pci_addr **ret, ssize_t *ret_count)
{
	const struct reader_work work = { .place = READER_LIST };

	*ret_count = -ETIMEDOUT;
	if (reader_queue_silence(t->queue, &work))
		return true;
	if (!reader_queue_enter(t->queue, t->task, &work))
		return false;
	*ret_count = sysfs_list(t->sysfs, ret);
	return reader_queue_leave(t->queue, t->task);
}

static bool work_end_list(struct reader_thread *t, const struct hint *hint, int error)
{
	const struct reader_work work = { .place = READER_END };
	struct observation *obs = reader_queue_begin(t->queue, t->task, &work);

	if (!obs)
		return false;
	observation_init(obs, OBSERVATION_LISTED, NULL);
	obs->hint = *hint;
	obs->error = error;
	return reader_queue_finish(t->queue, t->task, READER_LAST);
}

static bool work_find_new(struct reader_thread *t, struct reader_command *command)
{
	struct read_request request = { .what = READ_FUNCTION, .hint = command->request.hint };
	struct pci_addr *addrs = NULL;
	ssize_t count;
	bool go_on = work_list(t, &addrs, &count);

	for (ssize_t i = 0; go_on && i < count; i++) {
		request.addr = addrs[i];
		if (!is_known(command, &addrs[i]))
			go_on = work_read(t, &request, READER_MORE_FOLLOWS);
	}
	free(addrs);
	free(command->known);
	return go_on && work_end_list(t, &request.hint, count < 0 ? (int)-count : 0);
}

static bool carry_out(struct reader_thread *t, struct reader_command *command)
{
	switch (command->kind) {
	case COMMAND_READ:
		return work_read(t, &command->request, READER_LAST);
	case COMMAND_SCAN:
		return work_scan(t, &command->request.hint);
	case COMMAND_INVALIDATE:
		sysfs_invalidate(t->sysfs);
		return true;
	case COMMAND_FORGET_USE:
		sysfs_forget_use(t->sysfs);
		return true;
	case COMMAND_VENDOR_RULES:
		sysfs_set_vendor_rules(t->sysfs, command->vendor_rules);
		return true;
	case COMMAND_REFRESH_USE:
		return work_refresh_use(t, command);
	case COMMAND_FIND_NEW:
		return work_find_new(t, command);
	}
	return true;
}

static void *run(void *arg)
{
	struct reader_thread *t = arg;
	struct reader_command command;

	while (reader_queue_take(t->queue, t->task, &command) && carry_out(t, &command))
		;
	reader_thread_free(t);
	return NULL;
}

/* All signals are the loop's. */
int reader_thread_start(struct reader_thread *t, struct reader_task *task, pthread_t *ret)
{
	sigset_t all, old;
	int e;

	t->task = task;
	sigfillset(&all);
	e = pthread_sigmask(SIG_SETMASK, &all, &old);
	if (e != 0)
		return -e;
	e = pthread_create(ret, NULL, run, t);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL); /* it was possible before */
	return -e;
}
