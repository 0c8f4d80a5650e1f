/* SPDX-License-Identifier: Apache-2.0 */
#include "../../monitor/sysfs_text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void test_a_uevent_file_has_driver_ids_class_and_modalias(void **state)
{
	char text[] = "DRIVER=igb\nPCI_CLASS=20000\nPCI_ID=8086:10C9\nPCI_SUBSYS_ID=8086:A03C\n"
		      "PCI_SLOT_NAME=0000:01:00.0\nMODALIAS=pci:v00008086\n";
	struct sysfs_uevent u;

	(void)state;
	sysfs_text_uevent(text, &u);
	assert_string_equal(u.driver, "igb");
	assert_string_equal(u.modalias, "pci:v00008086");
	assert_true(u.has_ids && u.has_subsystem && u.has_class);
	assert_int_equal(u.vendor_id, 0x8086);
	assert_int_equal(u.product_id, 0x10c9);
	assert_int_equal(u.subsystem_vendor_id, 0x8086);
	assert_int_equal(u.subsystem_product_id, 0xa03c);
	assert_int_equal(u.class_code, 0x20000);
}

static void test_lines_that_are_broken_tell_nothing(void **state)
{
	static const char *const texts[] = {
		"",
		"\n\n",
		"DRIVER",
		"DRIVER=\nMODALIAS=\nPCI_CLASS=\nPCI_ID=\nPCI_SUBSYS_ID=\n",
		"PCI_CLASS=2000000\nPCI_ID=8086\nPCI_SUBSYS_ID=8086:A03C:1\n",
		"PCI_CLASS=x\nPCI_ID=18086:10C9\nPCI_SUBSYS_ID=:\n",
		"XDRIVER=igb\nDRIVERS=igb\n=igb\n",
	};
	char text[256];
	struct sysfs_uevent u;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		(void)snprintf(text, sizeof(text), "%s", texts[i]);
		sysfs_text_uevent(text, &u);
		assert_null(u.driver);
		assert_null(u.modalias);
		assert_false(u.has_ids || u.has_subsystem || u.has_class);
	}
}

static void test_a_number_is_the_whole_text(void **state)
{
	static const struct {
		const char *text;
		int result;
		int32_t value;
	} cases[] = {
		{ "0\n", 0, 0 },
		{ "64", 0, 64 },
		{ "-1\n", 0, -1 },
		{ "2147483647\n", 0, INT32_MAX },
		{ "2147483648\n", -EINVAL, 0 },
		{ "99999999999999999999\n", -EINVAL, 0 },
		{ "", -EINVAL, 0 },
		{ "\n", -EINVAL, 0 },
		{ "-", -EINVAL, 0 },
		{ " 1\n", -EINVAL, 0 },
		{ "+1\n", -EINVAL, 0 },
		{ "1 \n", -EINVAL, 0 },
		{ "1\n2\n", -EINVAL, 0 },
		{ "0x1\n", -EINVAL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int32_t value = 0;

		assert_int_equal(sysfs_text_number(cases[i].text, &value), cases[i].result);
		assert_int_equal(value, cases[i].value);
	}
}

static void test_numbers_are_written_as_the_kernel_does(void **state)
{
	char text[SYSFS_DIGITS_MAX];

	(void)state;
	assert_ptr_equal(sysfs_text_put_number(text, 0), text + 1);
	assert_string_equal(text, "0");
	assert_ptr_equal(sysfs_text_put_number(text, UINT32_MAX), text + 10);
	assert_string_equal(text, "4294967295");
}

static void test_only_links_to_vfs_have_a_virtfn_number(void **state)
{
	int32_t index = -1;

	(void)state;
	assert_int_equal(sysfs_text_virtfn("virtfn12", &index), 0);
	assert_int_equal(index, 12);
	assert_int_equal(sysfs_text_virtfn("virtfn", &index), -EINVAL);
	assert_int_equal(sysfs_text_virtfn("virtfn1x", &index), -EINVAL);
	assert_int_equal(sysfs_text_virtfn("virtfn-1", &index), -EINVAL);
	assert_int_equal(sysfs_text_virtfn("physfn", &index), -EINVAL);
}

static void test_vfio_devices_have_vfios_names(void **state)
{
	(void)state;
	assert_true(sysfs_text_is_vfio_device("vfio0"));
	assert_true(sysfs_text_is_vfio_device("noiommu-vfio0"));
	assert_false(sysfs_text_is_vfio_device("power"));
	assert_false(sysfs_text_is_vfio_device("noiommu"));
}

static void test_an_override_that_says_none_is_none(void **state)
{
	char unset[] = "(null)\n", empty[] = "\n", nothing[] = "", set[] = "vfio-pci\n";

	(void)state;
	assert_null(sysfs_text_override(unset));
	assert_null(sysfs_text_override(empty));
	assert_null(sysfs_text_override(nothing));
	assert_string_equal(sysfs_text_override(set), "vfio-pci");
}

static void test_routing_ids_number_the_vfs(void **state)
{
	static const struct {
		const char *pf, *vf;
		struct sysfs_routing routing;
		int32_t index;
	} cases[] = {
		{ "0000:01:00.0", "0000:01:10.0", { 128, 2 }, 0 },
		{ "0000:01:00.1", "0000:01:10.3", { 128, 2 }, 1 },
		{ "0000:01:00.0", "0000:02:10.0", { 128, 2 }, 128 },
		{ "0000:3b:00.0", "0000:3b:00.2", { 2, 1 }, 0 },
		{ "0000:01:00.0", "0000:01:10.1", { 128, 2 }, -1 },
		{ "0000:01:00.0", "0000:01:00.7", { 128, 2 }, -1 },
		{ "0000:01:00.0", "0001:01:10.0", { 128, 2 }, -1 },
		{ "0000:01:00.0", "0000:01:00.1", { 1, 0 }, 0 },
		{ "0000:01:00.0", "0000:01:00.2", { 1, 0 }, -1 },
		{ "0000:01:00.0", "0000:01:00.1", { 0, 0 }, -1 },
		{ "0000:01:00.0", "0000:01:00.1", { 1, -1 }, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pci_addr pf, vf;

		assert_int_equal(pci_addr_parse(cases[i].pf, &pf), 0);
		assert_int_equal(pci_addr_parse(cases[i].vf, &vf), 0);
		assert_int_equal(sysfs_text_vf_index(&pf, &vf, &cases[i].routing), cases[i].index);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_uevent_file_has_driver_ids_class_and_modalias),
		cmocka_unit_test(test_lines_that_are_broken_tell_nothing),
		cmocka_unit_test(test_a_number_is_the_whole_text),
		cmocka_unit_test(test_numbers_are_written_as_the_kernel_does),
		cmocka_unit_test(test_only_links_to_vfs_have_a_virtfn_number),
		cmocka_unit_test(test_vfio_devices_have_vfios_names),
		cmocka_unit_test(test_an_override_that_says_none_is_none),
		cmocka_unit_test(test_routing_ids_number_the_vfs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
