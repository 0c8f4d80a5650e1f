/* SPDX-License-Identifier: Apache-2.0 */
#include "reader.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "vfmon/cleanup.h"
#include "vfmon/vendor_rules.h"

#include "reader_queue.h"
#include "reader_thread.h"
#include "sysfs.h"

/* How long the end of the daemon waits for a read that is under way. */
#define STOP_WITHIN_USEC 500000

struct reader {
	struct reader_queue *queue;
	struct vendor_rules *rules; /* for the next thread; NULL: none */
	pthread_t thread;	    /* the current one */
	bool started;
	/* Paths, for the next thread too; NULL: the real one. */
	char *sysfs_root;
	char *dev_root;
	char *modules_alias;
	char *proc_root;
};

DEFINE_CLEANUP(struct reader *, reader_free);

static const char *const place_names[] = {
	[READER_FUNCTION] = "a function",
	[READER_LIST] = "the list of PCI functions",
	[READER_ALIASES] = "modules.alias",
	[READER_DISKS] = "the list of disks and mounts",
	[READER_ADDRESSES] = "the list of addresses",
	[READER_VDPA] = "the list of vdpa devices",
	[READER_END] = "the end of a scan",
};
_Static_assert(sizeof(place_names) / sizeof(*place_names) == READER_PLACE_COUNT, "a name each");

const char *reader_place_name(enum reader_place place)
{
	return place_names[place];
}

static int keep(const char *path, char **ret)
{
	*ret = path ? strdup(path) : NULL;
	return path && !*ret ? -ENOMEM : 0;
}

static int keep_options(struct reader *r, const struct reader_options *options)
{
	if (keep(options->sysfs_root, &r->sysfs_root) < 0 ||
	    keep(options->dev_root, &r->dev_root) < 0 ||
	    keep(options->modules_alias, &r->modules_alias) < 0 ||
	    keep(options->proc_root, &r->proc_root) < 0)
		return -ENOMEM;
	return 0;
}

static int make_thread(struct reader *r, struct reader_thread **ret)
{
	const struct sysfs_options sysfs = {
		.sysfs_root = r->sysfs_root,
		.dev_root = r->dev_root,
		.modules_alias = r->modules_alias,
		.proc_root = r->proc_root,
	};

	return reader_thread_new(r->queue, &sysfs, r->rules, ret);
}

/* A thread that is ready to begin, and what it is called by then. */
struct start {
	struct reader_thread *thread;
	pthread_t id;
};

static int on_start(struct reader_task *task, void *arg)
{
	struct start *start = arg;
	int r = reader_thread_start(start->thread, task, &start->id);

	if (r == 0)
		start->thread = NULL;
	return r;
}

int reader_new(const struct reader_options *options, struct reader **ret)
{
	cleanup_(reader_freep) struct reader *r = calloc(1, sizeof(*r));
	struct start start = { 0 };
	int e;

	if (!r || keep_options(r, options) < 0)
		return -ENOMEM;
	e = reader_queue_new(&r->queue);
	if (e == 0)
		e = make_thread(r, &start.thread);
	if (e == 0)
		e = reader_queue_start(r->queue, on_start, &start);
	reader_thread_free(start.thread);
	if (e < 0)
		return e;
	r->thread = start.id;
	r->started = true;
	*ret = TAKE_PTR(r);
	return 0;
}

int reader_replace(struct reader *r, const struct reader_work *work)
{
	struct start start = { 0 };
	int e = make_thread(r, &start.thread);

	if (e < 0)
		return e;
	e = reader_queue_replace(r->queue, work, on_start, &start);
	reader_thread_free(start.thread);
	if (e != 1)
		return e;
	(void)pthread_detach(r->thread); /* it was started and is joined by nobody */
	r->thread = start.id;
	return 1;
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
	vendor_rules_free(r->rules);
	free(r->sysfs_root);
	free(r->dev_root);
	free(r->modules_alias);
	free(r->proc_root);
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
	struct reader_command command = { .kind = COMMAND_VENDOR_RULES };
	cleanup_(vendor_rules_freep) struct vendor_rules *own = rules;
	int e = own ? vendor_rules_copy(own, &command.vendor_rules) : 0;

	if (e == 0)
		e = reader_queue_put(r->queue, &command);
	if (e < 0) {
		vendor_rules_free(command.vendor_rules);
		return e;
	}
	vendor_rules_free(r->rules);
	r->rules = TAKE_PTR(own);
	return 0;
}

int reader_next(struct reader *r, const struct observation **ret)
{
	return reader_queue_next(r->queue, ret);
}

bool reader_is_busy(struct reader *r, struct reader_work *ret)
{
	return reader_queue_work(r->queue, ret);
}

size_t reader_left(struct reader *r, struct reader_work ret[static READER_LEFT_MAX])
{
	return reader_queue_left(r->queue, ret);
}

bool reader_take_back(struct reader *r, struct reader_work *ret)
{
	return reader_queue_take_back(r->queue, ret);
}

size_t reader_waiting(struct reader *r)
{
	return reader_queue_waiting(r->queue);
}

uint64_t reader_reads(struct reader *r)
{
	return reader_queue_reads(r->queue);
}
