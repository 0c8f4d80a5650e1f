/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a scenario, from a file that is all there and from a stream that is not. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../sim/source.h"

/* The next line as text, "-" if there is none yet. */
static const char *next(struct source *s, char buf[static 64])
{
	struct scenario_line line;

	if (!source_next(s, &line))
		return "-";
	(void)snprintf(buf, 64, "%u:%.*s", line.number, (int)line.len, line.text);
	return buf;
}

static void test_a_file_is_read_whole_and_can_be_read_again(void **state)
{
	char path[] = "/tmp/test_sim_source.XXXXXX", buf[64];
	int fd = mkstemp(path);
	struct source s;

	(void)state;
	assert_int_equal(write(fd, "a\n\nlast", 7), 7);
	assert_int_equal(source_open(&s, path), 0);
	assert_true(s.whole);
	for (int round = 0; round < 2; round++) {
		assert_string_equal(next(&s, buf), "1:a");
		assert_string_equal(next(&s, buf), "2:");
		assert_false(source_is_at_end(&s));
		assert_string_equal(next(&s, buf), "3:last");
		assert_true(source_is_at_end(&s));
		source_rewind(&s);
	}
	source_done(&s);
	(void)close(fd);
	(void)unlink(path);
}

static void test_a_stream_gives_whole_lines_as_they_come(void **state)
{
	struct source s = { .fd = -1 };
	char buf[64];
	int pipes[2];

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	s.fd = pipes[0];
	assert_int_equal(write(pipes[1], "one\ntw", 6), 6);
	assert_int_equal(source_read(&s), 0);
	assert_string_equal(next(&s, buf), "1:one");
	assert_string_equal(next(&s, buf), "-");
	assert_int_equal(write(pipes[1], "o\nthree", 7), 7);
	assert_int_equal(source_read(&s), 0);
	assert_string_equal(next(&s, buf), "2:two");
	assert_string_equal(next(&s, buf), "-");
	assert_false(source_is_at_end(&s));
	(void)close(pipes[1]);
	assert_int_equal(source_read(&s), 0);
	assert_string_equal(next(&s, buf), "3:three");
	assert_true(source_is_at_end(&s));
	source_done(&s);
}

static void test_a_file_that_is_not_there_is_an_error(void **state)
{
	struct source s;

	(void)state;
	assert_int_equal(source_open(&s, "/nonexistent/scenario"), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_file_is_read_whole_and_can_be_read_again),
		cmocka_unit_test(test_a_stream_gives_whole_lines_as_they_come),
		cmocka_unit_test(test_a_file_that_is_not_there_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
