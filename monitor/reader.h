/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The thread that alone reads sysfs. Requests go in by batches, observations come out in the order
 * of the requests; nothing else is shared. A thread that hangs can be left behind, and another one
 * goes on. All functions are for the event loop's thread, and none of them waits for sysfs.
 */
#ifndef VFMON_MONITOR_READER_H
#define VFMON_MONITOR_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vfmon/observation.h"

struct reader;
struct vendor_rules;

/* All borrowed for the time of the call. */
struct reader_options {
	const char *sysfs_root;	   /* NULL: VFMON_SYSFS_ROOT */
	const char *dev_root;	   /* NULL: VFMON_DEV_ROOT */
	const char *modules_alias; /* NULL: that of the running kernel */
	const char *proc_root;	   /* NULL: VFMON_PROC_ROOT */
};

enum read_what { READ_NODES, READ_FUNCTION };

struct read_request {
	struct pci_addr addr;
	enum read_what what;
	uint64_t known_inode; /* see sysfs_read_function(); 0: read everything */
	bool card_serial;     /* also the card's serial number, which may take seconds */
	struct hint hint;     /* comes back in the observation */
};

/*
 * Starts the thread, with all signals blocked. Returns 0, -ENOMEM, or the error of opening the
 * sysfs folder or of making a thread or an eventfd.
 */
int reader_new(const struct reader_options *options, struct reader **ret);

/*
 * Ends the thread and frees, in half a second at most. Threads that hang in a read are left behind
 * with all that they use, and each ends if its read ever does. Takes NULL. Returns NULL.
 */
struct reader *reader_free(struct reader *r);

/* Readable while observations wait; level-triggered. Borrowed. */
int reader_fd(const struct reader *r);

/* Queues count reads behind all that was queued before. Returns 0, or -ENOMEM with none queued. */
int reader_submit(struct reader *r, const struct read_request *requests, size_t count);

/*
 * Queues a scan of the whole host: SCAN_BEGIN, every function, SCAN_END (with error if the list
 * could not be read), all with this hint. Returns 0 or -ENOMEM.
 */
int reader_scan(struct reader *r, const struct hint *hint);

/*
 * What was remembered is dropped before the requests that follow: of drivers, modules and
 * modules.alias, or all that is not one function's. Both return 0 or -ENOMEM.
 */
int reader_invalidate_modules(struct reader *r);
int reader_invalidate_all(struct reader *r);

/*
 * Parts of what the host itself uses functions for (a mask of USE_* of sysfs_use.h) are looked at
 * again, and the functions of which they say something else are read, with this hint. Returns 0 or
 * -ENOMEM.
 */
int reader_refresh_use(struct reader *r, unsigned int parts, const struct hint *hint);

/*
 * Looks for functions that are not among count known ones (ascending; taken): each is read, and then
 * comes OBSERVATION_LISTED, all with this hint. Returns 0 or -ENOMEM.
 */
int reader_find_new(struct reader *r, struct pci_addr *known, size_t count,
		    const struct hint *hint);

/* By what vendor directories are read from now on; takes rules. Returns 0 or -ENOMEM. */
int reader_set_vendor_rules(struct reader *r, struct vendor_rules *rules);

/*
 * The next observation, borrowed until the next call of this function or reader_free(); its text
 * fields stay within it. Returns 1, or 0 if none waits now.
 */
int reader_next(struct reader *r, const struct observation **ret);

/* What a thread can be at work on, and hang in. */
enum reader_place {
	READER_FUNCTION,
	READER_LIST,	/* the functions of the host are listed */
	READER_ALIASES, /* modules.alias; from here on as enum sysfs_common */
	READER_DISKS,
	READER_ADDRESSES,
	READER_VDPA,
	READER_END, /* of a scan: nothing is read */
	READER_PLACE_COUNT
};

struct reader_work {
	struct pci_addr addr; /* of a function */
	enum reader_place place;
	bool card_serial;    /* it is asked for, which may take seconds */
	uint64_t since_usec; /* CLOCK_MONOTONIC, so that a suspended machine is no silence */
	uint64_t number;     /* another one for each work */
};

/* What the place is, for a sentence: "modules.alias". Borrowed. */
const char *reader_place_name(enum reader_place place);

/* Whether the thread is at work at this moment, and at what. */
bool reader_is_busy(struct reader *r, struct reader_work *ret);

/* So many threads are left behind at most. Each has a stack that is hardly used, and no more. */
#define READER_LEFT_MAX 8

/*
 * If the thread is still at that work, it is left behind, and another one goes on. Nothing asks in
 * that place again as long as the old one hangs there: a function in it is reported as silent (or
 * gone, if its directory is), and what is common to all is done without. What else was asked for is
 * carried out, in order; a scan begins anew. Returns 1; 0 if it has gone on meanwhile; -EBUSY if
 * READER_LEFT_MAX are left behind already; or another -errno if there can not be a new one. What was
 * remembered by the old one is lost: a rescan is due.
 */
int reader_replace(struct reader *r, const struct reader_work *work);

/* What the threads left behind still hang in. Returns how many those are. */
size_t reader_left(struct reader *r, struct reader_work ret[static READER_LEFT_MAX]);

/*
 * A thread that was left behind has come back (then the fd is readable, too) and has ended: what it
 * read goes nowhere, but the place answers again. Returns whether there was one more.
 */
bool reader_take_back(struct reader *r, struct reader_work *ret);

/* Requests that were not begun yet, and reads that were finished since the start. */
size_t reader_waiting(struct reader *r);
uint64_t reader_reads(struct reader *r);

#endif
