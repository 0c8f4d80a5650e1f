/* SPDX-License-Identifier: Apache-2.0 */
/* The scenario language: what a line means, and where and why it is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../sim/scenario.h"

static int parse(const char *text, struct step *step, struct scenario_error *error)
{
	struct scenario_line line = { .text = text, .len = strlen(text), .number = 7 };

	return scenario_parse_line(&line, step, error);
}

/* Parses a line that must be right. */
static struct step step_of(const char *text)
{
	struct scenario_error error = { .line = 0 };
	struct step step = { .kind = STEP_KIND_MAX_ };

	if (parse(text, &step, &error) != 1)
		fail_msg("'%s' refused at %u: %s", text, error.column, error.text);
	return step;
}

static void test_a_line_without_a_step_is_no_error(void **state)
{
	static const char *const lines[] = { "", "  ", "\t", "# vfs", "   # vfs", "\r" };
	struct scenario_error error;
	struct step step;

	(void)state;
	for (size_t n = 0; n < sizeof(lines) / sizeof(lines[0]); n++)
		assert_int_equal(parse(lines[n], &step, &error), 0);
}

static void test_arguments_are_read_with_their_columns(void **state)
{
	struct step step = step_of("  bind   0000:3b:00.2 vfio-pci # a comment");
	struct pci_addr expected = { .bus = 0x3b, .func = 2 };

	(void)state;
	assert_int_equal(step.kind, STEP_BIND);
	assert_int_equal(step.line, 7);
	assert_int_equal(step.column[0], 3);
	assert_int_equal(step.column[1], 10);
	assert_int_equal(step.column[2], 23);
	assert_int_equal(pci_addr_compare(&step.addr, &expected), 0);
	assert_string_equal(step.name, "vfio-pci");
}

static void test_a_domain_of_five_digits_is_an_address(void **state)
{
	(void)state;
	assert_int_equal(step_of("unbind 10000:01:00.0").addr.domain, 0x10000);
}

static void test_times_have_units(void **state)
{
	(void)state;
	assert_int_equal(step_of("pause 300ms").usec, 300000);
	assert_int_equal(step_of("pause 2s").usec, 2000000);
	assert_int_equal(step_of("pause 50us").usec, 50);
}

static void test_delay_is_for_one_event_unless_it_says_more(void **state)
{
	(void)state;
	assert_int_equal(step_of("delay 20ms").number, 1);
	assert_int_equal(step_of("delay 20ms 5").number, 5);
	assert_int_equal(step_of("delay 20ms 5").usec, 20000);
}

static void test_a_text_goes_to_the_end_of_its_line(void **state)
{
	struct step step = step_of("write 0000:3b:00.1 nvidia/current_vgpu_type 11  45 # why");

	(void)state;
	assert_string_equal(step.name, "nvidia/current_vgpu_type");
	assert_string_equal(step.text, "11  45");
	assert_string_equal(step_of("wait-for /run/a b").text, "/run/a b");
}

static void test_a_switch_is_off_or_on(void **state)
{
	(void)state;
	assert_int_equal(step_of("autoprobe 0000:3b:00.0 off").number, 0);
	assert_int_equal(step_of("autoprobe 0000:3b:00.0 on").number, 1);
}

static void test_a_driver_has_its_keys(void **state)
{
	struct step step = step_of("driver xe-vfio-pci vfio variant id 8086:e211 id 8086:e212");

	(void)state;
	assert_string_equal(step.name, "xe-vfio-pci");
	assert_string_equal(step.driver.module, "xe_vfio_pci");
	assert_int_equal(step.driver.vfio, VFIO_VARIANT);
	assert_int_equal(step.driver.n_ids, 2);
	assert_int_equal(step.driver.ids[1].product, 0xe212);
	step = step_of("driver a module b net unloaded keeps-vfs");
	assert_string_equal(step.driver.module, "b");
	assert_int_equal(step.driver.vfio, VFIO_NONE);
	assert_true(step.driver.net && step.driver.unloaded && step.driver.keeps_vfs);
}

static void test_a_pf_has_defaults_for_what_it_does_not_say(void **state)
{
	struct function_keys keys = step_of("pf 0000:3b:00.0 15b3:101d total 8").function;

	(void)state;
	assert_int_equal(keys.total_vfs, 8);
	assert_int_equal(keys.vf_id, 0x101d);
	assert_int_equal(keys.offset, 1);
	assert_int_equal(keys.stride, 1);
	assert_int_equal(keys.class, 0x020000);
	assert_int_equal(keys.subsystem.vendor, 0x15b3);
	assert_int_equal(keys.numa_node, -1);
	assert_int_equal(keys.group, GROUP_OWN);
	assert_int_equal(keys.vf_group, VF_GROUP_OWN);
}

static void test_a_pf_has_what_it_says(void **state)
{
	struct function_keys keys =
		step_of("pf 0000:3b:00.0 10de:2236 total 16 vf-id 25b6 offset 4 stride 2 "
			"vf-group same class 030200 subsystem 10de:14a9 numa 1 group 41 "
			"below 0000:3a:00.0")
			.function;

	(void)state;
	assert_int_equal(keys.vf_id, 0x25b6);
	assert_int_equal(keys.offset, 4);
	assert_int_equal(keys.stride, 2);
	assert_int_equal(keys.vf_group, VF_GROUP_SAME);
	assert_int_equal(keys.class, 0x030200);
	assert_int_equal(keys.subsystem.product, 0x14a9);
	assert_int_equal(keys.numa_node, 1);
	assert_int_equal(keys.group, 41);
	assert_true(keys.has_below);
	assert_int_equal(keys.below.bus, 0x3a);
	assert_int_equal(step_of("device 0000:3b:00.0 10de:2236 group none").function.group,
			 GROUP_NONE);
}

