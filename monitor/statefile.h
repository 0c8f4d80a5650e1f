/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state file: what an earlier run of this boot knew, for Nova's sake: when functions appeared
 * and changed, and which have vanished. Without a folder for it nothing is kept.
 */
#ifndef VFMOND_STATEFILE_H
#define VFMOND_STATEFILE_H

#include <stdint.h>

struct change;
struct registry;
struct tracker;

#define STATEFILE_ERROR_MAX 256

struct statefile {
	char *path;	     /* NULL: nothing is kept */
	char *new_path;	     /* is written first, then renamed */
	const char *boot_id; /* borrowed */
	uint64_t due_usec;   /* CLOCK_BOOTTIME; UINT64_MAX: nothing is new */
	uint64_t earliest_usec;
	uint64_t
		retry_usec; /* how long after the last write, which failed, the next is; 0: it did not */
	char error[STATEFILE_ERROR_MAX]; /* why it failed; "": it did not */
};

/*
 * directory is that of the file, NULL for none; several with ':' between, of which the first counts,
 * as systemd has it. Returns 0 or -ENOMEM.
 */
int statefile_init(struct statefile *f, const char *directory, const char *boot_id);
void statefile_done(struct statefile *f);

/*
 * Reads the file and hands what is of this boot to the tracker. What can not be used is logged once
 * and passed over. Returns 0 or -ENOMEM.
 */
int statefile_load(struct statefile *f, struct tracker *tracker);

/* Notes a change. Returns when statefile_write() has to be called: CLOCK_BOOTTIME; UINT64_MAX: not. */
uint64_t statefile_note(struct statefile *f, const struct change *change);

/*
 * Writes what is new, at most once a second but for the last time. Returns when it has to be called
 * again, as it failed: CLOCK_BOOTTIME; UINT64_MAX: it did not.
 */
uint64_t statefile_write(struct statefile *f, const struct registry *registry);

/* Why the last write failed, as a sentence, or NULL. Borrowed until the next write. */
const char *statefile_error(const struct statefile *f);

#endif
