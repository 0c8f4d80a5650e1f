/* SPDX-License-Identifier: Apache-2.0 */
/* The host's own use of functions from the kernel's word to the change: addresses and mounts. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../monitor/loop.h"
#include "../../monitor/moment.h"
#include "../../monitor/nlsrc.h"
#include "../../monitor/tracker.h"
#include "../lib/inject.h"
#include "../lib/tree.h"
#include "vfmon/text.h"

#define PF "0000:3b:00.0"
#define DEADLINE_MSEC 20000

struct fixture {
	struct tree *tree;
	struct tracker *tracker;
	struct nlsrc *links;
	size_t changes;
	bool scanned;
};

static void on_change(const struct change *change, void *arg)
{
	struct fixture *f = arg;

	(void)change;
	f->changes++;
}

static void on_scanned(bool is_first, void *arg)
{
	struct fixture *f = arg;

	(void)is_first;
	f->scanned = true;
}

static void on_subject(const struct uevent_subject *subject, void *arg)
{
	struct fixture *f = arg;

	tracker_hint(f->tracker, subject);
}

static void on_loss(void *arg)
{
	(void)arg;
	fail_msg("nothing can be lost here");
}

static void turn(struct fixture *f)
{
	struct pollfd fds[] = { { .fd = tracker_fd(f->tracker), .events = POLLIN },
				{ .fd = nlsrc_fd(f->links), .events = POLLIN } };

	uint64_t now = clock_usec(CLOCK_BOOTTIME), next;
	int timeout = DEADLINE_MSEC;

	tracker_run(f->tracker);
	next = tracker_next_usec(f->tracker);
	if (next < now + DEADLINE_MSEC * 1000ULL)
		timeout = next > now ? (int)((next - now) / 1000 + 1) : 0;
	assert_true(poll(fds, 2, timeout) > 0 || timeout < DEADLINE_MSEC);
	(void)nlsrc_read_some(f->links);
	tracker_collect(f->tracker);
}

/* lo stands in for a card's interface: any namespace has it, without a driver that may be missing. */
static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const struct nlsrc_options links = { .ops = { on_subject, on_loss, f },
					     .inherited_fd = -1 };
	struct tracker_options options = {
		.ops = { on_change, NULL, NULL, on_scanned, f, NULL },
		.registry = { .kernel_has_vfio_dev = true, .stuck_after_usec = 10000000 },
	};

	assert_non_null(f);
	f->tree = tree_new();
	tree_add_driver(f->tree, "igb", "igb");
	tree_add_pf(f->tree, PF, 8);
	tree_bind(f->tree, PF, "igb");
	tree_add_interface(f->tree, PF, "lo");
	tree_link(f->tree, "class/net/lo", "devices/pci/" PF "/net/lo");
	options.reader = (struct reader_options){ tree_sysfs(f->tree), tree_dev(f->tree),
						  tree_modules_alias(f->tree), tree_proc(f->tree) };
	assert_int_equal(nlsrc_new_link(&links, &f->links), 0);
	assert_int_equal(tracker_new(&options, &f->tracker), 0);
	assert_int_equal(tracker_start(f->tracker), 0);
	while (!f->scanned)
		turn(f);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	tracker_free(f->tracker);
	nlsrc_free(f->links);
	tree_free(f->tree);
	free(f);
	return 0;
}

static void set_address(const char *text)
{
	struct ifreq request = { .ifr_name = "lo" };
	struct sockaddr_in *address = (struct sockaddr_in *)(void *)&request.ifr_addr;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	address->sin_family = AF_INET;
	assert_int_equal(inet_pton(AF_INET, text, &address->sin_addr), 1);
	assert_int_equal(ioctl(fd, SIOCSIFADDR, &request), 0);
	close(fd);
}

static const struct text *host_use(struct fixture *f)
{
	struct pci_addr addr;

	assert_int_equal(pci_addr_parse(PF, &addr), 0);
	return registry_get(tracker_registry(f->tracker), &addr)->host_use;
}

static void test_an_address_makes_its_function_the_hosts_until_it_goes(void **state)
{
	struct fixture *f = *state;

	assert_null(host_use(f));
	set_address("192.0.2.1");
	while (!host_use(f))
		turn(f);
	assert_string_equal(text_str(host_use(f)),
			    "has an address on its interface lo (192.0.2.1/24)");
	set_address("0.0.0.0");
	while (host_use(f))
		turn(f);
}

struct mounting {
	struct loop *loop;
	const char *folder;
	size_t calls;
};

/* The first call says nothing: such a file is readable always. */
static void on_mounts(void *arg)
{
	struct mounting *m = arg;

	m->calls++;
	if (m->calls == 1)
		assert_int_equal(mount("none", m->folder, "tmpfs", 0, NULL), 0);
	else if (m->calls == 2)
		assert_int_equal(umount(m->folder), 0);
	else
		loop_stop(m->loop);
}

static void test_the_loop_hears_of_mounts_and_of_their_end(void **state)
{
	struct fixture *f = *state;
	struct mounting m = { .folder = tree_dev(f->tree) };
	int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(loop_new(&m.loop), 0);
	assert_int_equal(loop_add_notifier(m.loop, fd, on_mounts, &m), 0);
	alarm(DEADLINE_MSEC / 1000);
	assert_int_equal(loop_run(m.loop), 0);
	alarm(0);
	assert_int_equal(m.calls, 3);
	loop_free(m.loop);
	close(fd);
}

static void test_a_file_that_tells_of_nothing_is_refused(void **state)
{
	struct fixture *f = *state;
	struct loop *loop;
	int fd;

	tree_write(f->tree, "mountinfo", "");
	fd = open(tree_sysfs(f->tree), O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(loop_new(&loop), 0);
	assert_int_equal(loop_add_notifier(loop, fd, on_mounts, NULL), -EPERM);
	loop_free(loop);
	close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_an_address_makes_its_function_the_hosts_until_it_goes),
		TEST(test_the_loop_hears_of_mounts_and_of_their_end),
		TEST(test_a_file_that_tells_of_nothing_is_refused),
	};

	inject_enter();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
