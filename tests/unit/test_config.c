/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include <cmocka.h>

#include "vfmon/config.h"
#include "vfmon/nova_conf.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define SECOND 1000000ULL
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)

static struct config *parse(const char *file)
{
	struct config *config = NULL;

	assert_int_equal(config_parse("f.conf", file, strlen(file), &config), 0);
	assert_int_equal(config->problem_count > 0, config->error != NULL);
	return config;
}

static const struct setting_status *setting(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->setting_count; i++)
		if (strcmp(config->settings[i].name, name) == 0)
			return &config->settings[i];
	fail_msg("no setting %s", name);
	return NULL;
}

static void test_without_a_file_the_defaults_hold(void **state)
{
	static const struct {
		const char *name, *value;
	} rows[] = {
		{ "stuck_after", "10s" },     { "audit_interval", "5min" },
		{ "history_size", "4M" },     { "max_clients", "1024" },
		{ "nova_version", "newest" }, { "max_clients_per_user", "256" },
		{ "log_level", "info" },      { "libvirt_version", "auto" },
		{ "guest_user", "auto" },     { "qemu_version", "auto" },
	};
	cleanup_(config_freep) struct config *config = NULL;

	(void)state;
	assert_int_equal(config_parse("f.conf", NULL, 0, &config), 0);
	assert_false(config->broken);
	assert_null(config->error);
	assert_int_equal(config->stuck_after_usec, 10 * SECOND);
	assert_int_equal(config->audit_interval_usec, 5 * MINUTE);
	assert_int_equal(config->history_bytes, 4 << 20);
	assert_int_equal(config->max_clients, 1024);
	assert_int_equal(config->max_clients_per_user, 256);
	assert_int_equal(config->log_level, LOG_INFO);
	assert_int_equal(config->setting_count, COUNT(rows));
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_string_equal(setting(config, rows[i].name)->value, rows[i].value);
		assert_string_equal(setting(config, rows[i].name)->origin, "default");
	}
}

static void test_a_setting_of_the_file_is_in_force_and_shown(void **state)
{
	cleanup_(config_freep) struct config *config = parse(
		"[vfmond]\nstuck_after = 1min 30s\nmax_clients = 7\nlog_level = debug\n"
		"guest_user = qemu\nnova_version = 31.0\n");

	(void)state;
	assert_null(config->error);
	assert_int_equal(config->stuck_after_usec, 90 * SECOND);
	assert_int_equal(config->max_clients, 7);
	assert_int_equal(config->log_level, LOG_DEBUG);
	assert_string_equal(setting(config, "stuck_after")->value, "1min 30s");
	assert_string_equal(setting(config, "stuck_after")->origin, "file");
	assert_string_equal(setting(config, "guest_user")->value, "qemu");
	assert_string_equal(setting(config, "nova_version")->value, "31.0");
	assert_string_equal(setting(config, "max_clients_per_user")->origin, "default");
}

static void test_time_spans_are_written_as_in_systemds_files(void **state)
{
	static const struct {
		const char *text;
		uint64_t usec;
	} rows[] = {
		{ "10", 10 * SECOND },
		{ "10s", 10 * SECOND },
		{ "5min", 5 * MINUTE },
		{ "1h 30min", 90 * MINUTE },
		{ "1h30min", 90 * MINUTE },
		{ "2 hours", 2 * HOUR },
		{ "1.5h", 90 * MINUTE },
		{ "1500ms", 3 * SECOND / 2 },
		{ "2d", 48 * HOUR },
		{ "1w", 168 * HOUR },
		{ "1500000us", 3 * SECOND / 2 },
		{ "3m", 3 * MINUTE },
		{ "1500000\u00b5s", 3 * SECOND / 2 },
		{ "0", 0 },
		{ "infinity", 0 },
		{ "0s", 0 },
	};
	char file[128];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		cleanup_(config_freep) struct config *config = NULL;

		(void)snprintf(file, sizeof(file), "[vfmond]\naudit_interval = %s\n", rows[i].text);
		config = parse(file);
		if (config->error || config->audit_interval_usec != rows[i].usec)
			fail_msg("%s: %s", rows[i].text, config->error ? config->error : "other");
	}
}

static void test_sizes_have_base_1024(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} rows[] = {
		{ "65536", 65536 }, { "64K", 64 << 10 },    { "2M", 2 << 20 },
		{ "1G", 1 << 30 },  { "1.5M", 3 << 19 },    { "100000B", 100000 },
		{ "2 M", 2 << 20 }, { "1M 512K", 3 << 19 },
	};
	char file[128];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		cleanup_(config_freep) struct config *config = NULL;

		(void)snprintf(file, sizeof(file), "[vfmond]\nhistory_size = %s\n", rows[i].text);
		config = parse(file);
		if (config->error || config->history_bytes != rows[i].bytes)
			fail_msg("%s: %s", rows[i].text, config->error ? config->error : "other");
	}
}

