/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lets allocations fail on demand: those of our own code, not of the libraries. For the programs in
 * ALLOC_TESTS of the Makefile.
 */
#ifndef VFMON_TEST_ALLOC_H
#define VFMON_TEST_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

/* From now on so many succeed, then one fails, then all succeed again. */
void alloc_fail_after(size_t count);

/* None fails any more. Returns whether one has. */
bool alloc_fail_never(void);

/* From now on this decides about each; it sets errno where it says so. */
void alloc_fail_when(bool (*must_fail)(void));

#endif
