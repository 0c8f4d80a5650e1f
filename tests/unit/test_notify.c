/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "../../monitor/notify.h"

/* A service manager's socket: an abstract one, so that nothing is left behind. */
struct manager {
	int fd;
	char heard[4096];
};

static int set_up(void **state)
{
	static struct manager manager;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char name[64];

	(void)snprintf(name, sizeof(name), "@vfmond-test-notify-%d", (int)getpid());
	(void)memcpy(address.sun_path + 1, name + 1, strlen(name) - 1);
	manager.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (manager.fd < 0 ||
	    bind(manager.fd, (const struct sockaddr *)&address,
		 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))) < 0)
		return -1;
	*state = &manager;
	return setenv("NOTIFY_SOCKET", name, 1);
}

static int tear_down(void **state)
{
	struct manager *manager = *state;

	(void)unsetenv("NOTIFY_SOCKET");
	return close(manager->fd);
}

static const char *heard(struct manager *manager)
{
	ssize_t n = recv(manager->fd, manager->heard, sizeof(manager->heard) - 1, 0);

	manager->heard[n > 0 ? n : 0] = '\0';
	return manager->heard;
}

static void test_ready_has_a_status(void **state)
{
	notify_ready("2 PFs, 36 VFs");
	assert_string_equal(heard(*state), "READY=1\nSTATUS=2 PFs, 36 VFs");
}

static void test_a_status_is_one_line(void **state)
{
	notify_status("%s is\nSTOPPING=1", "this");
	assert_string_equal(heard(*state), "STATUS=this is STOPPING=1");
}

static void test_a_long_status_is_cut(void **state)
{
	struct manager *manager = *state;
	char text[2000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	notify_ready(text);
	assert_int_equal(strncmp(heard(manager), "READY=1\nSTATUS=xxx", 18), 0);
	assert_in_range(strlen(manager->heard), 100, 600);
}

/* systemd takes the reload for begun only with the time of the monotonic clock. */
static void test_reloading_has_the_monotonic_time(void **state)
{
	struct timespec before, after;
	uint64_t usec;

	(void)clock_gettime(CLOCK_MONOTONIC, &before);
	notify_reloading();
	(void)clock_gettime(CLOCK_MONOTONIC, &after);
	assert_int_equal(sscanf(heard(*state), "RELOADING=1\nMONOTONIC_USEC=%" SCNu64, &usec), 1);
	assert_in_range(usec, (uint64_t)before.tv_sec * 1000000,
			(uint64_t)(after.tv_sec + 1) * 1000000);
}

static void test_the_other_messages_are_those_of_sd_notify(void **state)
{
	notify_stopping();
	assert_string_equal(heard(*state), "STOPPING=1");
	notify_watchdog();
	assert_string_equal(heard(*state), "WATCHDOG=1");
	notify_extend_timeout(30000000);
	assert_string_equal(heard(*state), "EXTEND_TIMEOUT_USEC=30000000");
}

static void test_without_a_manager_nothing_happens(void **state)
{
	(void)unsetenv("NOTIFY_SOCKET");
	notify_ready("unheard");
	notify_reloading();
	notify_stopping();
	assert_string_equal(heard(*state), "");
}

static void test_the_watchdog_is_fed_twice_as_often_as_asked(void **state)
{
	char pid[24];

	(void)state;
	(void)unsetenv("WATCHDOG_USEC");
	assert_int_equal(notify_watchdog_interval_usec(), 0);
	(void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
	(void)setenv("WATCHDOG_USEC", "60000000", 1);
	(void)setenv("WATCHDOG_PID", pid, 1);
	assert_int_equal(notify_watchdog_interval_usec(), 30000000);
	(void)setenv("WATCHDOG_PID", "1", 1);
	assert_int_equal(notify_watchdog_interval_usec(), 0);
	(void)unsetenv("WATCHDOG_USEC");
	(void)unsetenv("WATCHDOG_PID");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_ready_has_a_status, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_status_is_one_line, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_long_status_is_cut, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_reloading_has_the_monotonic_time, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_the_other_messages_are_those_of_sd_notify,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_without_a_manager_nothing_happens, set_up,
						tear_down),
		cmocka_unit_test(test_the_watchdog_is_fed_twice_as_often_as_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
