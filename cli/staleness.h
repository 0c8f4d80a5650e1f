/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a nova-compute that runs does not know yet: it takes its list of devices over once, some time
 * after its start, and never again.
 */
#ifndef VFMON_CLI_STALENESS_H
#define VFMON_CLI_STALENESS_H

#include <stdint.h>

/* How long after its start Nova may take its list: what changes meanwhile it may know or not. */
#define STALENESS_UNCERTAIN_USEC (120 * 1000000ULL)

/* A point in time by both clocks; 0: not known by that one. */
struct staleness_time {
	uint64_t usec;		/* CLOCK_REALTIME */
	uint64_t boottime_usec; /* CLOCK_BOOTTIME; it counts where both times have it */
};

enum staleness {
	STALENESS_KNOWN,     /* it was so before Nova started, or it never happened */
	STALENESS_UNCERTAIN, /* it came when Nova was just starting */
	STALENESS_NOT_KNOWN  /* it came afterwards */
};

/* Whether a Nova that started then knows of what happened at that time; all zero: it never did. */
enum staleness staleness_of(const struct staleness_time *started,
			    const struct staleness_time *happened);

/* When a function came and went, and when something of it that Nova stores last changed. */
struct staleness_life {
	struct staleness_time appeared;
	struct staleness_time changed;
	struct staleness_time vanished; /* all zero: it is there */
};

enum staleness_what {
	STALENESS_NOTHING,
	STALENESS_NOT_SEEN, /* Nova does not offer it */
	STALENESS_CHANGED,  /* Nova knows it as it was */
	STALENESS_GONE	    /* Nova offers it still */
};

struct staleness_verdict {
	enum staleness_what what;
	enum staleness how;
	struct staleness_time since;
};

/* What Nova has wrong about a function that a device_spec takes; the worst that applies. */
struct staleness_verdict staleness_judge(const struct staleness_time *started,
					 const struct staleness_life *life);

/*
 * The same for a file of its configuration, from its last modification and its last change of any
 * kind: a file that was put in the place of another keeps the former. 0: not known.
 */
enum staleness staleness_of_file(const struct staleness_time *started, uint64_t modified_usec,
				 uint64_t changed_usec);

#endif
