/* SPDX-License-Identifier: Apache-2.0 */
#include "watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pending.h"
#include "vfmon/cleanup.h"
#include "vfmon/filter.h"
#include "vfmon/names.h"
#include "vfmon/wire.h"
#include "walk.h"

/* A step ends behind the reply that passes this. */
#define STEP_BYTES (32u << 10)

enum phase {
	PHASE_SNAPSHOT, /* parts of the snapshot are owed */
	PHASE_RESUMED,	/* the reply is owed that confirms the resumption */
	PHASE_CHANGES
};

struct watch {
	struct service *service;
	struct filter *filter;
	struct pending *pending;
	struct device_walk snapshot;
	enum phase phase;
	uint64_t start;	 /* number that the first replies tell */
	uint64_t done;	 /* up to this number, changes were sent, passed over, or are pending */
	uint64_t newest; /* number of the last change that was heard of */
	/* Up to here, a filter lets the first change of each function pass, see is_owed(). */
	uint64_t resumed_until;
	struct pending *resumed; /* never sent: whose first change was told; NULL: nobody asks */
	int error;		 /* found where it could not be returned */
};

DEFINE_CLEANUP(struct watch *, watch_free);

/* All that may have been told in another order has been told again. */
static void end_resumption(struct watch *w)
{
	w->resumed = pending_free(w->resumed);
	w->resumed_until = 0;
}

static int begin_resumption(struct watch *w, uint64_t sequence)
{
	w->phase = PHASE_RESUMED;
	w->start = sequence;
	if (!w->filter || sequence == w->newest)
		return 0;
	w->resumed_until = w->newest;
	return pending_new(&w->resumed);
}

static bool can_resume(const struct service *service, const struct wire_request *request)
{
	return request->epoch && request->sequence.given &&
	       strcmp(request->epoch, service->epoch) == 0 &&
	       history_covers(service->history, request->sequence.value,
			      registry_sequence(service->registry));
}

int watch_new(struct service *service, struct wire_request *request, struct watch **ret)
{
	cleanup_(watch_freep) struct watch *w = calloc(1, sizeof(*w));

	if (!w)
		return -ENOMEM;
	if (pending_new(&w->pending) < 0)
		return -ENOMEM;
	w->service = service;
	w->newest = registry_sequence(service->registry);
	w->filter = TAKE_PTR(request->filter);
	w->phase = PHASE_SNAPSHOT;
	w->start = w->newest;
	if (can_resume(service, request) && begin_resumption(w, request->sequence.value) < 0)
		return -ENOMEM;
	w->done = w->start;
	w->snapshot = (struct device_walk){
		.registry = service->registry,
		.filter = w->filter,
		.over = WALK_LISTED,
	};
	*ret = TAKE_PTR(w);
	return 0;
}

struct watch *watch_free(struct watch *w)
{
	if (!w)
		return NULL;
	pending_free(w->resumed);
	pending_free(w->pending);
	filter_free(w->filter);
	free(w);
	return NULL;
}

static void write_place(const struct watch *w, struct json_text *out, uint64_t sequence)
{
	wire_member_text(out, KEY_EPOCH, w->service->epoch);
	wire_member_uint(out, KEY_SEQUENCE, sequence);
}

/* A reply with epoch and sequence alone. */
static void write_bookmark(const struct watch *w, struct json_text *out, uint64_t sequence)
{
	wire_reply_begin(out);
	write_place(w, out, sequence);
	wire_reply_end(out, WIRE_CONTINUES);
}

static void write_change(struct json_text *out, const struct change *change,
			 const struct wire_change_options *options)
{
	wire_reply_begin(out);
	json_text_key(out, KEY_CHANGE);
	wire_change(out, change, options);
	wire_reply_end(out, WIRE_CONTINUES);
}

static void step_snapshot(struct watch *w, struct json_text *out)
{
	struct vf *vf = device_walk_peek(&w->snapshot);

	wire_reply_begin(out);
	json_text_key(out, KEY_SNAPSHOT);
	json_text_begin_array(out);
	for (unsigned int n = 0; vf && n < SNAPSHOT_DEVICES; n++) {
		if (n > 0)
			json_text_raw(out, ",", 1);
		wire_device_kept(out, vf);
		device_walk_pass(&w->snapshot, vf);
		vf = device_walk_peek(&w->snapshot);
	}
	json_text_end_array(out);
	if (!vf) {
		json_text_key(out, KEY_SNAPSHOT_COMPLETE);
		json_text_bool(out, true);
		write_place(w, out, w->start);
		w->phase = PHASE_CHANGES;
	}
	wire_reply_end(out, WIRE_CONTINUES);
}

/*
 * What an entry stands for, told as one change with the newest state. A function that came and went
 * within it is told as gone though the client may never have seen it: a snapshot that was still
 * going on may have shown it, and nobody is harmed by dropping what he does not have.
 */
static int write_pending(struct watch *w, struct json_text *out, const struct pending_entry *e)
{
	struct wire_change_options options = { .merged = e->merged };
	struct change change;

	if (!registry_last_change(w->service->registry, &e->addr, &change))
		return -ENODATA;
	change.fields = e->fields;
	change.previous = e->previous;
	if (!change.device)
		change.kind = CHANGE_DISAPPEARED;
	else
		change.kind = e->appeared ? CHANGE_APPEARED : CHANGE_CHANGED;
	options.matches = filter_matches(w->filter, change.device);
	write_change(out, &change, &options);
	return 0;
}

