/* SPDX-License-Identifier: Apache-2.0 */
#include "../../monitor/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../monitor/sysfs_use.h"
#include "../lib/tree.h"
#include "vfmon/vendor_rules.h"

#define PF "0000:3b:00.0"

/* Only how long a broken reader may hold up the tests. */
#define DEADLINE_MSEC 20000

struct fixture {
	struct tree *tree;
	struct reader *reader;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct reader_options options;

	assert_non_null(f);
	f->tree = tree_new();
	options = (struct reader_options){ tree_sysfs(f->tree), tree_dev(f->tree),
					   tree_modules_alias(f->tree), tree_proc(f->tree) };
	tree_add_pf(f->tree, PF, 512);
	assert_int_equal(reader_new(&options, &f->reader), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	reader_free(f->reader);
	tree_free(f->tree);
	free(f);
	return 0;
}

static bool is_readable(struct reader *r, int timeout_msec)
{
	struct pollfd p = { .fd = reader_fd(r), .events = POLLIN };

	return poll(&p, 1, timeout_msec) == 1;
}

/* Waits for the next observation. */
static const struct observation *next(struct fixture *f)
{
	const struct observation *obs;

	while (reader_next(f->reader, &obs) == 0)
		assert_true(is_readable(f->reader, DEADLINE_MSEC));
	return obs;
}

static struct read_request request_for(const char *addr)
{
	struct read_request request = { .what = READ_FUNCTION };

