/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/vendor_rules.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/alloc.h"

#define NVIDIA                                                                                     \
	"[nvidia]\ndirectory = nvidia\nattributes = placement_id current_vgpu_type\n"              \
	"unusable = current_vgpu_type = 0: no vGPU type is set\n"

static int setup(void **state)
{
	return vendor_rules_new((struct vendor_rules **)state);
}

static int teardown(void **state)
{
	vendor_rules_free(*state);
	return 0;
}

static int add(struct vendor_rules *r, const char *text, struct spec_error *error)
{
	return vendor_rules_add(r, text, strlen(text), error);
}

static void test_a_section_is_a_directory_with_its_attributes_in_order(void **state)
{
	const struct vendor_rule *rule;
	struct spec_error error;

	assert_int_equal(add(*state, NVIDIA, &error), 0);
	assert_int_equal(vendor_rules_count(*state), 1);
	rule = vendor_rules_get(*state, 0);
	assert_string_equal(rule->directory, "nvidia");
	assert_int_equal(rule->attribute_count, 2);
	assert_string_equal(rule->attributes[0], "current_vgpu_type");
	assert_string_equal(rule->attributes[1], "placement_id");
}

static void test_the_value_that_means_unusable_says_why(void **state)
{
	const struct vendor_rule *rule;
	char buf[VENDOR_PROBLEM_MAX];
	struct spec_error error;

	assert_int_equal(add(*state, NVIDIA "unusable = placement_id =: it has no place\n", &error),
			 0);
	rule = vendor_rules_get(*state, 0);
	assert_true(vendor_rule_is_unusable(rule, "current_vgpu_type", "0", buf));
	assert_string_equal(buf, "current_vgpu_type is 0: no vGPU type is set");
	assert_false(vendor_rule_is_unusable(rule, "current_vgpu_type", "1145", buf));
	assert_false(vendor_rule_is_unusable(rule, "placement_id", "0", buf));
	assert_true(vendor_rule_is_unusable(rule, "placement_id", "", buf));
	assert_string_equal(buf, "placement_id is empty: it has no place");
}

static void test_several_files_add_up_in_their_order(void **state)
{
	struct spec_error error;

	assert_int_equal(add(*state, NVIDIA, &error), 0);
	assert_int_equal(add(*state, "", &error), 0);
	assert_int_equal(add(*state, "# nothing\n", &error), 0);
	assert_int_equal(add(*state, "[a]\ndirectory=a\n[b]\ndirectory=b\n", &error), 0);
	assert_int_equal(vendor_rules_count(*state), 3);
	assert_string_equal(vendor_rules_get(*state, 2)->directory, "b");
}

