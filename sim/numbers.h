/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that are given out as the kernel does it: always the lowest free one. Pure. */
#ifndef VFMOND_SIM_NUMBERS_H
#define VFMOND_SIM_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>

/* All zero is a pool in which every number is free. */
struct numbers {
	bool *taken;
	size_t size;
	/* no number below is free */
	size_t lowest;
};

/* Takes the lowest free number. Returns it, or -ENOMEM. */
int numbers_take(struct numbers *n);

/* Takes that number, whether it is free or not. Returns 0 or -ENOMEM. */
int numbers_reserve(struct numbers *n, size_t number);

/* Gives a number back; one below 0 is ignored. */
void numbers_give(struct numbers *n, int number);

void numbers_done(struct numbers *n);

#endif
