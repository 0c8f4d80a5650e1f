/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/linted.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define VFS "\"product_id\": \"10ca\""

/* An entry of all VFs with these keys besides, in a file with these lines besides. */
static void expect_with(struct linted *l, const char *keys, const char *lines, const char *expected)
{
	char text[1024];

	(void)snprintf(text, sizeof(text), "[pci]\ndevice_spec = {" VFS ", %s}\n%s", keys, lines);
	linted_expect(l, text, expected);
}

static void expect(struct linted *l, const char *keys, const char *expected)
{
	expect_with(l, keys, "", expected);
}

static void follow(struct linted *l, version_t nova)
{
	l->host.policy.nova = nova;
}

static void test_a_key_that_nova_does_not_know_is_told_with_what_was_meant(void **state)
{
	static const struct {
		const char *key, *meant;
	} rows[] = {
		{ "manged", "managed" },
		{ "Vendor_id", "vendor_id" },
		{ "vendor-id", "vendor_id" },
		{ "addres_s", "address" },
		{ "resource_classes", "resource_class" },
		{ "physicalnetwork", "physical_network" },
		{ "live_migrateable", "live_migratable" },
		{ "trait", "traits" },
		{ "colour", NULL },
		{ "device_type", NULL },
		{ "", NULL },
		{ "a_key_that_is_longer_than_any_that_nova_has", NULL },
	};
	char keys[128];

	for (size_t i = 0; i < COUNT(rows); i++) {
		(void)snprintf(keys, sizeof(keys), "\"%s\": \"x\"", rows[i].key);
		expect(*state, keys, "suspicious unknown_key 2:15 #0\n");
		linted_expect_message(*state, rows[i].key);
		if (rows[i].meant) {
			(void)snprintf(keys, sizeof(keys), "did you mean %s?", rows[i].meant);
			linted_expect_remedy(*state, keys);
		} else {
			linted_expect_remedy(*state, "remove the key");
		}
	}
}

static void test_one_time_use_is_an_unknown_key_before_32_0(void **state)
{
	struct linted *l = *state;

	expect(l, "\"one_time_use\": \"no\"", "suspicious unknown_key 2:15 #0\n");
	linted_expect_message(l, "from Nova 32.0.0 on, and has no effect in 31.0.0");
	follow(l, VERSION(32, 0, 0));
	expect(l, "\"product_id\": \"10c9\", \"one_time_use\": \"no\"", "");
	follow(l, VERSION(31, 0, 0));
}

static void test_known_keys_are_no_finding(void **state)
{
	expect(*state,
	       "\"vendor_id\": \"8086\", \"address\": \"*:*:*.*\", \"managed\": \"no\", "
	       "\"live_migratable\": \"yes\", \"trusted\": \"true\", \"remote_managed\": \"false\", "
	       "\"resource_class\": \"gold\", \"traits\": \"a,b\", \"physical_network\": null",
	       "");
}

static void test_a_class_that_placement_does_not_take_is_wrong(void **state)
{
	static const char *const bad[] = { "custom_a-b", "CUSTOM_", "CUSTOM_\u00e9", "custom_a b" };
	static const char *const good[] = { "gold gpu", "pgpu", "vgpu", "custom-foo", "" };
	char keys[128];

	for (size_t i = 0; i < COUNT(bad); i++) {
		(void)snprintf(keys, sizeof(keys), "\"resource_class\": \"%s\"", bad[i]);
		expect(*state, keys, "wrong invalid_resource_class 2:15 #0\n");
		linted_expect_message(*state, "Placement does not take");
	}
	for (size_t i = 0; i < COUNT(good); i++) {
		(void)snprintf(keys, sizeof(keys), "\"resource_class\": \"%s\"", good[i]);
		expect(*state, keys, "");
	}
}

static void test_a_class_of_more_than_255_characters_is_wrong(void **state)
{
	char keys[320] = "\"resource_class\": \"";

	memset(keys + strlen(keys), 'A', 248);
	strcat(keys, "\"");
	expect(*state, keys, "");
	keys[strlen(keys) - 1] = '\0';
	strcat(keys, "A\"");
	expect(*state, keys, "wrong invalid_resource_class 2:15 #0\n");
}

