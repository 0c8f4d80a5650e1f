/* SPDX-License-Identifier: Apache-2.0 */
#include "../../monitor/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../lib/tree.h"

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

/* Opening the FIFO for writing succeeds once the reader is in its open(). */
static int wait_until_it_hangs(const char *fifo)
{
	int fd = open(fifo, O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static void test_a_reader_that_hangs_is_named_and_left_behind(void **state)
{
	struct fixture *f = *state;
	struct read_request requests[2] = { request_for(PF), request_for(PF) };
	struct reader_work work;
	char fifo[128];
	int fd;

	tree_make_blocking(f->tree, PF, "numa_node");
	(void)snprintf(fifo, sizeof(fifo), "%s/devices/pci/" PF "/numa_node", tree_sysfs(f->tree));
	assert_int_equal(reader_submit(f->reader, requests, 2), 0);
	/* Held open and never written to: its read() does not come back. */
	fd = wait_until_it_hangs(fifo);
	assert_true(reader_is_busy(f->reader, &work));
	assert_int_equal(pci_addr_compare(&work.addr, &requests[0].addr), 0);
	assert_false(work.border);
	assert_true(work.since_usec > 0);
	assert_int_equal(reader_waiting(f->reader), 1);
	assert_false(is_readable(f->reader, 0));
	f->reader = reader_free(f->reader);
	/* Now its thread may end, and gives back what it used. */
	close(fd);
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
		TEST(test_a_reader_that_hangs_is_named_and_left_behind),
		TEST(test_a_reader_that_waits_for_the_loop_can_be_freed),
		TEST(test_a_host_that_is_not_there_is_an_error_at_once),
		TEST(test_signals_are_the_loops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
