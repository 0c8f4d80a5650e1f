/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "../lib/belief.h"
#include "../lib/peer.h"
#include "../lib/stage.h"
#include "vfmon/names.h"

#define MANY 1000
#define MANY_CHANGES 10000

static struct stage stage;

static struct stage_options defaults(void)
{
	struct stage_options options;

	stage_options_init(&options);
	return options;
}

static int set_up(void **state)
{
	const struct stage_options options = defaults();

	(void)state;
	stage_init(&stage, &options);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	stage_done(&stage);
	return 0;
}

static void start_watch(struct peer *p, const char *parameters)
{
	peer_init(p, &stage);
	peer_call_more(p, METHOD_WATCH_DEVICES, parameters);
	(void)peer_expect(p, "\"snapshot_complete\":true");
}

/* ---- changes ---- */

static void test_every_watch_gets_the_same_bytes(void **state)
{
	struct peer a, b, idle;

	(void)state;
	start_watch(&a, NULL);
	start_watch(&b, NULL);
	peer_init(&idle, &stage);
	for (size_t value = 1; value <= 3; value++) {
		char wanted[16];

		(void)snprintf(wanted, sizeof(wanted), "\"v%zu\"", value);
		stage_change(&stage, 2, value);

		char *first = strdup(peer_expect(&a, wanted));

		assert_string_equal(peer_expect(&b, wanted), first);
		assert_non_null(strstr(first, "\"continues\":true"));
		free(first);
	}
	assert_false(peer_has_message(&idle));
	peer_done(&a);
	peer_done(&b);
	peer_done(&idle);
}

static void test_a_filter_hides_other_functions(void **state)
{
	struct peer one;
	char filter[128];

	(void)state;
	(void)snprintf(filter, sizeof(filter), "{\"filter\":{\"addresses\":[\"%s\"]}}",
		       stage_address(5));
	start_watch(&one, filter);
	stage_change(&stage, 4, 1);
	stage_change(&stage, 5, 2);
	(void)peer_expect(&one, "\"v2\"");
	peer_done(&one);
}

static void test_a_peer_that_goes_among_changes_is_no_harm(void **state)
{
	struct peer peers[8];

	(void)state;
	for (size_t i = 0; i < 8; i++)
		start_watch(&peers[i], NULL);
	for (size_t i = 0; i < 8; i += 2)
		peer_hang_up(&peers[i]);
	stage_change(&stage, 0, 1);
	stage_change(&stage, 0, 2);
	for (size_t i = 1; i < 8; i += 2) {
		(void)peer_expect(&peers[i], "\"v1\"");
		(void)peer_expect(&peers[i], "\"v2\"");
	}
	STAGE_UNTIL(&stage, server_client_count(stage.server) == 4);
	for (size_t i = 0; i < 8; i++)
		peer_done(&peers[i]);
}

static void allow_files(rlim_t files)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	if (limit.rlim_cur >= files)
		return;
	limit.rlim_cur = files;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static void test_a_thousand_watches_get_each_change(void **state)
{
	struct peer *peers = calloc(MANY, sizeof(*peers));
	struct stage_options options = defaults();

	(void)state;
	allow_files(3 * MANY);
	options.limits.max_clients_per_user = MANY;
	options.limits.max_clients = MANY;
	stage_init(&stage, &options);
	for (size_t i = 0; i < MANY; i++)
		start_watch(&peers[i], NULL);
	for (size_t value = 1; value <= 5; value++)
		stage_change(&stage, value, value);
	for (size_t i = 0; i < MANY; i++)
		for (size_t value = 1; value <= 5; value++) {
			char wanted[16];

			(void)snprintf(wanted, sizeof(wanted), "\"v%zu\"", value);
			(void)peer_expect(&peers[i], wanted);
		}
	for (size_t i = 0; i < MANY; i++)
		peer_done(&peers[i]);
	STAGE_UNTIL(&stage, server_client_count(stage.server) == 0);
	assert_int_equal(server_dropped_count(stage.server), 0);
	stage_done(&stage);
	free(peers);
}

/* ---- slow readers ---- */

/* Every kind of change, many more than the history keeps. */
static void make_a_storm(size_t changes)
{
	for (size_t i = 0; i < changes; i++) {
		size_t vf = i * 7 % stage.vfs;

		if (i % 11 == 0)
			stage_remove(&stage, vf);
		else
			stage_change(&stage, vf, i);
		if (i % 64 == 0)
			assert_int_equal(event_base_loop(stage.base, EVLOOP_NONBLOCK), 0);
	}
}

static void set_up_storm(size_t padding)
{
	struct stage_options options = defaults();

	options.padding = padding;
	options.vfs = 60;
	options.history_bytes = 16384;
	stage_init(&stage, &options);
}

static void test_a_slow_watch_is_bounded_and_ends_with_the_truth(void **state)
{
	static struct belief belief;
	struct peer slow, quick;

	(void)state;
	set_up_storm(0);
	start_watch(&quick, NULL);
	start_watch(&slow, NULL);
	peer_pause(&slow);
	for (int round = 0; round < 10; round++) {
		make_a_storm(MANY_CHANGES / 10);
		assert_in_range(server_queued_bytes(stage.server), 1,
				2 * (MAX_CLIENT_OUTPUT_BYTES + 65536));
	}
	peer_resume(&slow);
	belief_catch_up(&belief, &slow);
	belief_expect_truth(&belief, &stage);
	assert_true(belief.merged > 0);
	assert_true(belief.messages < MANY_CHANGES / 2);
	assert_true(stage.service.changes_merged > 0);
	peer_done(&slow);
	peer_done(&quick);
	stage_done(&stage);
}

