/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/alloc.h"
#include "nova_config_fixture.h"
#include "vfmon/alias.h"
#include "vfmon/device_spec.h"
#include "vfmon/nova_config.h"

static void test_without_a_file_nothing_is_matched(void **state)
{
	cleanup_(nova_config_freep) struct nova_config *config = NULL;

	(void)state;
	assert_int_equal(nova_config_none(NOVA_31, &config), 0);
	check_clean(config);
	assert_int_equal(device_specs_count(config->specs), 0);
	assert_int_equal(aliases_count(config->aliases), 0);
	assert_string_equal(config->virt_type, "kvm");
	assert_false(config->report_in_placement);
	assert_false(config->pci_in_placement);
	assert_false(config->has_mdev_types);
}

static void test_values_of_an_earlier_file_stand_before_those_of_a_later_one(void **state)
{
	static const char *const files[] = {
		"[pci]\ndevice_spec = {\"n\": \"1\"}\ndevice_spec = {\"n\": \"2\"}\n",
		"[DEFAULT]\npci_passthrough_whitelist = {\"n\": \"3\"}\n",
		"[pci]\ndevice_spec = [{\"n\": \"4\"}, {\"n\": \"5\"}]\n",
	};
	cleanup_(nova_config_freep) struct nova_config *config = parse_version(NOVA_31, files, 3);

	(void)state;
	check_clean(config);
	check_order(config, "12345");
}

static void test_inside_one_file_the_oldest_name_comes_first(void **state)
{
	cleanup_(nova_config_freep) struct nova_config *config = parse(
		"[pci]\ndevice_spec = {\"n\": \"1\"}\npassthrough_whitelist = {\"n\": \"2\"}\n"
		"[DEFAULT]\npci_passthrough_whitelist = {\"n\": \"3\"}\n[pci]\n"
		"device_spec = {\"n\": \"4\"}\npassthrough_whitelist = {\"n\": \"5\"}\n");

	(void)state;
	assert_false(config->broken);
	check_order(config, "32514");
	/* Once where the name changes, and once more. */
	assert_int_equal(config->findings.count, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(config->findings.items[i].code, FINDING_MIXED_OPTION_NAMES);
		assert_int_equal(config->findings.items[i].level, FINDING_SUSPICIOUS);
		assert_int_equal(config->findings.items[i].line, i == 0 ? 2 : 3);
	}
}

static void test_the_old_name_of_alias_comes_first(void **state)
{
	static const char file[] =
		"[pci]\nalias = {\"name\": \"new\", \"product_id\": \"0001\", \"vendor_id\": "
		"\"8086\"}\n"
		"[DEFAULT]\npci_alias = {\"name\": \"old\", \"product_id\": \"0001\", "
		"\"vendor_id\": \"8086\"}\n";
	cleanup_(nova_config_freep) struct nova_config *config = parse(file);
	struct alias_info info;

	(void)state;
	assert_false(config->broken);
	assert_int_equal(aliases_count(config->aliases), 2);
	aliases_get(config->aliases, 0, &info);
	assert_string_equal(info.name, "old");
	assert_int_equal(info.line, 4);
	assert_string_equal(info.file, "a.conf");
	(void)only(config, FINDING_SUSPICIOUS, FINDING_MIXED_OPTION_NAMES, 2, 1);
}

static void test_one_old_name_alone_is_fine(void **state)
{
	static const char *const files[] = {
		"[pci]\npassthrough_whitelist = {\"n\": \"1\"}\n",
		"[pci]\ndevice_spec = {\"n\": \"2\"}\n",
	};
	cleanup_(nova_config_freep) struct nova_config *config = parse_version(NOVA_31, files, 2);

	(void)state;
	check_clean(config);
	check_order(config, "12");
}

static void test_an_error_has_file_line_column_and_novas_class(void **state)
{
	static const char *const files[] = {
		"[pci]\ndevice_spec = {}\n",
		"# x\n[pci]\ndevice_spec = [{},\n   {\"managed\": \"ja\"}]\n",
	};
	cleanup_(nova_config_freep) struct nova_config *config = parse_version(NOVA_31, files, 2);
	const struct finding *f = config->findings.items;

	(void)state;
	assert_int_equal(config->findings.count, 1);
	assert_string_equal(f->file, "b.conf");
	assert_int_equal(f->line, 4);
	assert_int_equal(f->column, 16);
	assert_non_null(strstr(f->message, "managed"));
	assert_non_null(strstr(f->message, "(PciConfigInvalidSpec)"));
}