static int step_pending(struct watch *w, struct json_text *out)
{
	const struct pending_entry *e = pending_first(w->pending);
	size_t start = out->len;

	while (e && out->len - start < STEP_BYTES && json_text_error(out) == 0) {
		int r = write_pending(w, out, e);

		if (r < 0)
			return r;
		pending_drop_first(w->pending);
		e = pending_first(w->pending);
	}
	return 1;
}

/* Whether a filter wants to hear of a change: of what it comes from or of what it leads to. */
static bool is_concerned(const struct watch *w, const struct change *change)
{
	return filter_matches(w->filter, change->device) ||
	       filter_matches(w->filter, change->previous);
}

/*
 * Whether a change of the history is to be told. A client that resumes may have been a slow one, and
 * what was merged for it had the place of the last of its changes: it can have been told of a later
 * change, and not that a function has left its filter before that. So the first change of each
 * function behind its place is told in any case. Returns 1, 0 or -ENOMEM.
 */
static int is_owed(struct watch *w, const struct change *change)
{
	if (w->resumed && change->sequence > w->resumed_until)
		end_resumption(w);
	if (!w->resumed || pending_has(w->resumed, &change->addr))
		return is_concerned(w, change);
	return pending_add(w->resumed, change) < 0 ? -ENOMEM : 1;
}

/* The change that follows what is done, or NULL if the history lacks it. */
static const struct change *next_owed(const struct watch *w)
{
	const struct change *change = history_after(w->service->history, w->done);

	return change && change->sequence == w->done + 1 ? change : NULL;
}

static int step_history(struct watch *w, struct json_text *out)
{
	size_t start = out->len;

	while (w->done < w->newest && out->len - start < STEP_BYTES && json_text_error(out) == 0) {
		const struct change *change = next_owed(w);
		struct wire_change_options options = { .merged = 1 };
		int owed = change ? is_owed(w, change) : -ENODATA;

		if (owed < 0)
			return owed;
		w->done = change->sequence;
		if (!owed)
			continue;
		options.matches = filter_matches(w->filter, change->device);
		write_change(out, change, &options);
	}
	return 1;
}

static int do_step(struct watch *w, struct json_text *out)
{
	switch (w->phase) {
	case PHASE_SNAPSHOT:
		step_snapshot(w, out);
		return 1;
	case PHASE_RESUMED:
		write_bookmark(w, out, w->start);
		w->phase = PHASE_CHANGES;
		return 1;
	case PHASE_CHANGES:
		break;
	}
	if (pending_count(w->pending) > 0)
		return step_pending(w, out);
	return w->done < w->newest ? step_history(w, out) : 0;
}

int watch_step(struct watch *w, struct json_text *out)
{
	size_t start = out->len;
	int r = w->error;

	if (r == 0)
		r = do_step(w, out);
	if (r > 0 && json_text_error(out) < 0)
		r = json_text_error(out);
	if (r < 0)
		json_text_cut(out, start);
	return r;
}

/*
 * Keeps a change for later. One that the filter does not want is kept too where the client is owed
 * an older one of the same function, as they become one.
 */
static void store(struct watch *w, const struct change *change)
{
	int r = is_owed(w, change);

	if (r > 0 || (r == 0 && pending_has(w->pending, &change->addr)))
		r = pending_add(w->pending, change);
	if (r < 0)
		w->error = r;
	else
		w->service->changes_merged += (uint64_t)r;
	w->done = change->sequence;
}

/* Takes over what the history is about to drop, and with it the rest, as the order must hold. */
static void store_owed(struct watch *w)
{
	while (w->done < w->newest && w->error == 0) {
		const struct change *change = next_owed(w);

		if (change)
			store(w, change);
		else
			w->error = -ENODATA;
	}
}

/*
 * Whether the newest change waits in the history behind older ones. Never while anything is pending:
 * then all that comes is added there.
 */
static bool follows_history(const struct watch *w)
{
	return w->done + 1 < w->newest ||
	       (w->phase == PHASE_RESUMED && pending_count(w->pending) == 0);
}

enum session_delivery watch_change(struct watch *w, const struct change *change,
				   enum session_room room)
{
	w->newest = change->sequence;
	if (w->error < 0)
		return SESSION_NOT_CONCERNED;
	if (follows_history(w)) {
		if (history_trim_below(w->service->history) > w->done + 1)
			store_owed(w);
		return SESSION_NOT_CONCERNED;
	}
	if (w->phase == PHASE_SNAPSHOT || pending_count(w->pending) > 0 || room == SESSION_FULL) {
		store(w, change);
		return SESSION_NOT_CONCERNED;
	}
	w->done = change->sequence;
	if (!is_concerned(w, change))
		return SESSION_NOT_CONCERNED;
	return filter_matches(w->filter, change->device) ? SESSION_SEND_MATCHING
							 : SESSION_SEND_LEAVING;
}

int watch_bookmark(struct watch *w, struct json_text *out)
{
	if (w->phase != PHASE_CHANGES || w->done < w->newest || pending_count(w->pending) > 0 ||
	    w->error < 0)
		return 0;
	write_bookmark(w, out, w->done);
	return 1;
}
