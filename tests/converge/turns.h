/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Main thread and reader's thread take turns, so that a run depends on its seed alone. The reader
 * gets a turn until it has nothing to do, or until it was about to open a file or read a link so
 * many times: then the host can change under its hands. In front of what the reader calls of the C
 * library, see the Makefile.
 */
#ifndef VFMON_TEST_TURNS_H
#define VFMON_TEST_TURNS_H

#include <stdbool.h>
#include <stdint.h>

/* The caller is the main thread from now on; a new reader's thread is about to be started. */
void turns_begin(void);

/*
 * Lets the reader go on until it waits for the main thread, or for so many files (0: any number).
 * Returns whether it is in the midst of a read.
 */
bool turns_let_read(uint32_t files);

/* It need not stop any more: it is to be ended. */
void turns_end(void);

#endif