static void test_a_bad_value_is_recorded_and_the_default_counts(void **state)
{
	static const struct {
		const char *line;
		const char *error;
	} rows[] = {
		{ "stuck_after = soon", "f.conf:2:15: stuck_after: 'soon' is not a time span" },
		{ "stuck_after = -1s", "is not a time span" },
		{ "stuck_after = 10 parsecs", "is not a time span" },
		{ "stuck_after = 1.s", "is not a time span" },
		{ "stuck_after = 10s # comment", "is not a time span" },
		{ "stuck_after = 99999999999999999999", "is not a time span" },
		{ "stuck_after = 9999999999999y", "is not a time span" },
		{ "stuck_after = 0", "'0' is not between 100ms and 24h" },
		{ "stuck_after = infinity", "is not between" },
		{ "audit_interval = 1ms", "is not between 1s and 8784h, or 0" },
		{ "history_size = 1X", "is not a size" },
		{ "history_size = 1K", "is not between 64K and 1G" },
		{ "history_size = 16E", "is not a size" },
		{ "max_clients = 0", "is not between 1 and 65536" },
		{ "max_clients = many", "is not a number" },
		{ "max_clients = 1 2", "is not a number" },
		{ "log_level = loud", "is not one of emerg" },
		{ "nova_version = new", "is not a version" },
		{ "nova_version = 31", "is not a version" },
		{ "nova_version = 31.0.0.1", "is not a version" },
		{ "libvirt_version = 10.", "is not a version" },
		{ "qemu_version = 8.65536", "is not a version" },
		{ "nova_config = nova.conf", "f.conf:2:15: nova_config: not an absolute path" },
		{ "nova_config_dir = ~/nova.conf.d", "nova_config_dir: not an absolute path" },
		{ "guest_user = 0123456789012345678901234567890123456789012345678901234567890123",
		  "is not a text of at most 63 bytes" },
	};
	char file[256];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		cleanup_(config_freep) struct config *config = NULL;

		(void)snprintf(file, sizeof(file), "[vfmond]\n%s\nmax_clients_per_user = 5\n",
			       rows[i].line);
		config = parse(file);
		assert_int_equal(config->problem_count, 1);
		if (!strstr(config->error, rows[i].error))
			fail_msg("%s: %s", rows[i].line, config->error);
		assert_false(config->broken);
		assert_int_equal(config->max_clients_per_user, 5);
		assert_int_equal(config->stuck_after_usec, 10 * SECOND);
		assert_string_equal(setting(config, "stuck_after")->value, "10s");
	}
}

static void test_of_several_assignments_the_last_counts_and_an_empty_one_resets(void **state)
{
	cleanup_(config_freep) struct config *config = parse(
		"[vfmond]\nmax_clients = 7\nmax_clients = 8\n"
		"stuck_after = 1s\nstuck_after =\n[VFMOND]\nlog_level = err\n");

	(void)state;
	assert_null(config->error);
	assert_int_equal(config->max_clients, 8);
	assert_int_equal(config->stuck_after_usec, 10 * SECOND);
	assert_string_equal(setting(config, "stuck_after")->origin, "default");
	assert_int_equal(config->log_level, LOG_ERR);
}

static void test_a_version_is_an_ordered_number_and_its_word_is_none(void **state)
{
	cleanup_(config_freep) struct config *config = parse(
		"[vfmond]\nnova_version = 31.3.1\nlibvirt_version = 9.0.0\nqemu_version = 8.2\n");
	cleanup_(config_freep) struct config *words = parse(
		"[vfmond]\nnova_version = 31.0\nnova_version = newest\nlibvirt_version = auto\n"
		"qemu_version = 7.2\nqemu_version =\n");

	(void)state;
	assert_true(config->nova_version == VERSION(31, 3, 1));
	assert_true(config->libvirt_version == VERSION(9, 0, 0));
	assert_true(config->qemu_version == VERSION(8, 2, 0));
	assert_null(words->error);
	assert_true(words->nova_version == 0);
	assert_true(words->libvirt_version == 0);
	assert_true(words->qemu_version == 0);
}

static void test_nova_config_may_stand_several_times_and_an_empty_one_resets(void **state)
{
	cleanup_(config_freep) struct config *config = parse(
		"[vfmond]\nnova_config = /gone\nnova_config =\nnova_config_dir = /b\n"
		"nova_config = /etc/nova/nova.conf\nnova_config_dir = /a\n"
		"nova_config = /etc/nova/nova-compute.conf\n");
	cleanup_(config_freep) struct config *none = parse("[vfmond]\n");

	(void)state;
	assert_null(config->error);
	assert_int_equal(config->nova_configs.count, 2);
	assert_string_equal(config->nova_configs.items[0], "/etc/nova/nova.conf");
	assert_string_equal(config->nova_configs.items[1], "/etc/nova/nova-compute.conf");
	assert_int_equal(config->nova_config_dirs.count, 2);
	assert_string_equal(config->nova_config_dirs.items[0], "/b");
	assert_string_equal(config->nova_config_dirs.items[1], "/a");
	assert_int_equal(none->nova_configs.count, 0);
	assert_int_equal(none->nova_config_dirs.count, 0);
}

