/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "vfmon/dirty.h"

static struct dirty_entry entry(uint8_t bus, enum cause_source source, uint32_t evidence)
{
	return (struct dirty_entry){
		.addr = { .bus = bus },
		.what = DIRTY_FUNCTION,
		.hint = { .cause = { .source = source }, .evidence = evidence },
	};
}

static int set_up(void **state)
{
	return dirty_new((struct dirty **)state);
}

static int tear_down(void **state)
{
	dirty_free(*state);
	return 0;
}

static void mark(struct dirty *d, uint8_t bus, uint64_t due)
{
	const struct dirty_entry e = entry(bus, CAUSE_UEVENT, 0);

	assert_int_equal(dirty_mark(d, &e, due), 0);
}

static void test_nothing_is_due_in_an_empty_set(void **state)
{
	struct dirty_entry got;

	assert_int_equal(dirty_next_usec(*state), UINT64_MAX);
	assert_int_equal(dirty_take(*state, UINT64_MAX, &got, 1), 0);
}

static void test_many_events_of_a_function_are_one_entry(void **state)
{
	struct dirty_entry got[2];

	for (int i = 0; i < 100; i++)
		mark(*state, 7, 5);
	assert_int_equal(dirty_count(*state), 1);
	assert_int_equal(dirty_take(*state, 5, got, 2), 1);
	assert_int_equal(got[0].addr.bus, 7);
	assert_int_equal(dirty_count(*state), 0);
}

static void test_the_order_is_that_of_time_then_of_marking(void **state)
{
	static const uint8_t order[] = { 9, 4, 6, 1 };
	struct dirty_entry got[8];

	mark(*state, 4, 20);
	mark(*state, 9, 10);
	mark(*state, 6, 20);
	mark(*state, 1, 30);
	assert_int_equal(dirty_take(*state, 30, got, 8), 4);
	for (int i = 0; i < 4; i++)
		assert_int_equal(got[i].addr.bus, order[i]);
}

static void test_what_is_not_due_stays(void **state)
{
	struct dirty_entry got[8];

	mark(*state, 1, 10);
	mark(*state, 2, 20);
	assert_int_equal(dirty_take(*state, 19, got, 8), 1);
	assert_int_equal(dirty_next_usec(*state), 20);
}

static void test_an_earlier_time_wins(void **state)
{
	mark(*state, 1, 50);
	mark(*state, 1, 10);
	mark(*state, 1, 90);
	assert_int_equal(dirty_next_usec(*state), 10);
	assert_int_equal(dirty_count(*state), 1);
}

static void test_a_timer_does_not_hide_the_event(void **state)
{
	struct dirty_entry e = entry(1, CAUSE_UEVENT, EVIDENCE_BOUND), got;

	e.hint.cause.seqnum = 42;
	dirty_mark(*state, &e, 1);
	e = entry(1, CAUSE_TIMER, 0);
	dirty_mark(*state, &e, 1);
	assert_int_equal(dirty_take(*state, 1, &got, 1), 1);
	assert_int_equal(got.hint.cause.source, CAUSE_UEVENT);
	assert_int_equal(got.hint.cause.seqnum, 42);
	assert_int_equal(got.hint.evidence, EVIDENCE_BOUND);
}

static void test_of_bind_and_unbind_the_newest_counts(void **state)
{
	struct dirty_entry e = entry(1, CAUSE_UEVENT, EVIDENCE_ADDED | EVIDENCE_BOUND), got;

	dirty_mark(*state, &e, 1);
	e = entry(1, CAUSE_UEVENT, EVIDENCE_UNBOUND);
	dirty_mark(*state, &e, 1);
	dirty_take(*state, 1, &got, 1);
	assert_int_equal(got.hint.evidence, EVIDENCE_ADDED | EVIDENCE_UNBOUND);
}

static void test_a_look_at_the_nodes_becomes_a_whole_read(void **state)
{
	struct dirty_entry e = entry(1, CAUSE_UDEV, 0), got;

	e.what = DIRTY_NODES;
	dirty_mark(*state, &e, 1);
	mark(*state, 1, 1);
	dirty_mark(*state, &e, 1);
	dirty_take(*state, 1, &got, 1);
	assert_int_equal(got.what, DIRTY_FUNCTION);
}

/* Against a plain model: 2,000 marks and takes at made-up times. */
static void test_the_heap_keeps_its_order(void **state)
{
	uint64_t due[64], now = 0;
	uint32_t random = 1;
	struct dirty_entry got;

	for (int i = 0; i < 64; i++)
		due[i] = UINT64_MAX;
	for (int step = 0; step < 2000; step++) {
		uint8_t bus = (uint8_t)((random = random * 1103515245u + 12345u) >> 16 & 63);
		uint64_t at = now + (random >> 8 & 255), first = UINT64_MAX;

		mark(*state, bus, at);
		due[bus] = at < due[bus] ? at : due[bus];
		for (int i = 0; i < 64; i++)
			first = due[i] < first ? due[i] : first;
		assert_int_equal(dirty_next_usec(*state), first);
		now += 3;
		while (dirty_take(*state, now, &got, 1) == 1) {
			assert_true(due[got.addr.bus] <= now);
			due[got.addr.bus] = UINT64_MAX;
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_nothing_is_due_in_an_empty_set),
		TEST(test_many_events_of_a_function_are_one_entry),
		TEST(test_the_order_is_that_of_time_then_of_marking),
		TEST(test_what_is_not_due_stays),
		TEST(test_an_earlier_time_wins),
		TEST(test_a_timer_does_not_hide_the_event),
		TEST(test_of_bind_and_unbind_the_newest_counts),
		TEST(test_a_look_at_the_nodes_becomes_a_whole_read),
		TEST(test_the_heap_keeps_its_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