static void test_a_watch_that_reads_now_and_then_ends_with_the_truth(void **state)
{
	static struct belief belief;
	struct peer peer;

	(void)state;
	set_up_storm(0);
	peer_init(&peer, &stage);
	peer_pause(&peer);
	peer_call_more(&peer, METHOD_WATCH_DEVICES, NULL); /* the storm is in its snapshot too */
	for (int round = 0; round < 20; round++) {
		make_a_storm(997);
		peer_resume(&peer);
		for (int i = 0; i < 50; i++)
			belief_take(&belief, &stage, peer_next(&peer));
		peer_pause(&peer);
	}
	peer_resume(&peer);
	belief_catch_up(&belief, &peer);
	belief_expect_truth(&belief, &stage);
	peer_done(&peer);
	stage_done(&stage);
}

/* A socket that takes less than one reply at a time. */
static void test_a_change_may_be_sent_in_pieces(void **state)
{
	static struct belief belief;
	int fds[2], one = 1;
	struct peer peer;

	(void)state;
	set_up_storm(2000);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	assert_int_equal(setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &one, sizeof(one)), 0);
	assert_int_equal(server_adopt(stage.server, fds[1]), 0);
	peer_init_fd(&peer, &stage, fds[0]);
	peer_call_more(&peer, METHOD_WATCH_DEVICES, NULL);
	belief_take(&belief, &stage, peer_next(&peer));
	for (int round = 0; round < 50; round++) {
		peer_pause(&peer);
		make_a_storm(20);
		peer_resume(&peer);
		belief_catch_up(&belief, &peer);
	}
	belief_expect_truth(&belief, &stage);
	peer_done(&peer);
	stage_done(&stage);
}

static void test_a_slow_watch_does_not_delay_a_quick_one(void **state)
{
	struct peer slow, quick;

	(void)state;
	start_watch(&slow, NULL);
	peer_pause(&slow);
	start_watch(&quick, NULL);
	for (size_t value = 1; value <= 2000; value++) {
		char wanted[16];

		(void)snprintf(wanted, sizeof(wanted), "\"v%zu\"", value);
		stage_change(&stage, 1, value);
		(void)peer_expect(&quick, wanted);
	}
	peer_done(&slow);
	peer_done(&quick);
}

/* ---- bookmarks ---- */

static int added_events(void)
{
	return event_base_get_num_events(stage.base, EVENT_BASE_COUNT_ADDED);
}

static void test_a_silent_watch_gets_a_bookmark(void **state)
{
	struct stage_options options = defaults();
	struct peer peer;

	(void)state;
	options.limits.bookmark_after_usec = 1000;
	stage_init(&stage, &options);
	start_watch(&peer, "{\"filter\":{\"addresses\":[\"0000:ff:1f.7\"]}}");
	stage_change(&stage, 0, 1);
	stage_change(&stage, 0, 2);

	const char *bookmark = peer_expect(&peer, "\"epoch\":\"" STAGE_EPOCH "\"");
	char wanted[64];

	(void)snprintf(wanted, sizeof(wanted), "\"sequence\":%ju",
		       (uintmax_t)registry_sequence(stage.registry));
	assert_non_null(strstr(bookmark, wanted));
	assert_non_null(strstr(bookmark, "\"continues\":true"));
	assert_null(strstr(bookmark, "\"change\""));
	(void)peer_expect(&peer, wanted); /* and again */
	peer_done(&peer);
	stage_done(&stage);
}

static void test_there_is_a_timer_only_while_somebody_watches(void **state)
{
	struct stage_options options = defaults();
	struct peer peer;

	(void)state;
	options.limits.bookmark_after_usec = 1000;
	stage_init(&stage, &options);

	int idle = added_events();

	start_watch(&peer, NULL);
	(void)peer_expect(&peer, "\"epoch\"");
	assert_true(added_events() > idle);
	peer_hang_up(&peer);
	STAGE_UNTIL(&stage, added_events() == idle);
	peer_done(&peer);
	stage_done(&stage);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_every_watch_gets_the_same_bytes),
		TEST(test_a_filter_hides_other_functions),
		TEST(test_a_peer_that_goes_among_changes_is_no_harm),
		cmocka_unit_test(test_a_thousand_watches_get_each_change),
		cmocka_unit_test(test_a_slow_watch_is_bounded_and_ends_with_the_truth),
		cmocka_unit_test(test_a_watch_that_reads_now_and_then_ends_with_the_truth),
		cmocka_unit_test(test_a_change_may_be_sent_in_pieces),
		TEST(test_a_slow_watch_does_not_delay_a_quick_one),
		cmocka_unit_test(test_a_silent_watch_gets_a_bookmark),
		cmocka_unit_test(test_there_is_a_timer_only_while_somebody_watches),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
