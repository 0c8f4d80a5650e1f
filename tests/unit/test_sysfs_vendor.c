/* SPDX-License-Identifier: Apache-2.0 */
#include "../../monitor/sysfs_vendor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/reading.h"

#define FN "0000:25:00.4"
#define FOLDER "devices/pci/" FN

static void use_rules(struct reading *f, const char *text)
{
	struct vendor_rules *rules;
	struct spec_error error;

	assert_int_equal(vendor_rules_new(&rules), 0);
	assert_int_equal(vendor_rules_add(rules, text, strlen(text), &error), 0);
	sysfs_set_vendor_rules(f->sysfs, rules);
}

/* A VF on a vendor's driver that no type was set for. */
static int setup(void **state)
{
	struct reading *f;

	reading_setup(state);
	f = *state;
	tree_add_function(f->tree, FN);
	tree_add_driver(f->tree, "nvidia", "nvidia");
	tree_bind(f->tree, FN, "nvidia");
	tree_write(f->tree, FOLDER "/nvidia/current_vgpu_type", "0\n");
	tree_write(f->tree, FOLDER "/nvidia/placement_id", "7\n");
	use_rules(f, "[nvidia]\ndirectory = nvidia\n"
		     "attributes = placement_id current_vgpu_type gpu_instance_id\n"
		     "unusable = current_vgpu_type = 0: no vGPU type is set\n");
	return 0;
}

static void test_what_is_there_of_the_attributes_is_told_in_order(void **state)
{
	struct reading *f = *state;

	assert_string_equal(reading_of(f, FN)->vendor_state,
			    "current_vgpu_type\t0\nplacement_id\t7");
	assert_string_equal(f->obs.vendor_problem, "current_vgpu_type is 0: no vGPU type is set");
	assert_string_equal(f->obs.vendor_directory, "nvidia");
	assert_true(f->obs.vendor_inode > 0);
	tree_write(f->tree, FOLDER "/nvidia/current_vgpu_type", "1145\n");
	assert_string_equal(reading_of(f, FN)->vendor_state,
			    "current_vgpu_type\t1145\nplacement_id\t7");
	assert_null(f->obs.vendor_problem);
}

static void test_without_the_directory_a_driver_or_rules_there_is_nothing(void **state)
{
	struct reading *f = *state;

	tree_unbind(f->tree, FN);
	assert_null(reading_of(f, FN)->vendor_state);
	tree_bind(f->tree, FN, "nvidia");
	use_rules(f, "[other]\ndirectory = other\n");
	assert_null(reading_of(f, FN)->vendor_state);
	assert_int_equal(f->obs.vendor_inode, 0);
	sysfs_set_vendor_rules(f->sysfs, NULL);
	assert_null(reading_of(f, FN)->vendor_state);
}

static void test_a_directory_without_attributes_is_one_all_the_same(void **state)
{
	struct reading *f = *state;

	use_rules(f, "[nvidia]\ndirectory = nvidia\n");
	assert_string_equal(reading_of(f, FN)->vendor_state, "");
	assert_true(f->obs.vendor_inode > 0);
}

