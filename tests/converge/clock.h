/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clocks of the code under test: they stand still until somebody moves them, so that ten seconds
 * of waiting take no time. In front of clock_gettime(), see the Makefile.
 */
#ifndef VFMON_TEST_CLOCK_H
#define VFMON_TEST_CLOCK_H

#include <stdint.h>

void clock_reset(void);

/* CLOCK_BOOTTIME, in microseconds. */
uint64_t clock_now_usec(void);

/* To a later time. */
void clock_set_usec(uint64_t boottime_usec);

/* The machine sleeps: CLOCK_MONOTONIC stands still meanwhile. */
void clock_suspend(uint64_t usec);

/* The real time, to measure how long tests take. */
uint64_t clock_wall_usec(void);

#endif
