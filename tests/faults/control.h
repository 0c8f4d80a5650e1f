/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which allocation of a daemon fails: told in a file that ALLOC_FAULT names and that the test writes
 * into. So many more succeed (int64_t, negative: all of them), and whether one has failed (int64_t,
 * 0 or 1).
 */
#ifndef VFMON_TEST_FAULTS_CONTROL_H
#define VFMON_TEST_FAULTS_CONTROL_H

#include <stdbool.h>

/* Ends the process if the variable is set and the file can not be used: no fault is no test. */
void control_open(void);

bool control_is_open(void);

/* Whether this is the one; then the way to it is written to standard error, and errno is set. */
bool control_must_fail(void);

#endif
