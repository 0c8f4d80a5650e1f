/* SPDX-License-Identifier: Apache-2.0 */
/* Options with one value, and names that are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "nova_config_fixture.h"

static void test_of_an_option_with_one_value_the_last_counts(void **state)
{
	static const char *const files[] = {
		"[pci]\nreport_in_placement = false\nreport_in_placement = Yes\n"
		"[filter_scheduler]\npci_in_placement = 1\n[libvirt]\nvirt_type = qemu\n",
		"[filter_scheduler]\npci_in_placement = OFF\n[LIBVIRT]\nvirt_type = parallels\n",
	};
	cleanup_(nova_config_freep) struct nova_config *config = parse_version(NOVA_31, files, 2);

	(void)state;
	check_clean(config);
	assert_true(config->report_in_placement);
	assert_false(config->pci_in_placement);
	assert_string_equal(config->virt_type, "parallels");
}

static void test_a_boolean_option_takes_eight_words_in_any_case(void **state)
{
	static const struct {
		const char *word;
		int value; /* -1: refused */
	} rows[] = {
		{ "true", 1 },	{ "1", 1 },  { "on", 1 },	  { "yes", 1 }, { "TRUE", 1 },
		{ "false", 0 }, { "0", 0 },  { "off", 0 },	  { "no", 0 },	{ "No", 0 },
		{ "t", -1 },	{ "y", -1 }, { "", -1 },	  { "2", -1 },	{ "yes # so", -1 },
		{ "n", -1 },	{ "f", -1 }, { "\" yes \"", -1 }, { "ja", -1 },
	};
	char file[128];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		cleanup_(nova_config_freep) struct nova_config *config = NULL;

		(void)snprintf(file, sizeof(file), "[pci]\nreport_in_placement = %s\n",
			       rows[i].word);
		config = parse(file);
		assert_int_equal(config->broken, rows[i].value < 0);
		assert_int_equal(config->report_in_placement, rows[i].value == 1);
		if (rows[i].value < 0)
			assert_non_null(
				strstr(config->findings.items[0].message, "is not a boolean"));
	}
}

static void test_a_bad_value_of_an_option_refuses_the_start(void **state)
{
	static const struct {
		const char *file;
		unsigned int line, column;
		const char *message;
	} rows[] = {
		{ "[pci]\nreport_in_placement = maybe\n", 2, 23,
		  "report_in_placement: 'maybe' is not a boolean: true, 1, on, yes, false, 0, off, "
		  "no (ConfigFileValueError)" },
		{ "[filter_scheduler]\npci_in_placement: 2\n", 2, 19, "pci_in_placement: '2'" },
		{ "[libvirt]\nvirt_type = xen\n", 2, 13, "virt_type: 'xen' is not one of kvm" },
		{ "[pci]\nreport_in_placement = $colour\n", 2, 23, "'$colour' is an option" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		cleanup_(nova_config_freep) struct nova_config *config = parse(rows[i].file);
		const struct finding *f = only(config, FINDING_REFUSED, FINDING_VALUE_ERROR,
					       rows[i].line, rows[i].column);

		assert_true(config->broken);
		assert_string_equal(config->virt_type, "kvm");
		assert_int_equal(strncmp(f->message, rows[i].message, strlen(rows[i].message)), 0);
	}
}

static void test_parallels_reaches_the_entries(void **state)
{
	cleanup_(nova_config_freep) struct nova_config *config =
		parse("[pci]\ndevice_spec = {}\n[libvirt]\nvirt_type = parallels\n");
	struct spec_subject subject = { .addr = { .bus = 1 } };
	struct spec_match *match = NULL;

	(void)state;
	assert_int_equal(device_specs_match(config->specs, NULL, &subject, &match), 0);
	assert_true(match->managed);
	assert_false(match->managed_effective);
	spec_match_unref(match);
}

static void test_mediated_device_types_are_noticed_under_both_names(void **state)
{
	static const struct {
		const char *text;
		unsigned int line; /* 0: not set */
	} rows[] = {
		{ "[devices]\nenabled_mdev_types = nvidia-35\n", 2 },
		{ "[Devices]\n\nenabled_vgpu_types = a, b\n", 3 },
		{ "[devices]\nenabled_mdev_types =\n", 0 },
		{ "[devices]\nenabled_mdev_types = ,\n", 0 },
		{ "[devices]\nenabled_mdev_types =\nenabled_vgpu_types = a\n", 0 },
		{ "[pci]\n", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		cleanup_(nova_config_freep) struct nova_config *config = parse(rows[i].text);

		assert_int_equal(config->has_mdev_types, rows[i].line > 0);
		if (!config->has_mdev_types)
			continue;
		assert_string_equal(config->mdev_place.file, "a.conf");
		assert_int_equal(config->mdev_place.line, rows[i].line);
		assert_int_equal(config->mdev_place.column, 1);
	}
}

static void test_one_time_use_needs_report_in_placement_of_any_file(void **state)
{
	static const char *const files[] = {
		"[pci]\ndevice_spec = {\"one_time_use\": \"yes\"}\n",
		"[pci]\nreport_in_placement = yes\n",
	};
	cleanup_(nova_config_freep) struct nova_config *with = parse_version(VERSION(32, 0, 0),
									     files, 2);
	cleanup_(nova_config_freep) struct nova_config *without = parse_version(VERSION(32, 0, 0),
										files, 1);
	cleanup_(nova_config_freep) struct nova_config *older = parse_version(NOVA_31, files, 1);

	(void)state;
	check_clean(with);
	assert_true(without->broken);
	check_clean(older);
}

static void test_other_names_are_no_names_of_the_option(void **state)
{
	static const struct {
		const char *line;
		enum finding_level level;
	} rows[] = {
		{ "dev_spec", FINDING_WRONG },	  { "DEVICE_SPEC", FINDING_WRONG },
		{ "device-spec", FINDING_WRONG }, { "pci_passthrough_whitelist", FINDING_WRONG },
		{ "pci_alias", FINDING_WRONG },	  { "colour", FINDING_SUSPICIOUS },
	};
	cleanup_(nova_config_freep) struct nova_config *other = NULL;
	char file[128];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		cleanup_(nova_config_freep) struct nova_config *config = NULL;

		(void)snprintf(file, sizeof(file), "[pci]\n%s = {}\n", rows[i].line);
		config = parse(file);
		assert_false(config->broken);
		assert_int_equal(device_specs_count(config->specs), 0);
		assert_non_null(
			strstr(only(config, rows[i].level, FINDING_UNKNOWN_KEY, 2, 1)->message,
			       rows[i].line));
	}
	other = parse("[DEFAULT]\npassthrough_whitelist = {}\ndevice_spec = {}\nalias = {}\n"
		      "[ pci ]\ndevice_spec = {}\n[default]\npci_passthrough_whitelist = {}\n");
	check_clean(other);
	assert_int_equal(device_specs_count(other->specs), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_of_an_option_with_one_value_the_last_counts),
		cmocka_unit_test(test_a_boolean_option_takes_eight_words_in_any_case),
		cmocka_unit_test(test_a_bad_value_of_an_option_refuses_the_start),
		cmocka_unit_test(test_parallels_reaches_the_entries),
		cmocka_unit_test(test_mediated_device_types_are_noticed_under_both_names),
		cmocka_unit_test(test_one_time_use_needs_report_in_placement_of_any_file),
		cmocka_unit_test(test_other_names_are_no_names_of_the_option),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
