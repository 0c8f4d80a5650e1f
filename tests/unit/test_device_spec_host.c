/* SPDX-License-Identifier: Apache-2.0 */
/* What entries ask of the host, and addresses with regular expressions. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/specs.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct spec_rules newest = { .nova = NOVA_NEWEST };

static void test_without_a_host_no_entry_is_a_pfs_and_no_devname_is_found(void **state)
{
	static const char *const entries[] = { "{\"address\": \"0000:25:00.0\"}",
					       "{\"devname\": \"eth4\"}" };
	static const struct spec_host deaf = { 0 };
	const struct spec_host *const hosts[] = { NULL, &deaf };
	const struct spec_subject subject = specs_subject("0000:25:00.4");

	(void)state;
	for (size_t i = 0; i < COUNT(entries); i++) {
		cleanup_(device_specs_freep) struct device_specs *specs = specs_new();

		specs_add_good(specs, entries[i]);
		for (size_t k = 0; k < COUNT(hosts); k++)
			assert_false(device_specs_takes(specs, 0, hosts[k], &subject));
		assert_true(device_specs_takes(specs, 0, &specs_host, &subject));
	}
}

static void test_the_parent_counts_only_if_it_is_a_pf_now(void **state)
{
	static const struct specs_take rows[] = {
		{ "{\"address\": \"0000:25:00.0\"}", "0000:25:00.4", true },
		{ "{\"address\": \"0000:25:00.1\"}", "0000:25:00.4", false },
	};
	const struct spec_subject odd = {
		.addr = { .bus = 0x25, .func = 4 },
		.has_parent = true,
		.parent = { .bus = 0x25, .func = 1 }, /* which has no VFs, says the host */
	};

	(void)state;
	specs_check_takes(rows, COUNT(rows));
	assert_false(specs_take(&newest, "{\"address\": \"0000:25:00.1\"}", &odd));
}

static void test_an_object_address_has_a_pattern_for_each_field(void **state)
{
	static const struct specs_take rows[] = {
		{ "{\"address\": {\"bus\": \"25\"}}", "0000:25:00.4", true },
		{ "{\"address\": {\"bus\": \"26\"}}", "0000:25:00.4", false },
		{ "{\"address\": {\"bus\": \"2\"}}", "0000:25:00.4", true },
		{ "{\"address\": {\"bus\": \"5\"}}", "0000:25:00.4", false },
		{ "{\"address\": {\"bus\": \"2$\"}}", "0000:25:00.4", false },
		{ "{\"address\": {\"bus\": \"0\"}}", "0000:0f:00.4", true },
		{ "{\"address\": {\"domain\": \"000\"}}", "000f:25:00.4", true },
		{ "{\"address\": {\"domain\": \"000\"}}", "0010:25:00.4", false },
		{ "{\"address\": {\"bus\": \"0A\"}}", "0000:0a:00.4", false },
		{ "{\"address\": {\"bus\": \"(?i)0A\"}}", "0000:0a:00.4", true },
		{ "{\"address\": {\"slot\": \"2\"}}", "0000:25:02.4", false },
		{ "{\"address\": {\"slot\": \"02\"}}", "0000:25:02.4", true },
		{ "{\"address\": {\"function\": \"[0-3]\"}}", "0000:25:00.4", false },
		{ "{\"address\": {\"function\": \"[4-7]\"}}", "0000:25:00.4", true },
		{ "{\"address\": {\"func\": \"1\"}}", "0000:25:00.4", true },
		{ "{\"address\": {\"other\": 5}}", "0000:25:00.4", true },
		{ "{\"address\": {\"bus\": \"\"}}", "0000:25:00.4", true },
		{ "{\"address\": {\"bus\": \".*\"}}", "0000:25:00.4", true },
		{ "{\"address\": {\"bus\": \"[[:digit:]]\"}}", "0000:25:00.4", false },
	};

	(void)state;
	specs_check_takes(rows, COUNT(rows));
}

