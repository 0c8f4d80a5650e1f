/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sources wired as the daemon has them, on real sockets: whichever loses events, the host is
 * read again, although nothing that was heard is about a function.
 */
#include "../../monitor/hearing.h"

#include <arpa/inet.h>
#include <err.h>
#include <event2/event.h>
#include <fcntl.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../monitor/daemon_state.h"
#include "../../monitor/inotifysrc.h"
#include "../../monitor/journal.h"
#include "../../monitor/loop.h"
#include "../../monitor/nlsrc.h"
#include "../../monitor/tracker.h"
#include "../../monitor/udevsrc.h"
#include "../lib/inject.h"
#include "../lib/tree.h"
#include "vfmon/names.h"

#define PF "0000:3b:00.0"
#define OTHER "0000:3c:00.0"
#define MANY 100
#define MAX_QUEUED_EVENTS "/proc/sys/fs/inotify/max_queued_events"

/* Only how long a broken daemon may hold up the tests. */
#define DEADLINE_SEC 30

struct fixture {
	struct daemon d;
	struct options options;
	struct tree *tree;
	int injector;
	size_t scans, changes, resync_lines;
	struct change last;
};

static void on_change(const struct change *change, void *arg)
{
	struct fixture *f = arg;

	f->last = *change;
	f->changes++;
}

static void on_read(const struct observation *obs, void *arg)
{
	struct fixture *f = arg;

	hearing_follow(obs, &f->d);
}

static void on_scanned(bool is_first, void *arg)
{
	struct fixture *f = arg;

	(void)is_first;
	f->scans++;
}

static void on_log(const struct log_entry *entry, const char *message, void *arg)
{
	struct fixture *f = arg;

	(void)message;
	f->resync_lines += entry->id && strcmp(entry->id, journal_event_id(JOURNAL_RESYNC)) == 0;
}

static void on_observations(void *arg)
{
	struct fixture *f = arg;

	tracker_collect(f->d.tracker);
	daemon_send_due(&f->d);
}

static void on_run(void *arg)
{
	struct fixture *f = arg;

	daemon_send_due(&f->d);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	errx(1, "waited in vain");
}

static void until(struct fixture *f, const size_t *counter, size_t wanted)
{
	const struct timeval deadline = { .tv_sec = DEADLINE_SEC };
	struct event_base *base = loop_base(f->d.loop);
	struct event *event = event_new(base, -1, 0, on_deadline, NULL);

	assert_non_null(event);
	assert_int_equal(event_add(event, &deadline), 0);
	while (*counter < wanted)
		assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
	event_free(event);
}

static void start(struct fixture *f)
{
	struct tracker_options options = {
		.ops = { on_change, NULL, on_read, on_scanned, f, NULL },
		.reader = { f->options.sysfs_root, f->options.dev_root, f->options.modules_alias,
			    f->options.proc_root },
		.registry = { .kernel_has_vfio_dev = true, .stuck_after_usec = 10000000 },
	};
	struct daemon *d = &f->d;

	assert_int_equal(loop_new(&d->loop), 0);
	assert_int_equal(loop_add_timer(d->loop, on_run, f, &d->run_timer), 0);
	assert_int_equal(hearing_open(d), 0);
	assert_int_equal(tracker_new(&options, &d->tracker), 0);
	assert_int_equal(hearing_watch(d), 0);
	assert_int_equal(loop_add_source(d->loop, tracker_fd(d->tracker), on_observations, f), 0);
	assert_int_equal(tracker_start(d->tracker), 0);
	until(f, &f->scans, 1);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->tree = tree_new();
	tree_add_pf(f->tree, PF, 8);
	tree_add_function(f->tree, OTHER);
	tree_set_group(f->tree, OTHER, 98);
	tree_add_node(f->tree, "vfio/98");
	tree_add_node(f->tree, "vfio/99");
	f->options = (struct options){
		.sysfs_root = tree_sysfs(f->tree),
		.dev_root = tree_dev(f->tree),
		.proc_root = tree_proc(f->tree),
		.modules_alias = tree_modules_alias(f->tree),
		.accept_injected = true,
	};
	f->d.options = &f->options;
	f->d.sockets.kernel = f->d.proc_fds[0] = f->d.proc_fds[1] = -1;
	f->injector = inject_open();
	log_set_hook(on_log, f);
	start(f);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	log_set_hook(NULL, NULL);
	tracker_free(f->d.tracker);
	hearing_close(&f->d);
	loop_free(f->d.loop);
	close(f->injector);
	tree_free(f->tree);
	free(f);
	return 0;
}

