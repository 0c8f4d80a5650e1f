/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/specs.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void test_a_value_is_an_object_or_a_list_of_objects(void **state)
{
	static const struct {
		const char *value;
		size_t count;
	} good[] = {
		{ "{}", 1 },
		{ " [ ] ", 0 },
		{ "[{},{\"a\":1}]", 2 },
		{ "\n{\n}\n", 1 },
	};
	static const struct specs_refusal bad[] = {
		{ "", 15, "empty", "PciConfigInvalidSpec" },
		{ "1", 15, "neither an object", "PciConfigInvalidSpec" },
		{ "\"x\"", 15, "neither an object", "PciConfigInvalidSpec" },
		{ "null", 15, "neither an object", "PciConfigInvalidSpec" },
		{ "[{}, 1]", 20, "no object", "PciConfigInvalidSpec" },
		{ "[{}, [{}]]", 20, "no object", "PciConfigInvalidSpec" },
		{ "{}{}", 17, "not valid JSON", "PciConfigInvalidSpec" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		cleanup_(device_specs_freep) struct device_specs *specs = specs_new();

		specs_add_good(specs, good[i].value);
		assert_int_equal(device_specs_count(specs), good[i].count);
	}
	specs_check_refused(bad, COUNT(bad));
}

static void test_ids_are_hexadecimal_numbers_in_any_spelling(void **state)
{
	static const struct specs_take rows[] = {
		{ "{\"vendor_id\": \"10de\"}", "0000:25:00.4", true },
		{ "{\"vendor_id\": \"10DE\"}", "0000:25:00.4", true },
		{ "{\"vendor_id\": \" 0x10de \"}", "0000:25:00.4", true },
		{ "{\"vendor_id\": \"000010de\"}", "0000:25:00.4", true },
		{ "{\"vendor_id\": \"10_de\"}", "0000:25:00.4", true },
		{ "{\"vendor_id\": \" * \"}", "0000:25:00.4", true },
		{ "{\"vendor_id\": \"8086\"}", "0000:25:00.4", false },
		{ "{\"vendor_id\": \"-10de\"}", "0000:25:00.4", false },
		{ "{\"vendor_id\": \"10de\", \"product_id\": \"25b6\"}", "0000:25:00.4", true },
		{ "{\"vendor_id\": \"10de\", \"product_id\": \"25b7\"}", "0000:25:00.4", false },
		{ "{\"product_id\": \"25b6\", \"vendor_id\": \"8086\"}", "0000:25:00.4", false },
	};

	(void)state;
	specs_check_takes(rows, COUNT(rows));
}

static void test_ids_that_nova_refuses_are_refused(void **state)
{
	static const struct specs_refusal rows[] = {
		{ "{\"vendor_id\": 8086}", 29, "vendor_id: not a text", "AttributeError" },
		{ "{\"vendor_id\": null}", 29, "vendor_id: not a text", "AttributeError" },
		{ "{\"vendor_id\": \"\"}", 29, "nor a hexadecimal number", "PciConfigInvalidSpec" },
		{ "{\"vendor_id\": \"xyz\"}", 29, "vendor_id: 'xyz'", "PciConfigInvalidSpec" },
		{ "{\"vendor_id\": \"10000\"}", 29, "vendor_id: '10000' is greater than FFFF",
		  "PciConfigInvalidSpec" },
		{ "{\"product_id\": \" * \"}", 30, "product_id: ' * '", "PciConfigInvalidSpec" },
		{ "{\"product_id\": []}", 30, "product_id: not a text", "TypeError" },
	};

	(void)state;
	specs_check_refused(rows, COUNT(rows));
}

static void test_an_address_is_cut_at_the_dot_and_filled_up_on_the_left(void **state)
{
	static const struct specs_take rows[] = {
		{ "{\"address\": \"0000:25:00.4\"}", "0000:25:00.4", true },
		{ "{\"address\": \"0000:25:00.4\"}", "0000:25:00.5", false },
		{ "{\"address\": \"25:00.4\"}", "0001:25:00.4", true },
		{ "{\"address\": \"25:00.4\"}", "0000:26:00.4", false },
		{ "{\"address\": \"0a\"}", "0000:25:0a.4", true },
		{ "{\"address\": \"0a\"}", "0000:0a:00.4", false },
		{ "{\"address\": \"0000\"}", "0000:25:00.4", true },
		{ "{\"address\": \"0000:*\"}", "0000:00:05.4", true },
		{ "{\"address\": \"0000:*\"}", "0000:25:05.4", false },
		{ "{\"address\": \".4\"}", "0000:25:00.4", true },
		{ "{\"address\": \".4\"}", "0000:25:00.5", false },
		{ "{\"address\": \".\"}", "0000:25:00.5", true },
		{ "{\"address\": \"0000:25:00.\"}", "0000:25:00.5", true },
		{ "{\"address\": \":25:\"}", "0000:25:05.5", true },
		{ "{\"address\": \"::\"}", "0000:25:05.5", true },
		{ "{\"address\": \" 0000 : 25 : 0 . 4 \"}", "0000:25:00.4", true },
		{ "{\"address\": \"*:25:*.*\"}", "0000:25:05.5", true },
		{ "{\"address\": \"0x0:0x25:-0.+4\"}", "0000:25:00.4", true },
		{ "{\"address\": \"0000:25:-1.4\"}", "0000:25:01.4", false },
		{ "{\"address\": \"0000:25:00.*\"}", "0000:25:00.4", true },
		{ "{\"address\": \"0000:0A:00.4\"}", "0000:0a:00.4", true },
	};

	(void)state;
	specs_check_takes(rows, COUNT(rows));
}

static void test_a_false_address_means_any(void **state)
{
	static const struct specs_take rows[] = {
		{ "{\"address\": \"\"}", "0000:25:00.4", true },
		{ "{\"address\": null}", "0000:25:00.4", true },
		{ "{\"address\": false}", "0000:25:00.4", true },
		{ "{\"address\": 0}", "0000:25:00.4", true },
		{ "{\"address\": 0.0}", "0000:25:00.4", true },
		{ "{\"address\": []}", "0000:25:00.4", true },
		{ "{\"address\": {}}", "0000:25:00.4", true },
	};

	(void)state;
	specs_check_takes(rows, COUNT(rows));
}

static void test_addresses_that_nova_refuses_are_refused(void **state)
{
	static const struct specs_refusal rows[] = {
		{ "{\"address\": \"0*\"}", 27, "slot: '0*'", "PciConfigInvalidSpec" },
		{ "{\"address\": \"0?\"}", 27, "slot: '0?'", "PciConfigInvalidSpec" },
		{ "{\"address\": \"[0-2]\"}", 27, "slot: '[0-2]'", "PciConfigInvalidSpec" },
		{ "{\"address\": \"10000:00:00.0\"}", 27, "domain: '10000' is greater than FFFF",
		  "PciConfigInvalidSpec" },
		{ "{\"address\": \"100:00.0\"}", 27, "bus: '100' is greater than FF",
		  "PciConfigInvalidSpec" },
		{ "{\"address\": \"00:20.0\"}", 27, "slot: '20' is greater than 1F",
		  "PciConfigInvalidSpec" },
		{ "{\"address\": \"00:00.8\"}", 27, "function: '8' is greater than 7",
		  "PciConfigInvalidSpec" },
		{ "{\"address\": \"0:0:0:0.0\"}", 27, "more than domain, bus and slot",
		  "PciDeviceWrongAddressFormat" },
		{ "{\"address\": \"00.0.0\"}", 27, "function: '0.0'", "PciConfigInvalidSpec" },
		{ "{\"address\": \"00. \"}", 27, "function: ''", "PciConfigInvalidSpec" },
		{ "{\"address\": \"pci_0000_0a_00_0\"}", 27, "slot: 'pci_0000_0a_00_0'",
		  "PciConfigInvalidSpec" },
		{ "{\"address\": 5}", 27, "neither a text nor an object",
		  "PciDeviceWrongAddressFormat" },
		{ "{\"address\": true}", 27, "neither a text nor an object",
		  "PciDeviceWrongAddressFormat" },
	};

	(void)state;
	specs_check_refused(rows, COUNT(rows));
}

static void test_devname_and_address_exclude_each_other(void **state)
{
	static const struct specs_refusal bad[] = {
		{ "{\"devname\": \"eth0\", \"address\": \"*:*:*.*\"}", 16, "not both",
		  "PciDeviceInvalidDeviceName" },
	};
	static const struct specs_take good[] = {
		{ "{\"devname\": \"\", \"address\": \".4\"}", "0000:25:00.4", true },
		{ "{\"devname\": null}", "0000:25:00.4", true },
	};

	(void)state;
	specs_check_refused(bad, COUNT(bad));
	specs_check_takes(good, COUNT(good));
}

static void test_strict_booleans_take_twelve_words(void **state)
{
	static const struct {
		const char *value;
		const char *stored;
	} rows[] = {
		{ "\"1\"", "true" },	  { "\"t\"", "true" },
		{ "\"true\"", "true" },	  { "\"on\"", "true" },
		{ "\"y\"", "true" },	  { "\"yes\"", "true" },
		{ "\"0\"", "false" },	  { "\"f\"", "false" },
		{ "\"false\"", "false" }, { "\"off\"", "false" },
		{ "\"n\"", "false" },	  { "\"no\"", "false" },
		{ "\" YES \"", "true" },  { "\"\\tNo\\n\"", "false" },
		{ "true", "true" },	  { "false", "false" },
		{ "1", "true" },	  { "0", "false" },
		{ "-0", "false" },
	};
	char entry[128];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		cleanup_(device_specs_freep) struct device_specs *specs = specs_new();
		cleanup_(spec_match_unrefp) struct spec_match *m = NULL;

		(void)snprintf(entry, sizeof(entry), "{\"managed\": %s, \"live_migratable\": %s}",
			       rows[i].value, rows[i].value);
		specs_add_good(specs, entry);
		m = specs_match(specs, "0000:25:00.4");
		assert_int_equal(m->managed, strcmp(rows[i].stored, "true") == 0);
		assert_string_equal(m->tags[0].value, rows[i].stored);
		assert_string_equal(m->tags[1].value, rows[i].stored);
	}
}