static void test_a_class_or_traits_that_are_no_text_fail_at_every_update(void **state)
{
	expect(*state, "\"resource_class\": 5", "wrong invalid_resource_class 2:15 #0\n");
	linted_expect_message(*state, "no text");
	expect(*state, "\"traits\": true", "wrong invalid_trait 2:15 #0\n");
	expect(*state, "\"traits\": [\"a\"]",
	       "wrong invalid_trait 2:15 #0\nwrong value_error 2:15 #0\n");
	expect(*state, "\"resource_class\": 0, \"traits\": null", "");
}

static void test_an_empty_trait_is_wrong_and_a_blank_is_not(void **state)
{
	expect(*state, "\"traits\": \"blue,,big\"", "wrong invalid_trait 2:15 #0\n");
	linted_expect_message(*state, "'CUSTOM_'");
	expect(*state, "\"traits\": \"blue, big\"", "");
	expect(*state, "\"traits\": \"CUSTOM_a-b,CUSTOM_\u00e9\"",
	       "wrong invalid_trait 2:15 #0\nwrong invalid_trait 2:15 #0\n");
}

static void test_names_of_entries_that_never_get_to_placement_do_not_matter(void **state)
{
	expect(*state,
	       "\"physical_network\": \"n\", \"resource_class\": \"custom_a-b\", \"traits\": \",\"",
	       "");
	expect(*state, "\"physical_network\": \"\", \"resource_class\": \"custom_a-b\"",
	       "wrong invalid_resource_class 2:15 #0\n");
}

static void test_a_tag_that_is_a_list_or_an_object_stops_every_update(void **state)
{
	expect(*state, "\"trusted\": [\"true\"]",
	       "wrong value_error 2:15 #0\nwrong value_error 2:15 #0\n");
	expect(*state, "\"physical_network\": {}", "wrong value_error 2:15 #0\n");
	linted_expect_message(*state, "list or an object");
}

static void test_managed_is_ignored_for_a_physical_network(void **state)
{
	expect(*state, "\"physical_network\": \"n\", \"managed\": \"no\"",
	       "wrong managed_ignored_for_network 2:15 #0 0000:3b:02.0 0000:3b:02.1 0000:5e:02.0\n");
	linted_expect_message(*state, "managed=\"yes\"");
	expect(*state, "\"physical_network\": \"n\", \"managed\": \"yes\"", "");
	expect(*state, "\"physical_network\": \"n\"", "");
	expect(*state, "\"physical_network\": \"\", \"managed\": \"no\"", "");
	expect(*state, "\"physical_network\": null, \"managed\": \"no\"", "");
}

static void test_remote_managed_is_compared_as_it_was_written(void **state)
{
	static const char *const bad[] = { "\"no\"", "\"0\"", "false", "0", "\"off\"" };
	static const char *const good[] = { "\"false\"", "\"False\"", "null" };
	char keys[128];

	for (size_t i = 0; i < COUNT(bad); i++) {
		(void)snprintf(keys, sizeof(keys), "\"remote_managed\": %s", bad[i]);
		expect(*state, keys, "wrong remote_managed_pitfall 2:15 #0\n");
		linted_expect_message(*state, bad[i]);
	}
	for (size_t i = 0; i < COUNT(good); i++) {
		(void)snprintf(keys, sizeof(keys), "\"remote_managed\": %s", good[i]);
		expect(*state, keys, "");
	}
}

static void test_trusted_is_compared_as_it_was_written(void **state)
{
	expect(*state, "\"trusted\": \"yes\"", "wrong value_error 2:15 #0\n");
	expect(*state, "\"trusted\": \"TRUE\"", "");
	expect(*state, "\"trusted\": null", "");
}

