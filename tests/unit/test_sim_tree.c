/* SPDX-License-Identifier: Apache-2.0 */
/* The fake sysfs: what a reader of its files and links meets, in a temporary folder. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../sim/tree.h"

struct fixture {
	struct tree tree;
	char folder[64];
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	int fd;

	assert_non_null(f);
	(void)snprintf(f->folder, sizeof(f->folder), "/tmp/test_sim_tree.XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	fd = open(f->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(tree_init(&f->tree, fd), 0);
	*state = f;
	return 0;
}

static int apply(struct fixture *f, enum move_kind kind, const char *path, const char *text)
{
	struct move move = {
		.kind = kind, .path = path, .text = text, .size = text ? strlen(text) : 0
	};

	return tree_apply(&f->tree, &move);
}

static int teardown(void **state)
{
	static const char *const folders[] = { "sys", "dev", "modules", "spare" };
	struct fixture *f = *state;

	for (size_t n = 0; n < sizeof(folders) / sizeof(folders[0]); n++)
		assert_int_equal(apply(f, MOVE_GONE, folders[n], NULL), 0);
	assert_int_equal(rmdir(f->folder), 0);
	tree_done(&f->tree);
	(void)close(f->tree.fd);
	free(f);
	return 0;
}

static const char *text_of(struct fixture *f, const char *path, char buf[static 64])
{
	int fd = openat(f->tree.fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t size = fd < 0 ? -1 : read(fd, buf, 63);

	if (fd >= 0)
		(void)close(fd);
	buf[size < 0 ? 0 : size] = '\0';
	return size < 0 ? "none" : buf;
}

static struct stat stat_of(struct fixture *f, const char *path)
{
	struct stat st;

	assert_int_equal(fstatat(f->tree.fd, path, &st, AT_SYMLINK_NOFOLLOW), 0);
	return st;
}

static void test_a_directory_comes_with_those_above_it_and_goes_with_all_in_it(void **state)
{
	struct fixture *f = *state;
	struct stat st;

	assert_int_equal(apply(f, MOVE_DIR, "sys/a/b/c", NULL), 0);
	assert_int_equal(apply(f, MOVE_DIR, "sys/a/b/c", NULL), 0);
	assert_int_equal(apply(f, MOVE_TEXT, "sys/a/b/c/text", "1\n"), 0);
	assert_int_equal(apply(f, MOVE_LINK, "sys/a/b/link", "c"), 0);
	assert_int_equal(apply(f, MOVE_GONE, "sys/a", NULL), 0);
	assert_int_equal(fstatat(f->tree.fd, "sys/a", &st, 0), -1);
	assert_int_equal(apply(f, MOVE_GONE, "sys/a", NULL), 0);
}

static void test_a_text_of_the_kernel_replaces_the_file_whole(void **state)
{
	struct fixture *f = *state;
	char buf[64];
	ino_t before;

	assert_int_equal(apply(f, MOVE_TEXT, "sys/uevent", "DRIVER=nic\nX=1\n"), 0);
	before = stat_of(f, "sys/uevent").st_ino;
	assert_int_equal(apply(f, MOVE_TEXT, "sys/uevent", "X=1\n"), 0);
	assert_string_equal(text_of(f, "sys/uevent", buf), "X=1\n");
	assert_true(stat_of(f, "sys/uevent").st_ino != before);
}

static void test_a_written_text_stays_in_its_file_and_inotify_reports_it(void **state)
{
	struct fixture *f = *state;
	char buf[64], folder[80], events[4096];
	int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	ino_t before;

	assert_int_equal(apply(f, MOVE_TEXT, "sys/driver_override", "none\n"), 0);
	(void)snprintf(folder, sizeof(folder), "%s/sys", f->folder);
	assert_true(inotify_add_watch(watch, folder, IN_MODIFY | IN_CLOSE_WRITE) >= 0);
	assert_int_equal(apply(f, MOVE_TEXT, "sys/driver_override", "vfio-pci\n"), 0);
	assert_true(read(watch, events, sizeof(events)) < 0);
	before = stat_of(f, "sys/driver_override").st_ino;
	assert_int_equal(apply(f, MOVE_WRITE, "sys/driver_override", "(null)\n"), 0);
	assert_true(read(watch, events, sizeof(events)) > 0);
	assert_string_equal(text_of(f, "sys/driver_override", buf), "(null)\n");
	assert_true(stat_of(f, "sys/driver_override").st_ino == before);
	(void)close(watch);
}

static void test_a_shared_text_is_stored_once_until_somebody_writes_it(void **state)
{
	struct fixture *f = *state;
	char buf[64];

	assert_int_equal(apply(f, MOVE_SHARED, "sys/a", "-1\n"), 0);
	assert_int_equal(apply(f, MOVE_SHARED, "sys/b", "-1\n"), 0);
	assert_true(stat_of(f, "sys/a").st_ino == stat_of(f, "sys/b").st_ino);
	assert_int_equal(apply(f, MOVE_WRITE, "sys/a", "3\n"), 0);
	assert_string_equal(text_of(f, "sys/a", buf), "3\n");
	assert_string_equal(text_of(f, "sys/b", buf), "-1\n");
}

static void test_a_hung_file_blocks_and_comes_back_with_its_text(void **state)
{
	struct fixture *f = *state;
	char buf[64];
	int reader;

	assert_int_equal(apply(f, MOVE_TEXT, "sys/a", "1\n"), 0);
	assert_int_equal(apply(f, MOVE_HANG, "sys/a", NULL), 0);
	reader = openat(f->tree.fd, "sys/a", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_int_equal(read(reader, buf, sizeof(buf)), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(apply(f, MOVE_RESTORE, "sys/a", NULL), 0);
	/* Who waited is let go, and has read nothing. */
	assert_int_equal(read(reader, buf, sizeof(buf)), 0);
	assert_string_equal(text_of(f, "sys/a", buf), "1\n");
	(void)close(reader);
}

