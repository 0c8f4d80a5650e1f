/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "../lib/alloc.h"
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

static void test_a_slow_reader_gets_merged_changes_in_the_order_of_the_latest(void **state)
{
	struct served *s = *state;
	struct caller *c = connect_watch(s, WATCH);

	c->is_slow = true;
	served_vf(s, VF0, "");
	served_vf(s, VF1, "igbvf");
	served_vf(s, VF0, "nvme");
	expect_silence(c);
	c->is_slow = false;
	served_vf(s, 0x3b12, ""); /* there is room again, but older ones come first */
	expect_silence(c);
	caller_run(c);
	EXPECT_CHANGE(c, CHANGED("4", "02.1"), true, true, 1);
	EXPECT_CHANGE(c, CHANGED("5", "02.0"), true, false, 2);
	EXPECT_CHANGE(c, APPEARED("6", "02.2"), true, false, 1);
	expect_silence(c);
	assert_int_equal(s->service.changes_merged, 1);
	served_vf(s, VF0, "");
	EXPECT_CHANGE(c, CHANGED("7", "02.0"), true, true, 1);
}

static void test_a_merged_change_has_the_newest_state_and_all_fields(void **state)
{
	struct served *s = *state;
	struct caller *c = connect_watch(s, WATCH);
	struct observation obs = host_vf("0000:3b:02.0", "0000:3b:00.0", 0);
	const char *message;

	c->is_slow = true;
	served_vf(s, VF0, "");
	obs.inode = registry_get(s->registry, &obs.addr)->generation;
	obs.numa_node = 1;
	served_see(s, &obs);
	caller_run(c);
	message = expect_part(c, "\"fields\":[\"vf_index\",\"numa_node\",\"binding\"]");
	assert_non_null(strstr(message, "\"numa_node\":1,"));
	assert_non_null(strstr(message, "\"state\":\"unbound\""));
}

static void test_gone_and_back_is_one_appearance_with_the_new_generation(void **state)
{
	struct served *s = *state;
	struct caller *c = connect_watch(s, WATCH);

	c->is_slow = true;
	served_vf_gone(s, VF0);
	served_vf(s, VF0, "");
	served_vf(s, VF0, "igbvf");
	caller_run(c);
	EXPECT_CHANGE(c, APPEARED("5", "02.0") ",\"generation\":1002", true, false, 3);
	expect_silence(c);
}

static void test_come_and_gone_is_told_as_gone(void **state)
{
	struct served *s = *state;
	struct caller *c = connect_watch(s, WATCH);

	c->is_slow = true;
	served_vf(s, 0x3b12, "");
	served_vf_gone(s, 0x3b12);
	caller_run(c);
	EXPECT_CHANGE(c, GONE("4", "02.2"), true, false, 2);
	expect_silence(c);
}

static void test_a_filter_of_a_slow_reader_sees_the_newest_state(void **state)
{
	struct served *s = *state;
	struct caller *c = connect_watch(s, WATCH_DRIVER("igbvf"));

	c->is_slow = true;
	served_vf(s, VF1, "nvme"); /* of no concern */
	served_vf(s, VF0, "");
	served_vf(s, VF0, "nvme"); /* of none by itself, but the client is owed an older one */
	caller_run(c);
	EXPECT_CHANGE(c, CHANGED("5", "02.0"), false, false, 2);
	expect_silence(c);
}

#define RESUME_DRIVER(driver, sequence)                                                            \
	WATCH_WITH("{\"filter\":{\"drivers\":[\"" driver "\"]},\"epoch\":\"" SERVED_EPOCH          \
		   "\",\"sequence\":" sequence "}")

/* A client that goes between the two of a slow reader, and takes up its place on another connection. */
static void test_what_left_the_filter_unheard_is_told_at_the_resumption(void **state)
{
	struct served *s = *state;
	struct caller *c = connect_watch(s, WATCH_DRIVER("igbvf"));

	c->is_slow = true;
	served_vf(s, VF0, "");	    /* leaves */
	served_vf(s, VF1, "igbvf"); /* the place that the client has */
	served_vf(s, VF0,
		  "nvme"); /* of no concern, but merged with the first, and behind the place */
	caller_run(c);
	EXPECT_CHANGE(c, CHANGED("4", "02.1"), true, true, 1);
	served_disconnect(s, c);
	c = served_connect(s);
	caller_call(c, RESUME_DRIVER("igbvf", "4"));
	expect(c, BOOKMARK("4"));
	EXPECT_CHANGE(c, CHANGED("5", "02.0"), false, true, 1);
	served_vf(s, VF0, "x");
	expect_silence(c);
}

/* The same where the history was about to drop it. */
static void test_what_left_the_filter_unheard_is_told_merged(void **state)
{
	struct served *s = *state;
	struct caller *c = served_connect(s);

	served_vf(s, VF0, "");	    /* leaves */
	served_vf(s, VF1, "igbvf"); /* the place that the client has */
	served_vf(s, VF0, "nvme");
	caller_feed(c, RESUME_DRIVER("igbvf", "4"), sizeof(RESUME_DRIVER("igbvf", "4")));
	caller_step(c);
	history_set_max(s->history, history_bytes(s->history));
	served_vf(s, 0x3b12, "x");
	served_vf(s, 0x3b13, "x");
	served_vf(s, 0x3b14, "x");
	assert_int_equal(history_oldest(s->history), 4);
	served_vf(s, 0x3b15, "x");
	caller_run(c);
	expect(c, BOOKMARK("4"));
	EXPECT_CHANGE(c, CHANGED("5", "02.0"), false, true, 1);
	expect_silence(c);
}