static void test_a_true_remote_managed_on_a_pf_refuses_the_start(void **state)
{
	linted_expect(*state,
		      "[pci]\ndevice_spec = {\"address\": \"0000:3b:00.0\", \"remote_managed\": "
		      "\"true\"}\n",
		      "refused remote_managed_pitfall 2:15 #0\n"
		      "suspicious spec_matches_nothing 2:15 #0\n");
	linted_expect_message(*state, "(PciDevice");
	linted_expect_remedy(*state, "name the VFs");
	linted_expect(
		*state,
		"[pci]\ndevice_spec = {\"devname\": \"eth9\", \"remote_managed\": \"true\"}\n",
		"refused remote_managed_pitfall 2:15 #0\nsuspicious devname_pitfall 2:15 #0\n"
		"suspicious spec_matches_nothing 2:15 #0\n");
	linted_expect(*state,
		      "[pci]\ndevice_spec = {\"address\": \"0000:3b:02.0\", \"remote_managed\": "
		      "\"true\"}\n",
		      "suspicious spec_matches_nothing 2:15 #0\n");
}

static void test_a_devname_refuses_the_start_with_report_in_placement(void **state)
{
	linted_expect(*state, "[pci]\ndevice_spec = {\"devname\": \"eth7\"}\n",
		      "suspicious devname_pitfall 2:15 #0\n");
	linted_expect_message(*state, "'eth7'");
	linted_expect(*state,
		      "[pci]\ndevice_spec = {\"devname\": \"eth7\"}\nreport_in_placement = yes\n",
		      "refused devname_pitfall 2:15 #0\n");
	linted_expect_message(*state, "(PlacementPciException)");
}

static void test_a_live_migratable_tag_needs_libvirt_10_0_0_and_qemu_8_2_2(void **state)
{
	static const struct {
		version_t libvirt, qemu;
		const char *needs; /* NULL: it is fine */
	} rows[] = {
		{ 0, 0, NULL },
		{ VERSION(10, 0, 0), VERSION(8, 2, 2), NULL },
		{ VERSION(10, 0, 0), 0, NULL },
		{ VERSION(9, 10, 0), 0, "libvirt 10.0.0 or newer, here is 9.10.0" },
		{ 0, VERSION(8, 2, 1), "QEMU 8.2.2 or newer, here is 8.2.1" },
		{ VERSION(11, 3, 0), VERSION(7, 2, 0), "QEMU 8.2.2" },
		{ VERSION(9, 0, 0), VERSION(7, 2, 0), "libvirt 10.0.0" },
	};
	struct linted *l = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		l->host.policy.libvirt = rows[i].libvirt;
		l->host.policy.qemu = rows[i].qemu;
		expect(l, "\"live_migratable\": \"no\"",
		       rows[i].needs ? "refused live_migratable_needs 2:15 #0\n" : "");
		if (rows[i].needs)
			linted_expect_message(l, rows[i].needs);
		expect(l, "\"live_migratable\": null", "");
		expect(l, "\"managed\": \"no\"", "");
	}
	l->host.policy.libvirt = l->host.policy.qemu = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_key_that_nova_does_not_know_is_told_with_what_was_meant),
		cmocka_unit_test(test_one_time_use_is_an_unknown_key_before_32_0),
		cmocka_unit_test(test_known_keys_are_no_finding),
		cmocka_unit_test(test_a_class_that_placement_does_not_take_is_wrong),
		cmocka_unit_test(test_a_class_of_more_than_255_characters_is_wrong),
		cmocka_unit_test(test_a_class_or_traits_that_are_no_text_fail_at_every_update),
		cmocka_unit_test(test_an_empty_trait_is_wrong_and_a_blank_is_not),
		cmocka_unit_test(test_names_of_entries_that_never_get_to_placement_do_not_matter),
		cmocka_unit_test(test_a_tag_that_is_a_list_or_an_object_stops_every_update),
		cmocka_unit_test(test_managed_is_ignored_for_a_physical_network),
		cmocka_unit_test(test_remote_managed_is_compared_as_it_was_written),
		cmocka_unit_test(test_trusted_is_compared_as_it_was_written),
		cmocka_unit_test(test_a_true_remote_managed_on_a_pf_refuses_the_start),
		cmocka_unit_test(test_a_devname_refuses_the_start_with_report_in_placement),
		cmocka_unit_test(test_a_live_migratable_tag_needs_libvirt_10_0_0_and_qemu_8_2_2),
	};

	return cmocka_run_group_tests(tests, linted_set_up, linted_tear_down);
}
