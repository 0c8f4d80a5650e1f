/* SPDX-License-Identifier: Apache-2.0 */
/* How long a client is waited for: with a call that has begun, and with replies that it owes to read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "../../monitor/moment.h"
#include "../lib/peer.h"
#include "../lib/stage.h"
#include "vfmon/names.h"

static const char list_call[] = "{\"method\":\"" IFACE_MONITOR ".ListDevices\"}";

static struct stage stage;

static struct stage_options defaults(void)
{
	struct stage_options options;

	stage_options_init(&options);
	return options;
}

static void start_watch(struct peer *p)
{
	peer_init(p, &stage);
	peer_call_more(p, METHOD_WATCH_DEVICES, NULL);
	(void)peer_expect(p, "\"snapshot_complete\":true");
}

static void test_a_silent_client_is_closed_and_one_that_called_stays(void **state)
{
	struct stage_options options = defaults();
	struct peer called, silent, half;

	(void)state;
	options.limits.request_within_usec = 20000;
	stage_init(&stage, &options);
	peer_init(&called, &stage);
	peer_call(&called, METHOD_GET_STATUS, NULL);
	(void)peer_expect(&called, "\"status\"");
	peer_init(&silent, &stage);
	peer_init(&half, &stage);
	peer_send(&half, "{\"method\"", 9);
	peer_expect_end(&silent);
	peer_expect_end(&half);
	STAGE_UNTIL(&stage, server_dropped_count(stage.server) == 2);
	assert_non_null(strstr(stage.line, "no whole request"));
	peer_call(&called, METHOD_GET_STATUS, NULL);
	(void)peer_expect(&called, "\"clients_dropped\":2");
	peer_done(&called);
	peer_done(&silent);
	peer_done(&half);
	stage_done(&stage);
}

/* Who has called may be idle for ever, but not hold the beginning of another call. */
static void test_a_call_that_never_ends_closes_and_idleness_does_not(void **state)
{
	struct stage_options options = defaults();
	struct peer idle, half, watching;

	(void)state;
	options.limits.request_within_usec = 20000;
	stage_init(&stage, &options);
	peer_init(&idle, &stage);
	peer_init(&half, &stage);
	start_watch(&watching);
	peer_send(&watching, "{\"method\"", 9); /* is not read, so it can wait */
	peer_call(&idle, METHOD_GET_STATUS, NULL);
	(void)peer_expect(&idle, "\"status\"");
	peer_call(&half, METHOD_GET_STATUS, NULL);
	(void)peer_expect(&half, "\"status\"");
	peer_send(&half, "{\"method\"", 9);
	peer_expect_end(&half);
	STAGE_UNTIL(&stage, server_dropped_count(stage.server) == 1);
	assert_non_null(strstr(stage.line, "no whole request"));
	assert_true(stage_is_quiet(&stage));
	peer_call(&idle, METHOD_GET_STATUS, NULL);
	(void)peer_expect(&idle, "\"clients_dropped\":1");
	stage_change(&stage, 0, 1);
	(void)peer_expect(&watching, "\"v1\"");
	peer_done(&idle);
	peer_done(&half);
	peer_done(&watching);
	stage_done(&stage);
}

/* Calls of which each write ends in the middle of one. */
static void test_the_time_of_a_call_begins_with_the_call(void **state)
{
	struct stage_options options = defaults();
	const size_t half = sizeof(list_call) / 2;
	uint64_t within, end;
	struct peer peer;

	(void)state;
	within = options.limits.request_within_usec = 500000;
	stage_init(&stage, &options);
	peer_init(&peer, &stage);
	end = clock_usec(CLOCK_MONOTONIC) + 2 * within;
	peer_send(&peer, list_call, half);
	while (clock_usec(CLOCK_MONOTONIC) < end) {
		peer_send(&peer, list_call + half, sizeof(list_call) - half);
		peer_send(&peer, list_call, half);
		(void)peer_expect(&peer, STAGE_PF);
	}
	assert_int_equal(server_dropped_count(stage.server), 0);
	peer_done(&peer);
	stage_done(&stage);
}

/* More than the socket holds, whatever the system's default is. */
static void call_much_and_shut(struct peer *p)
{
	peer_init(p, &stage);
	peer_pause(p);
	(void)peer_flood(p, list_call, sizeof(list_call), 1u << 20);
	peer_shut_sending(p);
}

static void test_one_that_sends_no_more_and_never_reads_is_closed(void **state)
{
	struct stage_options options = defaults();
	struct peer shut, open, watching;

	(void)state;
	options.vfs = 64;
	options.padding = 2000;
	options.limits.read_within_usec = 20000;
	stage_init(&stage, &options);
	start_watch(&watching);
	peer_pause(&watching);
	peer_shut_sending(&watching);
	peer_init(&open, &stage);
	peer_pause(&open);
	(void)peer_flood(&open, list_call, sizeof(list_call), 1u << 20);
	call_much_and_shut(&shut);
	STAGE_UNTIL(&stage, server_dropped_count(stage.server) == 1);
	assert_non_null(strstr(stage.line, "did not read"));
	for (size_t value = 1; value < 1000; value++)
		stage_change(&stage, 0, value);
	STAGE_UNTIL(&stage, server_dropped_count(stage.server) == 2);
	assert_int_equal(server_client_count(stage.server), 1);
	peer_resume(&open); /* who may still want something is waited for */
	(void)peer_expect(&open, STAGE_PF);
	peer_done(&shut);
	peer_done(&open);
	peer_done(&watching);
	stage_done(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_silent_client_is_closed_and_one_that_called_stays),
		cmocka_unit_test(test_a_call_that_never_ends_closes_and_idleness_does_not),
		cmocka_unit_test(test_the_time_of_a_call_begins_with_the_call),
		cmocka_unit_test(test_one_that_sends_no_more_and_never_reads_is_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