static void test_one_bad_entry_refuses_all_and_all_errors_are_told(void **state)
{
	cleanup_(nova_config_freep) struct nova_config *config = parse(
		"[pci]\nreport_in_placement = ja\ndevice_spec = {}\ndevice_spec = 1\n"
		"device_spec = {\"vendor_id\": \"zz\"}\nalias = {\"name\": \"x\", \"vendor_id\": "
		"\"8086\", \"product_id\": \"0001\"}\n");

	(void)state;
	assert_true(config->broken);
	assert_int_equal(device_specs_count(config->specs), 0);
	assert_int_equal(aliases_count(config->aliases), 0);
	assert_int_equal(config->findings.count, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(config->findings.items[i].level, FINDING_REFUSED);
		assert_int_equal(config->findings.items[i].code, FINDING_VALUE_ERROR);
		assert_int_equal(config->findings.items[i].line, i == 0 ? 2 : i + 3);
	}
}

static void test_a_bad_alias_does_not_stop_nova_before_31_3_1(void **state)
{
	static const char file[] = "[pci]\ndevice_spec = {}\nalias = {\"name\": 1}\n";
	static const struct {
		version_t version;
		bool broken;
	} rows[] = {
		{ VERSION(31, 0, 0), false },
		{ VERSION(31, 3, 0), false },
		{ VERSION(31, 3, 1), true },
		{ VERSION(32, 0, 0), true },
		{ 0, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *const text = file;
		cleanup_(nova_config_freep) struct nova_config *config =
			parse_version(rows[i].version, &text, 1);

		assert_int_equal(config->broken, rows[i].broken);
		assert_int_equal(device_specs_count(config->specs), !rows[i].broken);
		assert_int_equal(config->findings.count, 1);
		assert_int_equal(config->findings.items[0].level,
				 rows[i].broken ? FINDING_REFUSED : FINDING_WRONG);
		assert_int_equal(config->findings.items[0].line, 3);
		assert_non_null(strstr(config->findings.items[0].message, "PciInvalidAlias"));
		if (!rows[i].broken)
			assert_true(aliases_are_broken(config->aliases));
	}
}

static void test_a_broken_file_is_told_and_the_others_are_still_looked_at(void **state)
{
	static const char *const files[] = {
		"[pci]\ndevice_spec = 1\ndevice_spec\n",
		"[pci]\ndevice_spec = 2\n",
	};
	cleanup_(nova_config_freep) struct nova_config *config = parse_version(NOVA_31, files, 2);

	(void)state;
	assert_true(config->broken);
	assert_int_equal(config->findings.count, 2);
	assert_int_equal(config->findings.items[0].code, FINDING_SYNTAX_ERROR);
	assert_string_equal(config->findings.items[0].file, "a.conf");
	assert_int_equal(config->findings.items[0].line, 3);
	assert_non_null(strstr(config->findings.items[0].message, "(ConfigFileParseError)"));
	assert_int_equal(config->findings.items[1].code, FINDING_VALUE_ERROR);
	assert_string_equal(config->findings.items[1].file, "b.conf");
}

static void test_a_file_that_can_not_be_read_breaks_the_configuration(void **state)
{
	static const char text[] = "[pci]\ndevice_spec = {}\n";
	const struct nova_file files[] = {
		{ .path = "a.conf", .bytes = text, .len = strlen(text) },
		{ .path = "b.conf", .error = EACCES },
	};
	cleanup_(nova_config_freep) struct nova_config *config = NULL;

	(void)state;
	assert_int_equal(nova_config_parse(NOVA_31, files, 2, &config), 0);
	assert_true(config->broken);
	assert_int_equal(device_specs_count(config->specs), 0);
	assert_int_equal(config->findings.count, 1);
	assert_int_equal(config->findings.items[0].code, FINDING_FILE_ERROR);
	assert_int_equal(config->findings.items[0].level, FINDING_REFUSED);
	assert_string_equal(config->findings.items[0].file, "b.conf");
	assert_int_equal(config->findings.items[0].line, 0);
	assert_non_null(strstr(config->findings.items[0].message, "Permission denied"));
}

static void test_why_a_file_is_not_read_is_said_in_words_that_fit(void **state)
{
	static const struct {
		int error;
		const char *reason;
	} rows[] = {
		{ ENOENT, "No such file or directory" },
		{ EMEDIUMTYPE, "not a regular file" },
		{ EFBIG, "larger than 1 MiB" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct nova_file file = { .path = "a.conf", .error = rows[i].error };
		cleanup_(nova_config_freep) struct nova_config *config = NULL;

		assert_int_equal(nova_config_parse(NOVA_31, &file, 1, &config), 0);
		assert_non_null(strstr(config->findings.items[0].message, rows[i].reason));
	}
}

static void test_a_line_that_may_be_a_secret_is_never_quoted(void **state)
{
	static const char *const files[] = {
		"[DEFAULT]\ntransport_url = rabbit://hunter2\nhunter2\n",
		"[DEFAULT]\ntransport_url = hunter2\nhunter3\n = hunter2\n",
		"[hunter2\n",
		"[database]\nhunter2 = $hunter2\n  hunter2\n\n  hunter2\n",
		"hunter2 = hunter2\n",
		"[keystone]\npassword = hunter2\xff\n",
		("[database]\nhunter2 = 5\n[pci]\ndevice_spec = {\"vendor_id\": \"$database.pw\"}\n"
		 "alias = {\"name\": \"$database.pw\"}\n[database]\npw = hunter2\n"),
	};

	(void)state;
	for (size_t i = 0; i < COUNT(files); i++) {
		cleanup_(nova_config_freep) struct nova_config *config =
			parse_version(NOVA_31, &files[i], 1);

		assert_true(config->broken);
		for (size_t k = 0; k < config->findings.count; k++) {
			const struct finding *f = &config->findings.items[k];

			if (strstr(f->message, "hunter") ||
			    (f->remedy && strstr(f->remedy, "hunter")))
				fail_msg("%s", f->message);
			assert_true(f->line > 0 && f->column > 0);
		}
	}
}

static void test_vfmonds_own_file_is_read_by_the_same_rules(void **state)
{
	static const char text[] = "[vfmond]\nstuck_after = soon\n[pci]\n"
				   "device_spec = {\"n\": \"1\"}\nalias = {\"name\": 1}\n";
	cleanup_(nova_conf_freep) struct nova_conf *file = NULL;
	cleanup_(nova_config_freep) struct nova_config *config = NULL;
	struct spec_error error;

	(void)state;
	assert_int_equal(nova_conf_parse(text, strlen(text), &file, &error), 0);
	assert_int_equal(nova_config_own(NOVA_31, "vfmond.conf", file, &config), 0);
	file = nova_conf_free(file);
	assert_false(config->broken);
	check_order(config, "1");
	assert_int_equal(config->findings.count, 1);
	assert_string_equal(config->findings.items[0].file, "vfmond.conf");
	assert_int_equal(config->findings.items[0].line, 5);
}

static void test_without_memory_there_is_no_configuration(void **state)
{
	static const char text[] =
		"[pci]\ndevice_spec = {\"n\": \"$report_in_placement\"}\ndevice_spec = 1\n"
		"passthrough_whitelist = {}\nalias = {\"name\": \"$x\"}\ndev_spec = {}\n"
		"[devices]\nenabled_mdev_types = a\n[libvirt]\nvirt_type = qemu\n";
	const struct nova_file file = { .path = "a.conf", .bytes = text, .len = strlen(text) };
	struct nova_config *config = NULL;
	int r = -ENOMEM, failures = 0;

	(void)state;
	for (size_t n = 0; r < 0; n++) {
		alloc_fail_after(n);
		r = nova_config_parse(NOVA_31, &file, 1, &config);
		(void)alloc_fail_never();
		assert_true(r == 0 || r == -ENOMEM);
		failures += r < 0;
	}
	assert_true(failures > 30);
	assert_int_equal(config->findings.count, 4);
	nova_config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_a_file_nothing_is_matched),
		cmocka_unit_test(test_values_of_an_earlier_file_stand_before_those_of_a_later_one),
		cmocka_unit_test(test_inside_one_file_the_oldest_name_comes_first),
		cmocka_unit_test(test_the_old_name_of_alias_comes_first),
		cmocka_unit_test(test_one_old_name_alone_is_fine),
		cmocka_unit_test(test_an_error_has_file_line_column_and_novas_class),
		cmocka_unit_test(test_one_bad_entry_refuses_all_and_all_errors_are_told),
		cmocka_unit_test(test_a_bad_alias_does_not_stop_nova_before_31_3_1),
		cmocka_unit_test(test_a_broken_file_is_told_and_the_others_are_still_looked_at),
		cmocka_unit_test(test_a_file_that_can_not_be_read_breaks_the_configuration),
		cmocka_unit_test(test_why_a_file_is_not_read_is_said_in_words_that_fit),
		cmocka_unit_test(test_a_line_that_may_be_a_secret_is_never_quoted),
		cmocka_unit_test(test_vfmonds_own_file_is_read_by_the_same_rules),
		cmocka_unit_test(test_without_memory_there_is_no_configuration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
