/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/event.h>
#include <json-c/json.h>

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

/* What a client that believes every reply thinks of the VFs; "-": gone. */
struct belief {
	char value[64][16];
	int64_t sequence;
	size_t messages;
	size_t merged;
};

static const char *member(struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	return json_object_object_get_ex(object, key, &value) ? json_object_get_string(value)
							      : NULL;
}

static void believe(struct belief *b, const char *address, struct json_object *device)
{
	for (size_t vf = 0; vf < stage.vfs; vf++) {
		const char *value = device ? member(device, "driver_override") : "-";

		if (strcmp(stage_address(vf), address) == 0)
			(void)snprintf(b->value[vf], sizeof(b->value[vf]), "%s",
				       value ? value : "");
	}
}

static void believe_change(struct belief *b, struct json_object *change)
{
	struct json_object *device = NULL, *number = NULL;

	(void)json_object_object_get_ex(change, "device", &device);
	believe(b, member(change, "address"), device);
	assert_true(json_object_object_get_ex(change, "sequence", &number));
	assert_true(json_object_get_int64(number) > b->sequence); /* ascending */
	b->sequence = json_object_get_int64(number);
	if (json_object_object_get_ex(change, "merged", &number))
		b->merged += json_object_get_int64(number) > 1;
}

static void believe_message(struct belief *b, const char *message)
{
	struct json_object *reply = json_tokener_parse(message);
	struct json_object *parameters, *part;

	assert_non_null(reply);
	assert_true(json_object_object_get_ex(reply, "parameters", &parameters));
	b->messages++;
	if (json_object_object_get_ex(parameters, "change", &part))
		believe_change(b, part);
	if (json_object_object_get_ex(parameters, "snapshot", &part))
		for (size_t i = 0; i < json_object_array_length(part); i++) {
			struct json_object *device = json_object_array_get_idx(part, i);

			believe(b, member(device, "address"), device);
		}
	json_object_put(reply);
}

/* Reads until the belief has reached the registry's last change. */
static void catch_up(struct peer *p, struct belief *b)
{
	while (b->sequence < (int64_t)registry_sequence(stage.registry)) {
		const char *message = peer_next(p);

		assert_non_null(message);
		believe_message(b, message);
	}
}

static void assert_believes_the_truth(const struct belief *b)
{
	for (size_t vf = 0; vf < stage.vfs; vf++) {
		const char *truth = stage_truth(&stage, stage_address(vf));

		assert_string_equal(b->value[vf], truth ? truth : "-");
	}
}

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

static void set_up_storm(void)
{
	struct stage_options options = defaults();

	options.vfs = 60;
	options.history_bytes = 16384;
	stage_init(&stage, &options);
}

static void test_a_slow_watch_is_bounded_and_ends_with_the_truth(void **state)
{
	struct belief belief = { 0 };
	struct peer slow, quick;

	(void)state;
	set_up_storm();
	start_watch(&quick, NULL);
	start_watch(&slow, NULL);
	peer_pause(&slow);
	for (int round = 0; round < 10; round++) {
		make_a_storm(MANY_CHANGES / 10);
		assert_in_range(server_queued_bytes(stage.server), 1,
				2 * (MAX_CLIENT_OUTPUT_BYTES + 65536));
	}
	peer_resume(&slow);
	catch_up(&slow, &belief);
	assert_believes_the_truth(&belief);
	assert_true(belief.merged > 0);
	assert_true(belief.messages < MANY_CHANGES / 2);
	assert_true(stage.service.changes_merged > 0);
	peer_done(&slow);
	peer_done(&quick);
	stage_done(&stage);
}

static void test_a_watch_that_reads_now_and_then_ends_with_the_truth(void **state)
{
	struct belief belief = { 0 };
	struct peer peer;

	(void)state;
	set_up_storm();
	peer_init(&peer, &stage);
	peer_pause(&peer);
	peer_call_more(&peer, METHOD_WATCH_DEVICES, NULL); /* the storm is in its snapshot too */
	for (int round = 0; round < 20; round++) {
		make_a_storm(997);
		peer_resume(&peer);
		for (int i = 0; i < 50; i++)
			believe_message(&belief, peer_next(&peer));
		peer_pause(&peer);
	}
	peer_resume(&peer);
	catch_up(&peer, &belief);
	assert_believes_the_truth(&belief);
	peer_done(&peer);
	stage_done(&stage);
}

