/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vfmon/nova_conf.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A file, and its assignments as "section|name|value;" or its fault as "LINE:COLUMN". */
struct row {
	const char *file;
	const char *wanted;
};

static void describe(const char *file, size_t len, char *out, size_t size)
{
	cleanup_(nova_conf_freep) struct nova_conf *conf = NULL;
	struct spec_error error;
	size_t used = 0;
	int r = nova_conf_parse(file, len, &conf, &error);

	out[0] = '\0';
	if (r < 0) {
		assert_int_equal(r, -EINVAL);
		assert_true(error.reason[0] != '\0');
		(void)snprintf(out, size, "%u:%u", error.line, error.column);
		return;
	}
	for (size_t i = 0; i < nova_conf_count(conf); i++) {
		const struct nova_conf_value *v = nova_conf_get(conf, i);

		assert_int_equal(v->text[v->len], '\0');
		used += (size_t)snprintf(out + used, size - used, "%s|%s|%s;", v->section, v->name,
					 v->text);
	}
}

static void check(const struct row *rows, size_t count)
{
	char found[512];

	for (size_t i = 0; i < count; i++) {
		describe(rows[i].file, strlen(rows[i].file), found, sizeof(found));
		if (strcmp(found, rows[i].wanted) != 0)
			fail_msg("%s\ngave    %s\ninstead %s", rows[i].file, found, rows[i].wanted);
	}
}

