/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One run, as text: a scenario of the simulator, in which lines that begin with #! are what only
 * this test knows. So a plan can be kept, read again, and for the most part be played by vfmond-sim.
 */
#ifndef VFMON_TEST_PLAN_H
#define VFMON_TEST_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "subscriber.h"

#define PLAN_LINES_MAX 200
#define PLAN_LINE_MAX 160
#define PLAN_SUBSCRIBERS_MAX 6
#define PLAN_SPECS_MAX 512

/* A line, and what all that happens by chance while it is played depends on. */
struct plan_line {
	char text[PLAN_LINE_MAX];
	uint64_t chaos;
};

/* Lines of the test's own. */
#define PLAN_START "start"
#define PLAN_RESTART "#! restart"   /* the daemon ends and begins anew */
#define PLAN_SUSPEND "#! suspend"   /* the machine sleeps for an hour */
#define PLAN_OVERFLOW "#! overflow" /* inotify's or udev's queue was full */
#define PLAN_PAUSE "pause "

struct plan {
	uint64_t seed;
	size_t queue; /* messages that the kernel keeps; 0: any number */
	size_t history;
	uint32_t udev_msec; /* how late udev is; UINT32_MAX: there is none */
	uint32_t
		files_a_turn; /* the reader stops at a file at the latest after so many; 0: never */
	uint32_t audit_sec;   /* how often the audit runs all the time; 0: never */
	bool audit_mends;     /* and not a rescan, what nobody has told of */
	bool deaf;	      /* the kernel gives no inotify */
	bool all_functions;
	bool group_nodes;
	char specs[PLAN_SPECS_MAX]; /* device_spec; "": none */
	struct subscriber_plan subscribers[PLAN_SUBSCRIBERS_MAX];
	size_t subscriber_count;
	struct plan_line lines[PLAN_LINES_MAX];
	size_t line_count;
};

/* Makes the plan of a seed. */
void plan_generate(struct plan *p, uint64_t seed);

void plan_print(const struct plan *p, FILE *out);

/* Reads what plan_print() has written. Returns 0, or -EINVAL with the number of the wrong line. */
int plan_read(struct plan *p, FILE *in, unsigned int *ret_line);

#endif
