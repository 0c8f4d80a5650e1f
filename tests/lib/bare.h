/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The least that any program must do to know a function's state: open, read and close the files and
 * links that can tell, with nothing made of what they say. What `make bench` compares vfmond with.
 */
#ifndef VFMON_TESTS_BARE_H
#define VFMON_TESTS_BARE_H

#include <stddef.h>

struct bare {
	int sysfs;    /* the folder */
	int devices;  /* bus/pci/devices */
	size_t bytes; /* that were read, so that no read can be left out */
};

/* Whatever fails ends the program. */
void bare_init(struct bare *b);
void bare_done(struct bare *b);

/* What can change in a function's life. */
void bare_read_changing(struct bare *b, const char *name);

/* Lists all functions and reads of each also what never changes. Returns their number. */
size_t bare_scan(struct bare *b);

#endif
