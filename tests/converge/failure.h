/* SPDX-License-Identifier: Apache-2.0 */
/* What a run has found to be wrong: the first thing counts. */
#ifndef VFMON_TEST_FAILURE_H
#define VFMON_TEST_FAILURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAILURE_TEXT_MAX 3000

/* Lies in memory that parent and child share, so that it outlives a crash. */
struct failure {
	uint64_t seed; /* that is run */
	bool failed;
	char text[FAILURE_TEXT_MAX];
};

/* Where failures go from now on. */
void failure_begin(struct failure *f);

bool failure_is(void);

void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
