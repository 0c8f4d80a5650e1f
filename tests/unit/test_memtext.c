/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/memtext.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/alloc.h"

/* More than any buffer of a stream. */
#define LINES 2000
#define LINE "a line of the text\n"

static void write_lines(FILE *f)
{
	for (int i = 0; i < LINES; i++)
		(void)fputs(LINE, f);
}

static void test_all_that_was_written_is_in_the_text(void **state)
{
	struct memtext t;
	FILE *f = memtext_open(&t);

	(void)state;
	assert_non_null(f);
	write_lines(f);
	assert_int_equal(memtext_close(f, &t), 0);
	assert_int_equal(t.len, LINES * strlen(LINE));
	assert_int_equal(strlen(t.bytes), t.len);
	assert_memory_equal(t.bytes + t.len - strlen(LINE), LINE, strlen(LINE));
	free(t.bytes);
}

static void test_nothing_written_is_an_empty_text(void **state)
{
	struct memtext t;
	FILE *f = memtext_open(&t);

	(void)state;
	assert_non_null(f);
	assert_int_equal(memtext_close(f, &t), 0);
	assert_string_equal(t.bytes, "");
	free(t.bytes);
}

static void test_what_could_not_be_kept_is_told_at_the_end(void **state)
{
	bool failed = true;
	size_t n;

	(void)state;
	for (n = 0; failed; n++) {
		struct memtext t;
		FILE *f;

		alloc_fail_after(n);
		f = memtext_open(&t);
		if (f)
			write_lines(f);
		failed = alloc_fail_never();
		if (f)
			assert_int_equal(memtext_close(f, &t), failed ? -ENOMEM : 0);
		else
			assert_true(failed);
		assert_int_equal(!t.bytes, failed);
		free(t.bytes);
	}
	assert_true(n > 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_that_was_written_is_in_the_text),
		cmocka_unit_test(test_nothing_written_is_an_empty_text),
		cmocka_unit_test(test_what_could_not_be_kept_is_told_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
