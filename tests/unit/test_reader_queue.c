/* SPDX-License-Identifier: Apache-2.0 */
/* Both sides by one thread, so that every step is known. */
#include "../../monitor/reader_queue.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static int setup(void **state)
{
	struct reader_queue *q;

	assert_int_equal(reader_queue_new(&q), 0);
	*state = q;
	return 0;
}

static int teardown(void **state)
{
	assert_null(reader_queue_unref(*state));
	return 0;
}

static bool is_readable(struct reader_queue *q)
{
	struct pollfd p = { .fd = reader_queue_fd(q), .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

/* Requests are told apart by their known_inode. */
static void put(struct reader_queue *q, uint64_t first, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		const struct read_request request = { .known_inode = first + i };

		assert_int_equal(reader_queue_put_reads(q, &request, 1), 0);
	}
}

static void assert_taken(struct reader_queue *q, uint64_t first, uint64_t count)
{
	struct reader_command command;

	for (uint64_t i = 0; i < count; i++) {
		assert_true(reader_queue_take(q, &command));
		assert_int_equal(command.kind, COMMAND_READ);
		assert_true(command.request.known_inode == first + i);
	}
}

static void test_commands_stay_in_order_while_the_queue_grows_and_shrinks(void **state)
{
	struct reader_queue *q = *state;

	for (int round = 0; round < 3; round++) {
		put(q, 0, 50);
		assert_taken(q, 0, 40);
		put(q, 50, 30);
		put(q, 80, 1000);
		assert_int_equal(reader_queue_waiting(q), 1040);
		assert_taken(q, 40, 1040);
		assert_int_equal(reader_queue_waiting(q), 0);
	}
}

static void publish(struct reader_queue *q, uint64_t inode, enum reader_more more)
{
	const struct reader_work work = { .since_usec = 5 };
	struct observation *obs = reader_queue_begin(q, &work);

	assert_non_null(obs);
	observation_init(obs, OBSERVATION_FUNCTION, NULL);
	obs->inode = inode;
	reader_queue_finish(q, more);
}

static void assert_next(struct reader_queue *q, uint64_t inode)
{
	const struct observation *obs;

	assert_int_equal(reader_queue_next(q, &obs), 1);
	assert_true(obs->inode == inode);
}

static void assert_nothing_waits(struct reader_queue *q)
{
	const struct observation *obs;

	assert_int_equal(reader_queue_next(q, &obs), 0);
	assert_false(is_readable(q));
}

static void test_it_is_readable_exactly_while_something_waits(void **state)
{
	struct reader_queue *q = *state;

	assert_nothing_waits(q);
	for (uint64_t i = 0; i < 200; i += 2) {
		publish(q, i, READER_LAST);
		assert_true(is_readable(q));
		assert_next(q, i);
		publish(q, i + 1, READER_LAST);
		assert_next(q, i + 1);
		assert_nothing_waits(q);
	}
}

static void test_a_scan_wakes_the_loop_once_for_many(void **state)
{
	struct reader_queue *q = *state;
	uint64_t count = 0;

	while (!is_readable(q))
		publish(q, count++, READER_MORE_FOLLOWS);
	assert_true(count > 1);
	for (uint64_t i = 0; i < count; i++)
		assert_next(q, i);
	assert_nothing_waits(q);
	publish(q, 0, READER_MORE_FOLLOWS);
	assert_false(is_readable(q));
	publish(q, 1, READER_LAST);
	assert_true(is_readable(q));
}

static void test_an_end_is_seen_everywhere(void **state)
{
	const struct reader_work work = { .since_usec = 5 };
	struct reader_queue *q = *state;
	struct reader_command command;

	put(q, 0, 1);
	assert_true(reader_queue_stop(q, 0));
	assert_false(reader_queue_take(q, &command));
	assert_null(reader_queue_begin(q, &work));
}

static void test_a_thread_at_work_is_not_waited_for_for_ever(void **state)
{
	const struct reader_work work = { .since_usec = 5 };
	struct reader_queue *q = *state;
	struct reader_work now;

	assert_false(reader_queue_work(q, &now));
	assert_non_null(reader_queue_begin(q, &work));
	assert_true(reader_queue_work(q, &now));
	assert_int_equal(now.since_usec, 5);
	assert_false(reader_queue_stop(q, 1000));
	reader_queue_finish(q, READER_LAST);
	assert_int_equal(reader_queue_reads(q), 1);
	assert_true(reader_queue_stop(q, 0));
}

static void test_the_last_of_two_sides_frees(void **state)
{
	struct reader_queue *q = *state;

	assert_ptr_equal(reader_queue_ref(q), q);
	assert_null(reader_queue_unref(q));
	publish(q, 1, READER_LAST);
	assert_next(q, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_commands_stay_in_order_while_the_queue_grows_and_shrinks),
		TEST(test_it_is_readable_exactly_while_something_waits),
		TEST(test_a_scan_wakes_the_loop_once_for_many),
		TEST(test_an_end_is_seen_everywhere),
		TEST(test_a_thread_at_work_is_not_waited_for_for_ever),
		TEST(test_the_last_of_two_sides_frees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
