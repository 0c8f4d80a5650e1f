/* SPDX-License-Identifier: Apache-2.0 */
#include "../../monitor/inotifysrc.h"

#include <errno.h>
#include <fcntl.h>
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

#include "../lib/reading.h"
#include "vfmon/vendor_rules.h"

#define VF "0000:25:00.4"
#define OTHER_VF "0000:25:00.5"
#define VENDOR(addr) "devices/pci/" addr "/nvidia"

struct fixture {
	struct reading *reading;
	struct inotifysrc *source;
	char heard[512]; /* what was called back, in words */
	size_t losses;
};

/* A storm's words are not needed. */
__attribute__((format(printf, 2, 3))) static void say(struct fixture *f, const char *format, ...)
{
	size_t len = strlen(f->heard);
	va_list args;

	va_start(args, format);
	(void)vsnprintf(f->heard + len, sizeof(f->heard) - len, format, args);
	va_end(args);
}

static void on_written(const struct pci_addr *addr, enum inotify_written what, void *arg)
{
	char text[PCI_ADDR_TEXT_MAX];

	say(arg, "%s %s, ", what == WRITTEN_VF_COUNT ? "VF count of" : "written",
	    pci_addr_format(addr, text));
}

static const char *name_of(enum node_news news)
{
	return news == NODE_CAME_OR_WENT ? "came or went" : "used";
}

static void on_group(int32_t group, enum node_news news, void *arg)
{
	say(arg, "group %d %s, ", (int)group, name_of(news));
}

static void on_device(const char *name, enum node_news news, void *arg)
{
	say(arg, "device %s %s, ", name, name_of(news));
}

static void on_folder(void *arg)
{
	say(arg, "folder, ");
}

static void on_loss(void *arg)
{
	struct fixture *f = arg;

	f->losses++;
}

static void use_rules(struct reading *r)
{
	static const char text[] = "[n]\ndirectory = nvidia\nattributes = current_vgpu_type\n";
	struct vendor_rules *rules;
	struct spec_error error;

	assert_int_equal(vendor_rules_new(&rules), 0);
	assert_int_equal(vendor_rules_add(rules, text, strlen(text), &error), 0);
	sysfs_set_vendor_rules(r->sysfs, rules);
}

