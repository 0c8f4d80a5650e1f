/* SPDX-License-Identifier: Apache-2.0 */
/* A tracker whose reader hangs, again and again. */
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../monitor/moment.h"
#include "../../monitor/tracker.h"
#include "../lib/tree.h"
#include "vfmon/text.h"

#define PF "0000:3b:00.0"
#define ONE_TOO_MANY (READER_LEFT_MAX + 1)

/* Only how long a broken tracker may hold up the tests. */
#define DEADLINE_USEC 30000000ULL
/* Short, as the tests wait for it; who is only slow is believed to hang, and comes back. */
#define PATIENCE_USEC 20000

struct fixture {
	struct tree *tree;
	struct tracker *tracker;
	size_t news[READER_BACK + 1];
	bool scanned;
};

static void on_change(const struct change *change, void *arg)
{
	(void)change;
	(void)arg;
}

static void on_scanned(bool is_first, void *arg)
{
	struct fixture *f = arg;

	(void)is_first;
	f->scanned = true;
}

static void on_reader(enum reader_news news, const struct reader_work *work, void *arg)
{
	struct fixture *f = arg;

	(void)work;
	f->news[news]++;
}

/* Goes on as the daemon's loop does until that is so. */
#define FOLLOW_UNTIL(f, wanted)                                                                    \
	for (uint64_t end = clock_usec(CLOCK_BOOTTIME) + DEADLINE_USEC; !(wanted); turn(f))        \
	assert_true(clock_usec(CLOCK_BOOTTIME) < end)

