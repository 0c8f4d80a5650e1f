/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../monitor/log.h"

#define ID "741df4aa93724e309f338936b7a5954a"

/* The last line that the hook was given, and how many. */
struct heard {
	int count;
	enum log_level level;
	const char *id;
	char message[4096];
	char field[256]; /* "NAME=value" of the first field */
};

static void on_line(const struct log_entry *entry, const char *message, void *arg)
{
	struct heard *heard = arg;

	errno = 0; /* as a system call would */
	heard->count++;
	heard->level = entry->level;
	heard->id = entry->id;
	(void)snprintf(heard->message, sizeof(heard->message), "%s", message);
	heard->field[0] = '\0';
	if (entry->fields && entry->fields[0].name)
		(void)snprintf(heard->field, sizeof(heard->field), "%s=%s", entry->fields[0].name,
			       entry->fields[0].value);
}

static int set_up(void **state)
{
	static struct heard heard;

	heard = (struct heard){ 0 };
	(void)unsetenv("VFMOND_TRACE");
	(void)unsetenv("JOURNAL_STREAM");
	log_open();
	log_set_level(LOG_LEVEL_INFO);
	log_set_hook(on_line, &heard);
	*state = &heard;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	log_set_hook(NULL, NULL);
	return 0;
}

static void test_lines_above_the_level_are_dropped(void **state)
{
	struct heard *heard = *state;

	log_set_level(LOG_LEVEL_WARNING);
	log_info("not to be seen");
	log_structured(&(struct log_entry){ .level = LOG_LEVEL_INFO }, "not to be seen");
	assert_int_equal(heard->count, 0);
	log_warning("seen %d", 1);
	assert_int_equal(heard->level, LOG_LEVEL_WARNING);
	assert_string_equal(heard->message, "seen 1");
	log_err("seen %s", "two");
	assert_int_equal(heard->count, 2);
	assert_int_equal(heard->level, LOG_LEVEL_ERR);
}

static void test_debug_lines_have_their_subsystem(void **state)
{
	struct heard *heard = *state;
	int looked_at = 0;

	log_debug(LOG_TOKEN_UDEV, "%d", ++looked_at);
	assert_int_equal(heard->count, 0);
	assert_int_equal(looked_at, 0);
	log_set_level(LOG_LEVEL_DEBUG);
	log_debug(LOG_TOKEN_UDEV, "event %d", 7);
	assert_string_equal(heard->message, "udev: event 7");
	assert_string_equal(heard->field, "VFMON_SUBSYSTEM=udev");
}

static void test_trace_names_subsystems(void **state)
{
	static const struct {
		const char *list;
		bool netlink;
		bool client;
	} cases[] = {
		{ "", false, false },
		{ "netlink", true, false },
		{ "netlink,client", true, true },
		{ " client , netlink", true, true },
		{ "netlinks", false, false },
		{ "net", false, false },
		{ ",,client", false, true },
		{ "nonsense,client", false, true },
	};
	struct heard *heard = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		(void)setenv("VFMOND_TRACE", cases[i].list, 1);
		log_open();
		assert_int_equal(log_is_traced(LOG_TOKEN_NETLINK), cases[i].netlink);
		assert_int_equal(log_is_traced(LOG_TOKEN_CLIENT), cases[i].client);
		heard->count = 0;
		log_trace(LOG_TOKEN_NETLINK, "message");
		assert_int_equal(heard->count, cases[i].netlink);
	}
}

static void test_an_entry_is_one_line_whatever_is_in_it(void **state)
{
	struct heard *heard = *state;

	log_info("a\nb\tc\033[31md\177");
	assert_string_equal(heard->message, "a b c [31md ");
}

static void test_an_entry_keeps_id_and_fields(void **state)
{
	const struct log_field fields[] = { { "VF", "0000:3b:00.2" }, { 0 } };
	const struct log_entry entry = { LOG_LEVEL_INFO, ID, fields };
	struct heard *heard = *state;

	log_structured(&entry, "hello");
	assert_string_equal(heard->id, ID);
	assert_string_equal(heard->field, "VF=0000:3b:00.2");
}

static void test_logging_keeps_errno(void **state)
{
	(void)state;
	errno = EXDEV;
	log_info("anything");
	assert_int_equal(errno, EXDEV);
}

static void test_a_line_that_is_too_long_is_cut(void **state)
{
	struct heard *heard = *state;
	char *text = malloc(100000);

	memset(text, 'x', 99999);
	text[99999] = '\0';
	log_info("%s", text);
	assert_in_range(strlen(heard->message), 1000, 99998);
	free(text);
}

static void test_names_of_levels_go_both_ways(void **state)
{
	(void)state;
	for (int level = 0; level < LOG_LEVEL_COUNT; level++)
		assert_int_equal(log_level_from_name(log_level_name((enum log_level)level)), level);
	assert_int_equal(log_level_from_name("error"), -EINVAL);
	assert_int_equal(log_level_from_name(""), -EINVAL);
}

/* Runs fn with standard error in a file, and gives back what was written. */
static char *captured(void (*fn)(const char *stream_of_stderr), char *buf, size_t size)
{
	char path[] = "/tmp/vfmond-test-log.XXXXXX";
	int fd = mkstemp(path), saved = dup(STDERR_FILENO);
	char stream[64];
	struct stat st;

	assert_true(fd >= 0 && saved >= 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(dup2(fd, STDERR_FILENO), STDERR_FILENO);
	assert_int_equal(fstat(fd, &st), 0);
	(void)snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev,
		       (uintmax_t)st.st_ino);
	fn(stream);
	assert_int_equal(dup2(saved, STDERR_FILENO), STDERR_FILENO);

	ssize_t n = pread(fd, buf, size - 1, 0);

	assert_true(n >= 0);
	buf[n] = '\0';
	(void)close(fd);
	(void)close(saved);
	return buf;
}

static void log_three(const char *stream_of_stderr)
{
	(void)stream_of_stderr;
	log_set_hook(NULL, NULL);
	log_open();
	log_err("one");
	log_warning("two");
	log_info("three");
}

static void test_plain_lines_say_who_and_how_bad(void **state)
{
	char expected[512], buf[512];

	(void)state;
	(void)snprintf(expected, sizeof(expected), "%s: error: one\n%s: warning: two\n%s: three\n",
		       program_invocation_short_name, program_invocation_short_name,
		       program_invocation_short_name);
	assert_string_equal(captured(log_three, buf, sizeof(buf)), expected);
}

static void log_with_another_stream(const char *stream_of_stderr)
{
	char other[80];

	(void)snprintf(other, sizeof(other), "%s1", stream_of_stderr);
	(void)setenv("JOURNAL_STREAM", other, 1);
	log_three(stream_of_stderr);
}

/* A shell in a terminal that systemd has started has the variable too. */
static void test_a_journal_that_is_not_ours_changes_nothing(void **state)
{
	char buf[512];

	(void)state;
	assert_non_null(
		strstr(captured(log_with_another_stream, buf, sizeof(buf)), ": error: one\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_lines_above_the_level_are_dropped, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_debug_lines_have_their_subsystem, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_trace_names_subsystems, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_an_entry_is_one_line_whatever_is_in_it, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_an_entry_keeps_id_and_fields, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_logging_keeps_errno, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_line_that_is_too_long_is_cut, set_up,
						tear_down),
		cmocka_unit_test(test_names_of_levels_go_both_ways),
		cmocka_unit_test_setup_teardown(test_plain_lines_say_who_and_how_bad, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_a_journal_that_is_not_ours_changes_nothing,
						set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
