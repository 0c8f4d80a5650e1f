/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon's clocks; the core gets their times as arguments. */
#ifndef VFMOND_MOMENT_H
#define VFMOND_MOMENT_H

#include <sys/time.h>
#include <time.h>

#include "vfmon/registry.h"

static inline uint64_t clock_usec(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

/* A span of time, for libevent. */
static inline struct timeval usec_timeval(uint64_t usec)
{
	return (struct timeval){
		.tv_sec = (time_t)(usec / 1000000),
		.tv_usec = (suseconds_t)(usec % 1000000),
	};
}

static inline struct moment moment_now(void)
{
	return (struct moment){
		.realtime_usec = clock_usec(CLOCK_REALTIME),
		.boottime_usec = clock_usec(CLOCK_BOOTTIME),
	};
}

#endif