/* A socket that takes less than one reply at a time. */
static void test_a_change_may_be_sent_in_pieces(void **state)
{
	struct belief belief = { 0 };
	int fds[2], one = 1;
	struct peer peer;

	(void)state;
	set_up_storm();
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	assert_int_equal(setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &one, sizeof(one)), 0);
	assert_int_equal(server_adopt(stage.server, fds[1]), 0);
	peer_init_fd(&peer, &stage, fds[0]);
	peer_call_more(&peer, METHOD_WATCH_DEVICES, NULL);
	believe_message(&belief, peer_next(&peer));
	for (int round = 0; round < 50; round++) {
		peer_pause(&peer);
		make_a_storm(20);
		peer_resume(&peer);
		catch_up(&peer, &belief);
	}
	assert_believes_the_truth(&belief);
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

/* ---- limits ---- */

static void test_a_silent_client_is_closed_and_one_that_called_stays(void **state)
{
	struct stage_options options = defaults();
	struct peer called, silent, half;

	(void)state;
	options.limits.first_request_within_usec = 20000;
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

static void refuse_the_third(const struct stage_options *options)
{
	struct peer first, second, third, silent, fourth;

	stage_init(&stage, options);
	start_watch(&first, NULL);
	start_watch(&second, NULL);
	peer_init(&third, &stage);
	peer_call(&third, METHOD_GET_STATUS, NULL);
	(void)peer_expect(&third, "{\"error\":\"" ERROR_TOO_MANY_CLIENTS
				  "\",\"parameters\":{\"limit\":2}}");
	peer_expect_end(&third);
	assert_int_equal(stage.status_calls, 0);
	assert_int_equal(server_client_count(stage.server), 2);
	peer_init(&silent, &stage); /* those who are refused are no clients */
	peer_hang_up(&first);
	STAGE_UNTIL(&stage, server_client_count(stage.server) == 1);
	start_watch(&fourth, NULL);
	peer_done(&silent);
	peer_done(&first);
	peer_done(&second);
	peer_done(&third);
	peer_done(&fourth);
	stage_done(&stage);
}

static void test_one_client_too_many_is_told_so(void **state)
{
	struct stage_options options = defaults();

	(void)state;
	options.limits.max_clients = 2;
	refuse_the_third(&options);
}

static void test_one_client_of_a_user_too_many_is_told_so(void **state)
{
	struct stage_options options = defaults();

	(void)state;
	options.limits.max_clients_per_user = 2;
	refuse_the_third(&options);
}

static void test_one_too_many_that_asks_nothing_is_closed(void **state)
{
	struct stage_options options = defaults();
	struct peer peer;

	(void)state;
	options.limits.max_clients = 0;
	stage_init(&stage, &options);
	peer_init(&peer, &stage);
	peer_expect_end(&peer);
	peer_done(&peer);
	stage_done(&stage);
}

static void test_refusals_are_bounded_too(void **state)
{
	struct stage_options options = defaults();
	int fds[2], refused = 0;
	struct peer peers[64];

	(void)state;
	options.limits.max_clients = 0;
	stage_init(&stage, &options);
	for (size_t i = 0; i < 64; i++)
		peer_init(&peers[i], &stage);
	for (int i = 0; i < 10; i++) {
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
		refused += server_adopt(stage.server, fds[1]) < 0;
		(void)close(fds[0]);
	}
	assert_int_equal(refused, 10);
	assert_int_equal(server_dropped_count(stage.server), 10);
	for (size_t i = 0; i < 64; i++)
		peer_done(&peers[i]);
	stage_done(&stage);
}

static void test_other_limits_count_for_those_that_come(void **state)
{
	struct stage_options options = defaults();
	struct peer a, b;

	(void)state;
	start_watch(&a, NULL);
	options.limits.max_clients = 1;
	server_set_limits(stage.server, &options.limits);
	peer_init(&b, &stage);
	peer_call(&b, METHOD_GET_STATUS, NULL);
	(void)peer_expect(&b, ERROR_TOO_MANY_CLIENTS);
	stage_change(&stage, 0, 1);
	(void)peer_expect(&a, "\"v1\"");
	peer_done(&a);
	peer_done(&b);
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

/* ---- accepting ---- */

static int listen_somewhere(struct sockaddr_un *address, socklen_t *ret_len)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	*ret_len = sizeof(*address);
	assert_true(fd >= 0);
	/* An abstract name that the kernel chooses. */
	assert_int_equal(bind(fd, (const struct sockaddr *)address, sizeof(sa_family_t)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)address, ret_len), 0);
	assert_int_equal(listen(fd, 64), 0);
	assert_int_equal(server_listen(stage.server, fd), 0);
	return fd;
}

