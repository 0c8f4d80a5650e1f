/* SPDX-License-Identifier: Apache-2.0 */
/* Plays a plan: host, daemon's parts and subscribers, and at the end the truth. */
#ifndef VFMON_TEST_RUN_H
#define VFMON_TEST_RUN_H

#include "failure.h"
#include "plan.h"

/* What was met, over all runs: a test that never meets a loss tests none. */
struct run_counts {
	uint64_t runs, changes, lost, silent, audited, resyncs, restarts, resumes, snapshots,
		merged, torn;
};

/*
 * base is a folder on a tmpfs, whose inodes are never used twice. What is wrong goes to the failure
 * of failure_begin(). Adds to *counts.
 */
void run_plan(const struct plan *p, const char *base, struct run_counts *counts);

#endif
