/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/alloc.h"
#include "vfmon/frame.h"

#define LIMIT 64

static int set_up(void **state)
{
	struct frame *f = calloc(1, sizeof(*f));

	frame_init(f, LIMIT);
	*state = f;
	return f ? 0 : -1;
}

static int tear_down(void **state)
{
	frame_done(*state);
	free(*state);
	return 0;
}

/* Takes the next message, which must be this one. */
static void expect(struct frame *f, const char *text)
{
	char *message;
	size_t len;

	assert_true(frame_has_message(f));
	assert_int_equal(frame_take(f, &message, &len), 1);
	assert_string_equal(message, text);
	assert_int_equal(len, strlen(text));
}

static void expect_none(struct frame *f)
{
	char *message;
	size_t len;

	assert_false(frame_has_message(f));
	assert_int_equal(frame_take(f, &message, &len), 0);
}

static void test_messages_of_one_feed_come_one_by_one(void **state)
{
	struct frame *f = *state;

	expect_none(f);
	assert_int_equal(frame_feed(f, "one\0two\0\0thr", 12), 0);
	expect(f, "one");
	expect(f, "two");
	expect(f, "");
	expect_none(f);
	assert_int_equal(frame_feed(f, "", 0), 0);
	assert_int_equal(frame_feed(f, "ee\0", 3), 0);
	expect(f, "three");
	expect_none(f);
}

static void test_a_message_comes_whole_however_it_was_cut(void **state)
{
	static const char text[] = "first\0second\0\0third";
	struct frame *f = *state;

	for (size_t piece = 1; piece < sizeof(text); piece++) {
		for (size_t at = 0; at < sizeof(text); at += piece) {
			size_t left = sizeof(text) - at;

			assert_int_equal(frame_feed(f, text + at, left < piece ? left : piece), 0);
		}
		expect(f, "first");
		expect(f, "second");
		expect(f, "");
		expect(f, "third");
		expect_none(f);
	}
}

static void test_the_limit_is_of_one_message(void **state)
{
	struct frame *f = *state;
	char text[LIMIT + 1] = { 0 };

	memset(text, 'x', LIMIT);
	for (int i = 0; i < 10; i++)
		assert_int_equal(frame_feed(f, text, sizeof(text)), 0);
	for (int i = 0; i < 10; i++)
		expect(f, text);
	assert_int_equal(frame_feed(f, text, LIMIT), 0);
	assert_int_equal(frame_feed(f, "x", 1), -EMSGSIZE);
}

static void test_what_was_whole_before_one_too_long_can_be_taken(void **state)
{
	struct frame *f = *state;
	char text[4 + LIMIT + 1 + 5] = "one";

	memset(text + 4, 'x', LIMIT + 1);
	memcpy(text + 4 + LIMIT + 1, "\0two", 5);
	assert_int_equal(frame_feed(f, text, sizeof(text)), -EMSGSIZE);
	expect(f, "one");
	expect_none(f);
}

/* Counted in bytes that are moved: the buffer may not move as a whole for each byte that comes. */
static void test_single_bytes_behind_a_queue_do_not_move_it_each_time(void **state)
{
	struct frame *f = *state;
	size_t moves = 0;

	for (int i = 0; i < 1000; i++)
		assert_int_equal(frame_feed(f, "message", 8), 0);
	for (int i = 0; i < 1000; i++) {
		size_t start;

		expect(f, "message");
		start = f->start;
		assert_int_equal(frame_feed(f, i % 8 < 7 ? "y" : "\0", 1), 0);
		if (f->start < start)
			moves++;
	}
	assert_in_range(moves, 1, 20);
}

static void test_memory_follows_what_waits(void **state)
{
	struct frame *f = *state;
	size_t largest = 0;

	for (int i = 0; i < 100000; i++) {
		assert_int_equal(frame_feed(f, "message\0mess", 12), 0);
		expect(f, "message");
		assert_int_equal(frame_feed(f, "age", 4), 0);
		expect(f, "message");
		frame_trim(f);
		largest = f->size > largest ? f->size : largest;
	}
	assert_in_range(largest, 12, 1024);
	for (int i = 0; i < 10000; i++)
		assert_int_equal(frame_feed(f, "message", 8), 0);
	for (int i = 0; i < 10000; i++)
		expect(f, "message");
	frame_trim(f);
	assert_int_equal(f->size, 0);
}

static void test_without_memory_nothing_is_taken_in(void **state)
{
	struct frame *f = *state;

	alloc_fail_after(0);
	assert_int_equal(frame_feed(f, "lost", 5), -ENOMEM);
	assert_true(alloc_fail_never());
	expect_none(f);
	assert_int_equal(frame_feed(f, "kept", 5), 0);
	expect(f, "kept");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_messages_of_one_feed_come_one_by_one, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_a_message_comes_whole_however_it_was_cut,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_the_limit_is_of_one_message, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
			test_what_was_whole_before_one_too_long_can_be_taken, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_single_bytes_behind_a_queue_do_not_move_it_each_time, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(test_memory_follows_what_waits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_without_memory_nothing_is_taken_in, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
