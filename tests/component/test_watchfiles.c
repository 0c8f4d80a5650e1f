/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's real inotify, on folders of the test's own. */
#include "../../monitor/watchfiles.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct scene {
	char folder[64];
	struct watchfiles *watch;
	char path[128];
};

static int set_up(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	(void)snprintf(s->folder, sizeof(s->folder), "/tmp/vfmon-watch-XXXXXX");
	assert_non_null(mkdtemp(s->folder));
	assert_int_equal(watchfiles_new(&s->watch), 0);
	*state = s;
	return 0;
}

static int on_removed(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static int tear_down(void **state)
{
	struct scene *s = *state;

	watchfiles_free(s->watch);
	(void)nftw(s->folder, on_removed, 8, FTW_DEPTH | FTW_PHYS);
	free(s);
	return 0;
}

static const char *at(struct scene *s, const char *path)
{
	(void)snprintf(s->path, sizeof(s->path), "%s/%s", s->folder, path);
	return s->path;
}

static void write_file(struct scene *s, const char *path)
{
	int fd = open(at(s, path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "x", 1), 1);
	close(fd);
}

static void rename_file(struct scene *s, const char *from, const char *to)
{
	char old[128];

	(void)snprintf(old, sizeof(old), "%s", at(s, from));
	assert_int_equal(rename(old, at(s, to)), 0);
}

/* The set of two paths, as an owner gives it again after each event. */
static void watch(struct scene *s, const char *a, const char *b)
{
	watchfiles_begin(s->watch);
	assert_int_equal(watchfiles_add(s->watch, at(s, a)), 0);
	if (b)
		assert_int_equal(watchfiles_add(s->watch, at(s, b)), 0);
	watchfiles_end(s->watch);
}

static void expect(struct scene *s, int wanted)
{
	assert_int_equal(watchfiles_read(s->watch), wanted);
}

static void test_a_file_that_is_written_in_place_or_replaced_or_removed_is_heard(void **state)
{
	struct scene *s = *state;

	write_file(s, "nova.conf");
	watch(s, "nova.conf", NULL);
	expect(s, 0);
	write_file(s, "nova.conf");
	expect(s, 1);
	write_file(s, "new");
	expect(s, 0);
	rename_file(s, "new", "nova.conf");
	expect(s, 1);
	assert_int_equal(chmod(at(s, "nova.conf"), 0600), 0);
	expect(s, 1);
	assert_int_equal(unlink(at(s, "nova.conf")), 0);
	expect(s, 1);
}

static void test_other_files_of_its_folder_are_not_heard(void **state)
{
	struct scene *s = *state;
	struct source_status status = { 0 };

	watch(s, "nova.conf", NULL);
	write_file(s, "other.conf");
	expect(s, 0);
	watchfiles_status(s->watch, &status);
	assert_true(status.ignored > 0 && status.ignored == status.events);
	assert_null(status.blind);
}

static void test_a_folder_tells_of_each_conf_in_it(void **state)
{
	struct scene *s = *state;

	assert_int_equal(mkdir(at(s, "d"), 0755), 0);
	watch(s, "d", NULL);
	write_file(s, "d/README");
	expect(s, 0);
	write_file(s, "d/a.conf");
	expect(s, 1);
	rename_file(s, "d/README", "d/b.conf");
	expect(s, 1);
	rename_file(s, "d/a.conf", "d/a.conf.off");
	expect(s, 1);
}

static void test_what_is_not_there_is_waited_for_step_by_step(void **state)
{
	struct scene *s = *state;

	watch(s, "etc/nova/nova.conf", NULL);
	write_file(s, "unrelated");
	expect(s, 0);
	assert_int_equal(mkdir(at(s, "etc"), 0755), 0);
	expect(s, 1);
	watch(s, "etc/nova/nova.conf", NULL);
	assert_int_equal(mkdir(at(s, "etc/nova"), 0755), 0);
	expect(s, 1);
	watch(s, "etc/nova/nova.conf", NULL);
	write_file(s, "etc/nova/nova.conf");
	expect(s, 1);
}

static void test_the_target_of_a_link_is_watched(void **state)
{
	struct scene *s = *state;
	char target[128];

	assert_int_equal(mkdir(at(s, "real"), 0755), 0);
	write_file(s, "real/nova.conf");
	(void)snprintf(target, sizeof(target), "%s", at(s, "real/nova.conf"));
	assert_int_equal(symlink(target, at(s, "nova.conf")), 0);
	watch(s, "nova.conf", NULL);
	write_file(s, "real/nova.conf");
	expect(s, 1);
}

static void test_a_path_that_left_the_set_is_not_heard_any_more(void **state)
{
	struct scene *s = *state;
	struct source_status status = { 0 };

	assert_int_equal(mkdir(at(s, "a"), 0755), 0);
	assert_int_equal(mkdir(at(s, "b"), 0755), 0);
	watch(s, "a", "b");
	watch(s, "b", NULL);
	expect(s, 0);
	write_file(s, "a/x.conf");
	expect(s, 0);
	watchfiles_status(s->watch, &status);
	assert_int_equal(status.events, 0);
	write_file(s, "b/x.conf");
	expect(s, 1);
}

static void test_another_name_in_the_same_folder_takes_the_place_of_the_first(void **state)
{
	struct scene *s = *state;

	watch(s, "a.conf", NULL);
	watch(s, "b.conf", NULL);
	write_file(s, "a.conf");
	expect(s, 0);
	write_file(s, "b.conf");
	expect(s, 1);
}

/* As many events as it takes: the queue has fs.inotify.max_queued_events places. */
static void test_lost_events_are_a_reason_to_look_and_are_counted(void **state)
{
	struct scene *s = *state;
	struct source_status status = { 0 };
	FILE *f = fopen("/proc/sys/fs/inotify/max_queued_events", "r");
	int limit = 0;

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%d", &limit), 1);
	(void)fclose(f);
	write_file(s, "a");
	watch(s, "nova.conf", NULL);
	/* Two names in turn, as an event that equals the last one is not queued again. */
	for (int i = 0; i <= limit / 2; i++) {
		rename_file(s, "a", "b");
		rename_file(s, "b", "a");
	}
	expect(s, 1);
	watchfiles_status(s->watch, &status);
	assert_int_equal(status.overflows, 1);
	expect(s, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_file_that_is_written_in_place_or_replaced_or_removed_is_heard),
		TEST(test_other_files_of_its_folder_are_not_heard),
		TEST(test_a_folder_tells_of_each_conf_in_it),
		TEST(test_what_is_not_there_is_waited_for_step_by_step),
		TEST(test_the_target_of_a_link_is_watched),
		TEST(test_a_path_that_left_the_set_is_not_heard_any_more),
		TEST(test_another_name_in_the_same_folder_takes_the_place_of_the_first),
		TEST(test_lost_events_are_a_reason_to_look_and_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
