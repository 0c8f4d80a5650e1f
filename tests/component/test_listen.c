/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/netlink.h>

#include "../../monitor/listen.h"
#include "../../monitor/log.h"

#define PATH_MAX_HERE 96
#define FIRST_PASSED 3

static char folder[PATH_MAX_HERE / 2];
static char path[PATH_MAX_HERE];
static int warnings;

static void on_line(const struct log_entry *entry, const char *message, void *arg)
{
	(void)message;
	(void)arg;
	warnings += entry->level == LOG_LEVEL_WARNING;
}

static int set_up(void **state)
{
	(void)state;
	(void)strcpy(folder, "/tmp/vfmond-test-listen.XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	(void)snprintf(path, sizeof(path), "%s/run/io.vfmon.Monitor", folder);
	warnings = 0;
	log_set_hook(on_line, NULL);
	return 0;
}

static int tear_down(void **state)
{
	char run[PATH_MAX_HERE];

	(void)state;
	log_set_hook(NULL, NULL);
	(void)snprintf(run, sizeof(run), "%s/run", folder);
	(void)unlink(path);
	(void)rmdir(run);
	return rmdir(folder);
}

static int connect_to(const char *where)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int r;

	assert_true(fd >= 0);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", where);
	r = connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : 0;
	(void)close(fd);
	return r;
}

static mode_t mode_of(const char *where)
{
	struct stat st;

	assert_int_equal(lstat(where, &st), 0);
	return st.st_mode;
}

/* ---- a socket of our own ---- */