static void turn(struct fixture *f)
{
	struct pollfd p = { .fd = tracker_fd(f->tracker), .events = POLLIN };
	uint64_t now, due;

	tracker_run(f->tracker);
	now = clock_usec(CLOCK_BOOTTIME);
	due = tracker_next_usec(f->tracker);
	if (due > now + 1000000)
		due = now + 1000000;
	if (poll(&p, 1, due > now ? (int)((due - now) / 1000) + 1 : 0) > 0)
		tracker_collect(f->tracker);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct tracker_options options = {
		.ops = { on_change, NULL, NULL, on_scanned, f, on_reader },
		.registry = { .kernel_has_vfio_dev = true, .stuck_after_usec = 10000000 },
		.patience_usec = PATIENCE_USEC,
	};

	assert_non_null(f);
	f->tree = tree_new();
	tree_add_pf(f->tree, PF, 16);
	tree_set_vfs(f->tree, PF, ONE_TOO_MANY);
	options.reader = (struct reader_options){ tree_sysfs(f->tree), tree_dev(f->tree),
						  tree_modules_alias(f->tree), tree_proc(f->tree) };
	assert_int_equal(tracker_new(&options, &f->tracker), 0);
	assert_int_equal(tracker_start(f->tracker), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	tracker_free(f->tracker);
	tree_free(f->tree);
	free(f);
	return 0;
}

static size_t silent(const struct fixture *f)
{
	struct pci_addr addrs[NOT_ANSWERING_MAX];

	return tracker_not_answering(f->tracker, addrs);
}

static void hint(struct fixture *f, const char *addr)
{
	struct uevent_subject subject = { .target = UEVENT_TARGET_FUNCTION, .group = -1 };

	subject.hint.cause.source = CAUSE_UEVENT;
	assert_int_equal(pci_addr_parse(addr, &subject.addr), 0);
	tracker_hint(f->tracker, &subject);
}

static const struct vf *device(const struct fixture *f, const char *address)
{
	struct pci_addr addr;
	const struct vf *vf;

	assert_int_equal(pci_addr_parse(address, &addr), 0);
	vf = registry_get(tracker_registry(f->tracker), &addr);
	assert_non_null(vf);
	return vf;
}

/* The file answers again, for those who hang in it too. */
static void let_go(struct fixture *f, const char *addr, const char *text)
{
	char path[64], fifo[PATH_MAX];
	int fd;

	(void)snprintf(path, sizeof(path), "devices/pci/%s/uevent", addr);
	(void)snprintf(fifo, sizeof(fifo), "%s/%s", tree_sysfs(f->tree), path);
	fd = open(fifo, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	assert_true(fd >= 0);
	tree_write(f->tree, path, NULL);
	tree_write(f->tree, path, text);
	close(fd);
}

static bool all_answer(const struct fixture *f)
{
	for (int i = 0; i < ONE_TOO_MANY; i++)
		if (device(f, tree_vf(PF, i))->silent_sec > 0)
			return false;
	return silent(f) == 0;
}

static void hang_all(struct fixture *f)
{
	FOLLOW_UNTIL(f, f->scanned && silent(f) == 0);
	f->news[READER_REPLACED] = f->news[READER_BACK] = 0;
	for (int i = 0; i < ONE_TOO_MANY; i++) {
		tree_make_blocking(f->tree, tree_vf(PF, i), "uevent");
		hint(f, tree_vf(PF, i));
	}
	FOLLOW_UNTIL(f, f->news[READER_STOPPED] > 0);
}

static void test_too_many_that_hang_stop_the_reading_until_one_comes_back(void **state)
{
	struct fixture *f = *state;

	hang_all(f);
	assert_int_equal(silent(f), ONE_TOO_MANY);
	assert_non_null(strstr(tracker_blind(f->tracker), "nothing is read"));
	for (int i = 0; i < ONE_TOO_MANY; i++)
		assert_true(device(f, tree_vf(PF, i))->silent_sec > 0);
	/* In the end there is no timer: what it waits for wakes it up. */
	FOLLOW_UNTIL(f, tracker_next_usec(f->tracker) == UINT64_MAX);
	assert_int_equal(f->news[READER_STOPPED], 1);
	tree_add_driver(f->tree, "igb", "igb");
	tree_bind(f->tree, PF, "igb");
	hint(f, PF);
	let_go(f, tree_vf(PF, 3), "");
	FOLLOW_UNTIL(f, device(f, PF)->driver);
	assert_null(tracker_blind(f->tracker));
	FOLLOW_UNTIL(f, device(f, tree_vf(PF, 3))->silent_sec == 0);
	assert_int_equal(silent(f), READER_LEFT_MAX);
	for (int i = 0; i < ONE_TOO_MANY; i++)
		if (i != 3)
			let_go(f, tree_vf(PF, i), "");
	FOLLOW_UNTIL(f, all_answer(f));
	assert_true(f->news[READER_BACK] >= ONE_TOO_MANY);
}

static bool none_answers(const struct fixture *f)
{
	for (int i = 0; i < ONE_TOO_MANY; i++)
		if (device(f, tree_vf(PF, i))->silent_sec == 0)
			return false;
	return true;
}

/* A scan that ends nowhere tells of those that it has met all the same. */
static void test_those_that_hang_in_a_scan_are_told_before_it_ends(void **state)
{
	struct fixture *f = *state;

	FOLLOW_UNTIL(f, f->scanned && silent(f) == 0);
	for (int i = 0; i < ONE_TOO_MANY; i++)
		tree_make_blocking(f->tree, tree_vf(PF, i), "uevent");
	(void)tracker_resync(f->tracker, RESYNC_OVERFLOW);
	FOLLOW_UNTIL(f, f->news[READER_STOPPED] > 0);
	FOLLOW_UNTIL(f, none_answers(f));
	for (int i = 0; i < ONE_TOO_MANY; i++)
		let_go(f, tree_vf(PF, i), "");
	FOLLOW_UNTIL(f, all_answer(f));
}

/* It was not left behind, so what it reads counts. */
static void test_the_last_reader_goes_on_by_itself_when_its_file_answers(void **state)
{
	struct fixture *f = *state;

	hang_all(f);
	let_go(f, tree_vf(PF, ONE_TOO_MANY - 1), "DRIVER=late\n");
	FOLLOW_UNTIL(f, device(f, tree_vf(PF, ONE_TOO_MANY - 1))->driver);
	FOLLOW_UNTIL(f, f->news[READER_BACK] > 0);
	assert_null(tracker_blind(f->tracker));
	assert_int_equal(silent(f), READER_LEFT_MAX);
	for (int i = 0; i < READER_LEFT_MAX; i++)
		let_go(f, tree_vf(PF, i), "");
	FOLLOW_UNTIL(f, all_answer(f));
}

static void test_what_one_that_hung_has_found_is_not_believed(void **state)
{
	struct fixture *f = *state;
	char fifo[PATH_MAX];
	int fd;

	FOLLOW_UNTIL(f, f->scanned && silent(f) == 0);
	tree_make_blocking(f->tree, tree_vf(PF, 0), "uevent");
	(void)snprintf(fifo, sizeof(fifo), "%s/devices/pci/%s/uevent", tree_sysfs(f->tree),
		       tree_vf(PF, 0));
	hint(f, tree_vf(PF, 0));
	FOLLOW_UNTIL(f, device(f, tree_vf(PF, 0))->silent_sec > 0);
	fd = open(fifo, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "DRIVER=old\n", 11), 11);
	tree_write(f->tree, "devices/pci/0000:3b:10.0/uevent", NULL);
	tree_write(f->tree, "devices/pci/0000:3b:10.0/uevent", "DRIVER=new\n");
	close(fd);
	FOLLOW_UNTIL(f, device(f, tree_vf(PF, 0))->driver);
	assert_string_equal(text_str(device(f, tree_vf(PF, 0))->driver), "new");
	FOLLOW_UNTIL(f, all_answer(f));
}

static void test_without_modules_alias_everything_else_is_followed(void **state)
{
	struct fixture *f = *state;
	int fd;

	FOLLOW_UNTIL(f, f->scanned && silent(f) == 0);
	assert_int_equal(mkfifo(tree_modules_alias(f->tree), 0600), 0);
	(void)tracker_resync(f->tracker, RESYNC_OVERFLOW);
	FOLLOW_UNTIL(f, tracker_blind(f->tracker));
	assert_non_null(strstr(tracker_blind(f->tracker), "modules.alias"));
	assert_int_equal(silent(f), 0);
	tree_add_driver(f->tree, "igb", "igb");
	tree_bind(f->tree, PF, "igb");
	hint(f, PF);
	FOLLOW_UNTIL(f, device(f, PF)->driver);
	fd = open(tree_modules_alias(f->tree), O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(unlink(tree_modules_alias(f->tree)), 0);
	tree_set_aliases(f->tree, "alias vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci\n");
	close(fd);
	FOLLOW_UNTIL(f, device(f, PF)->best_module);
	assert_null(tracker_blind(f->tracker));
}

/* Even the first scan ends. */
static void test_a_host_that_hangs_from_the_beginning_is_scanned(void **state)
{
	struct fixture *f = *state;

	tree_make_blocking(f->tree, PF, "driver_override");
	FOLLOW_UNTIL(f, f->scanned);
	hint(f, PF);
	FOLLOW_UNTIL(f, silent(f) == 1);
	assert_int_equal(device(f, tree_vf(PF, 0))->kind, VF_KIND_VF);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_too_many_that_hang_stop_the_reading_until_one_comes_back),
		TEST(test_those_that_hang_in_a_scan_are_told_before_it_ends),
		TEST(test_the_last_reader_goes_on_by_itself_when_its_file_answers),
		TEST(test_what_one_that_hung_has_found_is_not_believed),
		TEST(test_without_modules_alias_everything_else_is_followed),
		TEST(test_a_host_that_hangs_from_the_beginning_is_scanned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
