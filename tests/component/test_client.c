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

static void test_a_call_is_answered(void **state)
{
	(void)state;
	peer_call(&peer, METHOD_LIST_DEVICES, NULL);

	const char *reply = peer_expect(&peer, STAGE_PF);

	assert_non_null(strstr(reply, stage_address(7)));
	assert_null(strstr(reply, "continues"));
}

static void test_a_call_may_come_byte_by_byte(void **state)
{
	static const char call[] = GET_STATUS;

	(void)state;
	for (size_t i = 0; i < sizeof(call); i++) {
		peer_send(&peer, &call[i], 1);
		assert_int_equal(stage.status_calls, 0);
		if (i + 1 < sizeof(call))
			stage_step(&stage);
	}
	(void)peer_expect(&peer, "\"status\"");
	assert_int_equal(stage.status_calls, 1);
}

static void test_calls_in_one_write_are_answered_in_order(void **state)
{
	char calls[2048] = "";
	size_t len = 0;

	(void)state;
	for (int i = 0; i < 10; i++)
		len += (size_t)snprintf(calls + len, sizeof(calls) - len,
					"{\"method\":\"" IFACE_MONITOR
					".GetDevice\",\"parameters\":{\"address\":\"%d\"}}",
					i) +
		       1;
	peer_send(&peer, calls, len);
	for (int i = 0; i < 10; i++) {
		char wanted[32];

		(void)snprintf(wanted, sizeof(wanted), "\"address\":\"%d\"", i);
		(void)peer_expect(&peer, wanted);
	}
}

static void test_calls_are_answered_though_the_peer_sends_no_more(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++)
		peer_send(&peer, LIST, sizeof(LIST));
	peer_send(&peer, LIST, 5); /* never to be whole */
	peer_shut_sending(&peer);
	for (int i = 0; i < 10; i++)
		(void)peer_expect(&peer, STAGE_PF);
	peer_expect_end(&peer);
	STAGE_UNTIL(&stage, server_client_count(stage.server) == 0);
	assert_int_equal(server_dropped_count(stage.server), 0);
}

static void test_a_peer_that_ends_without_a_call_is_closed(void **state)
{
	(void)state;
	peer_shut_sending(&peer);
	peer_expect_end(&peer);
	STAGE_UNTIL(&stage, server_client_count(stage.server) == 0);
}

/* More than fits into the limits of socket and queue: reading stops until the peer reads. */
static void test_a_flood_of_calls_waits_for_the_peer_to_read(void **state)
{
	static char flood[1000 * sizeof(LIST)];
	const size_t calls = 1200;
	struct peer other;

	(void)state;
	peer_pause(&peer);
	for (size_t i = 0; i < 1000; i++)
		memcpy(&flood[i * sizeof(LIST)], LIST, sizeof(LIST));
	peer_send(&peer, flood, sizeof(flood)); /* one write: many small ones fill the socket */
	peer_init(&other, &stage);
	peer_call(&other, METHOD_GET_STATUS, NULL);
	(void)peer_expect(&other, "\"status\"");
	assert_in_range(server_queued_bytes(stage.server), 1, MAX_CLIENT_OUTPUT_BYTES + 65536);
	peer_resume(&peer);
	for (size_t i = 1000; i < calls; i++)
		peer_send(&peer, LIST, sizeof(LIST));
	for (size_t i = 0; i < calls; i++)
		(void)peer_expect(&peer, STAGE_PF);
	peer_done(&other);
}

static void test_a_flood_of_calls_is_not_read(void **state)
{
	(void)state;
	peer_pause(&peer);
	assert_in_range(peer_flood(&peer, LIST, sizeof(LIST), FLOOD_BYTES), 1, FLOOD_BYTES - 1);
	peer_resume(&peer);
}

static void test_garbage_closes_behind_the_calls_before_it(void **state)
{
	(void)state;
	peer_send(&peer, LIST, sizeof(LIST));
	peer_send(&peer, "{]", 3);
	peer_send(&peer, LIST, sizeof(LIST));
	(void)peer_expect(&peer, STAGE_PF);
	peer_expect_end(&peer);
	STAGE_UNTIL(&stage, server_dropped_count(stage.server) == 1);
	assert_int_equal(stage.service.malformed, 1);
	assert_int_equal(stage.dropped_lines, 1);
	assert_non_null(strstr(stage.line, "dropped: "));
	peer_assert_others_are_served(&stage);
}

static void test_rude_bytes_never_hurt_others(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} rude[] = {
		{ "\0", 1 },
		{ "\0\0\0\0", 4 },
		{ "null", 5 },
		{ "[]", 3 },
		{ "{}", 3 },
		{ "\xff\xfe", 3 },
		{ "{\"method\":1}", 13 },
		{ LIST " x", sizeof(LIST) + 2 },
		{ "{\"method\":\"a.B\",\"upgrade\":true}", 32 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rude) / sizeof(*rude); i++) {
		struct peer one;

		peer_init(&one, &stage);
		peer_send(&one, rude[i].bytes, rude[i].len);
		peer_expect_end(&one);
		peer_done(&one);
	}
	STAGE_UNTIL(&stage, server_dropped_count(stage.server) == sizeof(rude) / sizeof(*rude));
	assert_int_equal(stage.service.malformed, sizeof(rude) / sizeof(*rude));
	peer_assert_others_are_served(&stage);
}

