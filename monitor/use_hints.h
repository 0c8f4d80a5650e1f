/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which parts of the host's own use of functions are to be looked at again, and when: the first
 * event of many is followed at once, the others together. All zero: nothing.
 */
#ifndef VFMON_MONITOR_USE_HINTS_H
#define VFMON_MONITOR_USE_HINTS_H

#include <stdint.h>

#include "vfmon/uevent.h"

/* How often at most: the start of containers is a storm of events. */
#define USE_HINTS_INTERVAL_USEC 500000ULL

struct use_hints {
	unsigned int parts; /* USE_* of sysfs_use.h; 0: nothing is to be looked at */
	struct hint hint;   /* of the latest event about them */
	uint64_t due_usec;
	uint64_t last_usec; /* when they were looked at */
};

/* Notes an event, if it is about such a part. Times are CLOCK_BOOTTIME. */
void use_hints_add(struct use_hints *h, const struct uevent_subject *subject, uint64_t now_usec);

/* When use_hints_take() has to be called; UINT64_MAX: not at all. */
uint64_t use_hints_next_usec(const struct use_hints *h);

/* What is due now, which is then forgotten; 0: nothing. */
unsigned int use_hints_take(struct use_hints *h, uint64_t now_usec, struct hint *ret);

#endif
