/* SPDX-License-Identifier: Apache-2.0 */
/* Both sides by one thread, so that every step is known. */
#include "../../monitor/reader_queue.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* What the newest thread would work on. */
static struct reader_task *task;

/* Instead of starting a thread: the test is it. */
static int on_start(struct reader_task *its_task, void *arg)
{
	(void)arg;
	task = its_task;
	return 0;
}

static int on_start_in_vain(struct reader_task *its_task, void *arg)
{
	(void)its_task;
	(void)arg;
	return -EAGAIN;
}

static int setup(void **state)
{
	struct reader_queue *q;

	assert_int_equal(reader_queue_new(&q), 0);
	assert_int_equal(reader_queue_start(q, on_start, NULL), 0);
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
		assert_true(reader_queue_take(q, task, &command));
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
	const struct reader_work work = { .place = READER_FUNCTION };
	struct observation *obs = reader_queue_begin(q, task, &work);

	assert_non_null(obs);
	observation_init(obs, OBSERVATION_FUNCTION, NULL);
	obs->inode = inode;
	assert_true(reader_queue_finish(q, task, more));
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
	const struct reader_work work = { .place = READER_FUNCTION };
	struct reader_queue *q = *state;
	struct reader_command command;

	put(q, 0, 1);
	assert_true(reader_queue_stop(q, 0));
	assert_false(reader_queue_take(q, task, &command));
	assert_null(reader_queue_begin(q, task, &work));
}

static void test_a_thread_at_work_is_not_waited_for_for_ever(void **state)
{
	const struct reader_work work = { .place = READER_FUNCTION };
	struct reader_queue *q = *state;
	struct reader_work now;

	assert_false(reader_queue_work(q, &now));
	assert_non_null(reader_queue_begin(q, task, &work));
	assert_true(reader_queue_work(q, &now));
	assert_true(now.since_usec > 0);
	assert_false(reader_queue_stop(q, 1000));
	assert_true(reader_queue_finish(q, task, READER_LAST));
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

static const struct reader_work on_function = { .addr = { .bus = 5 } };
static const struct reader_work on_aliases = { .place = READER_ALIASES };

/* The current thread hangs in that, from now on as another one than task. Returns its task. */
static struct reader_task *hang(struct reader_queue *q, const struct reader_work *work)
{
	struct reader_task *hung = task;
	struct reader_work now;

	if (work->place == READER_FUNCTION)
		assert_non_null(reader_queue_begin(q, hung, work));
	else
		assert_true(reader_queue_enter(q, hung, work));
	assert_true(reader_queue_work(q, &now));
	assert_int_equal(reader_queue_replace(q, &now, on_start, NULL), 1);
	assert_ptr_not_equal(task, hung);
	return hung;
}

static void test_one_that_was_left_behind_tells_nothing_when_it_comes_back(void **state)
{
	struct reader_queue *q = *state;
	struct reader_work left[READER_LEFT_MAX], back;
	struct reader_task *hung = hang(q, &on_function);

	assert_int_equal(reader_queue_left(q, left), 1);
	assert_true(left[0].addr.bus == 5);
	assert_false(reader_queue_take_back(q, &back));
	publish(q, 1, READER_LAST);
	assert_next(q, 1);
	assert_nothing_waits(q);
	assert_false(reader_queue_finish(q, hung, READER_LAST));
	assert_true(is_readable(q));
	assert_int_equal(reader_queue_left(q, left), 0);
	assert_true(reader_queue_take_back(q, &back));
	assert_true(back.addr.bus == 5);
	assert_false(reader_queue_take_back(q, &back));
	assert_nothing_waits(q);
	assert_int_equal(reader_queue_reads(q), 1);
}

/* Whoever comes back while the loop looks at observations is not forgotten. */
static void test_it_stays_readable_until_a_return_is_taken(void **state)
{
	struct reader_queue *q = *state;
	struct reader_task *hung = hang(q, &on_aliases);
	const struct observation *obs;
	struct reader_work back;

	assert_false(reader_queue_leave(q, hung));
	assert_int_equal(reader_queue_next(q, &obs), 0);
	assert_true(is_readable(q));
	assert_true(reader_queue_take_back(q, &back));
	assert_int_equal(back.place, READER_ALIASES);
	assert_nothing_waits(q);
}

static void test_the_command_of_one_left_behind_comes_first(void **state)
{
	static const struct {
		struct reader_command command;
		const struct reader_work *work;
		enum reader_command_kind
			first; /* COMMAND_INVALIDATE: nothing comes before the rest */
	} rows[] = {
		{ { .kind = COMMAND_READ, .request.known_inode = 7 }, &on_function, COMMAND_READ },
		{ { .kind = COMMAND_READ, .request.known_inode = 7 }, &on_aliases, COMMAND_READ },
		{ { .kind = COMMAND_SCAN }, &on_function, COMMAND_SCAN },
		{ { .kind = COMMAND_SCAN }, &on_aliases, COMMAND_SCAN },
		{ { .kind = COMMAND_REFRESH_USE }, &on_function, COMMAND_READ },
		{ { .kind = COMMAND_REFRESH_USE }, &on_aliases, COMMAND_INVALIDATE },
	};
	struct reader_queue *q = *state;
	struct reader_command command;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(reader_queue_put(q, &rows[i].command), 0);
		put(q, 20, 3);
		assert_true(reader_queue_take(q, task, &command));
		hang(q, rows[i].work);
		if (rows[i].first != COMMAND_INVALIDATE) {
			assert_true(reader_queue_take(q, task, &command));
			assert_int_equal(command.kind, rows[i].first);
			assert_true(command.request.known_inode ==
				    rows[i].command.request.known_inode);
		}
		assert_taken(q, 20, 3);
		assert_int_equal(reader_queue_waiting(q), 0);
	}
}

