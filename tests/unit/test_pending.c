/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "../../src/pending.h"
#include "../lib/alloc.h"

static int set_up(void **state)
{
	struct pending *p;

	if (pending_new(&p) < 0)
		return -1;
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	pending_free(*state);
	return 0;
}

static struct change change_of(uint32_t number, enum change_kind kind)
{
	return (struct change){
		.kind = kind,
		.fields = 1ULL << number % 8,
		.addr = { .domain = number >> 16,
			  .bus = (uint8_t)(number >> 8),
			  .slot = number >> 3 & 31,
			  .func = number & 7 },
	};
}

static int add(struct pending *p, uint32_t number, enum change_kind kind)
{
	struct change change = change_of(number, kind);

	return pending_add(p, &change);
}

static void expect_first(struct pending *p, uint32_t number, uint64_t merged)
{
	struct change change = change_of(number, CHANGE_CHANGED);
	const struct pending_entry *e = pending_first(p);

	assert_non_null(e);
	assert_int_equal(pci_addr_compare(&e->addr, &change.addr), 0);
	assert_int_equal(e->merged, merged);
	pending_drop_first(p);
}

static void test_entries_come_in_the_order_of_their_latest_change(void **state)
{
	struct pending *p = *state;

	assert_int_equal(add(p, 1, CHANGE_CHANGED), 0);
	assert_int_equal(add(p, 2, CHANGE_CHANGED), 0);
	assert_int_equal(add(p, 3, CHANGE_CHANGED), 0);
	assert_int_equal(add(p, 1, CHANGE_CHANGED), 1);
	assert_int_equal(add(p, 3, CHANGE_CHANGED), 1);
	assert_int_equal(add(p, 1, CHANGE_CHANGED), 1);
	assert_int_equal(pending_count(p), 3);
	expect_first(p, 2, 1);
	expect_first(p, 3, 2);
	expect_first(p, 1, 3);
	assert_null(pending_first(p));
	pending_drop_first(p); /* of none: nothing */
	assert_int_equal(pending_count(p), 0);
}

static void test_an_entry_remembers_what_its_changes_were(void **state)
{
	struct pending *p = *state;
	const struct pci_addr addr = { 0 };
	struct change change = { .kind = CHANGE_CHANGED, .fields = 1 };

	assert_int_equal(vf_new(&addr, &change.previous), 0);
	assert_int_equal(pending_add(p, &change), 0);
	assert_ptr_equal(pending_first(p)->previous, change.previous);
	assert_int_equal(change.previous->refs, 2);
	assert_false(pending_first(p)->appeared);
	change.kind = CHANGE_APPEARED;
	change.fields = 4;
	assert_int_equal(pending_add(p, &change), 1);
	assert_true(pending_first(p)->appeared);
	assert_int_equal(pending_first(p)->fields, 5);
	assert_null(pending_first(p)->previous);
	assert_int_equal(change.previous->refs, 1);
	change.kind = CHANGE_CHANGED;
	assert_int_equal(pending_add(p, &change), 1);
	assert_true(pending_first(p)->appeared);
	vf_unref(change.previous);
}

/* Twice, so that places that became free are used again, and dropped in between. */
static void test_as_many_as_a_host_has_are_found_again(void **state)
{
	struct pending *p = *state;
	const uint32_t count = 16384;

	for (int round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < count; i++)
			assert_int_equal(add(p, i * 7919 % count, CHANGE_CHANGED), 0);
		for (uint32_t i = 0; i < count; i += 2)
			assert_int_equal(add(p, i, CHANGE_CHANGED), 1);
		assert_int_equal(pending_count(p), count);
		for (uint32_t i = 0; i < count; i++) {
			uint32_t number = i * 7919 % count;

			assert_true(
				pending_has(p, &(struct pci_addr){ .bus = (uint8_t)(number >> 8),
								   .slot = number >> 3 & 31,
								   .func = number & 7 }));
			if (number % 2 == 1)
				expect_first(p, number, 1);
		}
		for (uint32_t i = 0; i < count; i += 2)
			expect_first(p, i, 2);
		assert_null(pending_first(p));
	}
}

static void test_a_lost_allocation_leaves_what_was_there(void **state)
{
	struct pending *p = *state;

	for (uint32_t i = 0; i < 16; i++)
		assert_int_equal(add(p, i, CHANGE_CHANGED), 0);
	for (size_t i = 0; i < 2; i++) {
		alloc_fail_after(i);
		assert_int_equal(add(p, 16, CHANGE_CHANGED), -ENOMEM);
		assert_true(alloc_fail_never());
	}
	assert_int_equal(add(p, 16, CHANGE_CHANGED), 0);
	for (uint32_t i = 0; i <= 16; i++)
		expect_first(p, i, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_entries_come_in_the_order_of_their_latest_change),
		TEST(test_an_entry_remembers_what_its_changes_were),
		TEST(test_as_many_as_a_host_has_are_found_again),
		TEST(test_a_lost_allocation_leaves_what_was_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