static void test_each_step_has_a_word_that_is_read_back(void **state)
{
	static const char *const arguments[] = { "", " 3", " 3s", " on", " name", " text" };
	char line[64];
	struct scenario_error error;
	struct step step;

	(void)state;
	for (int kind = 0; kind < STEP_KIND_MAX_; kind++) {
		for (size_t n = 0; n < sizeof(arguments) / sizeof(arguments[0]); n++) {
			(void)snprintf(line, sizeof(line), "%s%s",
				       step_kind_to_string((enum step_kind)kind), arguments[n]);
			if (parse(line, &step, &error) == 1)
				assert_int_equal(step.kind, kind);
			else
				assert_int_not_equal(error.column, 1);
		}
	}
}

static void test_a_wrong_line_says_where_and_what_is_allowed(void **state)
{
	static const struct {
		const char *line;
		unsigned column;
		const char *text;
	} wrong[] = {
		{ "vsf 0000:3b:00.0 4", 1, "'vsf' is not one of: driver, pf, device" },
		{ "vfs", 4, "here must be an address such as" },
		{ "vfs 3b:00.0 4", 5, "'3b:00.0' is not an address" },
		{ "vfs 0000:3b:00.0", 17, "here must be a number" },
		{ "vfs 0000:3b:00.0 # 4", 21, "here must be a number" },
		{ "vfs 0000:3b:00.0 four", 18, "'four' is not a number" },
		{ "vfs 0000:3b:00.0 -1", 18, "'-1' is not a number" },
		{ "burst 0000:3b:00.0 1000001", 20, "0 to 1000000" },
		{ "vfs 0000:3b:00.0 4 5", 20, "the line must end here" },
		{ "pause 3", 7, "'3' is not a time such as 300ms" },
		{ "pause ms", 7, "'ms' is not a time" },
		{ "autoprobe 0000:3b:00.0 1", 24, "'1' is not one of: off, on" },
		{ "event exploded 0000:3b:00.0", 7, "one of: add, remove, change, bind" },
		{ "bind 0000:3b:00.0 a/b", 19, "'a/b' is not a name" },
		{ "driver", 7, "here must be a name" },
		{ "driver a vfio special", 15, "one of: generic, variant, vendor" },
		{ "driver a vfio variant", 22, "a variant needs an id" },
		{ "driver a color red", 10, "one of: module, vfio, id, net" },
		{ "driver a id 15b3-101e", 13, "is not vendor:product" },
		{ "pf 0000:3b:00.0 15b3:101d", 26, "a pf needs total" },
		{ "pf 0000:3b:00.0 15b3:101d total 65536", 33, "above 65535" },
		{ "pf 0000:3b:00.0 15b3:101d total 8 class 0200", 41, "six hex digits" },
		{ "device 0000:3b:00.0 15b3:101d total 8", 31, "'total' is not one of: class" },
		{ "write 0000:3b:00.0 ../x 1", 20, "a file in the function's directory" },
		{ "write 0000:3b:00.0 nvidia/ 1", 20, "a file in the function's directory" },
		{ "write 0000:3b:00.0 nvidia//x 1", 20, "a file in the function's directory" },
		{ "say", 4, "here must be a text" },
	};
	struct scenario_error error;
	struct step step;

	(void)state;
	for (size_t n = 0; n < sizeof(wrong) / sizeof(wrong[0]); n++) {
		error = (struct scenario_error){ .line = 0 };
		assert_true(parse(wrong[n].line, &step, &error) < 0);
		assert_int_equal(error.line, 7);
		if (error.column != wrong[n].column || !strstr(error.text, wrong[n].text))
			fail_msg("'%s': got %u: %s", wrong[n].line, error.column, error.text);
	}
}

static void test_a_text_that_is_too_long_is_refused(void **state)
{
	struct scenario_error error;
	struct step step;
	char line[STEP_TEXT_MAX + 16] = "say ";

	(void)state;
	memset(line + 4, 'x', STEP_TEXT_MAX);
	assert_true(parse(line, &step, &error) < 0);
	assert_non_null(strstr(error.text, "longer than 511"));
	line[4 + STEP_TEXT_MAX - 1] = '\0';
	assert_int_equal(parse(line, &step, &error), 1);
}

static void test_nine_ids_are_refused_at_the_ninth(void **state)
{
	struct scenario_error error;
	struct step step;
	char line[256] = "driver a";

	(void)state;
	for (int n = 0; n < 9; n++)
		(void)strcat(line, " id 15b3:101e");
	assert_true(parse(line, &step, &error) < 0);
	assert_int_equal(error.column, 9 + 8 * 13 + 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_line_without_a_step_is_no_error),
		cmocka_unit_test(test_arguments_are_read_with_their_columns),
		cmocka_unit_test(test_a_domain_of_five_digits_is_an_address),
		cmocka_unit_test(test_times_have_units),
		cmocka_unit_test(test_delay_is_for_one_event_unless_it_says_more),
		cmocka_unit_test(test_a_text_goes_to_the_end_of_its_line),
		cmocka_unit_test(test_a_switch_is_off_or_on),
		cmocka_unit_test(test_a_driver_has_its_keys),
		cmocka_unit_test(test_a_pf_has_defaults_for_what_it_does_not_say),
		cmocka_unit_test(test_a_pf_has_what_it_says),
		cmocka_unit_test(test_each_step_has_a_word_that_is_read_back),
		cmocka_unit_test(test_a_wrong_line_says_where_and_what_is_allowed),
		cmocka_unit_test(test_a_text_that_is_too_long_is_refused),
		cmocka_unit_test(test_nine_ids_are_refused_at_the_ninth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
