/* SPDX-License-Identifier: Apache-2.0 */
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

#include "../../cli/quote.h"
#include "vfmon/cleanup.h"

static char path[64];

static int make_file(void **state)
{
	int fd;

	(void)state;
	(void)snprintf(path, sizeof(path), "/tmp/vfmon-test-XXXXXX");
	fd = mkstemp(path);
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

static void write_text(const char *text, size_t len)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static void expect_next(struct quote *quote, int64_t line, int64_t column, const char *expected)
{
	static const struct terminal t = { .utf8 = true };
	struct quote_place place = { path, line, column };
	char text[1024] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	assert_non_null(out);
	assert_int_equal(quote_print(quote, &place, 2, &t, out), 0);
	(void)fclose(out);
	assert_string_equal(text, expected);
}

static void expect(int64_t line, int64_t column, const char *expected)
{
	cleanup_(quote_done) struct quote quote = { 0 };

	expect_next(&quote, line, column, expected);
}

#define WRITE(text) write_text(text, sizeof(text) - 1)

static void test_a_line_of_pci_is_shown_with_its_place(void **state)
{
	(void)state;
	WRITE("[DEFAULT]\n[pci]\nalias = x\n  more\n\tä = ö\n");
	expect(3, 9, "  alias = x\n          ^\n");
	expect(3, 0, "  alias = x\n");
	expect(4, 3, "  more\n  ^\n");
	expect(5, 6, "  ä = ö\n      ^\n");
	/* Behind the end of the line something may be missing; far behind it nothing is. */
	expect(3, 10, "  alias = x\n           ^\n");
	expect(3, 40, "  alias = x\n");
}

static void test_nothing_of_another_section_is_shown(void **state)
{
	(void)state;
	WRITE("transport_url = secret\n[DEFAULT]\nmy_password = secret\n[pci]\nalias = x\n"
	      "[database]\nconnection = secret\n  [pci]\n[pcix]\nsecret\n");
	for (int64_t line = 1; line <= 12; line++) {
		if (line == 4)
			expect(line, 1, "  [pci]\n  ^\n");
		else
			expect(line, 1, line == 5 ? "  alias = x\n  ^\n" : "");
	}
}

static void test_a_header_that_goes_on_is_not_that_of_pci(void **state)
{
	(void)state;
	WRITE("[pci] [database]\nsecret\n[pci]]\nsecret\n[pci]\0]\nsecret\n[pci] \t\nx\n");
	expect(2, 1, "");
	expect(4, 1, "");
	expect(6, 1, "");
	expect(8, 1, "  x\n  ^\n");
}

static void test_a_lone_carriage_return_begins_a_line_that_is_not_seen(void **state)
{
	(void)state;
	WRITE("[pci]\r\nalias = x\r\nfoo\r[database]\nconnection = secret\n");
	expect(2, 1, "  alias = x\n  ^\n");
	expect(3, 1, "");
	expect(4, 1, "");
}

static void test_no_character_of_a_file_commands_the_terminal(void **state)
{
	(void)state;
	WRITE("[pci]\nalias = \033[2J\302\233\200\n");
	expect(2, 0, "  alias = ?[2J?\357\277\275\n");
}

static void test_of_a_long_line_the_part_around_the_place_is_shown(void **state)
{
	char text[1000] = "[pci]\n";

	(void)state;
	memset(text + 6, 'a', sizeof(text) - 6);
	text[6 + 500] = 'X';
	write_text(text, sizeof(text));
	{
		static const struct terminal t = { .utf8 = true };
		cleanup_(quote_done) struct quote quote = { 0 };
		struct quote_place place = { path, 2, 501 };
		char got[1024] = "";
		FILE *out = fmemopen(got, sizeof(got), "w");
		const char *mark;

		assert_non_null(out);
		assert_int_equal(quote_print(&quote, &place, 2, &t, out), 0);
		(void)fclose(out);
		mark = strchr(got, '^');
		assert_non_null(mark);
		assert_true(strcspn(got, "\n") <= 160);
		assert_int_equal(strcspn(got, "X"), mark - (strchr(got, '\n') + 1));
	}
}

static void test_a_file_is_read_once_for_lines_in_their_order(void **state)
{
	cleanup_(quote_done) struct quote quote = { 0 };

	(void)state;
	WRITE("[pci]\nalias = x\nalias = y\n[database]\nsecret\n[pci]\nalias = z\n");
	expect_next(&quote, 2, 9, "  alias = x\n          ^\n");
	expect_next(&quote, 2, 1, "  alias = x\n  ^\n");
	assert_int_equal(unlink(path), 0);
	expect_next(&quote, 3, 1, "  alias = y\n  ^\n");
	expect_next(&quote, 5, 1, "");
	expect_next(&quote, 7, 1, "  alias = z\n  ^\n");
	expect_next(&quote, 9, 1, "");
	WRITE("[pci]\nalias = new\n");
	expect_next(&quote, 2, 1, "  alias = new\n  ^\n");
}

static void test_another_file_is_another_one(void **state)
{
	cleanup_(quote_done) struct quote quote = { 0 };
	static const struct terminal t = { .utf8 = true };
	const struct quote_place place = { "/nonexistent", 2, 1 };
	char text[16] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	(void)state;
	WRITE("[pci]\nalias = x\n");
	expect_next(&quote, 2, 1, "  alias = x\n  ^\n");
	assert_non_null(out);
	assert_int_equal(quote_print(&quote, &place, 2, &t, out), 0);
	(void)fclose(out);
	assert_string_equal(text, "");
	expect_next(&quote, 2, 1, "  alias = x\n  ^\n");
}

static void test_what_can_not_be_read_is_not_shown(void **state)
{
	(void)state;
	WRITE("");
	expect(1, 1, "");
	assert_int_equal(unlink(path), 0);
	expect(1, 1, "");
	/* Nobody writes to this one: it must not be waited for. */
	assert_int_equal(mkfifo(path, 0600), 0);
	expect(1, 1, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_line_of_pci_is_shown_with_its_place,
						make_file, remove_file),
		cmocka_unit_test_setup_teardown(test_nothing_of_another_section_is_shown, make_file,
						remove_file),
		cmocka_unit_test_setup_teardown(test_a_header_that_goes_on_is_not_that_of_pci,
						make_file, remove_file),
		cmocka_unit_test_setup_teardown(
			test_a_lone_carriage_return_begins_a_line_that_is_not_seen, make_file,
			remove_file),
		cmocka_unit_test_setup_teardown(test_no_character_of_a_file_commands_the_terminal,
						make_file, remove_file),
		cmocka_unit_test_setup_teardown(
			test_of_a_long_line_the_part_around_the_place_is_shown, make_file,
			remove_file),
		cmocka_unit_test_setup_teardown(test_a_file_is_read_once_for_lines_in_their_order,
						make_file, remove_file),
		cmocka_unit_test_setup_teardown(test_another_file_is_another_one, make_file,
						remove_file),
		cmocka_unit_test_setup_teardown(test_what_can_not_be_read_is_not_shown, make_file,
						remove_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
