/* SPDX-License-Identifier: Apache-2.0 */
#include "numbers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int numbers_reserve(struct numbers *n, size_t number)
{
	size_t size = n->size ? n->size : 64;
	bool *taken;

	while (size <= number)
		size *= 2;
	if (size > n->size) {
		taken = realloc(n->taken, size * sizeof(*taken));
		if (!taken)
			return -ENOMEM;
		memset(taken + n->size, 0, (size - n->size) * sizeof(*taken));
		n->taken = taken;
		n->size = size;
	}
	n->taken[number] = true;
	return 0;
}

int numbers_take(struct numbers *n)
{
	size_t number = n->lowest;

	while (number < n->size && n->taken[number])
		number++;
	if (numbers_reserve(n, number) < 0)
		return -ENOMEM;
	n->lowest = number + 1;
	return (int)number;
}

void numbers_give(struct numbers *n, int number)
{
	if (number < 0 || (size_t)number >= n->size)
		return;
	n->taken[number] = false;
	if ((size_t)number < n->lowest)
		n->lowest = (size_t)number;
}

void numbers_done(struct numbers *n)
{
	free(n->taken);
	*n = (struct numbers){ 0 };
}
