/* SPDX-License-Identifier: Apache-2.0 */
/* A reader whose thread hangs in a file: who is blamed, who goes on, what is believed. */
#include "../../monitor/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../monitor/sysfs_use.h"
#include "../lib/threaded.h"
#include "vfmon/vendor_rules.h"

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
static int hang_in(struct threaded *f, const char *addr, const char *name)
{
	char fifo[PATH_MAX];

	(void)snprintf(fifo, sizeof(fifo), "%s/devices/pci/%s/%s", tree_sysfs(f->tree), addr, name);
	return wait_until_it_hangs(fifo);
}

static void submit(struct threaded *f, const char *addr)
{
	struct read_request request = threaded_request_for(addr);

	request.hint = (struct hint){ { .source = CAUSE_UEVENT, .seqnum = 7 }, EVIDENCE_BOUND };
	assert_int_equal(reader_submit(f->reader, &request, 1), 0);
}

/* The reader is asked for a function whose file blocks, and replaced. Returns what lets it go. */
static int leave_behind(struct threaded *f, const char *addr)
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
	threaded_assert_addr(obs, addr);
	assert_true(obs->silent_usec > 0);
}

/* Waits for a thread that comes back; nothing else may come. */
static struct reader_work take_back(struct threaded *f)
{
	const struct observation *obs;
	struct reader_work work;

	while (!reader_take_back(f->reader, &work)) {
		assert_int_equal(reader_next(f->reader, &obs), 0);
		assert_true(threaded_is_readable(f->reader, DEADLINE_MSEC));
	}
	return work;
}

static void test_a_reader_that_hangs_is_named_and_left_behind_at_the_end(void **state)
{
	struct threaded *f = *state;
	struct read_request requests[2] = { threaded_request_for(PF), threaded_request_for(PF) };
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
	assert_false(threaded_is_readable(f->reader, 0));
	f->reader = reader_free(f->reader);
	/* Now its thread may end, and gives back what it used. */
	close(fd);
}

static void test_another_thread_goes_on_with_what_waits_behind_one_that_hangs(void **state)
{
	struct threaded *f = *state;
	const struct observation *obs;
	struct read_request requests[3];
	struct reader_work work;
	int fd;

	tree_set_vfs(f->tree, PF, 3);
	tree_make_blocking(f->tree, PF, "driver_override");
	submit(f, PF);
	for (int i = 0; i < 3; i++)
		requests[i] = threaded_request_for(tree_vf(PF, 2 - i));
	assert_int_equal(reader_submit(f->reader, requests, 3), 0);
	fd = hang_in(f, PF, "driver_override");
	assert_true(reader_is_busy(f->reader, &work));
	assert_int_equal(reader_replace(f->reader, &work), 1);
	/* It is told with all that its event has said, so that nothing of that is lost. */
	obs = threaded_next(f);
	assert_silent(obs, PF);
	assert_int_equal(obs->hint.cause.seqnum, 7);
	assert_int_equal(obs->hint.evidence, EVIDENCE_BOUND);
	for (int i = 0; i < 3; i++) {
		obs = threaded_next(f);
		assert_int_equal(obs->kind, OBSERVATION_FUNCTION);
		threaded_assert_addr(obs, tree_vf(PF, 2 - i));
	}
	close(fd);
}

static void test_what_hangs_is_not_asked_again_until_it_answers(void **state)
{
	struct threaded *f = *state;
	struct reader_work left[READER_LEFT_MAX];
	int fd = leave_behind(f, PF);

	assert_silent(threaded_next(f), PF);
	submit(f, PF);
	assert_silent(threaded_next(f), PF);
	assert_int_equal(reader_left(f->reader, left), 1);
	tree_write(f->tree, "devices/pci/" PF "/uevent", NULL);
	tree_write(f->tree, "devices/pci/" PF "/uevent", "DRIVER=late\n");
	close(fd);
	/* What it had found goes nowhere. */
	assert_int_equal(take_back(f).place, READER_FUNCTION);
	assert_int_equal(reader_left(f->reader, left), 0);
	submit(f, PF);
	assert_string_equal(threaded_next(f)->uevent_driver, "late");
}

static void test_a_function_that_hangs_can_be_gone(void **state)
{
	struct threaded *f = *state;
	int fd = leave_behind(f, PF);

	assert_silent(threaded_next(f), PF);
	tree_remove(f->tree, PF);
	submit(f, PF);
	assert_int_equal(threaded_next(f)->kind, OBSERVATION_GONE);
	close(fd);
	(void)take_back(f);
}

static void test_a_scan_that_hangs_begins_anew(void **state)
{
	const struct hint hint = { .cause.source = CAUSE_SCAN };
	struct threaded *f = *state;
	struct reader_work work;
	int fd;

	tree_set_vfs(f->tree, PF, 3);
	tree_make_blocking(f->tree, tree_vf(PF, 1), "uevent");
	assert_int_equal(reader_scan(f->reader, &hint), 0);
	submit(f, PF);
	fd = hang_in(f, tree_vf(PF, 1), "uevent");
	assert_int_equal(threaded_next(f)->kind, OBSERVATION_SCAN_BEGIN);
	threaded_assert_addr(threaded_next(f), PF);
	threaded_assert_addr(threaded_next(f), tree_vf(PF, 0));
	assert_true(reader_is_busy(f->reader, &work));
	assert_int_equal(reader_replace(f->reader, &work), 1);
	assert_int_equal(threaded_next(f)->kind, OBSERVATION_SCAN_BEGIN);
	threaded_assert_addr(threaded_next(f), PF);
	threaded_assert_addr(threaded_next(f), tree_vf(PF, 0));
	assert_silent(threaded_next(f), tree_vf(PF, 1));
	threaded_assert_addr(threaded_next(f), tree_vf(PF, 2));
	assert_int_equal(threaded_next(f)->kind, OBSERVATION_SCAN_END);
	threaded_assert_addr(threaded_next(f), PF);
	close(fd);
}