static void add_vf(struct tree *t, const char *addr, const char *path)
{
	tree_add_function(t, addr);
	tree_bind(t, addr, "nvidia");
	tree_write(t, path, "0\n");
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct inotifysrc_options options = { .ops = { on_written, on_group, on_device, on_folder,
						       on_loss, f } };

	assert_non_null(f);
	reading_setup((void **)&f->reading);
	use_rules(f->reading);
	tree_add_driver(f->reading->tree, "nvidia", "nvidia");
	add_vf(f->reading->tree, VF, VENDOR(VF) "/current_vgpu_type");
	add_vf(f->reading->tree, OTHER_VF, VENDOR(OTHER_VF) "/current_vgpu_type");
	options.sysfs_root = tree_sysfs(f->reading->tree);
	options.dev_root = tree_dev(f->reading->tree);
	assert_int_equal(inotifysrc_new(&options, &f->source), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	assert_null(inotifysrc_free(f->source));
	reading_teardown((void **)&f->reading);
	free(f);
	return 0;
}

static bool follow(struct fixture *f, const char *addr)
{
	return inotifysrc_follow(f->source, reading_of(f->reading, addr));
}

/* What is heard of all that happened so far. */
static const char *hear(struct fixture *f)
{
	f->heard[0] = '\0';
	while (inotifysrc_read_some(f->source) > 0)
		;
	return f->heard;
}

/* As a person does: into the file that is there. */
static void write_file(struct fixture *f, const char *path, const char *name, const char *text)
{
	char full[256];
	int fd;

	(void)snprintf(full, sizeof(full), "%s/%s/%s", tree_sysfs(f->reading->tree), path, name);
	fd = open(full, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void write_type(struct fixture *f, const char *path, const char *text)
{
	write_file(f, path, "current_vgpu_type", text);
}

static int listen_to(struct fixture *f, const char *text, uint64_t inode)
{
	struct pci_addr addr;

	assert_int_equal(pci_addr_parse(text, &addr), 0);
	return inotifysrc_watch(f->source, &addr, inode);
}

static void use_node(struct fixture *f, const char *name)
{
	char full[256];
	int fd;

	(void)snprintf(full, sizeof(full), "%s/vfio/%s", tree_dev(f->reading->tree), name);
	fd = open(full, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	close(fd);
}

static void test_a_write_names_the_function(void **state)
{
	struct fixture *f = *state;

	assert_true(follow(f, VF));
	assert_true(follow(f, OTHER_VF));
	assert_string_equal(hear(f), "");
	write_type(f, VENDOR(OTHER_VF), "1145\n");
	assert_string_equal(hear(f), "written " OTHER_VF ", ");
	write_type(f, VENDOR(VF), "1145\n");
	assert_string_equal(hear(f), "written " VF ", ");
}

/* Else each read would be followed by another one. */
static void test_a_directory_that_is_listened_to_asks_for_no_second_read(void **state)
{
	struct fixture *f = *state;

	assert_true(follow(f, VF));
	assert_false(follow(f, VF));
	assert_false(inotifysrc_follow(f->source, reading_of_nodes(f->reading, VF)));
}

static void test_a_directory_that_came_again_is_another_one(void **state)
{
	struct fixture *f = *state;

	assert_true(follow(f, VF));
	tree_write(f->reading->tree, VENDOR(VF) "/current_vgpu_type", NULL);
	tree_write(f->reading->tree, VENDOR(VF) "/current_vgpu_type", NULL);
	tree_remove(f->reading->tree, VF);
	/* Another inode, also on a file system that uses them again. */
	tree_write(f->reading->tree, "devices/pci/spare/file", "");
	add_vf(f->reading->tree, VF, VENDOR(VF) "/current_vgpu_type");
	(void)hear(f);
	assert_true(follow(f, VF));
	write_type(f, VENDOR(VF), "1145\n");
	assert_string_equal(hear(f), "written " VF ", ");
}

static void test_a_function_that_went_is_not_listened_to(void **state)
{
	struct fixture *f = *state;

	assert_true(follow(f, VF));
	tree_unbind(f->reading->tree, VF);
	assert_false(follow(f, VF));
	write_type(f, VENDOR(VF), "1145\n");
	assert_string_equal(hear(f), "");
	tree_remove(f->reading->tree, VF);
	assert_false(follow(f, VF));
}

/* Nothing rests on files and links that come and go: a real sysfs does not tell of them. */
static void test_of_a_function_only_what_no_uevent_tells_is_heard(void **state)
{
	static const char folder[] = "devices/pci/" VF;
	struct fixture *f = *state;
	struct tree *t = f->reading->tree;

	tree_write(t, "devices/pci/" VF "/sriov_numvfs", "0\n");
	tree_write(t, "devices/pci/" VF "/sriov_drivers_autoprobe", "1\n");
	tree_write(t, "devices/pci/" VF "/reset", "");
	assert_int_equal(listen_to(f, VF, 7), 1);
	write_file(f, folder, "driver_override", "vfio-pci\n");
	assert_string_equal(hear(f), "written " VF ", ");
	write_file(f, folder, "sriov_drivers_autoprobe", "0\n");
	assert_string_equal(hear(f), "written " VF ", ");
	write_file(f, folder, "sriov_numvfs", "4\n");
	assert_string_equal(hear(f), "VF count of " VF ", ");
	write_file(f, folder, "reset", "1\n");
	tree_unbind(t, VF);
	tree_bind(t, VF, "nvidia");
	tree_write(t, "devices/pci/" VF "/driver_override", NULL);
	assert_string_equal(hear(f), "");
}

static void test_a_function_is_listened_to_once_and_until_it_is_forgotten(void **state)
{
	struct fixture *f = *state;
	struct pci_addr addr;

	assert_int_equal(pci_addr_parse(VF, &addr), 0);
	assert_int_equal(listen_to(f, VF, 7), 1);
	assert_int_equal(listen_to(f, VF, 7), 0);
	assert_true(follow(f, VF));
	inotifysrc_forget(f->source, &addr);
	write_file(f, "devices/pci/" VF, "driver_override", "vfio-pci\n");
	write_type(f, VENDOR(VF), "1145\n");
	assert_string_equal(hear(f), "");
	assert_int_equal(listen_to(f, "0000:77:00.0", 7), -ENOENT);
	assert_int_equal(listen_to(f, VF, 7), 1);
	/* Another life at the same address. */
	assert_int_equal(listen_to(f, VF, 8), 1);
	write_file(f, "devices/pci/" VF, "driver_override", "vfio-pci\n");
	assert_string_equal(hear(f), "written " VF ", ");
}

/* After a loss nobody knows which directories went: that they did may be what was lost. */
static void test_what_died_unheard_is_listened_to_again_when_renewed(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(listen_to(f, VF, 7), 1);
	assert_int_equal(listen_to(f, OTHER_VF, 9), 1);
	tree_remove(f->reading->tree, VF);
	add_vf(f->reading->tree, VF, VENDOR(VF) "/current_vgpu_type");
	assert_int_equal(listen_to(f, VF, 7), 0);
	inotifysrc_renew(f->source);
	assert_int_equal(listen_to(f, VF, 7), 1);
	assert_int_equal(listen_to(f, OTHER_VF, 9), 0);
	(void)hear(f);
	write_file(f, "devices/pci/" VF, "driver_override", "vfio-pci\n");
	write_file(f, "devices/pci/" OTHER_VF, "driver_override", "vfio-pci\n");
	assert_string_equal(hear(f), "written " VF ", written " OTHER_VF ", ");
}

/* What is in them when they come may have come before anybody listened. */
static void test_the_folders_of_nodes_are_heard_to_come(void **state)
{
	struct fixture *f = *state;
	struct tree *t = f->reading->tree;

	tree_add_node(t, "other/node");
	assert_string_equal(hear(f), "");
	tree_add_node(t, "vfio/vfio");
	assert_string_equal(hear(f), "folder, ");
	tree_add_node(t, "other2/node");
	assert_string_equal(hear(f), "");
	tree_add_node(t, "vfio/12");
	assert_non_null(strstr(hear(f), "group 12 came or went, "));
	tree_add_node(t, "vfio/devices/vfio3");
	assert_string_equal(hear(f), "folder, ");
	tree_add_node(t, "vfio/devices/vfio4");
	assert_non_null(strstr(hear(f), "device vfio4 came or went, "));
}

static void test_nodes_are_heard_of(void **state)
{
	struct fixture *f = *state;
	struct tree *t = f->reading->tree;

	tree_add_node(t, "vfio/vfio");
	tree_add_node(t, "vfio/12");
	tree_add_node(t, "vfio/devices/vfio3");
	(void)hear(f);
	use_node(f, "12");
	assert_string_equal(hear(f), "group 12 used, group 12 used, ");
	use_node(f, "devices/vfio3");
	assert_string_equal(hear(f), "device vfio3 used, device vfio3 used, ");
	use_node(f, "vfio");
	assert_string_equal(hear(f), "");
	tree_add_node(t, "vfio/noiommu-0");
	assert_non_null(strstr(hear(f), "group 0 came or went, "));
}

static void test_a_folder_of_nodes_that_came_again_is_listened_to_again(void **state)
{
	struct fixture *f = *state;
	struct tree *t = f->reading->tree;
	char path[256];

	for (int i = 0; i < 2; i++) {
		tree_add_node(t, "vfio/12");
		assert_string_equal(hear(f), "folder, ");
		use_node(f, "12");
		assert_string_equal(hear(f), "group 12 used, group 12 used, ");
		(void)snprintf(path, sizeof(path), "%s/vfio/12", tree_dev(t));
		assert_int_equal(unlink(path), 0);
		*strrchr(path, '/') = '\0';
		assert_int_equal(rmdir(path), 0);
		assert_string_equal(hear(f), "group 12 came or went, ");
	}
}

/* The kernel keeps fs.inotify.max_queued_events of them. */
static void test_lost_events_are_told_when_the_others_are_read(void **state)
{
	struct fixture *f = *state;
	struct source_status status = { .events = 0 };

	assert_true(follow(f, VF));
	assert_true(follow(f, OTHER_VF));
	for (int i = 0; i < 100000 && f->losses == 0; i++) {
		write_type(f, i % 2 ? VENDOR(VF) : VENDOR(OTHER_VF), "1\n");
		if (i % 20000 == 19999)
			(void)hear(f);
	}
	inotifysrc_status(f->source, &status);
	assert_int_equal(f->losses, 1);
	assert_int_equal(status.overflows, 1);
	assert_true(status.used && status.events > 1 && !status.blind);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_write_names_the_function),
		TEST(test_a_directory_that_is_listened_to_asks_for_no_second_read),
		TEST(test_a_directory_that_came_again_is_another_one),
		TEST(test_a_function_that_went_is_not_listened_to),
		TEST(test_of_a_function_only_what_no_uevent_tells_is_heard),
		TEST(test_a_function_is_listened_to_once_and_until_it_is_forgotten),
		TEST(test_what_died_unheard_is_listened_to_again_when_renewed),
		TEST(test_the_folders_of_nodes_are_heard_to_come),
		TEST(test_nodes_are_heard_of),
		TEST(test_a_folder_of_nodes_that_came_again_is_listened_to_again),
		TEST(test_lost_events_are_told_when_the_others_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