static void test_an_object_address_of_hex_digits_names_a_pf_by_its_text_unchanged(void **state)
{
	static const struct specs_take rows[] = {
		{ "{\"address\": {\"domain\": \"0000\", \"bus\": \"25\", \"slot\": \"00\", "
		  "\"function\": \"0\"}}",
		  "0000:25:00.4", true },
		/* There is no 0000:25:0.0 in sysfs. */
		{ "{\"address\": {\"domain\": \"0000\", \"bus\": \"25\", \"slot\": \"0\", "
		  "\"function\": \"0\"}}",
		  "0000:25:00.4", false },
		{ "{\"address\": {\"domain\": \"0000\", \"bus\": \"0A\", \"slot\": \"00\", "
		  "\"function\": \"0\"}}",
		  "0000:0a:00.4", false },
		/* Not all fields are digits. */
		{ "{\"address\": {\"bus\": \"25\", \"slot\": \"00\", \"function\": \"0\"}}",
		  "0000:25:00.4", false },
		{ "{\"address\": {\"domain\": \"0000\", \"bus\": \"25\", \"slot\": \"0.\", "
		  "\"function\": \"0\"}}",
		  "0000:25:00.4", false },
		/* In the text form fields are padded first. */
		{ "{\"address\": \"0:25:0.0\"}", "0000:25:00.4", true },
		{ "{\"address\": \"0:0A:0.0\"}", "0000:0a:00.4", true },
	};

	(void)state;
	specs_check_takes(rows, COUNT(rows));
}

static void test_patterns_that_python_refuses_are_a_wrong_address_format(void **state)
{
	static const struct specs_refusal rows[] = {
		{ "{\"address\": {\"bus\": \"[\"}}", 35, "address, bus: '[' is no regular",
		  "PciDeviceWrongAddressFormat" },
		{ "{\"address\": {\"bus\": \"0**\"}}", 35, "multiple repeat",
		  "PciDeviceWrongAddressFormat" },
		{ "{\"address\": {\"function\": \"\\\\K\"}}", 40, "bad escape",
		  "PciDeviceWrongAddressFormat" },
		{ "{\"address\": {\"bus\": 25}}", 35, "address, bus: not a text", "TypeError" },
		{ "{\"address\": {\"bus\": null}}", 35, "address, bus: not a text", "TypeError" },
		{ "{\"address\": {\"slot\": [], \"domain\": \"(\"}}", 50, "address, domain",
		  "PciDeviceWrongAddressFormat" },
		{ "{\"address\": {\"bus\": \"0{4294967295}\"}}", 35, "too large", "OverflowError" },
	};

	(void)state;
	specs_check_refused(rows, COUNT(rows));
}

static void test_a_pattern_gives_the_same_answer_for_every_function_of_a_bus(void **state)
{
	cleanup_(device_specs_freep) struct device_specs *specs = specs_new();
	char address[PCI_ADDR_TEXT_MAX];

	(void)state;
	specs_add_good(specs, "{\"address\": {\"domain\": \"000[0-3]\", \"bus\": \"[0-9]*$\", "
			      "\"slot\": \".[0-7]\", \"function\": \"1|3\"}}");
	for (unsigned int i = 0; i < 4096; i++) {
		const struct pci_addr addr = { i & 7, (uint8_t)(i >> 3 & 0x1f),
					       (uint8_t)(i >> 5 & 0x1f), (uint8_t)(i >> 9 & 7) };
		const bool wanted = addr.domain < 4 && (addr.bus & 0xf) < 10 &&
				    (addr.slot & 0xf) < 8 && (addr.func == 1 || addr.func == 3);
		const struct spec_subject s = specs_subject(pci_addr_format(&addr, address));

		if (device_specs_takes(specs, 0, &specs_host, &s) != wanted)
			fail_msg("%s", address);
	}
}

static void test_devname_takes_its_interfaces_function_and_a_pfs_vfs(void **state)
{
	static const struct specs_take rows[] = {
		{ "{\"devname\": \"eth0\"}", "0000:25:00.0", true },
		{ "{\"devname\": \"eth0\"}", "0000:25:00.4", true },
		{ "{\"devname\": \"eth0\"}", "0000:26:00.4", false },
		{ "{\"devname\": \"eth0\", \"product_id\": \"1\"}", "0000:25:00.4", false },
		{ "{\"devname\": \"eth4\"}", "0000:25:00.4", true },
		{ "{\"devname\": \"eth4\"}", "0000:25:00.0", false },
		{ "{\"devname\": \"none\"}", "0000:25:00.0", false },
		{ "{\"devname\": 5}", "0000:25:00.0", false },
		{ "{\"devname\": \"\", \"address\": \".4\"}", "0000:25:00.4", true },
	};
	const struct spec_subject child_of_no_pf = {
		.addr = { .bus = 0x25, .func = 5 },
		.has_parent = true,
		.parent = { .bus = 0x25, .func = 4 },
	};

	(void)state;
	specs_check_takes(rows, COUNT(rows));
	assert_false(specs_take(&newest, "{\"devname\": \"eth4\"}", &child_of_no_pf));
}