static void test_unknown_names_are_recorded_and_the_rest_runs(void **state)
{
	static const struct {
		const char *file;
		const char *error;
	} rows[] = {
		{ "[vfmond]\nstuckafter = 1s\n",
		  "f.conf:2:1: unknown key 'stuckafter' in section [vfmond]" },
		{ "[vfmond]\nSTUCK_AFTER = 1s\n", "unknown key" },
		{ "[pci]\ndev_spec = {}\n", "unknown key 'dev_spec' in section [pci]" },
		{ "[DEFAULT]\ndebug = 1\n", "unknown key 'debug' in section [DEFAULT]" },
		{ "[ pci ]\ndevice_spec = {}\n", "in section [ pci ]" },
	};
	char file[256];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		cleanup_(config_freep) struct config *config = NULL;

		(void)snprintf(file, sizeof(file), "%s[pci]\ndevice_spec = {}\n", rows[i].file);
		config = parse(file);
		if (!config->error || !strstr(config->error, rows[i].error))
			fail_msg("%s: %s", rows[i].file, config->error ? config->error : "taken");
		assert_false(config->broken);
		assert_int_equal(nova_conf_count(config->file), 2);
	}
}

static void test_options_of_nova_are_kept_unread(void **state)
{
	cleanup_(config_freep) struct config *config = parse(
		"[pci]\ndevice_spec = 1\nalias = {}\n[vfmond]\nmax_clients = 9\n[PCI]\nalias: {}\n"
		"[libvirt]\nvirt_type = 7\n");

	(void)state;
	assert_false(config->broken);
	assert_null(config->error);
	assert_int_equal(config->max_clients, 9);
	assert_int_equal(nova_conf_count(config->file), 5);
}

static void test_a_file_of_broken_form_gives_the_defaults(void **state)
{
	static const struct {
		const char *file;
		const char *error;
	} rows[] = {
		{ "[vfmond]\nmax_clients = 9\n[pci]\n}\n", "f.conf:4:1: neither" },
		{ "[vfmond]\nmax_clients = 9\n# \xff\n",
		  "f.conf:3:3: the file is not valid UTF-8" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		cleanup_(config_freep) struct config *config = parse(rows[i].file);

		assert_true(config->broken);
		assert_null(config->file);
		assert_int_equal(config->max_clients, 1024);
		if (strncmp(config->error, rows[i].error, strlen(rows[i].error)) != 0)
			fail_msg("%s: %s", rows[i].file, config->error);
	}
}

static void test_the_number_of_kept_problems_is_bounded(void **state)
{
	cleanup_(config_freep) struct config *config = NULL;
	char file[8192] = "[vfmond]\n";

	(void)state;
	for (size_t i = 0; i < 1000; i++)
		strcat(file, "x = 1\n");
	config = parse(file);
	assert_int_equal(config->problem_count, CONFIG_MAX_PROBLEMS);
}

static void test_a_log_level_has_its_syslog_number(void **state)
{
	(void)state;
	assert_int_equal(config_log_level("emerg"), LOG_EMERG);
	assert_int_equal(config_log_level("warning"), LOG_WARNING);
	assert_int_equal(config_log_level("debug"), LOG_DEBUG);
	assert_int_equal(config_log_level("loud"), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_a_file_the_defaults_hold),
		cmocka_unit_test(test_a_setting_of_the_file_is_in_force_and_shown),
		cmocka_unit_test(test_time_spans_are_written_as_in_systemds_files),
		cmocka_unit_test(test_sizes_have_base_1024),
		cmocka_unit_test(test_a_bad_value_is_recorded_and_the_default_counts),
		cmocka_unit_test(
			test_of_several_assignments_the_last_counts_and_an_empty_one_resets),
		cmocka_unit_test(test_a_version_is_an_ordered_number_and_its_word_is_none),
		cmocka_unit_test(test_nova_config_may_stand_several_times_and_an_empty_one_resets),
		cmocka_unit_test(test_unknown_names_are_recorded_and_the_rest_runs),
		cmocka_unit_test(test_options_of_nova_are_kept_unread),
		cmocka_unit_test(test_a_file_of_broken_form_gives_the_defaults),
		cmocka_unit_test(test_the_number_of_kept_problems_is_bounded),
		cmocka_unit_test(test_a_log_level_has_its_syslog_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
