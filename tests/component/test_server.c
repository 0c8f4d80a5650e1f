/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../../monitor/client.h"
#include "../../monitor/roster.h"
#include "../lib/peer.h"
#include "../lib/stage.h"
#include "vfmon/names.h"

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

/* ---- limits ---- */

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

static void ignore(void *arg)
{
	(void)arg;
}

/* A client as if another user had connected. */
static void add_client_of(struct roster *roster, uid_t uid, int *ret_fd)
{
	static const struct client_ops ops = { .on_over = ignore, .on_watching = ignore };
	struct slot *slot = calloc(1, sizeof(*slot));
	const struct client_setup setup = {
		.base = stage.base,
		.service = &stage.service,
		.ops = &ops,
		.peer = { .pid = 1, .uid = uid },
		.request_within_usec = 60000000,
		.read_within_usec = 60000000,
	};
	int fds[2];

	assert_non_null(slot);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	assert_int_equal(client_new(&setup, fds[1], &slot->client), 0);
	roster_add(roster, slot);
	*ret_fd = fds[0];
}

static void test_users_are_counted_apart(void **state)
{
	struct roster roster = { 0 };
	int fds[3];

	(void)state;
	add_client_of(&roster, 1000, &fds[0]);
	add_client_of(&roster, 0, &fds[1]);
	add_client_of(&roster, 1000, &fds[2]);
	assert_int_equal(roster_count_of_user(&roster, 1000), 2);
	assert_int_equal(roster_count_of_user(&roster, 0), 1);
	assert_int_equal(roster_count_of_user(&roster, 1001), 0);
	roster_clear(&roster);
	for (size_t i = 0; i < 3; i++)
		(void)close(fds[i]);
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

/* Three wait, as valgrind closes what it refuses to accept; the kernel lets it wait. */
static void test_without_file_descriptors_accepting_pauses(void **state)
{
	struct peer served, waits[3];
	struct sockaddr_un address;
	struct rlimit before;
	socklen_t len;
	int fd;

	(void)state;
	fd = listen_somewhere(&address, &len);
	peer_init(&served, &stage);
	for (size_t i = 0; i < 3; i++) {
		peer_init_fd(&waits[i], &stage, connect_to(&address, len));
		peer_call(&waits[i], METHOD_GET_STATUS, NULL);
	}
	before = forbid_files();
	STAGE_UNTIL(&stage, stage.warnings == 1);
	assert_true(stage_is_quiet(&stage));
	stage_step(&stage); /* tries again, in vain */
	stage_step(&stage);
	peer_call(&served, METHOD_GET_STATUS, NULL);
	(void)peer_expect(&served, "\"status\"");
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	(void)peer_expect(&waits[2], "\"status\"");
	assert_int_equal(stage.warnings, 1);
	peer_done(&served);
	for (size_t i = 0; i < 3; i++)
		peer_done(&waits[i]);
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
		cmocka_unit_test(test_one_client_too_many_is_told_so),
		cmocka_unit_test(test_one_client_of_a_user_too_many_is_told_so),
		TEST(test_users_are_counted_apart),
		cmocka_unit_test(test_one_too_many_that_asks_nothing_is_closed),
		cmocka_unit_test(test_refusals_are_bounded_too),
		TEST(test_other_limits_count_for_those_that_come),
		TEST(test_connections_are_accepted),
		TEST(test_without_file_descriptors_accepting_pauses),
		cmocka_unit_test(test_the_server_can_go_while_clients_are_there),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
