/* SPDX-License-Identifier: Apache-2.0 */
/* How long the last changes took, for two percentiles. */
#ifndef VFMON_LATENCY_H
#define VFMON_LATENCY_H

#include <stddef.h>
#include <stdint.h>

#define LATENCY_SAMPLES 1024

/* All zero is empty. */
struct latency {
	uint32_t samples[LATENCY_SAMPLES]; /* microseconds; a ring */
	size_t count;			   /* ever */
};

void latency_add(struct latency *l, uint64_t usec);

/*
 * The time that percent of the last LATENCY_SAMPLES took at most, in microseconds; -1 if there are
 * none. Sorts: not for the hot path.
 */
int64_t latency_percentile(const struct latency *l, unsigned int percent);

#endif
