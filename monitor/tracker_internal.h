/* SPDX-License-Identifier: Apache-2.0 */
/* The tracker's parts, for its own files. */
#ifndef VFMON_MONITOR_TRACKER_INTERNAL_H
#define VFMON_MONITOR_TRACKER_INTERNAL_H

#include "opened.h"
#include "tracker.h"
#include "tracker_audit.h"
#include "use_hints.h"
#include "vfmon/dirty.h"

struct tracker {
	struct tracker_ops ops;
	struct text_pool *pool;
	struct registry *registry;
	struct dirty *dirty;
	struct reader *reader;
	struct tracker_status status;
	uint64_t resync_due_usec;	  /* UINT64_MAX: none is wanted */
	bool missed;			  /* events were lost, and no rescan for them has begun */
	uint64_t modules_due_usec;	  /* UINT64_MAX: nothing to look at */
	enum cause_source modules_source; /* who asked for that */
	uint64_t last_scan_usec;	  /* when it was queued */
	struct use_hints use;
	struct opened opened;
	struct tracker_audit_ops audit_ops;
	struct audit audit;
	bool scanning;
	uint64_t patience_usec; /* as in tracker_options */
	struct dirty *parked;	/* what events have told of functions that do not answer */
	/* In which the reader hangs and is not replaced; number 0: none. */
	struct reader_work stopped;
	uint64_t
		replace_due_usec; /* then: when that is tried again; UINT64_MAX: once one is back */
};

/* Has a function read at that time; without memory, everything. */
void tracker_mark(struct tracker *t, const struct dirty_entry *entry, uint64_t due_usec);

/* Has all that is listed read, of which like is an entry, in small steps from then on. */
void tracker_mark_all(struct tracker *t, const struct dirty_entry *like, uint64_t due_usec);

/* Replaces a reader that hangs, if its time is over. */
void tracker_watch_reader(struct tracker *t);

/* When that is to be looked at next (CLOCK_BOOTTIME); UINT64_MAX: not by itself. */
uint64_t tracker_reader_due_usec(const struct tracker *t);

/* What has come back is read again. */
void tracker_take_back(struct tracker *t);

/* What an event has told of a function that does not answer waits until it does. */
void tracker_park(struct tracker *t, const struct observation *obs);

/* Folds one observation, whoever has made it. */
void tracker_apply(struct tracker *t, const struct observation *obs);

/* Marks those whose device was opened or closed, as often as that asks for. */
void tracker_mark_opened(struct tracker *t, uint64_t now_usec);

#endif
