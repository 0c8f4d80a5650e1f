/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit: a slow comparison of the registry with the host, in small steps while there is nothing
 * else to do. What differs is only suspected at first. It is read again a little later, when every
 * event that waited has been heard and none was about it; only that read is folded.
 */
#ifndef VFMON_MONITOR_TRACKER_AUDIT_H
#define VFMON_MONITOR_TRACKER_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vfmon/addr_table.h"

struct change;
struct observation;
struct tracker;

enum audit_stage {
	AUDIT_IDLE,
	AUDIT_LISTING,	 /* the reader looks for functions that are not known */
	AUDIT_LOOKING,	 /* what is known is read and compared */
	AUDIT_CONFIRMING /* what differed is read again */
};

struct audit {
	enum audit_stage stage;
	uint64_t interval_usec; /* 0: off */
	uint64_t due_usec;	/* of the next step; UINT64_MAX: none */
	struct pci_addr cursor; /* looked at up to here */
	bool has_cursor;
	size_t place;	    /* of the cursor, see registry_next_near() */
	size_t outstanding; /* reads that were asked for and did not come yet */
	struct addr_table suspects;
	const struct pci_addr *judged; /* its read is folded now; NULL: none is */
	bool counts;		       /* every event was heard before it was read */
};

void audit_done(struct audit *a);

/* Every interval_usec (0: never) from now on. */
void audit_set_interval(struct audit *a, uint64_t interval_usec, uint64_t now_usec);

/* A round that is under way is over, as all is read anyway; the next one is due in its time. */
void audit_restart(struct audit *a, uint64_t now_usec);

/* An event, or a timer, has the function read: what is suspected of it is told. */
void audit_forget(struct audit *a, const struct pci_addr *addr);

/* The next step, if it is due and nothing else is to be done. */
void audit_run(struct tracker *t, uint64_t now_usec);

/* When that is; UINT64_MAX: not by itself. */
uint64_t audit_next_usec(const struct audit *a);

/*
 * Looks at an observation before it is folded. Returns whether that was all; else it is to be folded
 * as *ret_evidence (EVIDENCE_*) says, and audit_folded() comes after that.
 */
bool audit_take(struct tracker *t, const struct observation *obs, uint32_t *ret_evidence);
void audit_folded(struct tracker *t);

/* Whether a change is one that an event should have told, as nothing but the audit found it. */
bool audit_is_finding(const struct tracker *t, const struct change *change);

#endif