static int connect_to(const struct sockaddr_un *address, socklen_t len)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)address, len), 0);
	return fd;
}

static void test_connections_are_accepted(void **state)
{
	struct sockaddr_un address;
	struct peer peers[3];
	socklen_t len;
	int fd;

	(void)state;
	fd = listen_somewhere(&address, &len);
	for (size_t i = 0; i < 3; i++) {
		peer_init_fd(&peers[i], &stage, connect_to(&address, len));
		peer_call(&peers[i], METHOD_GET_STATUS, NULL);
	}
	for (size_t i = 0; i < 3; i++)
		(void)peer_expect(&peers[i], "\"clients\":3");
	for (size_t i = 0; i < 3; i++)
		peer_done(&peers[i]);
	(void)close(fd);
}

/* The number that the next file would get, as a limit: no file can be opened any more. */
static struct rlimit forbid_files(void)
{
	struct rlimit before, now;
	int next = dup(STDIN_FILENO);

	assert_true(next >= 0);
	(void)close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	now = before;
	now.rlim_cur = (rlim_t)next;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &now), 0);
	return before;
}

static void test_without_file_descriptors_accepting_pauses(void **state)
{
	struct sockaddr_un address;
	struct rlimit before;
	struct peer served, waits;
	socklen_t len;
	int fd;

	(void)state;
	fd = listen_somewhere(&address, &len);
	peer_init(&served, &stage);
	peer_init_fd(&waits, &stage, connect_to(&address, len));
	peer_call(&waits, METHOD_GET_STATUS, NULL);
	before = forbid_files();
	STAGE_UNTIL(&stage, stage.warnings == 1);
	assert_true(stage_is_quiet(&stage));
	stage_step(&stage); /* tries again, in vain */
	stage_step(&stage);
	peer_call(&served, METHOD_GET_STATUS, NULL);
	(void)peer_expect(&served, "\"status\"");
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	(void)peer_expect(&waits, "\"status\"");
	assert_int_equal(stage.warnings, 1);
	peer_done(&served);
	peer_done(&waits);
	(void)close(fd);
}

/* ---- the end ---- */

static void test_the_server_can_go_while_clients_are_there(void **state)
{
	const struct stage_options options = defaults();
	struct peer watching, asking, full;

	(void)state;
	stage_init(&stage, &options);
	start_watch(&watching, NULL);
	start_watch(&full, NULL);
	peer_pause(&full);
	peer_init(&asking, &stage);
	peer_send(&asking, "{\"meth", 6);
	for (size_t value = 0; value < 1000; value++)
		stage_change(&stage, 0, value);
	server_dump(stage.server);
	assert_non_null(strstr(stage.line, "bytes queued"));
	stage.server = server_free(stage.server);
	peer_done(&watching);
	peer_done(&asking);
	peer_done(&full);
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
		cmocka_unit_test(test_a_silent_client_is_closed_and_one_that_called_stays),
		cmocka_unit_test(test_one_client_too_many_is_told_so),
		cmocka_unit_test(test_one_client_of_a_user_too_many_is_told_so),
		cmocka_unit_test(test_one_too_many_that_asks_nothing_is_closed),
		cmocka_unit_test(test_refusals_are_bounded_too),
		TEST(test_other_limits_count_for_those_that_come),
		cmocka_unit_test(test_a_silent_watch_gets_a_bookmark),
		cmocka_unit_test(test_there_is_a_timer_only_while_somebody_watches),
		TEST(test_connections_are_accepted),
		TEST(test_without_file_descriptors_accepting_pauses),
		cmocka_unit_test(test_the_server_can_go_while_clients_are_there),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
