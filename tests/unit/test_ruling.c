/* SPDX-License-Identifier: Apache-2.0 */
/* On a host's files below a folder, with what is found there decided. */
#include "../../monitor/ruling.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
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

#include "../../monitor/log.h"
#include "../lib/alloc.h"
#include "vfmon/alias.h"
#include "vfmon/device_spec.h"
#include "vfmon/nova_config.h"

#define NOVA_CONF "/etc/nova/nova.conf"
#define COPY "/copies" NOVA_CONF
#define SPEC "[pci]\ndevice_spec = {\"vendor_id\": \"8086\"}\n"

struct host {
	char root[64];
	char config[128];
	char copies[128];
	struct ruling *ruling;
};

static void on_log(const struct log_entry *entry, const char *message, void *arg)
{
	(void)entry;
	(void)message;
	(void)arg;
}

static int set_up(void **state)
{
	struct host *h = calloc(1, sizeof(*h));

	assert_non_null(h);
	(void)snprintf(h->root, sizeof(h->root), "/tmp/vfmon-ruling-XXXXXX");
	assert_non_null(mkdtemp(h->root));
	(void)snprintf(h->config, sizeof(h->config), "%s/vfmond.conf", h->root);
	(void)snprintf(h->copies, sizeof(h->copies), "%s/copies", h->root);
	log_set_hook(on_log, NULL);
	*state = h;
	return 0;
}

