/* SPDX-License-Identifier: Apache-2.0 */
/* One allocation after the other fails: a client gets what is right, or is dropped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../lib/alloc.h"
#include "../lib/peer.h"
#include "../lib/stage.h"
#include "vfmon/names.h"

#define WATCHES 3

static struct stage stage;

static int set_up(void **state)
{
	struct stage_options options;

	(void)state;
	stage_options_init(&options);
	stage_init(&stage, &options);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	stage_done(&stage);
	return 0;
}

/* A client connects and calls while allocation n fails. Returns whether one did. */
static bool call_with_failure(size_t n, const char *call, size_t len)
{
	uint64_t dropped = server_dropped_count(stage.server);
	struct peer peer;
	int fds[2];
	bool failed;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	peer_init_fd(&peer, &stage, fds[0]);
	alloc_fail_after(n);
	if (server_adopt(stage.server, fds[1]) == 0)
		peer_send(&peer, call, len);

	const char *reply = peer_next(&peer);

	failed = alloc_fail_never();
	assert_true(reply || failed);
	if (reply)
		assert_non_null(strstr(reply, "\"parameters\""));
	peer_done(&peer);
	STAGE_UNTIL(&stage, server_client_count(stage.server) == 0);
	assert_int_equal(server_dropped_count(stage.server), dropped + !reply);
	return failed;
}

static void call_with_every_failure(const char *call, size_t len)
{
	size_t n = 0;

	while (call_with_failure(n, call, len))
		n++;
	assert_true(n > 2);
}

static void test_a_call_is_answered_or_the_client_is_dropped(void **state)
{
	static const char list[] = "{\"method\":\"" IFACE_MONITOR ".ListDevices\"}";
	static const char watch[] = "{\"method\":\"" IFACE_MONITOR ".WatchDevices\",\"more\":true}";

	(void)state;
	call_with_every_failure(list, sizeof(list));
	call_with_every_failure(watch, sizeof(watch));
}

static size_t fail_at;
static bool has_failed;

static void publish_with_failure(struct server *server, const struct change *change)
{
	alloc_fail_after(fail_at);
	server_publish(server, change);
	has_failed = alloc_fail_never();
}

/* Never a gap: who is still there has got it. */
static void test_a_change_reaches_every_watch_that_is_not_dropped(void **state)
{
	(void)state;
	stage.publish = publish_with_failure;
	for (fail_at = 0, has_failed = true; has_failed; fail_at++) {
		uint64_t dropped = server_dropped_count(stage.server);
		struct peer peers[WATCHES];
		size_t heard = 0;

		for (size_t i = 0; i < WATCHES; i++) {
			peer_init(&peers[i], &stage);
			peer_call_more(&peers[i], METHOD_WATCH_DEVICES, NULL);
			(void)peer_expect(&peers[i], "\"snapshot_complete\":true");
		}
		stage_change(&stage, 0, fail_at);
		for (size_t i = 0; i < WATCHES; i++)
			heard += peer_next(&peers[i]) != NULL;
		for (size_t i = 0; i < WATCHES; i++)
			peer_done(&peers[i]);
		STAGE_UNTIL(&stage, server_client_count(stage.server) == 0);
		assert_int_equal(server_dropped_count(stage.server) - dropped, WATCHES - heard);
		assert_true(has_failed || heard == WATCHES);
	}
	assert_true(fail_at > 2);
}

/* The same while the change has to be kept for one who reads slowly. */
static void test_a_slow_watch_that_can_not_be_kept_up_with_is_dropped(void **state)
{
	struct peer slow;

	(void)state;
	peer_init(&slow, &stage);
	peer_call_more(&slow, METHOD_WATCH_DEVICES, NULL);
	(void)peer_expect(&slow, "\"snapshot_complete\":true");
	peer_pause(&slow);
	for (size_t value = 0; server_queued_bytes(stage.server) < MAX_CLIENT_OUTPUT_BYTES; value++)
		stage_change(&stage, value % 8, value);
	fail_at = 0;
	stage.publish = publish_with_failure;
	stage_change(&stage, 0, 1);
	assert_true(has_failed);
	stage.publish = server_publish;
	peer_resume(&slow);
	while (peer_next(&slow))
		;
	STAGE_UNTIL(&stage, server_dropped_count(stage.server) == 1);
	assert_non_null(strstr(stage.line, "memory"));
	peer_done(&slow);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_a_call_is_answered_or_the_client_is_dropped),
		TEST(test_a_change_reaches_every_watch_that_is_not_dropped),
		TEST(test_a_slow_watch_that_can_not_be_kept_up_with_is_dropped),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