static void test_who_has_gone_on_is_not_left_behind(void **state)
{
	struct reader_queue *q = *state;
	struct reader_work left[READER_LEFT_MAX], before;
	struct reader_task *same = task;

	assert_true(reader_queue_enter(q, task, &on_aliases));
	assert_true(reader_queue_work(q, &before));
	assert_true(reader_queue_leave(q, task));
	assert_int_equal(reader_queue_replace(q, &before, on_start, NULL), 0);
	assert_true(reader_queue_enter(q, task, &on_aliases));
	assert_int_equal(reader_queue_replace(q, &before, on_start, NULL), 0);
	assert_ptr_equal(task, same);
	assert_int_equal(reader_queue_left(q, left), 0);
}

static void test_the_place_where_one_hangs_is_known_until_it_comes_back(void **state)
{
	const struct reader_work other = { .addr = { .bus = 6 } };
	struct reader_queue *q = *state;
	struct reader_task *hung = hang(q, &on_function);

	assert_true(reader_queue_silence(q, &on_function) > 0);
	assert_true(reader_queue_silence(q, &other) == 0);
	assert_true(reader_queue_silence(q, &on_aliases) == 0);
	assert_false(reader_queue_finish(q, hung, READER_LAST));
	assert_true(reader_queue_silence(q, &on_function) == 0);
}

static void test_no_more_than_some_are_left_behind(void **state)
{
	struct reader_queue *q = *state;
	struct reader_work left[READER_LEFT_MAX], now;
	struct reader_task *hung = NULL;

	for (uint8_t i = 0; i < READER_LEFT_MAX; i++) {
		const struct reader_work work = { .addr = { .bus = i } };

		hung = hang(q, &work);
	}
	assert_non_null(reader_queue_begin(q, task, &on_function));
	assert_true(reader_queue_work(q, &now));
	assert_int_equal(reader_queue_replace(q, &now, on_start, NULL), -EBUSY);
	assert_int_equal(reader_queue_left(q, left), READER_LEFT_MAX);
	assert_false(reader_queue_finish(q, hung, READER_LAST));
	/* Its place is free when the loop has heard of it. */
	assert_int_equal(reader_queue_replace(q, &now, on_start, NULL), -EBUSY);
	assert_true(reader_queue_take_back(q, &(struct reader_work){ 0 }));
	assert_int_equal(reader_queue_replace(q, &now, on_start, NULL), 1);
}

static void test_without_a_new_thread_the_old_one_stays(void **state)
{
	struct reader_queue *q = *state;
	struct reader_work left[READER_LEFT_MAX], now;

	assert_non_null(reader_queue_begin(q, task, &on_function));
	assert_true(reader_queue_work(q, &now));
	assert_int_equal(reader_queue_replace(q, &now, on_start_in_vain, NULL), -EAGAIN);
	assert_int_equal(reader_queue_left(q, left), 0);
	assert_true(reader_queue_finish(q, task, READER_LAST));
	assert_int_equal(reader_queue_reads(q), 1);
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
		TEST(test_one_that_was_left_behind_tells_nothing_when_it_comes_back),
		TEST(test_it_stays_readable_until_a_return_is_taken),
		TEST(test_the_command_of_one_left_behind_comes_first),
		TEST(test_who_has_gone_on_is_not_left_behind),
		TEST(test_the_place_where_one_hangs_is_known_until_it_comes_back),
		TEST(test_no_more_than_some_are_left_behind),
		TEST(test_without_a_new_thread_the_old_one_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
