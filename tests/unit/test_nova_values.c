/* SPDX-License-Identifier: Apache-2.0 */
/* Substitution of "$name", as a value of device_spec shows it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "vfmon/alias.h"
#include "vfmon/device_spec.h"
#include "vfmon/nova_config.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct nova_config *parse_redacted(const char *text, bool redacted)
{
	const struct nova_file file = {
		.path = "a.conf", .bytes = text, .len = strlen(text), .redacted = redacted
	};
	struct nova_config *config = NULL;

	assert_int_equal(nova_config_parse(VERSION(31, 0, 0), &file, 1, &config), 0);
	return config;
}

static struct nova_config *parse(const char *text)
{
	return parse_redacted(text, false);
}

/* What the tag of the only entry became. */
static void check_tag(const char *text, const char *wanted)
{
	cleanup_(nova_config_freep) struct nova_config *config = parse(text);
	struct spec_info info;

	if (config->findings.count > 0)
		fail_msg("%s: %s", text, config->findings.items[0].message);
	assert_int_equal(device_specs_count(config->specs), 1);
	device_specs_get(config->specs, 0, &info);
	assert_int_equal(info.tag_count, 1);
	if (strcmp(info.tags[0].value, wanted) != 0)
		fail_msg("%s: %s", text, info.tags[0].value);
}

static void check_value(const char *value, const char *wanted)
{
	char file[256];

	(void)snprintf(file, sizeof(file), "[pci]\ndevice_spec = {\"n\": \"%s\"}\n", value);
	check_tag(file, wanted);
}

static void test_a_dollar_sign_can_be_escaped_in_two_ways(void **state)
{
	(void)state;
	check_value("$$", "$");
	check_value("$$$$", "$$");
	check_value("\\$x", "$x");
	check_value("$$x", "$x");
	check_value("$${x}", "${x}");
}

static void test_a_dollar_sign_before_anything_else_stays(void **state)
{
	(void)state;
	check_value("0a$", "0a$");
	check_value("$1", "$1");
	check_value("a$ b$-", "a$ b$-");
	check_value("${}", "${}");
	check_value("${ x}", "${ x}");
	check_value("${x y}", "${x y}");
	check_value("$$$", "$$");
	check_value("\\$$", "$$");
}

static void test_an_option_is_replaced_by_its_value(void **state)
{
	(void)state;
	check_tag(
		"[pci]\nreport_in_placement = yes\ndevice_spec = {\"n\": \"$report_in_placement\"}\n",
		"True");
	check_tag(
		"[libvirt]\nvirt_type = qemu\n[pci]\ndevice_spec = {\"n\": \"<${libvirt.virt_type}>\"}\n",
		"<qemu>");
	check_tag("[pci]\ndevice_spec = {\"n\": \"$update_resources_interval\"}\n"
		  "[DEFAULT]\nupdate_resources_interval = +060\n",
		  "60");
	check_tag("[pci]\ndevice_spec = {\"n\": \"$$$update_resources_interval\"}\n"
		  "[DEFAULT]\nupdate_resources_interval = 7\n",
		  "$7");
	check_tag("[pci]\ndevice_spec = {\"n\": \"$\\$update_resources_interval\"}\n"
		  "[DEFAULT]\nupdate_resources_interval = 7\n",
		  "$7");
}

static void test_an_option_that_is_not_set_is_replaced_by_its_default(void **state)
{
	cleanup_(nova_config_freep) struct nova_config *config =
		parse("[pci]\ndevice_spec = $alias\n");

	(void)state;
	check_value("$report_in_placement", "False");
	check_value("$libvirt.virt_type", "kvm");
	check_value("$update_resources_interval", "0");
	assert_int_equal(config->findings.count, 0);
	assert_int_equal(device_specs_count(config->specs), 0);
}

static void test_a_name_without_group_is_of_the_same_group_or_default(void **state)
{
	static const char *const unknown[] = {
		"$virt_type",
		"$pci_in_placement",
		"$DEFAULT.update_resources_interval",
		"$PCI.report_in_placement",
		"$Report_in_placement",
		"$libvirt.virt_type.",
		"$pci.pci_in_placement",
		"$passthrough_whitelist",
	};
	char file[256];

	(void)state;
	for (size_t i = 0; i < COUNT(unknown); i++) {
		cleanup_(nova_config_freep) struct nova_config *config = NULL;

		(void)snprintf(file, sizeof(file),
			       "[libvirt]\nvirt_type = lxc\n[pci]\ndevice_spec = {\"n\": \"%s\"}\n",
			       unknown[i]);
		config = parse(file);
		if (!config->broken)
			fail_msg("%s", unknown[i]);
	}
	check_tag("[filter_scheduler]\npci_in_placement = on\n[pci]\n"
		  "report_in_placement = $filter_scheduler.pci_in_placement\n"
		  "device_spec = {\"n\": \"$pci.report_in_placement\"}\n",
		  "True");
}