static void test_the_log_is_not_flooded_with_rude_clients(void **state)
{
	const size_t rude = 200;

	(void)state;
	for (size_t i = 0; i < rude; i++) {
		struct peer one;

		peer_init(&one, &stage);
		peer_send(&one, "garbage", 8);
		peer_expect_end(&one);
		peer_done(&one);
	}
	STAGE_UNTIL(&stage, server_dropped_count(stage.server) == rude);
	assert_in_range(stage.dropped_lines, 10, rude - 1);
}

static void test_a_call_that_is_too_long_closes(void **state)
{
	static char long_call[MAX_REQUEST_BYTES + 4096];

	(void)state;
	memset(long_call, ' ', sizeof(long_call));
	peer_send(&peer, LIST, sizeof(LIST));
	peer_send(&peer, long_call, sizeof(long_call));
	(void)peer_expect(&peer, STAGE_PF);
	peer_expect_end(&peer);
	STAGE_UNTIL(&stage, server_dropped_count(stage.server) == 1);
	assert_int_equal(stage.service.malformed, 1);
}

static void test_a_peer_that_hangs_up_is_forgotten(void **state)
{
	(void)state;
	peer_call(&peer, METHOD_LIST_DEVICES, NULL);
	peer_hang_up(&peer);
	STAGE_UNTIL(&stage, server_client_count(stage.server) == 0);
	assert_int_equal(server_dropped_count(stage.server), 0);
	assert_int_equal(stage.dropped_lines, 0);
}

/* Nothing is read from one who watches, and nothing is sent to him while nothing changes. */
/* What comes behind a watch waits for ever, in the socket and not in memory. */
static int overs, watchings;

static void on_over(void *arg)
{
	(void)arg;
	overs++;
}

static void on_watching(void *arg)
{
	(void)arg;
	watchings++;
}

/* A client of its own, whose peer is the program's. */
static struct client *start_alone(void)
{
	static const struct client_ops ops = { .on_over = on_over, .on_watching = on_watching };
	struct client_setup setup = {
		.base = stage.base,
		.service = &stage.service,
		.ops = &ops,
		.request_within_usec = 60000000,
		.read_within_usec = 60000000,
	};
	struct client *c;
	int fds[2];

	overs = watchings = 0;
	peer_done(&peer);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	assert_int_equal(peersock_read(fds[1], &setup.peer), 0);
	assert_int_equal(client_new(&setup, fds[1], &c), 0);
	peer_init_fd(&peer, &stage, fds[0]);
	return c;
}

static void test_a_client_knows_who_is_at_the_other_end(void **state)
{
	struct client *c = start_alone();

	(void)state;
	assert_int_equal(client_get_peer(c)->pid, getpid());
	assert_int_equal(client_get_peer(c)->uid, getuid());
	client_free(c);
}

static void test_a_bookmark_needs_silence(void **state)
{
	struct client *c = start_alone();

	(void)state;
	peer_call_more(&peer, METHOD_WATCH_DEVICES, NULL);
	(void)peer_expect(&peer, "\"snapshot_complete\":true");
	assert_int_equal(watchings, 1);
	client_bookmark(c, client_sent_usec(c) - 1);
	assert_int_equal(client_queued_bytes(c), 0);
	client_bookmark(c, client_sent_usec(c));
	assert_true(client_queued_bytes(c) > 0);
	client_free(c);
}

static void test_the_end_is_told_once(void **state)
{
	struct client *c = start_alone();

	(void)state;
	peer_send(&peer, "garbage", 8);
	STAGE_UNTIL(&stage, overs > 0);
	client_send(c, NULL);
	client_bookmark(c, client_sent_usec(c));
	peer_hang_up(&peer);
	assert_true(stage_is_quiet(&stage));
	assert_int_equal(overs, 1);
	assert_int_equal(watchings, 0);
	assert_non_null(client_why(c));
	client_free(c);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_a_call_is_answered),
		TEST(test_a_call_may_come_byte_by_byte),
		TEST(test_calls_in_one_write_are_answered_in_order),
		TEST(test_calls_are_answered_though_the_peer_sends_no_more),
		TEST(test_a_peer_that_ends_without_a_call_is_closed),
		TEST(test_a_flood_of_calls_is_not_read),
		TEST(test_a_flood_of_calls_waits_for_the_peer_to_read),
		TEST(test_garbage_closes_behind_the_calls_before_it),
		TEST(test_rude_bytes_never_hurt_others),
		TEST(test_the_log_is_not_flooded_with_rude_clients),
		TEST(test_a_call_that_is_too_long_closes),
		TEST(test_a_peer_that_hangs_up_is_forgotten),
		TEST(test_a_client_knows_who_is_at_the_other_end),
		TEST(test_a_bookmark_needs_silence),
		TEST(test_the_end_is_told_once),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