static void test_values_that_do_not_fit_do_no_harm(void **state)
{
	struct reading *f = *state;
	char rules[1024] = "[v]\ndirectory = nvidia\nattributes =", path[128], value[512];

	memset(value, 'x', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	for (int i = 0; i < 16; i++) {
		(void)sprintf(rules + strlen(rules), " attribute%02d", i);
		(void)snprintf(path, sizeof(path), FOLDER "/nvidia/attribute%02d", i);
		tree_write(f->tree, path, value);
	}
	use_rules(f, rules);
	assert_int_equal(reading_of(f, FN)->kind, OBSERVATION_FUNCTION);
	assert_in_range(strlen(f->obs.vendor_state), 1024, 1536);
}

/* A VPD with a serial number of so many sevens. */
static void write_vpd(struct reading *f, const char *path, size_t serial_len)
{
	unsigned char bytes[64], sum = 0;
	char full[512];
	size_t len = 0;
	FILE *file;

	bytes[len++] = 0x90;
	bytes[len++] = (unsigned char)(serial_len + 3 + 4);
	bytes[len++] = 0;
	memcpy(bytes + len, "SN", 2);
	bytes[len + 2] = (unsigned char)serial_len;
	memset(bytes + len + 3, '7', serial_len);
	len += 3 + serial_len;
	memcpy(bytes + len, "RV\001", 3);
	len += 3;
	for (size_t i = 0; i < len; i++)
		sum = (unsigned char)(sum + bytes[i]);
	bytes[len++] = (unsigned char)-sum;
	bytes[len++] = 0x78;
	(void)snprintf(full, sizeof(full), "%s/%s", tree_sysfs(f->tree), path);
	file = fopen(full, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	fclose(file);
}

static void test_the_vpd_is_read_only_where_it_is_asked_for_and_once_a_life(void **state)
{
	struct reading *f = *state;

	tree_make_blocking(f->tree, FN, "vpd");
	assert_false(reading_of(f, FN)->has_card_serial);
	tree_write(f->tree, FOLDER "/vpd", NULL);
	write_vpd(f, FOLDER "/vpd", 5);
	f->want_card_serial = true;
	assert_string_equal(reading_of(f, FN)->card_serial, "77777");
	assert_true(f->obs.has_card_serial);
	tree_make_blocking(f->tree, FN, "vpd");
	assert_string_equal(reading_of(f, FN)->card_serial, "77777");
}

static void test_a_vf_without_a_serial_number_has_its_pfs(void **state)
{
	struct reading *f = *state;
	const char *vf;

	tree_add_pf(f->tree, "0000:3b:00.0", 8);
	tree_set_vfs(f->tree, "0000:3b:00.0", 1);
	vf = tree_vf("0000:3b:00.0", 0);
	f->want_card_serial = true;
	write_vpd(f, "devices/pci/0000:3b:00.0/vpd", 3);
	assert_string_equal(reading_of(f, vf)->card_serial, "777");
	assert_string_equal(reading_of(f, "0000:3b:00.0")->card_serial, "777");
	assert_null(reading_of(f, FN)->card_serial);
	assert_true(f->obs.has_card_serial);
}

static void test_a_vdpa_device_has_only_a_serial_number_of_its_own(void **state)
{
	struct reading *f = *state;
	char path[64];
	const char *vf;

	tree_add_pf(f->tree, "0000:3b:00.0", 8);
	tree_set_vfs(f->tree, "0000:3b:00.0", 1);
	vf = tree_vf("0000:3b:00.0", 0);
	f->want_card_serial = true;
	write_vpd(f, "devices/pci/0000:3b:00.0/vpd", 3);
	assert_string_equal(reading_of(f, vf)->card_serial, "777");
	(void)snprintf(path, sizeof(path), "devices/pci/%s/vdpa0", vf);
	tree_bind(f->tree, vf, "nvidia");
	tree_link(f->tree, "bus/vdpa/devices/vdpa0", path);
	reading_restart(f);
	assert_null(reading_of(f, vf)->card_serial);
	assert_true(f->obs.is_vdpa);
	(void)snprintf(path, sizeof(path), "devices/pci/%s/vpd", vf);
	write_vpd(f, path, 2);
	reading_restart(f);
	assert_string_equal(reading_of(f, vf)->card_serial, "77");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, reading_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_is_there_of_the_attributes_is_told_in_order),
		TEST(test_without_the_directory_a_driver_or_rules_there_is_nothing),
		TEST(test_a_directory_without_attributes_is_one_all_the_same),
		TEST(test_values_that_do_not_fit_do_no_harm),
		TEST(test_the_vpd_is_read_only_where_it_is_asked_for_and_once_a_life),
		TEST(test_a_vf_without_a_serial_number_has_its_pfs),
		TEST(test_a_vdpa_device_has_only_a_serial_number_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
