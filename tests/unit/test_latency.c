/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "vfmon/latency.h"

static void test_percentiles_are_those_of_the_last_samples(void **state)
{
	static struct latency l;

	(void)state;
	assert_int_equal(latency_percentile(&l, 50), -1);
	for (uint64_t i = 0; i < LATENCY_SAMPLES; i++)
		latency_add(&l, 1000000);
	for (uint64_t i = 1; i <= LATENCY_SAMPLES; i++)
		latency_add(&l, i);
	assert_int_equal(latency_percentile(&l, 0), 1);
	assert_int_equal(latency_percentile(&l, 50), 512);
	assert_int_equal(latency_percentile(&l, 100), LATENCY_SAMPLES);
	latency_add(&l, UINT64_MAX);
	assert_int_equal(latency_percentile(&l, 100), UINT32_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_percentiles_are_those_of_the_last_samples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