static void test_readers_of_a_hung_file_are_let_go_when_it_is_removed(void **state)
{
	struct fixture *f = *state;
	char buf[64];
	int reader;

	assert_int_equal(apply(f, MOVE_TEXT, "sys/a", "1\n"), 0);
	assert_int_equal(apply(f, MOVE_HANG, "sys/a", NULL), 0);
	reader = openat(f->tree.fd, "sys/a", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_int_equal(apply(f, MOVE_GONE, "sys/a", NULL), 0);
	assert_int_equal(read(reader, buf, sizeof(buf)), 0);
	(void)close(reader);
	/* The same place can hang again. */
	assert_int_equal(apply(f, MOVE_TEXT, "sys/a", "2\n"), 0);
	assert_int_equal(apply(f, MOVE_HANG, "sys/a", NULL), 0);
	assert_int_equal(apply(f, MOVE_RESTORE, "sys/a", NULL), 0);
	assert_string_equal(text_of(f, "sys/a", buf), "2\n");
}

static void test_a_hidden_file_is_not_there_and_comes_back(void **state)
{
	struct fixture *f = *state;
	char buf[64];

	assert_int_equal(apply(f, MOVE_TEXT, "sys/a", "1\n"), 0);
	assert_int_equal(apply(f, MOVE_HIDE, "sys/a", NULL), 0);
	assert_string_equal(text_of(f, "sys/a", buf), "none");
	assert_int_equal(apply(f, MOVE_RESTORE, "sys/a", NULL), 0);
	assert_string_equal(text_of(f, "sys/a", buf), "1\n");
}

static void test_what_can_not_be_done_is_an_error(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(apply(f, MOVE_TEXT, "sys/none/a", "1\n"), -ENOENT);
	assert_int_equal(apply(f, MOVE_HIDE, "sys/none", NULL), -ENOENT);
	assert_int_equal(apply(f, MOVE_HANG, "sys/none", NULL), -ENOENT);
	assert_int_equal(apply(f, MOVE_RESTORE, "sys/none", NULL), -ENOENT);
	assert_int_equal(apply(f, MOVE_LINK, "sys/link", "a"), 0);
	assert_int_equal(apply(f, MOVE_LINK, "sys/link", "a"), -EEXIST);
}

static void test_the_inode_of_a_directory_is_told(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(apply(f, MOVE_DIR, "sys/devices/x", NULL), 0);
	assert_true(tree_inode("devices/x", &f->tree) == stat_of(f, "sys/devices/x").st_ino);
	assert_int_equal(tree_inode("devices/y", &f->tree), 0);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_directory_comes_with_those_above_it_and_goes_with_all_in_it),
		TEST(test_a_text_of_the_kernel_replaces_the_file_whole),
		TEST(test_a_written_text_stays_in_its_file_and_inotify_reports_it),
		TEST(test_a_shared_text_is_stored_once_until_somebody_writes_it),
		TEST(test_a_hung_file_blocks_and_comes_back_with_its_text),
		TEST(test_readers_of_a_hung_file_are_let_go_when_it_is_removed),
		TEST(test_a_hidden_file_is_not_there_and_comes_back),
		TEST(test_what_can_not_be_done_is_an_error),
		TEST(test_the_inode_of_a_directory_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