static void test_a_strict_boolean_refuses_every_other_value(void **state)
{
	static const struct specs_refusal rows[] = {
		{ "{\"managed\": \"maybe\"}", 27,
		  "Cannot parse tag 'managed': 'maybe' is none of 1, t, true, on, y, yes, 0, f, "
		  "false, off, n, no",
		  "PciConfigInvalidSpec" },
		{ "{\"managed\": \"\"}", 27, "Cannot parse tag 'managed': ''",
		  "PciConfigInvalidSpec" },
		{ "{\"managed\": 2}", 27, "'2'", "PciConfigInvalidSpec" },
		{ "{\"managed\": 1.0}", 27, "'1.0'", "PciConfigInvalidSpec" },
		{ "{\"managed\": []}", 27, "'[]'", "PciConfigInvalidSpec" },
		{ "{\"live_migratable\": \"ja\"}", 35, "Cannot parse tag 'live_migratable'",
		  "PciConfigInvalidSpec" },
		{ "{\"live_migratable\": \"ja\", \"managed\": \"x\"}", 52, "'managed'",
		  "PciConfigInvalidSpec" },
	};

	(void)state;
	specs_check_refused(rows, COUNT(rows));
}

static void test_a_lenient_boolean_keeps_its_spelling(void **state)
{
	cleanup_(device_specs_freep) struct device_specs *specs = specs_new();
	cleanup_(spec_match_unrefp) struct spec_match *m = NULL;

	(void)state;
	specs_add_good(specs, "{\"remote_managed\": \"maybe NOT\"}");
	m = specs_match(specs, "0000:25:00.4");
	assert_string_equal(m->tags[0].name, "remote_managed");
	assert_string_equal(m->tags[0].value, "maybe NOT");
}

