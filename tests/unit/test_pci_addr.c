/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "vfmon/pci_addr.h"

static void test_every_part_is_read(void **state)
{
	struct pci_addr a;

	(void)state;
	assert_int_equal(pci_addr_parse("10ab:3b:1f.7", &a), 0);
	assert_int_equal(a.domain, 0x10ab);
	assert_int_equal(a.bus, 0x3b);
	assert_int_equal(a.slot, 0x1f);
	assert_int_equal(a.func, 7);
}

static void test_formatting_gives_the_kernels_text(void **state)
{
	static const char *const pairs[][2] = {
		{ "0000:00:00.0", "0000:00:00.0" },	 { "0000:25:00.4", "0000:25:00.4" },
		{ "10000:E1:00.0", "10000:e1:00.0" },	 { "ffffffff:ff:1f.7", "ffffffff:ff:1f.7" },
		{ "00010000:01:02.3", "10000:01:02.3" },
	};
	char buf[PCI_ADDR_TEXT_MAX];
	struct pci_addr a;

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		assert_int_equal(pci_addr_parse(pairs[i][0], &a), 0);
		assert_string_equal(pci_addr_format(&a, buf), pairs[i][1]);
	}
}

static void test_what_is_no_address_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"0000",
		"0000:00",
		"0000:00:00",
		"0000:00:00.",
		"0000:00:00.8",
		"0000:00:20.0",
		"000:00:00.0",
		"0000:00:00.0 ",
		" 0000:00:00.0",
		"0000:0:00.0",
		"0000:00:00.00",
		"000000000:00:00.0",
		"0000:00-00.0",
		"0000:00:00:0",
		"00g0:00:00.0",
		"0000:000:00.0",
		"pci_0000_00_00_0",
		"25:00.4",
	};
	struct pci_addr a = { .domain = 77 };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_int_equal(pci_addr_parse(texts[i], &a), -EINVAL);
	assert_int_equal(a.domain, 77);
}

static void test_short_form_means_domain_0(void **state)
{
	struct pci_addr a, b;

	(void)state;
	assert_int_equal(pci_addr_parse_short("25:00.4", &a), 0);
	assert_int_equal(pci_addr_parse("0000:25:00.4", &b), 0);
	assert_int_equal(pci_addr_compare(&a, &b), 0);
	assert_int_equal(pci_addr_parse_short("0001:25:00.4", &a), 0);
	assert_int_equal(a.domain, 1);
	assert_int_equal(pci_addr_parse_short("5:00.4", &a), -EINVAL);
}

static void test_order_is_domain_bus_slot_function(void **state)
{
	static const char *const ascending[] = {
		"0000:00:00.0", "0000:00:00.1", "0000:00:01.0",	    "0000:01:00.0",
		"0001:00:00.0", "ffff:ff:1f.7", "00010000:00:00.0", "ffffffff:00:00.0",
	};
	struct pci_addr a, b;

	(void)state;
	for (size_t i = 1; i < sizeof(ascending) / sizeof(*ascending); i++) {
		assert_int_equal(pci_addr_parse(ascending[i - 1], &a), 0);
		assert_int_equal(pci_addr_parse(ascending[i], &b), 0);
		assert_true(pci_addr_compare(&a, &b) < 0);
		assert_true(pci_addr_compare(&b, &a) > 0);
	}
}

static void test_path_gives_its_last_address(void **state)
{
	static const char *const paths[][2] = {
		{ "/devices/pci0000:00/0000:00:03.0", "0000:00:03.0" },
		{ "/devices/pci0000:00/0000:00:03.0/0000:04:00.1/net/eth0", "0000:04:00.1" },
		{ "../../../0000:04:00.1/", "0000:04:00.1" },
		{ "0000:04:00.1", "0000:04:00.1" },
	};
	char buf[PCI_ADDR_TEXT_MAX];
	struct pci_addr a;

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		assert_int_equal(pci_addr_from_path(paths[i][0], &a), 0);
		assert_string_equal(pci_addr_format(&a, buf), paths[i][1]);
	}
	assert_int_equal(pci_addr_from_path("/devices/virtual/vfio/12", &a), -ENOENT);
	assert_int_equal(pci_addr_from_path("", &a), -ENOENT);
	assert_int_equal(pci_addr_from_path("///", &a), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_part_is_read),
		cmocka_unit_test(test_formatting_gives_the_kernels_text),
		cmocka_unit_test(test_what_is_no_address_is_refused),
		cmocka_unit_test(test_short_form_means_domain_0),
		cmocka_unit_test(test_order_is_domain_bus_slot_function),
		cmocka_unit_test(test_path_gives_its_last_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
