/* SPDX-License-Identifier: Apache-2.0 */
/* Random numbers that are the same on every machine (splitmix64). */
#ifndef VFMON_TEST_DICE_H
#define VFMON_TEST_DICE_H

#include <stdbool.h>
#include <stdint.h>

struct dice {
	uint64_t state;
};

static inline uint64_t dice_next(struct dice *d)
{
	uint64_t z = d->state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

/* From 0 to n - 1; n is not 0. */
static inline uint32_t dice_below(struct dice *d, uint32_t n)
{
	return (uint32_t)(dice_next(d) >> 32) % n;
}

static inline uint32_t dice_between(struct dice *d, uint32_t low, uint32_t high)
{
	return low + dice_below(d, high - low + 1);
}

static inline bool dice_chance(struct dice *d, uint32_t percent)
{
	return dice_below(d, 100) < percent;
}

/* Dice that depend on both numbers and on nothing else. */
static inline struct dice dice_mixed(uint64_t a, uint64_t b)
{
	struct dice d = { a * 0xd1342543de82ef95ULL + b };

	(void)dice_next(&d);
	return d;
}

#endif
