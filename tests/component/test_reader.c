/* SPDX-License-Identifier: Apache-2.0 */
#include "../../monitor/reader.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../../monitor/sysfs_use.h"
#include "../lib/threaded.h"

static void test_observations_come_in_the_order_of_the_requests(void **state)
{
	struct threaded *f = *state;
	struct read_request requests[3];
	const struct observation *obs;

	tree_set_vfs(f->tree, PF, 3);
	for (int i = 0; i < 3; i++) {
		requests[i] = threaded_request_for(tree_vf(PF, 2 - i));
		requests[i].hint.cause.seqnum = 100 + (uint64_t)i;
	}
	requests[1].what = READ_NODES;
	assert_int_equal(reader_submit(f->reader, requests, 3), 0);
	for (int i = 0; i < 3; i++) {
		obs = threaded_next(f);
		assert_int_equal(obs->kind, i == 1 ? OBSERVATION_NODES : OBSERVATION_FUNCTION);
		threaded_assert_addr(obs, tree_vf(PF, 2 - i));
		assert_int_equal(obs->hint.cause.seqnum, 100 + i);
	}
	assert_int_equal(reader_reads(f->reader), 3);
	assert_int_equal(reader_waiting(f->reader), 0);
	assert_int_equal(reader_next(f->reader, &obs), 0);
	assert_false(threaded_is_readable(f->reader, 0));
}

static void test_texts_stay_until_the_next_one_is_asked_for(void **state)
{
	struct threaded *f = *state;
	struct read_request requests[2] = { threaded_request_for(PF),
					    threaded_request_for("0000:00:00.0") };
	const struct observation *obs;

	tree_add_driver(f->tree, "igb", "igb");
	tree_bind(f->tree, PF, "igb");
	assert_int_equal(reader_submit(f->reader, requests, 2), 0);
	obs = threaded_next(f);
	assert_string_equal(obs->link_driver, "igb");
	assert_string_equal(obs->module, "igb");
	assert_int_equal(threaded_next(f)->kind, OBSERVATION_GONE);
}

/* More than the queue holds: the reader waits for the loop, and loses nothing. */
static void test_a_scan_is_every_function_between_its_borders(void **state)
{
	struct threaded *f = *state;
	const struct hint hint = { .cause.source = CAUSE_AUDIT };
	struct pci_addr last = { 0 };
	const struct observation *obs;

	tree_set_vfs(f->tree, PF, 512);
	assert_int_equal(reader_scan(f->reader, &hint), 0);
	obs = threaded_next(f);
	assert_int_equal(obs->kind, OBSERVATION_SCAN_BEGIN);
	assert_int_equal(obs->hint.cause.source, CAUSE_AUDIT);
	for (int i = 0; i < 513; i++) {
		obs = threaded_next(f);
		assert_int_equal(obs->kind, OBSERVATION_FUNCTION);
		assert_int_equal(obs->hint.cause.source, CAUSE_AUDIT);
		assert_true(obs->has_static);
		assert_true(pci_addr_compare(&obs->addr, &last) > 0);
		assert_int_equal(obs->vf_index, i - 1);
		last = obs->addr;
	}
	obs = threaded_next(f);
	assert_int_equal(obs->kind, OBSERVATION_SCAN_END);
	assert_int_equal(obs->error, 0);
	assert_int_equal(reader_reads(f->reader), 513);
}

static void test_many_requests_are_kept_in_order(void **state)
{
	struct threaded *f = *state;
	struct read_request request = threaded_request_for(PF);

	for (uint64_t i = 0; i < 3000; i++) {
		request.hint.cause.seqnum = i;
		assert_int_equal(reader_submit(f->reader, &request, 1), 0);
	}
	for (uint64_t i = 0; i < 3000; i++)
		assert_true(threaded_next(f)->hint.cause.seqnum == i);
}

static void test_modules_are_looked_at_again_when_told(void **state)
{
	struct threaded *f = *state;
	struct read_request request = threaded_request_for(PF);

	assert_int_equal(reader_submit(f->reader, &request, 1), 0);
	assert_null(threaded_next(f)->best_module);
	tree_set_aliases(f->tree, "alias vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci\n");
	assert_int_equal(reader_invalidate_modules(f->reader), 0);
	assert_int_equal(reader_submit(f->reader, &request, 1), 0);
	assert_string_equal(threaded_next(f)->best_module, "vfio_pci");
}

static void test_an_idle_reader_works_on_nothing(void **state)
{
	struct threaded *f = *state;
	struct reader_work work;

	assert_false(reader_is_busy(f->reader, &work));
	assert_false(threaded_is_readable(f->reader, 0));
	assert_null(reader_free(NULL));
}

static void test_a_reader_that_waits_for_the_loop_can_be_freed(void **state)
{
	const struct hint hint = { .cause.source = CAUSE_SCAN };
	struct threaded *f = *state;

	tree_set_vfs(f->tree, PF, 200);
	assert_int_equal(reader_scan(f->reader, &hint), 0);
	assert_int_equal(threaded_next(f)->kind, OBSERVATION_SCAN_BEGIN);
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
	struct threaded *f = *state;
	struct read_request request = threaded_request_for(PF);
	sigset_t set, old;
	int number = 0;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	assert_int_equal(pthread_sigmask(SIG_BLOCK, &set, &old), 0);
	assert_int_equal(kill(getpid(), SIGUSR1), 0);
	assert_int_equal(reader_submit(f->reader, &request, 1), 0);
	assert_int_equal(threaded_next(f)->kind, OBSERVATION_FUNCTION);
	assert_int_equal(sigwait(&set, &number), 0);
	assert_int_equal(number, SIGUSR1);
	assert_int_equal(pthread_sigmask(SIG_SETMASK, &old, NULL), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, threaded_setup, threaded_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_an_idle_reader_works_on_nothing),
		TEST(test_observations_come_in_the_order_of_the_requests),
		TEST(test_texts_stay_until_the_next_one_is_asked_for),
		TEST(test_a_scan_is_every_function_between_its_borders),
		TEST(test_many_requests_are_kept_in_order),
		TEST(test_modules_are_looked_at_again_when_told),
		TEST(test_a_reader_that_waits_for_the_loop_can_be_freed),
		TEST(test_a_host_that_is_not_there_is_an_error_at_once),
		TEST(test_signals_are_the_loops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