static void test_a_true_remote_managed_takes_only_what_has_a_card_serial_number(void **state)
{
	static const struct {
		const char *entry;
		const char *serial;
		bool takes;
	} rows[] = {
		{ "{\"remote_managed\": \"true\"}", NULL, false },
		{ "{\"remote_managed\": \"true\"}", "", false },
		{ "{\"remote_managed\": \"true\"}", "MT2113X", true },
		{ "{\"remote_managed\": true}", NULL, false },
		{ "{\"remote_managed\": 1}", NULL, false },
		{ "{\"remote_managed\": \" Yes \"}", NULL, false },
		{ "{\"remote_managed\": \"maybe\"}", NULL, true },
		{ "{\"remote_managed\": \"no\"}", NULL, true },
		{ "{\"remote_managed\": null}", NULL, true },
	};
	struct spec_subject s = specs_subject("0000:25:00.4");

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		s.card_serial = rows[i].serial;
		if (specs_take(&newest, rows[i].entry, &s) != rows[i].takes)
			fail_msg("%s and %s", rows[i].entry, rows[i].serial);
	}
}

static void test_a_card_serial_number_is_wanted_only_where_it_decides(void **state)
{
	static const struct {
		const char *value;
		bool wanted;
	} rows[] = {
		{ "{}", false },
		{ "{\"remote_managed\": \"true\"}", true },
		{ "[{\"remote_managed\": \"true\"}, {}]", true },
		{ "[{}, {\"remote_managed\": \"true\"}]", false },
		{ "{\"remote_managed\": \"true\", \"vendor_id\": \"8086\"}", false },
		{ "{\"remote_managed\": \"true\", \"devname\": \"eth0\"}", true },
	};
	const struct spec_subject s = specs_subject("0000:25:00.4");

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		cleanup_(device_specs_freep) struct device_specs *specs = specs_new();

		specs_add_good(specs, rows[i].value);
		if (device_specs_want_card_serial(specs, &specs_host, &s) != rows[i].wanted)
			fail_msg("%s", rows[i].value);
		assert_int_equal(device_specs_use_card_serial(specs),
				 strstr(rows[i].value, "remote") != NULL);
		assert_int_equal(device_specs_use_devname(specs),
				 strstr(rows[i].value, "devname") != NULL);
	}
}

static void test_remote_managed_on_a_pf_or_a_missing_interface_refuses_the_start(void **state)
{
	static const struct {
		const char *entry;
		const char *nova_class; /* NULL: Nova starts */
	} rows[] = {
		{ "{\"remote_managed\": \"true\"}", NULL },
		{ "{\"remote_managed\": \"true\", \"address\": \"0000:25:00.4\"}", NULL },
		{ "{\"remote_managed\": \"true\", \"address\": \"0000:25:00.*\"}", NULL },
		{ "{\"remote_managed\": \"true\", \"address\": \"0000:25:00.0\"}",
		  "PciDeviceNotFoundById" },
		{ "{\"remote_managed\": \"true\", \"devname\": \"eth0\"}",
		  "PciDeviceNotFoundById" },
		{ "{\"remote_managed\": \"true\", \"devname\": \"eth4\"}", NULL },
		{ "{\"remote_managed\": \"true\", \"devname\": \"none\"}",
		  "PciDeviceRemoteManagedNotPresent" },
		{ "{\"remote_managed\": \"no\", \"address\": \"0000:25:00.0\"}", NULL },
		{ "{\"devname\": \"none\"}", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		cleanup_(device_specs_freep) struct device_specs *specs = specs_new();
		const char *nova_class = NULL, *reason;

		specs_add_good(specs, rows[i].entry);
		assert_null(device_specs_refused(specs, 0, NULL, &nova_class));
		reason = device_specs_refused(specs, 0, &specs_host, &nova_class);
		if (!reason != !rows[i].nova_class)
			fail_msg("%s", rows[i].entry);
		if (reason)
			assert_string_equal(nova_class, rows[i].nova_class);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_a_host_no_entry_is_a_pfs_and_no_devname_is_found),
		cmocka_unit_test(test_the_parent_counts_only_if_it_is_a_pf_now),
		cmocka_unit_test(test_an_object_address_has_a_pattern_for_each_field),
		cmocka_unit_test(
			test_an_object_address_of_hex_digits_names_a_pf_by_its_text_unchanged),
		cmocka_unit_test(test_patterns_that_python_refuses_are_a_wrong_address_format),
		cmocka_unit_test(test_a_pattern_gives_the_same_answer_for_every_function_of_a_bus),
		cmocka_unit_test(test_devname_takes_its_interfaces_function_and_a_pfs_vfs),
		cmocka_unit_test(
			test_a_true_remote_managed_takes_only_what_has_a_card_serial_number),
		cmocka_unit_test(test_a_card_serial_number_is_wanted_only_where_it_decides),
		cmocka_unit_test(
			test_remote_managed_on_a_pf_or_a_missing_interface_refuses_the_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