	assert_int_equal(pci_addr_parse(addr, &request.addr), 0);
	return request;
}

static void assert_addr(const struct observation *obs, const char *addr)
{
	char text[PCI_ADDR_TEXT_MAX];

	assert_string_equal(pci_addr_format(&obs->addr, text), addr);
}

static void test_observations_come_in_the_order_of_the_requests(void **state)
{
	struct fixture *f = *state;
	struct read_request requests[3];
	const struct observation *obs;

	tree_set_vfs(f->tree, PF, 3);
	for (int i = 0; i < 3; i++) {
		requests[i] = request_for(tree_vf(PF, 2 - i));
		requests[i].hint.cause.seqnum = 100 + (uint64_t)i;
	}
	requests[1].what = READ_NODES;
	assert_int_equal(reader_submit(f->reader, requests, 3), 0);
	for (int i = 0; i < 3; i++) {
		obs = next(f);
		assert_int_equal(obs->kind, i == 1 ? OBSERVATION_NODES : OBSERVATION_FUNCTION);
		assert_addr(obs, tree_vf(PF, 2 - i));
		assert_int_equal(obs->hint.cause.seqnum, 100 + i);
	}
	assert_int_equal(reader_reads(f->reader), 3);
	assert_int_equal(reader_waiting(f->reader), 0);
	assert_int_equal(reader_next(f->reader, &obs), 0);
	assert_false(is_readable(f->reader, 0));
}

static void test_texts_stay_until_the_next_one_is_asked_for(void **state)
{
	struct fixture *f = *state;
	struct read_request requests[2] = { request_for(PF), request_for("0000:00:00.0") };
	const struct observation *obs;

	tree_add_driver(f->tree, "igb", "igb");
	tree_bind(f->tree, PF, "igb");
	assert_int_equal(reader_submit(f->reader, requests, 2), 0);
	obs = next(f);
	assert_string_equal(obs->link_driver, "igb");
	assert_string_equal(obs->module, "igb");
	assert_int_equal(next(f)->kind, OBSERVATION_GONE);
}

/* More than the queue holds: the reader waits for the loop, and loses nothing. */
static void test_a_scan_is_every_function_between_its_borders(void **state)
{
	struct fixture *f = *state;
	const struct hint hint = { .cause.source = CAUSE_AUDIT };
	struct pci_addr last = { 0 };
	const struct observation *obs;

	tree_set_vfs(f->tree, PF, 512);
	assert_int_equal(reader_scan(f->reader, &hint), 0);
	obs = next(f);
	assert_int_equal(obs->kind, OBSERVATION_SCAN_BEGIN);
	assert_int_equal(obs->hint.cause.source, CAUSE_AUDIT);
	for (int i = 0; i < 513; i++) {
		obs = next(f);
		assert_int_equal(obs->kind, OBSERVATION_FUNCTION);
		assert_int_equal(obs->hint.cause.source, CAUSE_AUDIT);
		assert_true(obs->has_static);
		assert_true(pci_addr_compare(&obs->addr, &last) > 0);
		assert_int_equal(obs->vf_index, i - 1);
		last = obs->addr;
	}
	obs = next(f);
	assert_int_equal(obs->kind, OBSERVATION_SCAN_END);
	assert_int_equal(obs->error, 0);
	assert_int_equal(reader_reads(f->reader), 513);
}

static void test_many_requests_are_kept_in_order(void **state)
{
	struct fixture *f = *state;
	struct read_request request = request_for(PF);

	for (uint64_t i = 0; i < 3000; i++) {
		request.hint.cause.seqnum = i;
		assert_int_equal(reader_submit(f->reader, &request, 1), 0);
	}
	for (uint64_t i = 0; i < 3000; i++)
		assert_true(next(f)->hint.cause.seqnum == i);
}

static void test_modules_are_looked_at_again_when_told(void **state)
{
	struct fixture *f = *state;
	struct read_request request = request_for(PF);

	assert_int_equal(reader_submit(f->reader, &request, 1), 0);
	assert_null(next(f)->best_module);
	tree_set_aliases(f->tree, "alias vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci\n");
	assert_int_equal(reader_invalidate_modules(f->reader), 0);
	assert_int_equal(reader_submit(f->reader, &request, 1), 0);
	assert_string_equal(next(f)->best_module, "vfio_pci");
}

static void test_an_idle_reader_works_on_nothing(void **state)
{
	struct fixture *f = *state;
	struct reader_work work;

	assert_false(reader_is_busy(f->reader, &work));
	assert_false(is_readable(f->reader, 0));
	assert_null(reader_free(NULL));
}

/*
 * A file that blocks: the reader opens it as it opens any file of sysfs, so that a FIFO without a
 * writer stops it in open(), as one with a silent writer does in read(). Opening it for writing
 * succeeds once the reader is in its open(). Returns the writer, which holds the reader until it is
 * closed.
 */
static int wait_until_it_hangs(const char *fifo)
{
	int fd = open(fifo, O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

/* What can hang, and the end of its path below the tree. */
static int hang_in(struct fixture *f, const char *addr, const char *name)
{
	char fifo[PATH_MAX];

	(void)snprintf(fifo, sizeof(fifo), "%s/devices/pci/%s/%s", tree_sysfs(f->tree), addr, name);
	return wait_until_it_hangs(fifo);
}

static void submit(struct fixture *f, const char *addr)
{
	struct read_request request = request_for(addr);

	request.hint = (struct hint){ { .source = CAUSE_UEVENT, .seqnum = 7 }, EVIDENCE_BOUND };
	assert_int_equal(reader_submit(f->reader, &request, 1), 0);
}

/* The reader is asked for a function whose file blocks, and replaced. Returns what lets it go. */
static int leave_behind(struct fixture *f, const char *addr)
{
	struct reader_work work;
	int fd;

	tree_make_blocking(f->tree, addr, "uevent");
	submit(f, addr);
	fd = hang_in(f, addr, "uevent");
	assert_true(reader_is_busy(f->reader, &work));
	assert_int_equal(reader_replace(f->reader, &work), 1);
	return fd;
}

static void assert_silent(const struct observation *obs, const char *addr)
{
	assert_int_equal(obs->kind, OBSERVATION_SILENT);
	assert_addr(obs, addr);
	assert_true(obs->silent_usec > 0);
}

/* Waits for a thread that comes back; nothing else may come. */
static struct reader_work take_back(struct fixture *f)
{
	const struct observation *obs;
	struct reader_work work;

	while (!reader_take_back(f->reader, &work)) {
		assert_int_equal(reader_next(f->reader, &obs), 0);
		assert_true(is_readable(f->reader, DEADLINE_MSEC));
	}
	return work;
}

static void test_a_reader_that_hangs_is_named_and_left_behind_at_the_end(void **state)
{
	struct fixture *f = *state;
	struct read_request requests[2] = { request_for(PF), request_for(PF) };
	struct reader_work work;
	int fd;

	tree_make_blocking(f->tree, PF, "numa_node");
	assert_int_equal(reader_submit(f->reader, requests, 2), 0);
	fd = hang_in(f, PF, "numa_node");
	assert_true(reader_is_busy(f->reader, &work));
	assert_int_equal(pci_addr_compare(&work.addr, &requests[0].addr), 0);
	assert_int_equal(work.place, READER_FUNCTION);
	assert_true(work.since_usec > 0);
	assert_int_equal(reader_waiting(f->reader), 1);
	assert_false(is_readable(f->reader, 0));
	f->reader = reader_free(f->reader);
	/* Now its thread may end, and gives back what it used. */
	close(fd);
}

static void test_another_thread_goes_on_with_what_waits_behind_one_that_hangs(void **state)
{
	struct fixture *f = *state;
	const struct observation *obs;
	struct read_request requests[3];
	struct reader_work work;
	int fd;

	tree_set_vfs(f->tree, PF, 3);
	tree_make_blocking(f->tree, PF, "driver_override");
	submit(f, PF);
	for (int i = 0; i < 3; i++)
		requests[i] = request_for(tree_vf(PF, 2 - i));
	assert_int_equal(reader_submit(f->reader, requests, 3), 0);
	fd = hang_in(f, PF, "driver_override");
	assert_true(reader_is_busy(f->reader, &work));
	assert_int_equal(reader_replace(f->reader, &work), 1);
	/* It is told with all that its event has said, so that nothing of that is lost. */
	obs = next(f);
	assert_silent(obs, PF);
	assert_int_equal(obs->hint.cause.seqnum, 7);
	assert_int_equal(obs->hint.evidence, EVIDENCE_BOUND);
	for (int i = 0; i < 3; i++) {
		obs = next(f);
		assert_int_equal(obs->kind, OBSERVATION_FUNCTION);
		assert_addr(obs, tree_vf(PF, 2 - i));
	}
	close(fd);
}

static void test_what_hangs_is_not_asked_again_until_it_answers(void **state)
{
	struct fixture *f = *state;
	struct reader_work left[READER_LEFT_MAX];
	int fd = leave_behind(f, PF);

	assert_silent(next(f), PF);
	submit(f, PF);
	assert_silent(next(f), PF);
	assert_int_equal(reader_left(f->reader, left), 1);
	tree_write(f->tree, "devices/pci/" PF "/uevent", NULL);
	tree_write(f->tree, "devices/pci/" PF "/uevent", "DRIVER=late\n");
	close(fd);
	/* What it had found goes nowhere. */
	assert_int_equal(take_back(f).place, READER_FUNCTION);
	assert_int_equal(reader_left(f->reader, left), 0);
	submit(f, PF);
	assert_string_equal(next(f)->uevent_driver, "late");
}

static void test_a_function_that_hangs_can_be_gone(void **state)
{
	struct fixture *f = *state;
	int fd = leave_behind(f, PF);

	assert_silent(next(f), PF);
	tree_remove(f->tree, PF);
	submit(f, PF);
	assert_int_equal(next(f)->kind, OBSERVATION_GONE);
	close(fd);
	(void)take_back(f);
}

static void test_a_scan_that_hangs_begins_anew(void **state)
{
	const struct hint hint = { .cause.source = CAUSE_SCAN };
	struct fixture *f = *state;
	struct reader_work work;
	int fd;

	tree_set_vfs(f->tree, PF, 3);
	tree_make_blocking(f->tree, tree_vf(PF, 1), "uevent");
	assert_int_equal(reader_scan(f->reader, &hint), 0);
	submit(f, PF);
	fd = hang_in(f, tree_vf(PF, 1), "uevent");
	assert_int_equal(next(f)->kind, OBSERVATION_SCAN_BEGIN);
	assert_addr(next(f), PF);
	assert_addr(next(f), tree_vf(PF, 0));
	assert_true(reader_is_busy(f->reader, &work));
	assert_int_equal(reader_replace(f->reader, &work), 1);
	assert_int_equal(next(f)->kind, OBSERVATION_SCAN_BEGIN);
	assert_addr(next(f), PF);
	assert_addr(next(f), tree_vf(PF, 0));
	assert_silent(next(f), tree_vf(PF, 1));
	assert_addr(next(f), tree_vf(PF, 2));
	assert_int_equal(next(f)->kind, OBSERVATION_SCAN_END);
	assert_addr(next(f), PF);
	close(fd);
}

static void test_so_many_are_left_behind_and_one_that_comes_back_makes_room(void **state)
{
	struct fixture *f = *state;
	struct reader_work left[READER_LEFT_MAX], work;
	const struct observation *obs;
	int fds[READER_LEFT_MAX + 1];
	char addr[PCI_ADDR_TEXT_MAX];

	tree_set_vfs(f->tree, PF, READER_LEFT_MAX + 1);
	for (int i = 0; i < READER_LEFT_MAX; i++) {
		fds[i] = leave_behind(f, tree_vf(PF, i));
		assert_silent(next(f), tree_vf(PF, i));
	}
	tree_make_blocking(f->tree, tree_vf(PF, READER_LEFT_MAX), "uevent");
	submit(f, tree_vf(PF, READER_LEFT_MAX));
	submit(f, PF);
	fds[READER_LEFT_MAX] = hang_in(f, tree_vf(PF, READER_LEFT_MAX), "uevent");
	assert_true(reader_is_busy(f->reader, &work));
	assert_int_equal(reader_replace(f->reader, &work), -EBUSY);
	assert_int_equal(reader_left(f->reader, left), READER_LEFT_MAX);
	assert_int_equal(reader_next(f->reader, &obs), 0);
	/* One in the middle. */
	close(fds[3]);
	work = take_back(f);
	assert_string_equal(pci_addr_format(&work.addr, addr), tree_vf(PF, 3));
	assert_true(reader_is_busy(f->reader, &work));
	assert_int_equal(reader_replace(f->reader, &work), 1);
	assert_silent(next(f), tree_vf(PF, READER_LEFT_MAX));
	assert_addr(next(f), PF);
	f->reader = reader_free(f->reader);
	for (int i = 0; i <= READER_LEFT_MAX; i++)
		if (i != 3)
			close(fds[i]);
}

/* The same where nothing but the open() blocks, so that no writer may come before the end. */
static struct reader_work wait_until_it_opens(struct fixture *f, enum reader_place place)
{
	struct reader_work work;

	for (int n = 0; n < DEADLINE_MSEC; n++) {
		if (reader_is_busy(f->reader, &work) && work.place == place)
			return work;
		(void)is_readable(f->reader, 1);
	}
	fail_msg("it does not get there");
	return work;
}

/* What is common to all functions is none's fault, and is done without. */
static void test_modules_alias_that_hangs_is_no_function(void **state)
{
	struct fixture *f = *state;
	struct reader_work work;
	const struct observation *obs;
	int fd;

	assert_int_equal(mkfifo(tree_modules_alias(f->tree), 0600), 0);
	submit(f, PF);
	work = wait_until_it_opens(f, READER_ALIASES);
	assert_int_equal(reader_replace(f->reader, &work), 1);
	obs = next(f);
	assert_int_equal(obs->kind, OBSERVATION_FUNCTION);
	assert_null(obs->best_module);
	assert_int_equal(reader_invalidate_modules(f->reader), 0);
	submit(f, PF);
	assert_null(next(f)->best_module);
	fd = wait_until_it_hangs(tree_modules_alias(f->tree));
	assert_int_equal(unlink(tree_modules_alias(f->tree)), 0);
	tree_set_aliases(f->tree, "alias vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci\n");
	close(fd);
	assert_int_equal(take_back(f).place, READER_ALIASES);
	assert_int_equal(reader_invalidate_modules(f->reader), 0);
	submit(f, PF);
	assert_string_equal(next(f)->best_module, "vfio_pci");
}

static void test_a_list_of_mounts_that_hangs_is_no_function(void **state)
{
	const struct hint hint = { .cause.source = CAUSE_UEVENT };
	struct fixture *f = *state;
	struct reader_work work;
	char fifo[PATH_MAX];
	int fd;

	submit(f, PF);
	assert_int_equal(next(f)->kind, OBSERVATION_FUNCTION);
	(void)snprintf(fifo, sizeof(fifo), "%s/self/mountinfo", tree_proc(f->tree));
	tree_write_proc(f->tree, "self/mountinfo", "");
	assert_int_equal(unlink(fifo), 0);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(reader_refresh_use(f->reader, USE_DISKS, &hint), 0);
	submit(f, PF);
	fd = wait_until_it_hangs(fifo);
	assert_true(reader_is_busy(f->reader, &work));
	assert_int_equal(work.place, READER_DISKS);
	assert_int_equal(reader_replace(f->reader, &work), 1);
	assert_int_equal(next(f)->kind, OBSERVATION_FUNCTION);
	assert_int_equal(reader_refresh_use(f->reader, USE_ALL, &hint), 0);
	submit(f, PF);
	assert_int_equal(next(f)->kind, OBSERVATION_FUNCTION);
	close(fd);
	assert_int_equal(take_back(f).place, READER_DISKS);
}

static void test_the_next_thread_has_the_vendors_rules(void **state)
{
	static const char text[] = "[card]\ndirectory = nvidia\nattributes = kind\n";
	struct fixture *f = *state;
	struct vendor_rules *rules;
	struct spec_error error;
	int fd;

	tree_set_vfs(f->tree, PF, 1);
	tree_add_driver(f->tree, "gpu", "gpu");
	tree_bind(f->tree, PF, "gpu");
	tree_write(f->tree, "devices/pci/" PF "/nvidia/kind", "7\n");
	assert_int_equal(vendor_rules_new(&rules), 0);
	assert_int_equal(vendor_rules_add(rules, text, strlen(text), &error), 0);
	assert_int_equal(reader_set_vendor_rules(f->reader, rules), 0);
	fd = leave_behind(f, tree_vf(PF, 0));
	assert_silent(next(f), tree_vf(PF, 0));
	submit(f, PF);
	assert_string_equal(next(f)->vendor_state, "kind\t7");
	close(fd);
}

/*
 * Never read: sriov_numvfs, which takes the PF's lock and waits for VFs that come or go, config and
 * resource files. The VPD only where it is asked for.
 */
static void test_files_that_may_block_are_not_opened(void **state)
{
	static const char *const files[] = { "sriov_numvfs", "config", "rom", "resource0", "vpd" };
	struct read_request request = request_for(PF);
	struct fixture *f = *state;
	int fd;

	tree_add_driver(f->tree, "igb", "igb");
	tree_bind(f->tree, PF, "igb");
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		tree_make_blocking(f->tree, PF, files[i]);
	submit(f, PF);
	assert_int_equal(next(f)->kind, OBSERVATION_FUNCTION);
	request.what = READ_NODES;
	assert_int_equal(reader_submit(f->reader, &request, 1), 0);
	assert_int_equal(next(f)->kind, OBSERVATION_NODES);
	request = request_for(PF);
	request.card_serial = true;
	assert_int_equal(reader_submit(f->reader, &request, 1), 0);
	fd = hang_in(f, PF, "vpd");
	close(fd);
	assert_true(next(f)->has_card_serial);
}

static void test_a_reader_that_waits_for_the_loop_can_be_freed(void **state)
{
	const struct hint hint = { .cause.source = CAUSE_SCAN };
	struct fixture *f = *state;

	tree_set_vfs(f->tree, PF, 200);
	assert_int_equal(reader_scan(f->reader, &hint), 0);
	assert_int_equal(next(f)->kind, OBSERVATION_SCAN_BEGIN);
	f->reader = reader_free(f->reader);
}

static void test_a_host_that_is_not_there_is_an_error_at_once(void **state)
{
	const struct reader_options nowhere = { "/nonexistent/sys", NULL, NULL, NULL };
	struct reader *reader = NULL;

	(void)state;
	assert_int_equal(reader_new(&nowhere, &reader), -ENOENT);
	assert_null(reader);
}

/* A signal to the process must find the loop's thread: the reader's blocks all. */
static void test_signals_are_the_loops(void **state)
{
	struct fixture *f = *state;
	struct read_request request = request_for(PF);
	sigset_t set, old;
	int number = 0;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	assert_int_equal(pthread_sigmask(SIG_BLOCK, &set, &old), 0);
	assert_int_equal(kill(getpid(), SIGUSR1), 0);
	assert_int_equal(reader_submit(f->reader, &request, 1), 0);
	assert_int_equal(next(f)->kind, OBSERVATION_FUNCTION);
	assert_int_equal(sigwait(&set, &number), 0);
	assert_int_equal(number, SIGUSR1);
	assert_int_equal(pthread_sigmask(SIG_SETMASK, &old, NULL), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_an_idle_reader_works_on_nothing),
		TEST(test_observations_come_in_the_order_of_the_requests),
		TEST(test_texts_stay_until_the_next_one_is_asked_for),
		TEST(test_a_scan_is_every_function_between_its_borders),
		TEST(test_many_requests_are_kept_in_order),
		TEST(test_modules_are_looked_at_again_when_told),
		TEST(test_a_reader_that_hangs_is_named_and_left_behind_at_the_end),
		TEST(test_another_thread_goes_on_with_what_waits_behind_one_that_hangs),
		TEST(test_what_hangs_is_not_asked_again_until_it_answers),
		TEST(test_a_function_that_hangs_can_be_gone),
		TEST(test_a_scan_that_hangs_begins_anew),
		TEST(test_so_many_are_left_behind_and_one_that_comes_back_makes_room),
		TEST(test_modules_alias_that_hangs_is_no_function),
		TEST(test_a_list_of_mounts_that_hangs_is_no_function),
		TEST(test_the_next_thread_has_the_vendors_rules),
		TEST(test_files_that_may_block_are_not_opened),
		TEST(test_a_reader_that_waits_for_the_loop_can_be_freed),
		TEST(test_a_host_that_is_not_there_is_an_error_at_once),
		TEST(test_signals_are_the_loops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