static void test_a_name_that_is_no_known_option_refuses_the_start(void **state)
{
	cleanup_(nova_config_freep) struct nova_config *config = parse(
		"[DEFAULT]\nvendor = 8086\n[pci]\ndevice_spec = {\"\u00e4\": 1,\n  \"n\": \"$vendor\"}\n");
	const struct finding *f = config->findings.items;

	(void)state;
	assert_true(config->broken);
	assert_int_equal(config->findings.count, 1);
	assert_int_equal(f->level, FINDING_REFUSED);
	assert_int_equal(f->code, FINDING_VALUE_ERROR);
	assert_int_equal(f->line, 5);
	assert_int_equal(f->column, 9);
	assert_non_null(strstr(f->message,
			       "'$vendor' is an option that is not looked at here; Nova "
			       "refuses it if it does not know it (NoSuchOptError)"));
}

static void test_a_name_whose_line_was_taken_out_is_told_as_such(void **state)
{
	cleanup_(nova_config_freep) struct nova_config *config =
		parse_redacted("[DEFAULT]\n#\n[pci]\ndevice_spec = {\"n\": \"$my_ip\"}\n", true);

	(void)state;
	assert_true(config->broken);
	assert_int_equal(config->findings.count, 1);
	assert_int_equal(config->findings.items[0].line, 4);
	assert_non_null(strstr(config->findings.items[0].message, "redacted copy"));
}

static void test_a_value_that_refers_to_itself_is_refused(void **state)
{
	static const char *const files[] = {
		"[pci]\nreport_in_placement = $report_in_placement\n",
		("[pci]\nreport_in_placement = $filter_scheduler.pci_in_placement\n"
		 "[filter_scheduler]\npci_in_placement = $pci.report_in_placement\n"),
		"[pci]\ndevice_spec = $device_spec\n",
		"[pci]\nalias = $alias\n[pci]\ndevice_spec = $alias\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(files); i++) {
		cleanup_(nova_config_freep) struct nova_config *config = parse(files[i]);

		assert_true(config->broken);
		assert_int_equal(config->findings.items[0].line, i == 3 ? 4 : 2);
	}
}

static void test_a_bad_value_of_another_option_is_told_where_it_is_used(void **state)
{
	cleanup_(nova_config_freep) struct nova_config *config = parse(
		"[libvirt]\nvirt_type = long enough$x\n[pci]\ndevice_spec = \"$libvirt.virt_type\"\n");

	(void)state;
	assert_int_equal(config->findings.count, 2);
	assert_int_equal(config->findings.items[0].line, 2);
	assert_int_equal(config->findings.items[1].line, 4);
	assert_int_equal(config->findings.items[1].column, 16);
}

static void test_an_alias_that_can_not_be_substituted_spoils_all_aliases(void **state)
{
	cleanup_(nova_config_freep) struct nova_config *config =
		parse("[pci]\ndevice_spec = {}\nalias = {\"name\": \"$x\"}\n");

	(void)state;
	assert_false(config->broken);
	assert_int_equal(device_specs_count(config->specs), 1);
	assert_true(aliases_are_broken(config->aliases));
	assert_int_equal(config->findings.count, 1);
	assert_int_equal(config->findings.items[0].level, FINDING_WRONG);
	assert_int_equal(config->findings.items[0].column, 19);
}

static void test_columns_of_a_value_with_escapes_are_those_of_the_file(void **state)
{
	cleanup_(nova_config_freep) struct nova_config *config =
		parse("[pci]\ndevice_spec = {\"n\": \"$$\",\n    \"managed\": \"ja\"}\n");

	(void)state;
	assert_int_equal(config->findings.count, 1);
	assert_int_equal(config->findings.items[0].line, 3);
	assert_int_equal(config->findings.items[0].column, 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_dollar_sign_can_be_escaped_in_two_ways),
		cmocka_unit_test(test_a_dollar_sign_before_anything_else_stays),
		cmocka_unit_test(test_an_option_is_replaced_by_its_value),
		cmocka_unit_test(test_an_option_that_is_not_set_is_replaced_by_its_default),
		cmocka_unit_test(test_a_name_without_group_is_of_the_same_group_or_default),
		cmocka_unit_test(test_a_name_that_is_no_known_option_refuses_the_start),
		cmocka_unit_test(test_a_name_whose_line_was_taken_out_is_told_as_such),
		cmocka_unit_test(test_a_value_that_refers_to_itself_is_refused),
		cmocka_unit_test(test_a_bad_value_of_another_option_is_told_where_it_is_used),
		cmocka_unit_test(test_an_alias_that_can_not_be_substituted_spoils_all_aliases),
		cmocka_unit_test(test_columns_of_a_value_with_escapes_are_those_of_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