static void test_tags_are_all_keys_but_ids_and_place(void **state)
{
	cleanup_(device_specs_freep) struct device_specs *specs = specs_new();
	cleanup_(spec_match_unrefp) struct spec_match *m = NULL;
	static const struct spec_tag wanted[] = {
		{ "trusted", "true" }, { "my key", "{\"a\": [1, 1.5, \"\\u00e9\"]}" },
		{ "managed", "null" }, { "other", "\u00e9" },
		{ "number", "007" },   { "flag", "false" },
	};

	(void)state;
	specs_add_good(specs,
		       "{\"trusted\": \"true\", \"vendor_id\": \"10de\", \"product_id\": \"*\","
		       "\"my key\": {\"a\":[1,1.50,\"\u00e9\"]}, \"managed\": null,"
		       "\"address\": \"\", \"devname\": \"\", \"other\": \"\\u00e9\","
		       "\"number\": \"007\", \"flag\": false}");
	m = specs_match(specs, "0000:25:00.4");
	assert_int_equal(m->tag_count, COUNT(wanted));
	for (size_t i = 0; i < COUNT(wanted); i++) {
		assert_string_equal(m->tags[i].name, wanted[i].name);
		assert_string_equal(m->tags[i].value, wanted[i].value);
	}
}

static void test_the_class_is_normalised_or_made_of_the_ids(void **state)
{
	static const struct {
		const char *entry;
		const char *name;
	} rows[] = {
		{ "{}", "CUSTOM_PCI_10DE_25B6" },
		{ "{\"resource_class\": \"\"}", "CUSTOM_PCI_10DE_25B6" },
		{ "{\"resource_class\": null}", "CUSTOM_PCI_10DE_25B6" },
		{ "{\"resource_class\": 0}", "CUSTOM_PCI_10DE_25B6" },
		{ "{\"resource_class\": \"gold gpu\"}", "CUSTOM_GOLD_GPU" },
		{ "{\"resource_class\": \"pgpu\"}", "PGPU" },
		{ "{\"resource_class\": \"CUSTOM_A16_16A\"}", "CUSTOM_A16_16A" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		cleanup_(device_specs_freep) struct device_specs *specs = specs_new();
		cleanup_(spec_match_unrefp) struct spec_match *m = NULL;

		specs_add_good(specs, rows[i].entry);
		m = specs_match(specs, "0000:25:00.4");
		assert_string_equal(m->resource_class, rows[i].name);
	}
}

static void test_traits_are_a_sorted_set_cut_at_commas_without_trimming(void **state)
{
	static const struct {
		const char *entry;
		size_t count;
		const char *traits[4];
	} rows[] = {
		{ "{}", 0, { NULL } },
		{ "{\"traits\": \"\"}", 0, { NULL } },
		{ "{\"traits\": null}", 0, { NULL } },
		{ "{\"traits\": \"blue, big\"}", 2, { "CUSTOM_BLUE", "CUSTOM__BIG" } },
		{ "{\"traits\": \"b,a,CUSTOM_A,B\"}", 2, { "CUSTOM_A", "CUSTOM_B" } },
		{ "{\"traits\": \"HW_GPU_API_VULKAN,hw_gpu_api_vulkan\"}",
		  2,
		  { "CUSTOM_HW_GPU_API_VULKAN", "HW_GPU_API_VULKAN" } },
		{ "{\"traits\": \"a,,\"}", 2, { "CUSTOM_", "CUSTOM_A" } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		cleanup_(device_specs_freep) struct device_specs *specs = specs_new();
		cleanup_(spec_match_unrefp) struct spec_match *m = NULL;

		specs_add_good(specs, rows[i].entry);
		m = specs_match(specs, "0000:25:00.4");
		assert_int_equal(m->trait_count, rows[i].count);
		for (size_t k = 0; k < m->trait_count; k++)
			assert_string_equal(m->traits[k], rows[i].traits[k]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_value_is_an_object_or_a_list_of_objects),
		cmocka_unit_test(test_ids_are_hexadecimal_numbers_in_any_spelling),
		cmocka_unit_test(test_ids_that_nova_refuses_are_refused),
		cmocka_unit_test(test_an_address_is_cut_at_the_dot_and_filled_up_on_the_left),
		cmocka_unit_test(test_a_false_address_means_any),
		cmocka_unit_test(test_addresses_that_nova_refuses_are_refused),
		cmocka_unit_test(test_devname_and_address_exclude_each_other),
		cmocka_unit_test(test_strict_booleans_take_twelve_words),
		cmocka_unit_test(test_a_strict_boolean_refuses_every_other_value),
		cmocka_unit_test(test_a_lenient_boolean_keeps_its_spelling),
		cmocka_unit_test(test_tags_are_all_keys_but_ids_and_place),
		cmocka_unit_test(test_the_class_is_normalised_or_made_of_the_ids),
		cmocka_unit_test(test_traits_are_a_sorted_set_cut_at_commas_without_trimming),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