/* Nothing of such a file counts, also not what stands before the mistake. */
static void test_a_file_with_a_mistake_is_left_out_with_its_place(void **state)
{
	static const struct {
		const char *text;
		unsigned int line;
		const char *reason;
	} cases[] = {
		{ "[a]\ndirectory = a\ncolour = red\n", 3, "unknown key 'colour'" },
		{ "[a]\nattributes = x\n", 2, "section [a] has no directory" },
		{ "[a]\ndirectory = a/b\n", 2, "'a/b' is not the name of a file" },
		{ "[a]\ndirectory = ..\n", 2, "'..' is not the name of a file" },
		{ "[a]\ndirectory =\n", 2, "'' is not the name of a file" },
		{ "[a]\ndirectory = a\ndirectory = b\n", 3, "directory stands there twice" },
		{ "[a]\ndirectory = a\nattributes = x y x\n", 3, "x stands there twice" },
		{ "[a]\ndirectory = a\nattributes = x ../y\n", 3,
		  "'../y' is not the name of a file" },
		{ "[a]\ndirectory = a\nunusable = x\n", 3, "it has to be ATTRIBUTE = VALUE: WHY" },
		{ "[a]\ndirectory = a\nunusable = x = 0:\n", 3,
		  "it has to be ATTRIBUTE = VALUE: WHY" },
		{ "[a]\ndirectory = a\nunusable = ../x = 0: no\n", 3,
		  "'../x' is not the name of a file" },
		{ "[a]\ndirectory = a\nunusable = x = 0: no\n", 3,
		  "x is not one of the attributes" },
		{ "[ok]\ndirectory = ok\n[a]\nattributes = x\n[b]\ndirectory = b\n", 4,
		  "section [a] has no directory" },
		{ "[a]\ndirectory = a\n  = b\nnonsense\n", 4, NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct spec_error error;

		assert_int_equal(add(*state, cases[i].text, &error), -EINVAL);
		assert_int_equal(error.line, cases[i].line);
		if (cases[i].reason)
			assert_string_equal(error.reason, cases[i].reason);
		assert_int_equal(vendor_rules_count(*state), 0);
	}
}

static void test_there_is_a_most_of_everything(void **state)
{
	char text[4096] = "[a]\ndirectory = a\nattributes =";
	struct spec_error error;

	for (int i = 0; i <= VENDOR_ATTRIBUTES_MAX; i++)
		(void)sprintf(text + strlen(text), " x%d", i);
	assert_int_equal(add(*state, text, &error), -EINVAL);
	assert_string_equal(error.reason, "more than 16 attributes");
	(void)strcpy(text, "[a]\ndirectory = a\nattributes = x\n");
	for (int i = 0; i <= VENDOR_ATTRIBUTES_MAX; i++)
		(void)sprintf(text + strlen(text), "unusable = x = %d: no\n", i);
	assert_int_equal(add(*state, text, &error), -EINVAL);
	assert_string_equal(error.reason, "more than 16 values");
	(void)sprintf(text, "[a]\ndirectory = a\nattributes = x\nunusable = x = %0*d: no\n",
		      VENDOR_VALUE_MAX, 0);
	assert_int_equal(add(*state, text, &error), -EINVAL);
	assert_non_null(strstr(error.reason, "the value is longer than"));
	text[0] = '\0';
	for (int i = 0; i <= VENDOR_RULES_MAX; i++)
		(void)sprintf(text + strlen(text), "[s%d]\ndirectory = d\n", i);
	assert_int_equal(add(*state, text, &error), -EINVAL);
	assert_string_equal(error.reason, "more than 16 sections in all files");
	assert_int_equal(vendor_rules_count(*state), 0);
}

static void test_of_a_value_the_first_line_is_shown(void **state)
{
	static const struct {
		const char *text, *value;
	} cases[] = {
		{ "0\n", "0" },		{ "", "" },
		{ "\n", "" },		{ " 1145 \t\n", "1145" },
		{ "a\tb\nc\n", "a?b" }, { "\303\244\n", "??" },
	};
	char value[VENDOR_VALUE_MAX], text[2 * VENDOR_VALUE_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		vendor_rule_value(cases[i].text, value);
		assert_string_equal(value, cases[i].value);
	}
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	vendor_rule_value(text, value);
	assert_int_equal(strlen(value), VENDOR_VALUE_MAX - 1);
}

/* What is shipped has to be right. */
static void test_the_file_for_nvidia_is_read(void **state)
{
	char text[8192], buf[VENDOR_PROBLEM_MAX];
	struct spec_error error;
	FILE *f = fopen("rules/vendor.d/nvidia.conf", "re");
	size_t len;

	assert_non_null(f);
	len = fread(text, 1, sizeof(text), f);
	fclose(f);
	assert_int_equal(vendor_rules_add(*state, text, len, &error), 0);
	assert_int_equal(vendor_rules_count(*state), 1);
	assert_true(vendor_rule_is_unusable(vendor_rules_get(*state, 0), "current_vgpu_type", "0",
					    buf));
}

static void test_each_lost_allocation_leaves_nothing_of_the_file(void **state)
{
	struct spec_error error;
	int r = -ENOMEM;

	for (size_t n = 0; r != 0; n++) {
		alloc_fail_after(n);
		r = add(*state, NVIDIA, &error);
		assert_int_equal(alloc_fail_never(), r != 0);
		assert_true(r == 0 || r == -ENOMEM);
		assert_int_equal(vendor_rules_count(*state), r == 0);
	}
}

static void test_a_copy_is_whole_or_not_there(void **state)
{
	struct vendor_rules *copy = NULL;
	struct spec_error error;
	char why[VENDOR_PROBLEM_MAX];
	int r = -ENOMEM;

	assert_int_equal(add(*state, NVIDIA, &error), 0);
	for (size_t n = 0; r != 0; n++) {
		alloc_fail_after(n);
		r = vendor_rules_copy(*state, &copy);
		assert_int_equal(alloc_fail_never(), r != 0);
		assert_true(r == 0 || r == -ENOMEM);
	}
	*state = vendor_rules_free(*state);
	assert_int_equal(vendor_rules_count(copy), 1);
	assert_true(
		vendor_rule_is_unusable(vendor_rules_get(copy, 0), "current_vgpu_type", "0", why));
	vendor_rules_free(copy);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_section_is_a_directory_with_its_attributes_in_order),
		TEST(test_the_value_that_means_unusable_says_why),
		TEST(test_several_files_add_up_in_their_order),
		TEST(test_a_file_with_a_mistake_is_left_out_with_its_place),
		TEST(test_there_is_a_most_of_everything),
		TEST(test_of_a_value_the_first_line_is_shown),
		TEST(test_the_file_for_nvidia_is_read),
		TEST(test_each_lost_allocation_leaves_nothing_of_the_file),
		TEST(test_a_copy_is_whole_or_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