static void test_socket_and_folder_have_their_modes_whatever_the_umask_is(void **state)
{
	struct listen_sockets sockets;
	mode_t before = umask(0077);
	char run[PATH_MAX_HERE];

	(void)state;
	listen_init(&sockets);
	assert_int_equal(listen_open(&sockets, path), 0);
	(void)umask(before);
	(void)snprintf(run, sizeof(run), "%s/run", folder);
	assert_int_equal(mode_of(path), S_IFSOCK | 0660);
	assert_int_equal(mode_of(run), S_IFDIR | 0755);
	assert_int_equal(connect_to(path), 0);
	assert_true(fcntl(sockets.varlink, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(sockets.varlink, F_GETFD) & FD_CLOEXEC);
	listen_done(&sockets);
	assert_int_equal(connect_to(path), -ENOENT);
	assert_int_equal(sockets.varlink, -1);
}

static void test_a_second_daemon_refuses_and_removes_nothing(void **state)
{
	struct listen_sockets first, second;

	(void)state;
	listen_init(&first);
	listen_init(&second);
	assert_int_equal(listen_open(&first, path), 0);
	assert_int_equal(listen_open(&second, path), -EADDRINUSE);
	listen_done(&second);
	assert_int_equal(connect_to(path), 0);
	listen_done(&first);
}

static void test_a_listener_with_a_full_queue_is_alive(void **state)
{
	struct listen_sockets first, second;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int waiting[8];

	(void)state;
	listen_init(&first);
	listen_init(&second);
	assert_int_equal(listen_open(&first, path), 0);
	assert_int_equal(listen(first.varlink, 1), 0);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	for (int i = 0; i < 8; i++) {
		waiting[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		(void)connect(waiting[i], (const struct sockaddr *)&address, sizeof(address));
	}
	assert_int_equal(listen_open(&second, path), -EADDRINUSE);
	for (int i = 0; i < 8; i++)
		(void)close(waiting[i]);
	listen_done(&first);
}

static void test_the_file_of_a_dead_daemon_is_replaced(void **state)
{
	struct listen_sockets dead, alive;

	(void)state;
	listen_init(&dead);
	listen_init(&alive);
	assert_int_equal(listen_open(&dead, path), 0);
	(void)close(dead.varlink);
	assert_int_equal(connect_to(path), -ECONNREFUSED);
	assert_int_equal(listen_open(&alive, path), 0);
	assert_int_equal(connect_to(path), 0);
	free(dead.own_path);
	listen_done(&alive);
}

static void test_the_file_of_another_daemon_is_not_removed(void **state)
{
	struct listen_sockets first, second;
	char elsewhere[PATH_MAX_HERE];

	(void)state;
	(void)snprintf(elsewhere, sizeof(elsewhere), "%s/elsewhere", folder);
	listen_init(&first);
	listen_init(&second);
	assert_int_equal(listen_open(&first, path), 0);
	assert_int_equal(rename(path, elsewhere), 0);
	assert_int_equal(listen_open(&second, path), 0);
	listen_done(&first);
	assert_int_equal(connect_to(path), 0);
	listen_done(&second);
	assert_int_equal(unlink(elsewhere), 0);
}

static void test_what_is_no_socket_stays(void **state)
{
	struct listen_sockets sockets;
	char run[PATH_MAX_HERE];
	int fd;

	(void)state;
	(void)snprintf(run, sizeof(run), "%s/run", folder);
	assert_int_equal(mkdir(run, 0755), 0);
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	(void)close(fd);
	listen_init(&sockets);
	assert_int_equal(listen_open(&sockets, path), -EEXIST);
	assert_int_equal(mode_of(path), S_IFREG | 0600);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/nowhere", path), 0);
	assert_int_equal(listen_open(&sockets, path), -EEXIST);
	assert_true(S_ISLNK(mode_of(path)));
}

static void test_two_daemons_do_not_start_at_the_same_moment(void **state)
{
	struct listen_sockets sockets;
	char run[PATH_MAX_HERE];
	int fd;

	(void)state;
	(void)snprintf(run, sizeof(run), "%s/run", folder);
	assert_int_equal(mkdir(run, 0755), 0);
	fd = open(run, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	listen_init(&sockets);
	assert_int_equal(listen_open(&sockets, path), -EADDRINUSE);
	(void)close(fd);
	assert_int_equal(listen_open(&sockets, path), 0);
	listen_done(&sockets);
}

static void test_a_path_that_can_not_be_is_an_error(void **state)
{
	struct listen_sockets sockets;
	char long_path[300], deep[PATH_MAX_HERE];

	(void)state;
	memset(long_path, 'x', sizeof(long_path) - 1);
	long_path[0] = '/';
	long_path[sizeof(long_path) - 1] = '\0';
	listen_init(&sockets);
	assert_int_equal(listen_open(&sockets, long_path), -ENAMETOOLONG);
	(void)snprintf(deep, sizeof(deep), "%s/a/b/c", folder);
	assert_int_equal(listen_open(&sockets, deep), -ENOENT);
	assert_int_equal(sockets.varlink, -1);
}

/* ---- sockets that systemd passes ---- */

static int listener(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	const struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (bind(fd, (const struct sockaddr *)&address, sizeof(sa_family_t)) < 0 ||
	    listen(fd, 1) < 0)
		_exit(70);
	return fd;
}

static int not_listening(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0);
}

static int kernel_events(void)
{
	return socket(AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT);
}

static int other_netlink(void)
{
	return socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
}

static int a_file(void)
{
	return open("/dev/null", O_RDONLY);
}

struct passed {
	const char *names;
	int (*makers[4])(void);
	int taken;
	bool varlink;
	bool kernel;
	int warnings;
};

/* Puts the sockets where systemd puts them: one after the other from 3. */
static int pass(const struct passed *c)
{
	int made[4], count = 0;
	char number[16];

	for (; count < 4 && c->makers[count]; count++)
		made[count] = fcntl(c->makers[count](), F_DUPFD, 20);
	for (int i = 0; i < count; i++)
		if (dup2(made[i], FIRST_PASSED + i) < 0)
			_exit(71);
	if (count == 0)
		return 0; /* not started by systemd */
	(void)snprintf(number, sizeof(number), "%d", count);
	(void)setenv("LISTEN_FDS", number, 1);
	(void)snprintf(number, sizeof(number), "%d", (int)getpid());
	(void)setenv("LISTEN_PID", number, 1);
	(void)setenv("LISTEN_FDNAMES", c->names, 1);
	return count;
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static bool is_ready(int fd)
{
	return fcntl(fd, F_GETFL) & O_NONBLOCK && fcntl(fd, F_GETFD) & FD_CLOEXEC;
}

/* In a process of its own, whose files it may move about. The status says what is wrong. */
static int take_in_child(const struct passed *c)
{
	struct listen_sockets sockets;
	int count = pass(c), open_now = 0;

	listen_init(&sockets);
	if (listen_take_passed(&sockets) != c->taken)
		return 1;
	if ((sockets.varlink >= 0) != c->varlink || (sockets.kernel >= 0) != c->kernel)
		return 2;
	if ((c->varlink && !is_ready(sockets.varlink)) || (c->kernel && !is_ready(sockets.kernel)))
		return 3;
	for (int i = 0; i < count; i++)
		open_now += is_open(FIRST_PASSED + i);
	if (open_now != c->taken)
		return 4;
	if (warnings != c->warnings)
		return 5;
	if (getenv("LISTEN_FDS") || getenv("LISTEN_FDNAMES"))
		return 6;
	listen_done(&sockets);
	return is_open(FIRST_PASSED) ? 7 : 0;
}

static void test_passed_sockets_are_found_by_name_and_verified(void **state)
{
	static const struct passed cases[] = {
		{ "", { NULL }, 0, false, false, 0 },
		{ "varlink", { listener }, 1, true, false, 0 },
		{ "varlink:kernel", { listener, kernel_events }, 2, true, true, 0 },
		{ "kernel:varlink", { kernel_events, listener }, 2, true, true, 0 },
		{ "kernel", { kernel_events }, 1, false, true, 0 },
		{ "unknown:varlink", { listener, listener }, 1, true, false, 1 },
		{ "varlink:varlink", { listener, listener }, 1, true, false, 1 },
		{ "varlink", { not_listening }, 0, false, false, 1 },
		{ "varlink", { kernel_events }, 0, false, false, 1 },
		{ "kernel", { other_netlink }, 0, false, false, 1 },
		{ "kernel:varlink", { a_file, a_file }, 0, false, false, 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		pid_t child = fork();
		int status;

		assert_true(child >= 0);
		if (child == 0)
			_exit(take_in_child(&cases[i]));
		assert_int_equal(waitpid(child, &status, 0), child);
		if (status != 0)
			fail_msg("case %zu, %s: status %#x", i, cases[i].names, (unsigned)status);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_socket_and_folder_have_their_modes_whatever_the_umask_is),
		TEST(test_a_second_daemon_refuses_and_removes_nothing),
		TEST(test_a_listener_with_a_full_queue_is_alive),
		TEST(test_the_file_of_a_dead_daemon_is_replaced),
		TEST(test_the_file_of_another_daemon_is_not_removed),
		TEST(test_what_is_no_socket_stays),
		TEST(test_two_daemons_do_not_start_at_the_same_moment),
		TEST(test_a_path_that_can_not_be_is_an_error),
		TEST(test_passed_sockets_are_found_by_name_and_verified),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
