/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
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

#include "../../cli/nova_process.h"
#include "../../cli/unit_start.h"

#define STAT_BEFORE "(nova compute) x) S 1 1 1 0 -1 4194560 1 0 0 0 1 1 0 0 20 0 9 0 "
#define STAT_BEHIND " 1 2 3 4\n"

static void test_nova_compute_is_known_by_the_program_that_runs(void **state)
{
#define COMMAND(text, is_it)                                                                       \
	{                                                                                          \
		text, sizeof(text), is_it                                                          \
	}
	static const struct {
		const char *cmdline;
		size_t len;
		bool is_it;
	} samples[] = {
		COMMAND("nova-compute", true),
		COMMAND("/usr/bin/nova-compute\0--config-file\0/etc/nova/nova.conf", true),
		COMMAND("/usr/bin/python3\0/usr/bin/nova-compute\0--config-dir\0/etc/nova", true),
		COMMAND("/var/lib/kolla/venv/bin/python3.11\0-s\0-E\0/x/nova-compute", true),
		/* Those that only speak of it. */
		COMMAND("journalctl\0-u\0nova-compute", false),
		COMMAND("vi\0/usr/bin/nova-compute", false),
		COMMAND("/usr/bin/python3\0/usr/bin/privsep-helper\0--config\0nova-compute", false),
		COMMAND("/usr/bin/python3\0-c\0nova-compute-stop", false),
		COMMAND("/usr/bin/python3\0/usr/bin/nova-conductor", false),
		COMMAND("/usr/bin/nova-compute.old", false),
		COMMAND("python3", false),
		COMMAND("", false),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		assert_int_equal(nova_process_is_command(samples[i].cmdline, samples[i].len),
				 samples[i].is_it);
	/* A title without any NUL is no list of arguments. */
	assert_false(nova_process_is_command("nova-compute", strlen("nova-compute")));
	assert_false(nova_process_is_command("", 0));
}

static void test_a_start_is_read_behind_a_name_with_brackets(void **state)
{
	uint64_t ticks = 0;

	(void)state;
	assert_int_equal(nova_process_parse_stat("12 " STAT_BEFORE "4711" STAT_BEHIND, &ticks), 0);
	assert_true(ticks == 4711);
}

static void test_what_is_no_stat_is_refused(void **state)
{
	static const char *const samples[] = {
		"",
		"12 (nova-compute",
		"12 (nova-compute) S 1 2 3\n",
		"12 " STAT_BEFORE "-1" STAT_BEHIND,
		"12 " STAT_BEFORE "99999999999999999999999" STAT_BEHIND,
		"12 " STAT_BEFORE "47x" STAT_BEHIND,
	};
	uint64_t ticks = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		assert_int_equal(nova_process_parse_stat(samples[i], &ticks), -EBADMSG);
	assert_true(ticks == 0);
}

static void write_file(const char *dir, const char *name, const char *bytes, size_t len)
{
	char path[256];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static void add_process(const char *proc, const char *pid, const char *program, uint64_t ticks)
{
	char dir[128], stat[256];
	int len;

	(void)snprintf(dir, sizeof(dir), "%s/%s", proc, pid);
	assert_int_equal(mkdir(dir, 0700), 0);
	write_file(dir, "cmdline", program, strlen(program) + 1);
	len = snprintf(stat, sizeof(stat), "%s " STAT_BEFORE "%" PRIu64 STAT_BEHIND, pid, ticks);
	write_file(dir, "stat", stat, (size_t)len);
}

static void test_the_oldest_process_is_the_one_that_took_the_list(void **state)
{
	char proc[] = "/tmp/vfmon-test-XXXXXX";
	char command[64];
	struct nova_process found = { 0 };

	(void)state;
	assert_non_null(mkdtemp(proc));
	assert_int_equal(nova_process_find(proc, &found), -ENOENT);
	add_process(proc, "1", "systemd", 1);
	add_process(proc, "300", "/usr/bin/nova-compute", 500);
	add_process(proc, "1200", "/usr/bin/nova-compute", 400);
	add_process(proc, "self", "/usr/bin/nova-compute", 3);
	assert_int_equal(nova_process_find(proc, &found), 0);
	assert_int_equal(found.pid, 1200);
	assert_true(found.boottime_usec == 400 * 1000000ULL / (uint64_t)sysconf(_SC_CLK_TCK));
	(void)snprintf(command, sizeof(command), "rm -r %s", proc);
	assert_int_equal(system(command), 0);
	assert_int_equal(nova_process_find(proc, &found), -ENOENT);
}

static int parse_unit(const char *text, struct unit_start *ret)
{
	char copy[512];
	FILE *in;
	int r;

	(void)snprintf(copy, sizeof(copy), "%s", text);
	in = fmemopen(copy, strlen(copy) + 1, "r");
	assert_non_null(in);
	r = unit_start_parse(in, ret);
	(void)fclose(in);
	return r;
}

static void test_a_unit_began_when_its_process_did(void **state)
{
	struct unit_start start = { 0 };

	(void)state;
	assert_int_equal(parse_unit("MainPID=77\nExecMainStartTimestampMonotonic=5000\n"
				    "ActiveState=active\nActiveEnterTimestampMonotonic=9000\n",
				    &start),
			 0);
	assert_int_equal(start.pid, 77);
	assert_true(start.monotonic_usec == 5000);
	assert_int_equal(parse_unit("MainPID=0\nExecMainStartTimestampMonotonic=0\n"
				    "ActiveState=active\nActiveEnterTimestampMonotonic=9000\n",
				    &start),
			 0);
	assert_true(start.monotonic_usec == 9000);
}

static void test_a_unit_that_does_not_run_has_no_start(void **state)
{
	static const char *const samples[] = {
		"",
		"nonsense\n",
		"ActiveState=inactive\nExecMainStartTimestampMonotonic=5000\n",
		"ActiveState=failed\nActiveEnterTimestampMonotonic=5000\n",
		"ActiveState=active\nExecMainStartTimestampMonotonic=soon\n",
	};
	struct unit_start start = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		assert_int_equal(parse_unit(samples[i], &start), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nova_compute_is_known_by_the_program_that_runs),
		cmocka_unit_test(test_a_start_is_read_behind_a_name_with_brackets),
		cmocka_unit_test(test_what_is_no_stat_is_refused),
		cmocka_unit_test(test_the_oldest_process_is_the_one_that_took_the_list),
		cmocka_unit_test(test_a_unit_began_when_its_process_did),
		cmocka_unit_test(test_a_unit_that_does_not_run_has_no_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
