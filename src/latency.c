/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/latency.h"

#include <stdlib.h>
#include <string.h>

void latency_add(struct latency *l, uint64_t usec)
{
	l->samples[l->count++ % LATENCY_SAMPLES] = usec < UINT32_MAX ? (uint32_t)usec : UINT32_MAX;
}

static int compare_samples(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

int64_t latency_percentile(const struct latency *l, unsigned int percent)
{
	size_t n = l->count < LATENCY_SAMPLES ? l->count : LATENCY_SAMPLES;
	uint32_t sorted[LATENCY_SAMPLES];

	if (n == 0)
		return -1;
	memcpy(sorted, l->samples, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), compare_samples);
	return sorted[(n - 1) * percent / 100];
}
