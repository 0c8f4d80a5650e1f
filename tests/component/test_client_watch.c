/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../monitor/client.h"
#include "../lib/peer.h"
#include "../lib/stage.h"
#include "vfmon/names.h"

#define LIST "{\"method\":\"" IFACE_MONITOR ".ListDevices\"}"
#define GET_STATUS "{\"method\":\"" IFACE_MONITOR ".GetStatus\"}"
#define WATCH "{\"method\":\"" IFACE_MONITOR ".WatchDevices\",\"more\":true}"

/* Much more than two sockets and all buffers hold. */
#define FLOOD_BYTES (16u << 20)

static struct stage stage;
static struct peer peer;

static int set_up(void **state)
{
	struct stage_options options;

	(void)state;
	stage_options_init(&options);
	options.vfs = 64;
	stage_init(&stage, &options);
	peer_init(&peer, &stage);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	peer_done(&peer);
	stage_done(&stage);
	return 0;
}

static void start_watch(struct peer *p)
{
	peer_call_more(p, METHOD_WATCH_DEVICES, NULL);
	(void)peer_expect(p, "\"snapshot_complete\":true");
}

static void test_a_watching_peer_that_hangs_up_is_noticed_at_once(void **state)
{
	(void)state;
	start_watch(&peer);
	peer_hang_up(&peer);
	STAGE_UNTIL(&stage, server_client_count(stage.server) == 0);
}

static void test_a_watching_peer_that_left_replies_unread_is_noticed_at_once(void **state)
{
	(void)state;
	start_watch(&peer);
	peer_pause(&peer);
	stage_change(&stage, 3, 1);
	assert_true(stage_is_quiet(&stage));
	peer_hang_up(&peer);
	STAGE_UNTIL(&stage, server_client_count(stage.server) == 0);
}

static void test_a_watch_goes_on_though_the_peer_sends_no_more(void **state)
{
	(void)state;
	start_watch(&peer);
	peer_shut_sending(&peer);
	assert_true(stage_is_quiet(&stage));
	stage_change(&stage, 3, 1);
	(void)peer_expect(&peer, "\"driver_override\":\"v1\"");
	peer_hang_up(&peer);
	stage_change(&stage, 3, 2);
	STAGE_UNTIL(&stage, server_client_count(stage.server) == 0);
}

static void test_a_watch_may_begin_when_the_peer_already_sends_no_more(void **state)
{
	(void)state;
	peer_send(&peer, WATCH, sizeof(WATCH));
	peer_shut_sending(&peer);
	(void)peer_expect(&peer, "\"snapshot_complete\":true");
	stage_change(&stage, 0, 7);
	(void)peer_expect(&peer, "\"driver_override\":\"v7\"");
}

static void test_calls_behind_a_watch_are_not_read(void **state)
{
	(void)state;
	start_watch(&peer);
	peer_send(&peer, GET_STATUS, sizeof(GET_STATUS));
	peer_send(&peer, "garbage", 8);
	peer_assert_others_are_served(&stage);
	assert_int_equal(stage.status_calls, 1);
	assert_in_range(peer_flood(&peer, LIST, sizeof(LIST), FLOOD_BYTES), 1, FLOOD_BYTES - 1);
	stage_change(&stage, 1, 1);
	(void)peer_expect(&peer, "\"change\"");
}

/* ---- without a server ---- */

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_a_watching_peer_that_hangs_up_is_noticed_at_once),
		TEST(test_a_watching_peer_that_left_replies_unread_is_noticed_at_once),
		TEST(test_a_watch_goes_on_though_the_peer_sends_no_more),
		TEST(test_a_watch_may_begin_when_the_peer_already_sends_no_more),
		TEST(test_calls_behind_a_watch_are_not_read),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