static void test_an_assignment_is_cut_at_the_first_sign_and_trimmed(void **state)
{
	static const struct row rows[] = {
		{ "[pci]\na = 1\n", "pci|a|1;" },
		{ "[pci]\na: 1\n", "pci|a|1;" },
		{ "[pci]\na = 1:2=3\n", "pci|a|1:2=3;" },
		{ "[pci]\na : b = c\n", "pci|a|b = c;" },
		{ "[pci]\na=\n", "pci|a|;" },
		{ "[pci]\n\xc2\xa0"
		  "a\xe3\x80\x80=\xc2\xa0x\n",
		  "pci|a|x;" },
		{ "[pci]\na = 1", "pci|a|1;" },
		{ "[pci]\na = 1 # no comment\n", "pci|a|1 # no comment;" },
		{ "[pci]\nDEVICE-spec = 1\n", "pci|DEVICE-spec|1;" },
		{ "", "" },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_lines_that_start_with_a_blank_go_on_with_the_value(void **state)
{
	static const struct row rows[] = {
		{ "[pci]\na = 1\n  2\n\t3\nb = 4\n", "pci|a|1\n2\n3;pci|b|4;" },
		{ "[pci]\na =\n  1\n", "pci|a|\n1;" },
		{ "[pci]\na = 1\n # 2\n", "pci|a|1\n# 2;" },
		{ "[pci]\na = 1\n [x]\n", "pci|a|1\n[x];" },
		{ "[pci]\na = 1\n b = 2\n", "pci|a|1\nb = 2;" },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_a_continuation_without_an_open_value_breaks_the_file(void **state)
{
	static const struct row rows[] = {
		{ " a\n", "1:2" },
		{ "[pci]\n  a = 1\n", "2:3" },
		{ "[pci]\na = 1\n\n b\n", "4:2" },
		{ "[pci]\na = 1\n   \n b\n", "4:2" },
		{ "[pci]\na = 1\n# c\n b\n", "4:2" },
		{ "[pci]\na = 1\n; c\n\tb\n", "4:2" },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_a_section_needs_its_bracket_last_and_a_name(void **state)
{
	static const struct row rows[] = {
		{ "[ pci ]\na = 1\n", " pci |a|1;" },
		{ "[pci]  \na = 1\n", "pci|a|1;" },
		{ "[a]b]\na = 1\n", "a]b|a|1;" },
		{ "[pci]\na = 1\n[other]\nb = 2\n[pci]\na = 3\n", "pci|a|1;other|b|2;pci|a|3;" },
		{ "[pci] # c\na = 1\n", "1:10" },
		{ "[pci\n", "1:5" },
		{ "[\n", "1:2" },
		{ "[]\n", "1:2" },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_a_comment_begins_in_column_one(void **state)
{
	static const struct row rows[] = {
		{ "# c\n; d\n[pci]\n#a = 1\n;b = 2\nc = 3\n", "pci|c|3;" },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_one_pair_of_quotes_is_removed_by_the_first_line_alone(void **state)
{
	static const struct row rows[] = {
		{ "[pci]\na = 'x'\n", "pci|a|x;" },
		{ "[pci]\na = \"x\"\n", "pci|a|x;" },
		{ "[pci]\na = ''x''\n", "pci|a|'x';" },
		{ "[pci]\na = 'x\"\n", "pci|a|'x\";" },
		{ "[pci]\na = '\n", "pci|a|;" },
		{ "[pci]\na = 'x\n y'\n", "pci|a|'x\ny';" },
		{ "[pci]\na = 'x'\n y\n", "pci|a|x\ny;" },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_a_line_without_sign_name_or_section_breaks_the_file(void **state)
{
	static const struct row rows[] = {
		{ "[pci]\na\n", "2:1" },	  { "[pci]\na = {\n}\n", "3:1" },
		{ "[pci]\n= 1\n", "2:1" },	  { "a = 1\n", "1:1" },
		{ "\xef\xbb\xbf[pci]\n", "1:1" }, { "\xef\xbb\xbf# a = 1\n", "1:1" },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_lf_crlf_and_cr_end_a_line_and_other_controls_do_not(void **state)
{
	static const struct row rows[] = {
		{ "[pci]\r\na = 1\r\n 2\r\n", "pci|a|1\n2;" },
		{ "[pci]\ra = 1\rb = 2", "pci|a|1;pci|b|2;" },
		{ "[pci]\na = 1\v2\n", "pci|a|1\v2;" },
		{ "[pci]\r\r\na\n", "3:1" },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_bytes_that_are_no_utf8_are_refused_with_their_place(void **state)
{
	static const struct row rows[] = {
		{ "[pci]\na = \xff\n", "2:5" },
		{ "# \xc3\xa9\xc3\xa9\xc3\n", "1:5" },
		{ "[pci]\na = \xed\xa0\x80\n", "2:5" },
		{ "[pci]\na = \xc0\x80\n", "2:5" },
		{ "broken\n\xfe", "2:1" },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_a_nul_makes_a_name_that_equals_no_other(void **state)
{
	static const char file[] = "[pci]\na\0b = 1\0002\n";
	cleanup_(nova_conf_freep) struct nova_conf *conf = NULL;
	struct spec_error error;

	(void)state;
	assert_int_equal(nova_conf_parse(file, sizeof(file) - 1, &conf, &error), 0);
	assert_string_equal(nova_conf_get(conf, 0)->name, "a\xc0\x80"
							  "b");
	assert_int_equal(nova_conf_get(conf, 0)->len, 3);
	assert_memory_equal(nova_conf_get(conf, 0)->text, "1\0002", 3);
}

static void test_each_line_of_a_value_knows_its_column_in_characters(void **state)
{
	static const char file[] = "[pci]\n\na\xc3\xa9 =\t \"{\n\t  x\n y\"\nb = 'z'\n";
	cleanup_(nova_conf_freep) struct nova_conf *conf = NULL;
	const struct nova_conf_value *v;
	struct spec_error error;

	(void)state;
	assert_int_equal(nova_conf_parse(file, sizeof(file) - 1, &conf, &error), 0);
	v = nova_conf_get(conf, 0);
	assert_int_equal(v->line, 3);
	assert_int_equal(v->name_column, 1);
	assert_int_equal(v->line_count, 3);
	assert_int_equal(v->columns[0], 7);
	assert_int_equal(v->columns[1], 4);
	assert_int_equal(v->columns[2], 2);
	v = nova_conf_get(conf, 1);
	assert_int_equal(v->line, 6);
	assert_int_equal(v->columns[0], 6);
}

static void test_case_of_a_section_counts_for_default_alone(void **state)
{
	static const char file[] = "[PCI]\na = 1\n[DEFAULT]\na = 2\n[default]\na = 3\n";
	cleanup_(nova_conf_freep) struct nova_conf *conf = NULL;
	struct spec_error error;

	(void)state;
	assert_int_equal(nova_conf_parse(file, sizeof(file) - 1, &conf, &error), 0);
	assert_true(nova_conf_is_in(nova_conf_get(conf, 0), "pci"));
	assert_false(nova_conf_is_in(nova_conf_get(conf, 0), "DEFAULT"));
	assert_true(nova_conf_is_in(nova_conf_get(conf, 1), "DEFAULT"));
	assert_false(nova_conf_is_in(nova_conf_get(conf, 2), "DEFAULT"));
}

static void test_a_file_above_one_mebibyte_is_refused(void **state)
{
	size_t len = NOVA_CONF_MAX_BYTES + 1;
	char *file = malloc(len);
	struct nova_conf *conf = NULL;
	struct spec_error error;

	(void)state;
	assert_non_null(file);
	memset(file, '#', len);
	assert_int_equal(nova_conf_parse(file, len, &conf, &error), -EINVAL);
	assert_non_null(strstr(error.reason, "1 MiB"));
	assert_int_equal(nova_conf_parse(file, len - 1, &conf, &error), 0);
	nova_conf_free(conf);
	free(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_assignment_is_cut_at_the_first_sign_and_trimmed),
		cmocka_unit_test(test_lines_that_start_with_a_blank_go_on_with_the_value),
		cmocka_unit_test(test_a_continuation_without_an_open_value_breaks_the_file),
		cmocka_unit_test(test_a_section_needs_its_bracket_last_and_a_name),
		cmocka_unit_test(test_a_comment_begins_in_column_one),
		cmocka_unit_test(test_one_pair_of_quotes_is_removed_by_the_first_line_alone),
		cmocka_unit_test(test_a_line_without_sign_name_or_section_breaks_the_file),
		cmocka_unit_test(test_lf_crlf_and_cr_end_a_line_and_other_controls_do_not),
		cmocka_unit_test(test_bytes_that_are_no_utf8_are_refused_with_their_place),
		cmocka_unit_test(test_a_nul_makes_a_name_that_equals_no_other),
		cmocka_unit_test(test_each_line_of_a_value_knows_its_column_in_characters),
		cmocka_unit_test(test_case_of_a_section_counts_for_default_alone),
		cmocka_unit_test(test_a_file_above_one_mebibyte_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