static void test_so_many_are_left_behind_and_one_that_comes_back_makes_room(void **state)
{
	struct threaded *f = *state;
	struct reader_work left[READER_LEFT_MAX], work;
	const struct observation *obs;
	int fds[READER_LEFT_MAX + 1];
	char addr[PCI_ADDR_TEXT_MAX];

	tree_set_vfs(f->tree, PF, READER_LEFT_MAX + 1);
	for (int i = 0; i < READER_LEFT_MAX; i++) {
		fds[i] = leave_behind(f, tree_vf(PF, i));
		assert_silent(threaded_next(f), tree_vf(PF, i));
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
	assert_silent(threaded_next(f), tree_vf(PF, READER_LEFT_MAX));
	threaded_assert_addr(threaded_next(f), PF);
	f->reader = reader_free(f->reader);
	for (int i = 0; i <= READER_LEFT_MAX; i++)
		if (i != 3)
			close(fds[i]);
}

/* The same where nothing but the open() blocks, so that no writer may come before the end. */
static struct reader_work wait_until_it_opens(struct threaded *f, enum reader_place place)
{
	struct reader_work work;

	for (int n = 0; n < DEADLINE_MSEC; n++) {
		if (reader_is_busy(f->reader, &work) && work.place == place)
			return work;
		(void)threaded_is_readable(f->reader, 1);
	}
	fail_msg("it does not get there");
	return work;
}

/* What is common to all functions is none's fault, and is done without. */
static void test_modules_alias_that_hangs_is_no_function(void **state)
{
	struct threaded *f = *state;
	struct reader_work work;
	const struct observation *obs;
	int fd;

	assert_int_equal(mkfifo(tree_modules_alias(f->tree), 0600), 0);
	submit(f, PF);
	work = wait_until_it_opens(f, READER_ALIASES);
	assert_int_equal(reader_replace(f->reader, &work), 1);
	obs = threaded_next(f);
	assert_int_equal(obs->kind, OBSERVATION_FUNCTION);
	assert_null(obs->best_module);
	assert_int_equal(reader_invalidate_modules(f->reader), 0);
	submit(f, PF);
	assert_null(threaded_next(f)->best_module);
	fd = wait_until_it_hangs(tree_modules_alias(f->tree));
	assert_int_equal(unlink(tree_modules_alias(f->tree)), 0);
	tree_set_aliases(f->tree, "alias vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci\n");
	close(fd);
	assert_int_equal(take_back(f).place, READER_ALIASES);
	assert_int_equal(reader_invalidate_modules(f->reader), 0);
	submit(f, PF);
	assert_string_equal(threaded_next(f)->best_module, "vfio_pci");
}

static void test_a_list_of_mounts_that_hangs_is_no_function(void **state)
{
	const struct hint hint = { .cause.source = CAUSE_UEVENT };
	struct threaded *f = *state;
	struct reader_work work;
	char fifo[PATH_MAX];
	int fd;

	submit(f, PF);
	assert_int_equal(threaded_next(f)->kind, OBSERVATION_FUNCTION);
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
	assert_int_equal(threaded_next(f)->kind, OBSERVATION_FUNCTION);
	assert_int_equal(reader_refresh_use(f->reader, USE_ALL, &hint), 0);
	submit(f, PF);
	assert_int_equal(threaded_next(f)->kind, OBSERVATION_FUNCTION);
	close(fd);
	assert_int_equal(take_back(f).place, READER_DISKS);
}

static void test_the_next_thread_has_the_vendors_rules(void **state)
{
	static const char text[] = "[card]\ndirectory = nvidia\nattributes = kind\n";
	struct threaded *f = *state;
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
	assert_silent(threaded_next(f), tree_vf(PF, 0));
	submit(f, PF);
	assert_string_equal(threaded_next(f)->vendor_state, "kind\t7");
	close(fd);
}

/*
 * Never read: sriov_numvfs, which takes the PF's lock and waits for VFs that come or go, config and
 * resource files. The VPD only where it is asked for.
 */
static void test_files_that_may_block_are_not_opened(void **state)
{
	static const char *const files[] = { "sriov_numvfs", "config", "rom", "resource0", "vpd" };
	struct read_request request = threaded_request_for(PF);
	struct threaded *f = *state;
	int fd;

	tree_add_driver(f->tree, "igb", "igb");
	tree_bind(f->tree, PF, "igb");
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		tree_make_blocking(f->tree, PF, files[i]);
	submit(f, PF);
	assert_int_equal(threaded_next(f)->kind, OBSERVATION_FUNCTION);
	request.what = READ_NODES;
	assert_int_equal(reader_submit(f->reader, &request, 1), 0);
	assert_int_equal(threaded_next(f)->kind, OBSERVATION_NODES);
	request = threaded_request_for(PF);
	request.card_serial = true;
	assert_int_equal(reader_submit(f->reader, &request, 1), 0);
	fd = hang_in(f, PF, "vpd");
	close(fd);
	assert_true(threaded_next(f)->has_card_serial);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, threaded_setup, threaded_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
