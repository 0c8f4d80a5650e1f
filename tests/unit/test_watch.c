/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "../lib/expect.h"

#define VF0 0x3b10
#define VF1 0x3b11

/* Two VFs, one on a driver: sequence 2. */
static int set_up(void **state)
{
	static struct served s;

	served_init(&s, 1 << 20);
	served_vf(&s, VF0, "igbvf");
	served_vf(&s, VF1, "");
	*state = &s;
	return 0;
}

static int tear_down(void **state)
{
	served_done(*state);
	return 0;
}

static void test_it_begins_with_the_snapshot(void **state)
{
	struct caller *c = served_connect(*state);
	const char *message;

	assert_false(session_is_watching(c->session));
	caller_call(c, WATCH);
	assert_true(session_is_watching(c->session));
	assert_false(session_wants_input(c->session));
	message = expect_part(c, COMPLETE("2"));
	assert_int_equal(strncmp(message, "{\"parameters\":{\"snapshot\":[{", 28), 0);
	expect_silence(c);
}

static void test_a_snapshot_of_nothing_is_complete_at_once(void **state)
{
	struct caller *c = served_connect(*state);

	caller_call(c, WATCH_DRIVER("none"));
	expect(c, "{\"parameters\":{\"snapshot\":[" COMPLETE("2"));
}

static size_t count_devices(const char *message)
{
	size_t count = 0;

	while ((message = strstr(message, "{\"address\":")))
		message++, count++;
	return count;
}

static void test_a_long_snapshot_comes_in_parts_and_owes_what_happens_meanwhile(void **state)
{
	struct served *s = *state;
	struct caller *c = served_connect(s);

	for (unsigned int i = 0; i < 598; i++)
		served_vf(s, 0x4000 + i, "");
	caller_feed(c, WATCH, sizeof(WATCH));
	assert_int_equal(caller_step(c), 1); /* the call */
	assert_int_equal(caller_step(c), 1); /* the first part */
	served_vf(s, VF0, "");		     /* it was in that part, */
	served_vf_gone(s, 0x4000 + 597);     /* it is not in any, */
	served_vf(s, 0x4000 + 596, "igbvf"); /* and it will be in the last */
	caller_run(c);
	assert_int_equal(count_devices(caller_next(c)), 256);
	assert_int_equal(count_devices(caller_next(c)), 256);
	assert_int_equal(count_devices(expect_part(c, COMPLETE("600"))), 87);
	EXPECT_CHANGE(c, CHANGED("601", "02.0"), true, true, 1);
	EXPECT_CHANGE(c, "602,\"kind\":\"disappeared\"", true, true, 1);
	EXPECT_CHANGE(c, "603,\"kind\":\"changed\"", true, true, 1);
	expect_silence(c);
	assert_int_equal(s->service.changes_merged, 0);
}

static void test_later_calls_wait_for_the_end_of_the_watch(void **state)
{
	struct caller *c = connect_watch(*state, WATCH);

	caller_call(c, "{\"method\":\"x.Y\"}");
	caller_call(c, "");
	expect_silence(c);
	assert_int_equal(c->over, 0);
	assert_false(session_wants_input(c->session));
}

static void test_a_change_is_told_at_once(void **state)
{
	struct served *s = *state;
	struct caller *c = connect_watch(s, WATCH);

	served_vf(s, VF1, "igbvf");
	served_vf_gone(s, VF0);
	EXPECT_CHANGE(c, CHANGED("3", "02.1"), true, true, 1);
	EXPECT_CHANGE(c, GONE("4", "02.0"), true, true, 1);
	expect_silence(c);
}

static void test_a_filter_tells_what_comes_and_what_leaves(void **state)
{
	struct served *s = *state;
	struct caller *c = connect_watch(s, WATCH_DRIVER("igbvf"));

	served_vf(s, VF1, "igbvf");
	EXPECT_CHANGE(c, CHANGED("3", "02.1"), true, true, 1);
	served_vf(s, VF0, "");
	EXPECT_CHANGE(c, CHANGED("4", "02.0"), false, true, 1);
	served_vf(s, VF0, "nvme");
	served_vf_gone(s, VF0);
	expect_silence(c);
	served_vf_gone(s, VF1);
	EXPECT_CHANGE(c, GONE("7", "02.1"), false, true, 1);
}

static void test_a_known_place_is_taken_up_without_a_snapshot(void **state)
{
	struct served *s = *state;
	struct caller *c = served_connect(s);

	served_vf(s, VF0, "");
	served_vf(s, VF0, "igbvf");
	caller_call(c, RESUME("2"));
	expect(c, BOOKMARK("2"));
	EXPECT_CHANGE(c, CHANGED("3", "02.0"), true, true, 1);
	EXPECT_CHANGE(c, CHANGED("4", "02.0"), true, true, 1);
	expect_silence(c);
	served_vf(s, VF1, "igbvf");
	EXPECT_CHANGE(c, CHANGED("5", "02.1"), true, true, 1);
}

static void test_the_newest_place_is_confirmed_at_once(void **state)
{
	struct caller *c = served_connect(*state);

	caller_call(c, RESUME("2"));
	expect(c, BOOKMARK("2"));
	expect_silence(c);
}

static void test_a_place_that_is_not_known_gets_a_snapshot(void **state)
{
	static const char *const calls[] = {
		RESUME("3"), /* of the future */
		WATCH_WITH("{\"epoch\":\"epoch-0\",\"sequence\":2}"),
		WATCH_WITH("{\"epoch\":\"" SERVED_EPOCH "\"}"),
		WATCH_WITH("{\"sequence\":2}"),
	};
	struct served *s = *state;

	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		served_disconnect(s, connect_watch(s, calls[i]));
	history_set_max(s->history, 0);
	served_vf(s, VF1, "igbvf");
	connect_watch(s, RESUME("2"));
}

static void test_changes_between_resuming_and_its_first_reply_are_not_lost(void **state)
{
	struct served *s = *state;
	struct caller *c = served_connect(s);

	caller_feed(c, RESUME("1"), sizeof(RESUME("1")));
	assert_int_equal(caller_step(c), 1); /* the call; nothing is written yet */
	served_vf(s, VF0, "");
	caller_run(c);
	expect(c, BOOKMARK("1"));
	EXPECT_CHANGE(c, APPEARED("2", "02.1"), true, false, 1);
	EXPECT_CHANGE(c, CHANGED("3", "02.0"), true, true, 1);
	expect_silence(c);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_it_begins_with_the_snapshot),
		TEST(test_a_snapshot_of_nothing_is_complete_at_once),
		TEST(test_a_long_snapshot_comes_in_parts_and_owes_what_happens_meanwhile),
		TEST(test_later_calls_wait_for_the_end_of_the_watch),
		TEST(test_a_change_is_told_at_once),
		TEST(test_a_filter_tells_what_comes_and_what_leaves),
		TEST(test_a_known_place_is_taken_up_without_a_snapshot),
		TEST(test_the_newest_place_is_confirmed_at_once),
		TEST(test_a_place_that_is_not_known_gets_a_snapshot),
		TEST(test_changes_between_resuming_and_its_first_reply_are_not_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
