/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which functions' directories inotify listens to: those that are listed, from when they are until
 * they are not. After a scan all of them are gone through in small steps; there is no timer beside.
 */
#ifndef VFMOND_ATTENTION_H
#define VFMOND_ATTENTION_H

#include <stdbool.h>

#include "vfmon/pci_addr.h"

struct change;
struct daemon;
struct loop_timer;

/* All zero before attention_open(). */
struct attention {
	struct loop_timer *timer; /* the next step is due */
	struct pci_addr cursor;	  /* the last function of the steps so far */
	bool has_cursor;
	bool is_partial; /* there were not watches enough, and that was told */
};

/* Makes the timer. Returns 0 or -ENOMEM. */
int attention_open(struct daemon *d);

/* A scan is complete. Where there were no more watches, they are asked for again. */
void attention_begin(struct daemon *d);

/* A function is listed from now on, or not any more. */
void attention_follow(struct daemon *d, const struct change *change);

#endif