/* Once it was told where a function is, only what concerns the filter is told. */
static void test_a_resumption_tells_each_function_once_whatever_the_filter(void **state)
{
	struct served *s = *state;
	struct caller *c = served_connect(s);

	served_vf(s, VF1, "nvme");
	served_vf(s, VF1, "x");
	served_vf(s, VF0, "");
	served_vf(s, VF0, "x");
	caller_call(c, RESUME_DRIVER("igbvf", "2"));
	expect(c, BOOKMARK("2"));
	EXPECT_CHANGE(c, CHANGED("3", "02.1"), false, true, 1);
	EXPECT_CHANGE(c, CHANGED("5", "02.0"), false, true, 1);
	expect_silence(c);
}

static void test_a_bookmark_comes_only_when_nothing_is_owed(void **state)
{
	struct served *s = *state;
	struct caller *c = served_connect(s);

	assert_int_equal(caller_bookmark(c), 0);
	caller_feed(c, WATCH_DRIVER("x"), sizeof(WATCH_DRIVER("x")));
	caller_step(c);
	assert_int_equal(caller_bookmark(c), 0);
	caller_run(c);
	expect_part(c, COMPLETE("2"));
	served_vf(s, VF1, "nvme");
	assert_int_equal(caller_bookmark(c), 1);
	caller_run(c);
	expect(c, BOOKMARK("3"));
	c->is_slow = true;
	served_vf(s, VF1, "x");
	assert_int_equal(caller_bookmark(c), 0);
	caller_run(c);
	EXPECT_CHANGE(c, CHANGED("4", "02.1"), true, true, 1);
	assert_int_equal(caller_bookmark(c), 1);
}

static void test_what_the_history_drops_is_merged_before(void **state)
{
	struct served *s = *state;
	struct caller *c = served_connect(s);

	caller_feed(c, RESUME("0"), sizeof(RESUME("0")));
	caller_step(c);
	history_set_max(s->history, history_bytes(s->history));
	for (int i = 0; i < 9; i++)
		served_vf(s, VF0, i % 2 ? "igbvf" : "");
	assert_int_equal(history_oldest(s->history), 10);
	caller_run(c);
	expect(c, BOOKMARK("0"));
	EXPECT_CHANGE(c, APPEARED("2", "02.1"), true, false, 1);
	EXPECT_CHANGE(c, APPEARED("11", "02.0"), true, false, 10);
	expect_silence(c);
	assert_int_equal(s->service.changes_merged, 9);
}

static void test_what_the_history_lost_ends_the_watch(void **state)
{
	struct served *s = *state;
	struct caller *c = served_connect(s);

	caller_feed(c, RESUME("0"), sizeof(RESUME("0")));
	caller_step(c);
	history_set_max(s->history, history_bytes(s->history) / 2); /* at once: a reload */
	assert_int_equal(history_oldest(s->history), 2);
	caller_run(c);
	expect(c, BOOKMARK("0"));
	assert_int_equal(c->over, -ENODATA);
	assert_non_null(session_why(c->session));
	assert_false(session_is_watching(c->session));
}

static void test_a_change_that_can_not_be_kept_ends_one_watch_only(void **state)
{
	struct served *s = *state;
	struct caller *slow = connect_watch(s, WATCH), *other = connect_watch(s, WATCH);
	const struct change change = { .sequence = 3, .kind = CHANGE_CHANGED };

	slow->is_slow = true;
	alloc_fail_after(0);
	assert_int_equal(session_change(slow->session, &change, SESSION_FULL),
			 SESSION_NOT_CONCERNED);
	assert_true(alloc_fail_never());
	caller_run(slow);
	assert_int_equal(slow->over, -ENOMEM);
	served_vf(s, VF1, "igbvf");
	EXPECT_CHANGE(other, CHANGED("3", "02.1"), true, true, 1);
	expect_silence(slow);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_slow_reader_gets_merged_changes_in_the_order_of_the_latest),
		TEST(test_a_merged_change_has_the_newest_state_and_all_fields),
		TEST(test_gone_and_back_is_one_appearance_with_the_new_generation),
		TEST(test_come_and_gone_is_told_as_gone),
		TEST(test_a_filter_of_a_slow_reader_sees_the_newest_state),
		TEST(test_what_left_the_filter_unheard_is_told_at_the_resumption),
		TEST(test_what_left_the_filter_unheard_is_told_merged),
		TEST(test_a_resumption_tells_each_function_once_whatever_the_filter),
		TEST(test_a_bookmark_comes_only_when_nothing_is_owed),
		TEST(test_what_the_history_drops_is_merged_before),
		TEST(test_what_the_history_lost_ends_the_watch),
		TEST(test_a_change_that_can_not_be_kept_ends_one_watch_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
