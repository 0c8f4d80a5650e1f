/* SPDX-License-Identifier: Apache-2.0 */
#include "attention.h"

#include <errno.h>

#include "daemon_state.h"
#include "inotifysrc.h"
#include "journal.h"
#include "log.h"
#include "loop.h"
#include "moment.h"
#include "tracker.h"
#include "vfmon/registry.h"

/* Listening is cheap, but each function is read once more for it: so slowly that nobody waits. */
#define STEP 64
#define STEP_USEC 10000ULL

/* The events that follow an add have the function read before that. */
#define READ_AGAIN_USEC 100000ULL

static void tell_partial(struct daemon *d)
{
	const struct log_field fields[] = { { JOURNAL_FIELD("SOURCE"), "inotify" },
					    { NULL, NULL } };

	if (d->attention.is_partial)
		return;
	d->attention.is_partial = true;
	journal_event(JOURNAL_SOURCE_BLIND, fields,
		      "inotify does not hear of every function: no more watches "
		      "(fs.inotify.max_user_watches); what is written there is seen later");
}

static void tell_whole(struct daemon *d)
{
	if (d->attention.is_partial)
		log_info("inotify hears of every function again");
	d->attention.is_partial = false;
}

/* Returns whether there are watches enough. */
static bool listen_to(struct daemon *d, const struct vf *vf, uint64_t read_by_usec)
{
	int r = inotifysrc_watch(d->inotify, &vf->addr, vf->generation);

	if (r > 0)
		tracker_hint_listened(d->tracker, &vf->addr, read_by_usec);
	if (r == -ENOSPC)
		tell_partial(d);
	return r != -ENOSPC;
}

static void on_step(void *arg)
{
	struct daemon *d = arg;
	struct attention *a = &d->attention;
	const struct registry *r = tracker_registry(d->tracker);
	uint64_t now = clock_usec(CLOCK_BOOTTIME);
	const struct vf *vf = NULL;
	bool go_on = true;

	for (int n = 0; go_on && n < STEP; n++) {
		vf = registry_next(r, a->has_cursor ? &a->cursor : NULL);
		if (!vf)
			break;
		a->cursor = vf->addr;
		a->has_cursor = true;
		go_on = listen_to(d, vf, now);
	}
	if (go_on && vf)
		loop_timer_at(a->timer, now + STEP_USEC);
	else if (go_on)
		tell_whole(d);
	daemon_send_due(d);
}

int attention_open(struct daemon *d)
{
	return loop_add_timer(d->loop, on_step, d, &d->attention.timer);
}

void attention_begin(struct daemon *d)
{
	if (!d->inotify || d->inotify_blind)
		return;
	inotifysrc_renew(d->inotify);
	d->attention.has_cursor = false;
	loop_timer_at(d->attention.timer, clock_usec(CLOCK_BOOTTIME));
}

void attention_follow(struct daemon *d, const struct change *change)
{
	if (!d->inotify || d->inotify_blind)
		return;
	if (change->kind == CHANGE_APPEARED)
		(void)listen_to(d, change->device, clock_usec(CLOCK_BOOTTIME) + READ_AGAIN_USEC);
	else if (change->kind == CHANGE_DISAPPEARED)
		inotifysrc_forget(d->inotify, &change->addr);
}
