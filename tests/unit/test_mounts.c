/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/mounts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_a_mount_has_its_device_its_place_and_its_source(void **state)
{
	const char *text =
		"36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 shared:2 - ext3 /dev/root rw\n"
		"37 35 0:45 / /srv rw - btrfs /dev/nvme1n1p2 rw\n";
	struct mount_line m;

	(void)state;
	assert_true(mounts_next(&text, &m));
	assert_int_equal(m.major, 98);
	assert_int_equal(m.minor, 0);
	assert_memory_equal(m.point, "/mnt2", m.point_len);
	assert_memory_equal(m.source, "/dev/root", m.source_len);
	assert_true(mounts_next(&text, &m));
	assert_int_equal(m.major, 0);
	assert_int_equal(m.minor, 45);
	assert_int_equal(m.point_len, strlen("/srv"));
	assert_int_equal(m.source_len, strlen("/dev/nvme1n1p2"));
	assert_false(mounts_next(&text, &m));
	assert_false(mounts_next(&text, &m));
}

static void test_a_line_that_is_not_well_formed_is_passed_over(void **state)
{
	static const char *const lines[] = {
		"",
		"36",
		"36 35 98 /a /b rw - ext4 /dev/sda1 rw",
		"36 35 98: /a /b rw - ext4 /dev/sda1 rw",
		"36 35 98:x /a /b rw - ext4 /dev/sda1 rw",
		"36 35 98:1x /a /b rw - ext4 /dev/sda1 rw",
		"36 35 4294967296:1 /a /b rw - ext4 /dev/sda1 rw",
		"36 35 98:1 /a /b rw ext4 /dev/sda1 rw",
		"36 35 98:1 /a /b rw -",
		"36 35 98:1 /a /b rw - ext4",
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct mount_line m;
		const char *at = text;

		(void)strcpy(text, lines[i]);
		(void)strcat(text, "\n1 2 8:1 / /good rw - ext4 /dev/sda1 rw");
		assert_true(mounts_next(&at, &m));
		assert_memory_equal(m.point, "/good", m.point_len);
		assert_false(mounts_next(&at, &m));
	}
}

static void test_swap_files_and_the_heading_are_no_devices(void **state)
{
	const char *text = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
			   "/swapfile                               file\t\t1024\t0\t-2\n"
			   "/dev/dm-1                               partition\t8388604\t\t0\t\t-3\n"
			   "/dev/sda2                               partition\t1\t0\t-4\n";
	const char *path;
	size_t len;

	(void)state;
	assert_true(mounts_next_swap(&text, &path, &len));
	assert_int_equal(len, strlen("/dev/dm-1"));
	assert_memory_equal(path, "/dev/dm-1", len);
	assert_true(mounts_next_swap(&text, &path, &len));
	assert_memory_equal(path, "/dev/sda2", len);
	assert_false(mounts_next_swap(&text, &path, &len));
}

static void test_escapes_are_undone_and_nothing_breaks_a_line(void **state)
{
	static const struct {
		const char *path, *expected;
	} cases[] = {
		{ "/my\\040disk", "/my disk" },
		{ "/a\\134b", "/a\\b" },
		{ "/a\\012b", "/a?b" },
		{ "/a\\04", "/a\\04" },
		{ "/a\\", "/a\\" },
		{ "/a\\089", "/a\\089" },
		{ "", "" },
		{ "/1234567890", "/1234567890" },
	};
	char buf[12];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(
			mounts_unescape(cases[i].path, strlen(cases[i].path), buf, sizeof(buf)),
			cases[i].expected);
	assert_string_equal(mounts_unescape("/12345678901", 12, buf, sizeof(buf)), "/1234567...");
	assert_string_equal(mounts_unescape("/long", 5, buf, 3), "/l");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_mount_has_its_device_its_place_and_its_source),
		cmocka_unit_test(test_a_line_that_is_not_well_formed_is_passed_over),
		cmocka_unit_test(test_swap_files_and_the_heading_are_no_devices),
		cmocka_unit_test(test_escapes_are_undone_and_nothing_breaks_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
