/* SPDX-License-Identifier: Apache-2.0 */
#include "clock.h"

#include <stdatomic.h>
#include <time.h>

#define START_USEC 1000000000ULL
#define REALTIME_OFFSET_USEC 1700000000000000ULL

/* The reader's thread looks at them too. */
static _Atomic uint64_t now_usec = START_USEC;
static _Atomic uint64_t suspended_usec;

int __real_clock_gettime(clockid_t clock, struct timespec *ret);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ret);

int __wrap_clock_gettime(clockid_t clock, struct timespec *ret)
{
	uint64_t usec = now_usec;

	if (clock == CLOCK_REALTIME)
		usec += REALTIME_OFFSET_USEC;
	else if (clock == CLOCK_MONOTONIC)
		usec -= suspended_usec;
	else if (clock != CLOCK_BOOTTIME)
		return __real_clock_gettime(clock, ret);
	ret->tv_sec = (time_t)(usec / 1000000);
	ret->tv_nsec = (long)(usec % 1000000) * 1000;
	return 0;
}

void clock_reset(void)
{
	now_usec = START_USEC;
	suspended_usec = 0;
}

uint64_t clock_now_usec(void)
{
	return now_usec;
}

void clock_set_usec(uint64_t boottime_usec)
{
	if (boottime_usec > now_usec)
		now_usec = boottime_usec;
}

void clock_suspend(uint64_t usec)
{
	suspended_usec += usec;
	now_usec += usec;
}

uint64_t clock_wall_usec(void)
{
	struct timespec ts;

	(void)__real_clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}
