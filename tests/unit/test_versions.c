/* SPDX-License-Identifier: Apache-2.0 */
#include "../../monitor/versions.h"

#include <errno.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cmocka.h>

#include "../lib/alloc.h"

/* A host's files below a folder. */
struct root {
	char path[64];
	char qemu[192];
};

static int set_up(void **state)
{
	struct root *r = calloc(1, sizeof(*r));
	struct utsname host;

	assert_non_null(r);
	assert_int_equal(uname(&host), 0);
	(void)snprintf(r->path, sizeof(r->path), "/tmp/vfmon-versions-XXXXXX");
	assert_non_null(mkdtemp(r->path));
	(void)snprintf(r->qemu, sizeof(r->qemu), "/usr/bin/qemu-system-%s", host.machine);
	*state = r;
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
	struct root *r = *state;

	(void)nftw(r->path, on_removed, 8, FTW_DEPTH | FTW_PHYS);
	free(r);
	return 0;
}

/* The full path, with its folders made. */
static const char *place(const struct root *r, const char *path)
{
	static char full[512];

	(void)snprintf(full, sizeof(full), "%s%s", r->path, path);
	for (char *s = full + strlen(r->path) + 1; (s = strchr(s, '/')); s++) {
		*s = '\0';
		(void)mkdir(full, 0755);
		*s = '/';
	}
	return full;
}

static void library(const struct root *r, const char *folder, const char *target)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/libvirt.so.0", folder);
	assert_int_equal(symlink(target, place(r, path)), 0);
}

/* So many bytes of nothing, then the text, then a byte more. */
static void program(const struct root *r, const char *path, size_t before, const char *text)
{
	FILE *f = fopen(place(r, path), "w");

	assert_non_null(f);
	for (size_t i = 0; i < before; i++)
		(void)fputc('Q', f);
	(void)fputs(text, f);
	(void)fputc('\0', f);
	assert_int_equal(fclose(f), 0);
}

static void check_qemu(const struct root *r, version_t version, const char *where)
{
	struct stat seen = { 0 };
	struct version_found found;

	assert_int_equal(versions_qemu(r->path, &seen, &found), 0);
	assert_int_equal(found.version, version);
	assert_string_equal(found.where, where);
}

static void test_libvirt_version_is_in_the_name_of_its_library(void **state)
{
	struct version_found found;

	assert_int_equal(versions_libvirt(((struct root *)*state)->path, &found), 0);
	assert_int_equal(found.version, 0);
	assert_string_equal(found.where, "");
	library(*state, "/usr/lib/x86_64-linux-gnu", "libvirt.so.0.11003.0");
	assert_int_equal(versions_libvirt(((struct root *)*state)->path, &found), 0);
	assert_int_equal(found.version, VERSION(11, 3, 0));
	assert_string_equal(found.where, "/usr/lib/x86_64-linux-gnu/libvirt.so.0");
}

static void test_the_newest_of_several_libraries_counts(void **state)
{
	struct version_found found;

	library(*state, "/usr/lib/i386-linux-gnu", "libvirt.so.0.9000.0");
	library(*state, "/usr/lib/x86_64-linux-gnu", "libvirt.so.0.12101.2");
	library(*state, "/usr/lib64", "libvirt.so.0.10001.3");
	library(*state, "/usr/lib", "libvirt.so.0.notanumber");
	assert_int_equal(versions_libvirt(((struct root *)*state)->path, &found), 0);
	assert_int_equal(found.version, VERSION(12, 101, 2));
	assert_string_equal(found.where, "/usr/lib/x86_64-linux-gnu/libvirt.so.0");
}

static void test_qemu_version_is_in_its_program(void **state)
{
	const struct root *r = *state;

	check_qemu(r, 0, "");
	program(r, r->qemu, 1000, "QEMU emulator version 10.0.13 (Debian 1:10.0.13+ds-0)\n");
	check_qemu(r, VERSION(10, 0, 13), r->qemu);
}

static void test_a_text_across_a_border_of_what_is_read_is_found(void **state)
{
	const struct root *r = *state;

	for (size_t before = (256u << 10) - 32; before < (256u << 10) + 2; before++) {
		program(r, r->qemu, before, "QEMU emulator version 7.2.22");
		check_qemu(r, VERSION(7, 2, 22), r->qemu);
	}
}

static void test_a_text_without_a_version_is_passed_over(void **state)
{
	const struct root *r = *state;

	program(r, r->qemu, 0, "QEMU emulator version %s, QEMU emulator version 8.1.0");
	check_qemu(r, VERSION(8, 1, 0), r->qemu);
	program(r, r->qemu, 0, "QEMU emulator version ");
	check_qemu(r, 0, "");
}

static void test_the_name_of_rhel_is_known(void **state)
{
	program(*state, "/usr/libexec/qemu-kvm", 10, "QEMU emulator version 9.1.0 (x)");
	check_qemu(*state, VERSION(9, 1, 0), "/usr/libexec/qemu-kvm");
}

static void test_the_same_program_is_not_read_again_and_another_one_is(void **state)
{
	const struct root *r = *state;
	struct version_found found = { 0 };
	struct stat seen = { 0 };

	program(r, r->qemu, 0, "QEMU emulator version 8.1.0");
	assert_int_equal(versions_qemu(r->path, &seen, &found), 0);
	found.version = 1; /* a mark that reading again would take away */
	assert_int_equal(versions_qemu(r->path, &seen, &found), 0);
	assert_int_equal(found.version, 1);
	program(r, r->qemu, 5, "QEMU emulator version 8.2.0");
	assert_int_equal(versions_qemu(r->path, &seen, &found), 0);
	assert_int_equal(found.version, VERSION(8, 2, 0));
	assert_int_equal(unlink(place(r, r->qemu)), 0);
	assert_int_equal(versions_qemu(r->path, &seen, &found), 0);
	assert_int_equal(found.version, 0);
}

static void test_without_memory_nothing_is_forgotten(void **state)
{
	struct version_found found = { 0 };
	struct stat seen = { 0 };

	program(*state, ((struct root *)*state)->qemu, 0, "QEMU emulator version 8.1.0");
	alloc_fail_after(0);
	assert_int_equal(versions_qemu(((struct root *)*state)->path, &seen, &found), -ENOMEM);
	assert_true(alloc_fail_never());
	assert_int_equal(versions_qemu(((struct root *)*state)->path, &seen, &found), 0);
	assert_int_equal(found.version, VERSION(8, 1, 0));
}

static void test_driverctl_is_a_program(void **state)
{
	const struct root *r = *state;

	assert_false(versions_has_driverctl(r->path));
	program(r, "/usr/sbin/driverctl", 0, "#!/bin/sh");
	assert_false(versions_has_driverctl(r->path));
	assert_int_equal(chmod(place(r, "/usr/sbin/driverctl"), 0755), 0);
	assert_true(versions_has_driverctl(r->path));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_libvirt_version_is_in_the_name_of_its_library),
		TEST(test_the_newest_of_several_libraries_counts),
		TEST(test_qemu_version_is_in_its_program),
		TEST(test_a_text_across_a_border_of_what_is_read_is_found),
		TEST(test_a_text_without_a_version_is_passed_over),
		TEST(test_the_name_of_rhel_is_known),
		TEST(test_the_same_program_is_not_read_again_and_another_one_is),
		TEST(test_without_memory_nothing_is_forgotten),
		TEST(test_driverctl_is_a_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
