/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "vfmon/history.h"

static struct vf *image;

static int set_up(void **state)
{
	const struct pci_addr addr = { .bus = 1 };

	if (vf_new(&addr, &image) < 0)
		return -1;
	return history_new(100 * 1024, (struct history **)state);
}

static int tear_down(void **state)
{
	history_free(*state);
	assert_int_equal(image->refs, 1);
	vf_unref(image);
	return 0;
}

static void append(struct history *h, uint64_t from, uint64_t to)
{
	for (uint64_t n = from; n <= to; n++) {
		const struct change c = { .sequence = n, .device = image };

		assert_int_equal(history_append(h, &c), 0);
	}
}

static void test_an_empty_history_has_nothing(void **state)
{
	assert_null(history_after(*state, 0));
	assert_int_equal(history_oldest(*state), 0);
	assert_true(history_covers(*state, 7, 7));
	assert_false(history_covers(*state, 6, 7));
	assert_false(history_covers(*state, 8, 7));
}

static void test_changes_come_back_in_order(void **state)
{
	append(*state, 5, 30);
	for (uint64_t n = 5; n < 30; n++)
		assert_int_equal(history_after(*state, n)->sequence, n + 1);
	assert_int_equal(history_after(*state, 0)->sequence, 5);
	assert_null(history_after(*state, 30));
	assert_null(history_after(*state, 1000));
}

static void test_nothing_goes_before_trim(void **state)
{
	uint64_t below;

	append(*state, 1, 2000);
	assert_int_equal(history_count(*state), 2000);
	below = history_trim_below(*state);
	assert_true(below > 1);
	history_trim(*state);
	assert_int_equal(history_oldest(*state), below);
	assert_true(history_bytes(*state) <= 100 * 1024);
	assert_int_equal(history_trim_below(*state), 0);
	assert_int_equal(history_after(*state, 0)->sequence, below);
}

static void test_the_ring_goes_round(void **state)
{
	for (uint64_t n = 1; n < 5000; n++) {
		append(*state, n, n);
		history_trim(*state);
		assert_int_equal(history_after(*state, n - 1)->sequence, n);
		assert_true(history_after(*state, 0)->sequence <= n);
	}
	assert_true(history_bytes(*state) <= 100 * 1024);
}

static void test_covers_needs_all_that_came_after(void **state)
{
	append(*state, 10, 20);
	assert_true(history_covers(*state, 9, 20));
	assert_true(history_covers(*state, 20, 20));
	assert_false(history_covers(*state, 8, 20));
	assert_false(history_covers(*state, 21, 20));
}

static void test_a_smaller_bound_counts_at_once(void **state)
{
	append(*state, 1, 100);
	history_set_max(*state, 0);
	assert_int_equal(history_count(*state), 0);
	assert_int_equal(history_bytes(*state), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_an_empty_history_has_nothing),
		TEST(test_changes_come_back_in_order),
		TEST(test_nothing_goes_before_trim),
		TEST(test_the_ring_goes_round),
		TEST(test_covers_needs_all_that_came_after),
		TEST(test_a_smaller_bound_counts_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
