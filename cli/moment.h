/* SPDX-License-Identifier: Apache-2.0 */
/* Points in time and spans as a person writes and reads them; local time. */
#ifndef VFMON_CLI_MOMENT_H
#define VFMON_CLI_MOMENT_H

#include <stdint.h>

#define MOMENT_TEXT_MAX 40

/* CLOCK_REALTIME, CLOCK_MONOTONIC and CLOCK_BOOTTIME now, in microseconds. */
uint64_t moment_now_usec(void);
uint64_t moment_monotonic_usec(void);
uint64_t moment_boottime_usec(void);

/* For poll(): until a time of CLOCK_MONOTONIC, rounded up, so that it does not come back too early. */
int moment_msec_left(uint64_t deadline_usec);

/* "14:02:11", with the date in front if it is not of today. Return buf. */
const char *moment_format(uint64_t usec, char buf[static MOMENT_TEXT_MAX]);
/* The same with milliseconds. */
const char *moment_format_fine(uint64_t usec, char buf[static MOMENT_TEXT_MAX]);
/* "2026-11-23T14:02:11Z" */
const char *moment_format_utc(uint64_t usec, char buf[static MOMENT_TEXT_MAX]);

/* "12 s", "3 min", "5 h 52 min", "2 d 3 h". Returns buf. */
const char *moment_format_span(uint64_t usec, char buf[static MOMENT_TEXT_MAX]);

/*
 * Reads "14:02", "14:02:11", "2026-11-23", "2026-11-23 14:02[:11]", "today", "yesterday", or how
 * long ago: "90s", "10min", "2h", "3d". A clock time is one of today. Returns 0 or -EINVAL.
 */
int moment_parse(const char *text, uint64_t now_usec, uint64_t *ret_usec);

/* Seconds with a fraction or a span as above, for a timeout. Returns 0 or -EINVAL. */
int moment_parse_span(const char *text, uint64_t *ret_usec);

#endif