static int on_removed(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static int tear_down(void **state)
{
	struct host *h = *state;

	ruling_free(h->ruling);
	(void)nftw(h->root, on_removed, 8, FTW_DEPTH | FTW_PHYS);
	log_set_hook(NULL, NULL);
	free(h);
	return 0;
}

static void put(struct host *h, const char *path, const char *text)
{
	char full[256];
	FILE *f;

	(void)snprintf(full, sizeof(full), "%s%s", h->root, path);
	for (char *s = full + strlen(h->root) + 1; (s = strchr(s, '/')); s++) {
		*s = '\0';
		(void)mkdir(full, 0755);
		*s = '/';
	}
	f = fopen(full, "w");
	assert_non_null(f);
	(void)fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static void take_away(struct host *h, const char *path)
{
	char full[256];

	(void)snprintf(full, sizeof(full), "%s%s", h->root, path);
	assert_int_equal(unlink(full), 0);
}

static int new_ruling(struct host *h)
{
	const struct ruling_options options = { .config = h->config,
						.root = h->root,
						.copies = h->copies };

	return ruling_new(&options, &h->ruling);
}

static const struct policy *begin(struct host *h)
{
	assert_int_equal(new_ruling(h), 0);
	return ruling_policy(h->ruling);
}

static size_t specs(const struct host *h)
{
	return device_specs_count(ruling_policy(h->ruling)->config->specs);
}

static void load(struct host *h, int wanted)
{
	assert_int_equal(ruling_load(h->ruling, RULING_NOVA), wanted);
	ruling_forget(h->ruling);
}

/* The row of GetStatus for a file, or NULL. */
static const struct config_file_status *row(struct host *h, const char *path)
{
	struct status status = { 0 };

	ruling_status(h->ruling, &status);
	for (size_t i = 0; i < status.config_file_count; i++)
		if (strcmp(status.config_files[i].path, path) == 0)
			return &status.config_files[i];
	return NULL;
}

static const struct setting_status *setting(struct host *h, const char *name)
{
	struct status status = { 0 };

	ruling_status(h->ruling, &status);
	for (size_t i = 0; i < status.setting_count; i++)
		if (strcmp(status.settings[i].name, name) == 0)
			return &status.settings[i];
	fail_msg("no setting %s", name);
	return NULL;
}

static void test_a_host_without_any_file_matches_nothing(void **state)
{
	struct host *h = *state;
	const struct policy *policy = begin(h);

	assert_int_equal(specs(h), 0);
	assert_int_equal(policy->nova, NOVA_NEWEST);
	assert_int_equal(policy->libvirt, 0);
	assert_int_equal(policy->qemu, 0);
	assert_false(policy->has_driverctl);
	assert_null(policy->own_file);
	assert_null(policy->rejected);
	assert_true(policy->host_name[0] != '\0');
	assert_null(ruling_error(h->ruling));
	assert_string_equal(setting(h, "nova_config")->value, "");
	assert_string_equal(setting(h, "libvirt_version")->origin, "assumed");
}

static void test_the_usual_places_of_a_distribution_and_of_kolla_are_read(void **state)
{
	struct host *h = *state;

	put(h, "/usr/share/nova/nova-dist.conf", "[libvirt]\nvirt_type = qemu\n");
	put(h, NOVA_CONF, SPEC);
	put(h, "/etc/nova/nova-compute.conf", SPEC);
	put(h, "/etc/nova/nova.conf.d/a.conf", SPEC);
	put(h, "/etc/nova/nova-compute.conf.d/a.conf", SPEC);
	put(h, "/etc/kolla/nova-compute/nova.conf", SPEC);
	begin(h);
	assert_int_equal(specs(h), 5);
	assert_string_equal(ruling_policy(h->ruling)->config->virt_type, "qemu");
	assert_string_equal(setting(h, "nova_config")->value,
			    "/usr/share/nova/nova-dist.conf /etc/nova/nova.conf "
			    "/etc/nova/nova-compute.conf /etc/kolla/nova-compute/nova.conf");
	assert_string_equal(setting(h, "nova_config")->origin, "default");
	assert_string_equal(setting(h, "nova_config_dir")->value,
			    "/etc/nova/nova.conf.d /etc/nova/nova-compute.conf.d");
}

static void test_reading_the_same_again_is_no_news(void **state)
{
	struct host *h = *state;

	put(h, NOVA_CONF, SPEC);
	begin(h);
	load(h, 0);
	put(h, NOVA_CONF, SPEC);
	load(h, 0);
	put(h, NOVA_CONF, SPEC SPEC);
	load(h, 1);
	assert_int_equal(specs(h), 2);
	load(h, 0);
}

static void test_a_change_of_a_file_in_a_usual_place_is_heard(void **state)
{
	struct host *h = *state;

	begin(h);
	assert_int_equal(ruling_hear(h->ruling), 0);
	put(h, NOVA_CONF, SPEC);
	assert_int_equal(ruling_hear(h->ruling), 1);
	load(h, 1);
	put(h, "/etc/nova/other.conf", "");
	assert_int_equal(ruling_hear(h->ruling), 0);
	put(h, NOVA_CONF, "");
	assert_int_equal(ruling_hear(h->ruling), 1);
}

static void test_a_copy_counts_instead_of_its_original(void **state)
{
	struct host *h = *state;

	put(h, NOVA_CONF, SPEC SPEC);
	put(h, COPY, SPEC);
	begin(h);
	assert_int_equal(specs(h), 1);
	take_away(h, COPY);
	assert_int_equal(ruling_hear(h->ruling), 1);
	load(h, 1);
	assert_int_equal(specs(h), 2);
}

static void test_entries_of_its_own_count_until_nova_has_a_file(void **state)
{
	struct host *h = *state;

	put(h, "/vfmond.conf", "[vfmond]\nmax_clients = 7\n" SPEC);
	begin(h);
	assert_int_equal(specs(h), 1);
	assert_null(ruling_policy(h->ruling)->own_file);
	put(h, NOVA_CONF, "[pci]\n");
	load(h, 1);
	assert_int_equal(specs(h), 0);
	assert_string_equal(ruling_policy(h->ruling)->own_file, h->config);
	assert_int_equal(ruling_policy(h->ruling)->own_line, 4);
	assert_int_equal(ruling_config(h->ruling)->max_clients, 7);
	take_away(h, NOVA_CONF);
	load(h, 1);
	assert_int_equal(specs(h), 1);
	assert_null(ruling_policy(h->ruling)->own_file);
}

static void test_what_is_broken_on_disk_is_rejected_and_tells_why(void **state)
{
	struct host *h = *state;

	put(h, NOVA_CONF, SPEC);
	begin(h);
	put(h, NOVA_CONF, "[pci]\n}\n");
	load(h, 1);
	assert_int_equal(specs(h), 1);
	assert_non_null(ruling_policy(h->ruling)->rejected);
	assert_int_equal(ruling_policy(h->ruling)->rejected->count, 1);
	assert_int_equal(ruling_policy(h->ruling)->rejected->items[0].line, 2);
	assert_non_null(strstr(row(h, NOVA_CONF)->error, "stays in force"));
	assert_non_null(strstr(ruling_error(h->ruling), NOVA_CONF ":2:"));
	put(h, NOVA_CONF, "[pci]\n}}\n");
	load(h, 1);
	assert_int_equal(specs(h), 1);
	put(h, NOVA_CONF, SPEC SPEC);
	load(h, 1);
	assert_int_equal(specs(h), 2);
	assert_null(ruling_policy(h->ruling)->rejected);
	assert_null(row(h, NOVA_CONF)->error);
}

static void test_settings_of_a_file_with_a_refused_entry_wait_for_its_repair(void **state)
{
	struct host *h = *state;

	put(h, "/vfmond.conf", SPEC);
	begin(h);
	put(h, "/vfmond.conf", "[vfmond]\nmax_clients = 7\n[pci]\ndevice_spec = 7\n");
	assert_int_equal(ruling_load(h->ruling, RULING_ALL), 1);
	assert_int_equal(ruling_config(h->ruling)->max_clients, 1024);
	assert_int_equal(specs(h), 1);
	assert_non_null(strstr(row(h, h->config)->error, "vfmond.conf:4:"));
	put(h, "/vfmond.conf", "[vfmond]\nmax_clients = 7\n" SPEC SPEC);
	assert_int_equal(ruling_load(h->ruling, RULING_ALL), 1);
	assert_int_equal(ruling_config(h->ruling)->max_clients, 7);
	assert_int_equal(specs(h), 2);
	assert_null(row(h, h->config)->error);
}

static void test_the_version_of_nova_decides_what_is_refused(void **state)
{
	struct host *h = *state;

	put(h, NOVA_CONF, SPEC "alias = {\"colour\": 1}\n");
	put(h, "/vfmond.conf", "[vfmond]\nnova_version = 31.0\n");
	begin(h);
	assert_int_equal(specs(h), 1);
	assert_int_equal(ruling_policy(h->ruling)->nova, VERSION(31, 0, 0));
	put(h, "/vfmond.conf", "[vfmond]\nnova_version = 34.0\n");
	assert_int_equal(ruling_load(h->ruling, RULING_ALL), 1);
	assert_non_null(ruling_policy(h->ruling)->rejected);
	/* What is in force was read as that of the old one. */
	assert_int_equal(ruling_policy(h->ruling)->nova, VERSION(31, 0, 0));
	assert_int_equal(specs(h), 1);
}

static void test_what_is_installed_is_found_and_what_is_given_counts(void **state)
{
	struct host *h = *state;
	char link[256];

	put(h, "/usr/libexec/qemu-kvm", "QEMU emulator version 9.1.0");
	put(h, "/usr/lib64/here", "");
	(void)snprintf(link, sizeof(link), "%s/usr/lib64/libvirt.so.0", h->root);
	assert_int_equal(symlink("libvirt.so.0.11003.0", link), 0);
	begin(h);
	assert_int_equal(ruling_policy(h->ruling)->libvirt, VERSION(11, 3, 0));
	assert_int_equal(ruling_policy(h->ruling)->qemu, VERSION(9, 1, 0));
	assert_string_equal(setting(h, "libvirt_version")->value, "11.3.0");
	assert_string_equal(setting(h, "libvirt_version")->origin,
			    "found (/usr/lib64/libvirt.so.0)");
	put(h, "/vfmond.conf", "[vfmond]\nlibvirt_version = 9.0\n");
	assert_int_equal(ruling_load(h->ruling, RULING_ALL), 1);
	assert_int_equal(ruling_policy(h->ruling)->libvirt, VERSION(9, 0, 0));
	assert_string_equal(setting(h, "libvirt_version")->origin, "file");
}

static void test_without_memory_what_was_in_force_stays(void **state)
{
	struct host *h = *state;
	bool failed = true;
	int r;

	put(h, "/vfmond.conf", "[vfmond]\nmax_clients = 7\n" SPEC);
	put(h, NOVA_CONF, SPEC);
	put(h, "/etc/nova/nova.conf.d/a.conf", "[pci]\n");
	for (size_t n = 0; failed; n++) {
		alloc_fail_after(n);
		r = new_ruling(h);
		failed = alloc_fail_never();
		assert_true(r == 0 || (failed && r == -ENOMEM));
		if (r == 0)
			h->ruling = ruling_free(h->ruling);
	}
	begin(h);
	put(h, NOVA_CONF, SPEC SPEC);
	failed = true;
	for (size_t n = 0; failed; n++) {
		alloc_fail_after(n);
		r = ruling_load(h->ruling, RULING_ALL);
		failed = alloc_fail_never();
		assert_true(r == 1 || (failed && r == -ENOMEM));
		assert_true(specs(h) == 1 || specs(h) == 2);
		ruling_forget(h->ruling);
	}
	assert_int_equal(specs(h), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_host_without_any_file_matches_nothing),
		TEST(test_the_usual_places_of_a_distribution_and_of_kolla_are_read),
		TEST(test_reading_the_same_again_is_no_news),
		TEST(test_a_change_of_a_file_in_a_usual_place_is_heard),
		TEST(test_a_copy_counts_instead_of_its_original),
		TEST(test_entries_of_its_own_count_until_nova_has_a_file),
		TEST(test_what_is_broken_on_disk_is_rejected_and_tells_why),
		TEST(test_settings_of_a_file_with_a_refused_entry_wait_for_its_repair),
		TEST(test_the_version_of_nova_decides_what_is_refused),
		TEST(test_what_is_installed_is_found_and_what_is_given_counts),
		TEST(test_without_memory_what_was_in_force_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