static void shrink(int fd)
{
	const int bytes = 4096;

	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)), 0);
}

/* What no event tells, and inotify does not either: a link. */
static void assert_that_it_is_read_again(struct fixture *f)
{
	assert_int_equal(f->changes, 0);
	tree_set_group(f->tree, PF, 12);
	until(f, &f->changes, 1);
	assert_int_equal(f->last.cause.source, CAUSE_RESYNC);
	assert_int_equal(f->last.device->iommu_group, 12);
	until(f, &f->scans, 2);
	assert_int_equal(f->resync_lines, 1);
}

static void test_uevents_were_lost(void **state)
{
	struct fixture *f = *state;
	struct source_status status;

	shrink(nlsrc_fd(f->d.uevents));
	for (int i = 0; i < MANY; i++)
		inject_uevent(f->injector, "add", "/devices/x/queues/rx-0", "SUBSYSTEM=queues|");
	assert_that_it_is_read_again(f);
	nlsrc_status(f->d.uevents, &status);
	assert_int_equal(status.overflows, 1);
}

static void test_messages_of_rtnetlink_were_lost(void **state)
{
	struct fixture *f = *state;
	struct ifreq request = { .ifr_name = "lo" };
	struct sockaddr_in *address = (struct sockaddr_in *)(void *)&request.ifr_addr;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct source_status status;

	shrink(nlsrc_fd(f->d.links));
	address->sin_family = AF_INET;
	for (int i = 0; i < MANY; i++) {
		address->sin_addr.s_addr = htonl(0xa9fe0101U + (uint32_t)i % 2); /* link-local */
		assert_int_equal(ioctl(fd, SIOCSIFADDR, &request), 0);
	}
	close(fd);
	assert_that_it_is_read_again(f);
	nlsrc_status(f->d.links, &status);
	assert_int_equal(status.overflows, 1);
}

static void test_events_of_udev_were_lost(void **state)
{
	struct fixture *f = *state;
	struct source_status status;

	shrink(udevsrc_fd(f->d.udev));
	for (int i = 0; i < MANY; i++)
		inject_udev(f->injector, "net",
			    "ACTION=add|DEVPATH=/devices/virtual/net/lo|SEQNUM=7|");
	assert_that_it_is_read_again(f);
	udevsrc_status(f->d.udev, &status);
	assert_int_equal(status.overflows, 1);
}

static unsigned long queue_length(void)
{
	FILE *file = fopen(MAX_QUEUED_EVENTS, "re");
	unsigned long length = 0;

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%lu", &length), 1);
	fclose(file);
	return length;
}

/* Somebody opens the node of a group that no function is in. */
static void test_events_of_inotify_were_lost(void **state)
{
	struct fixture *f = *state;
	struct source_status status = { 0 };
	unsigned long opens = queue_length() / 2 + 1;
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/vfio/99", tree_dev(f->tree));
	for (unsigned long i = 0; i < opens; i++)
		close(open(path, O_RDONLY | O_CLOEXEC));
	assert_that_it_is_read_again(f);
	inotifysrc_status(f->d.inotify, &status);
	assert_int_equal(status.overflows, 1);
}

static void prepare_host(void)
{
	inject_enter();
	inject_udevd();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_uevents_were_lost),
		TEST(test_messages_of_rtnetlink_were_lost),
		TEST(test_events_of_udev_were_lost),
		TEST(test_events_of_inotify_were_lost),
	};

	prepare_host();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
