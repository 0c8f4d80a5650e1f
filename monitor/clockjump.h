/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Notices that the machine was suspended, without waking up for it: CLOCK_BOOTTIME has gone on then
 * and CLOCK_MONOTONIC has not. A timerfd that is cancelled when the clock is set
 * (TFD_TIMER_CANCEL_ON_SET), which the kernel also does at each resume, says when to compare them.
 */
#ifndef VFMON_MONITOR_CLOCKJUMP_H
#define VFMON_MONITOR_CLOCKJUMP_H

#include <stdint.h>
#include <time.h>

struct clockjump;

/* What tells a clock's microseconds: clock_usec() of moment.h, or a test's. */
typedef uint64_t (*clockjump_clock_fn)(clockid_t clock);

/* Returns 0, -ENOMEM, or -errno: the kernel gives no such timer. */
int clockjump_new(clockjump_clock_fn clock, struct clockjump **ret);

/* Takes NULL. Returns NULL. */
struct clockjump *clockjump_free(struct clockjump *c);

/* Readable when the clocks are to be compared. */
int clockjump_fd(const struct clockjump *c);

/*
 * Compares them, and waits for the next time. Returns for how many microseconds the machine was
 * suspended since the last call, 0 if it was not: somebody has set the clock.
 */
uint64_t clockjump_read(struct clockjump *c);

#endif
