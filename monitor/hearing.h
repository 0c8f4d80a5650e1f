/* SPDX-License-Identifier: Apache-2.0 */
/* The sources of events as the daemon uses them: opened before the first scan, watched after it. */
#ifndef VFMOND_HEARING_H
#define VFMOND_HEARING_H

#include <stdbool.h>

struct daemon;
struct observation;

/*
 * Opens every source that can be had and empties the queue that systemd kept meanwhile: what is in
 * it is older than the first scan. A source that can not be had is blind, not a failure. Returns 0
 * or -ENOMEM.
 */
int hearing_open(struct daemon *d);

/* From now on the loop reads them. Returns 0 or -ENOMEM. */
int hearing_watch(struct daemon *d);

/* As tracker_ops.on_read; arg is the daemon. Folders that are there now are listened to. */
void hearing_follow(const struct observation *obs, void *arg);

/*
 * As tracker_audit_ops.hear_all; arg is the daemon. What does not end, as in a storm, is not all;
 * nor is it if a source of the kernel's is blind.
 */
bool hearing_hear_all(void *arg);

/* Closes what is open. The hardware database goes too: no image may be made any more. */
void hearing_close(struct daemon *d);

#endif
