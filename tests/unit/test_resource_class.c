/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vfmon/resource_class.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct row {
	const char *text;
	const char *name;
};

static void check(const struct row *rows, size_t count, int (*normalise)(struct pytext, char **))
{
	for (size_t i = 0; i < count; i++) {
		char *name = NULL;

		assert_int_equal(normalise(pytext_of(rows[i].text), &name), 0);
		assert_string_equal(name, rows[i].name);
		free(name);
	}
}

static void test_the_default_class_has_the_ids_in_upper_case(void **state)
{
	char buf[RESOURCE_CLASS_DEFAULT_MAX];

	(void)state;
	assert_string_equal(resource_class_default(0x10de, 0x25b6, buf), "CUSTOM_PCI_10DE_25B6");
	assert_string_equal(resource_class_default(0x0001, 0x000a, buf), "CUSTOM_PCI_0001_000A");
}

static void test_a_standard_class_is_kept_in_any_case(void **state)
{
	static const struct row rows[] = {
		{ "PGPU", "PGPU" },
		{ "pgpu", "PGPU" },
		{ "sriov_net_vf", "SRIOV_NET_VF" },
		{ "vgpu_display_head", "VGPU_DISPLAY_HEAD" },
		{ "DISK_GB", "DISK_GB" },
		{ "PGPUX", "CUSTOM_PGPUX" },
		{ "PGP", "CUSTOM_PGP" },
	};

	(void)state;
	check(rows, COUNT(rows), resource_class_normalise);
}

static void test_a_class_with_custom_in_front_stays(void **state)
{
	static const struct row rows[] = {
		{ "CUSTOM_GOLD", "CUSTOM_GOLD" },
		{ "custom_gold", "CUSTOM_GOLD" },
		{ "custom_a-b", "CUSTOM_A-B" },
		{ "CUSTOM_A__B", "CUSTOM_A__B" },
		{ "CUSTOM_", "CUSTOM_" },
		{ "cu\xc5\xbftom_x", "CUSTOM_X" },
		{ "custom_\xc3\xa9", "CUSTOM_\xc3\xa9" },
	};

	(void)state;
	check(rows, COUNT(rows), resource_class_normalise);
}

static void test_any_other_class_is_made_a_custom_one(void **state)
{
	static const struct row rows[] = {
		{ "gold gpu", "CUSTOM_GOLD_GPU" },
		{ "custom-foo", "CUSTOM_CUSTOM_FOO" },
		{ "custom", "CUSTOM_CUSTOM" },
		{ " gold", "CUSTOM__GOLD" },
		{ "gold!", "CUSTOM_GOLD_" },
		{ "a__b", "CUSTOM_A_B" },
		{ "a_-_b", "CUSTOM_A_B" },
		{ "-", "CUSTOM__" },
		{ "", "CUSTOM_" },
		{ "a\xc3\xa9\xf0\x9f\x98\x80z", "CUSTOM_A_Z" },
		{ "a\xc0\x80"
		  "b",
		  "CUSTOM_A_B" },
		{ "a\xed\xa0\x80"
		  "b",
		  "CUSTOM_A_B" },
	};

	(void)state;
	check(rows, COUNT(rows), resource_class_normalise);
}

static void test_seventeen_characters_have_ascii_letters_in_upper_case(void **state)
{
	static const struct row rows[] = {
		{ "\u00df", "CUSTOM_SS" },	     { "\u0131", "CUSTOM_I" },
		{ "\u0149", "CUSTOM__N" },	     { "\u017f", "CUSTOM_S" },
		{ "\u01f0", "CUSTOM_J_" },	     { "\u1e96", "CUSTOM_H_" },
		{ "\u1e97", "CUSTOM_T_" },	     { "\u1e98", "CUSTOM_W_" },
		{ "\u1e99", "CUSTOM_Y_" },	     { "\u1e9a", "CUSTOM_A_" },
		{ "\ufb00", "CUSTOM_FF" },	     { "\ufb01", "CUSTOM_FI" },
		{ "\ufb02", "CUSTOM_FL" },	     { "\ufb03", "CUSTOM_FFI" },
		{ "\ufb04", "CUSTOM_FFL" },	     { "\ufb05", "CUSTOM_ST" },
		{ "\ufb06", "CUSTOM_ST" },	     { "\u212a", "CUSTOM__" },
		{ "stra\u00dfe", "CUSTOM_STRASSE" },
	};

	(void)state;
	check(rows, COUNT(rows), resource_class_normalise);
	check(rows, COUNT(rows), trait_normalise);
}

static void test_a_standard_trait_is_known_in_upper_case_only(void **state)
{
	static const struct row rows[] = {
		{ "HW_GPU_API_VULKAN", "HW_GPU_API_VULKAN" },
		{ "hw_gpu_api_vulkan", "CUSTOM_HW_GPU_API_VULKAN" },
		{ "HW_NVME_BES", "HW_NVME_BES" },
		{ "HW_NVME_BES +", "CUSTOM_HW_NVME_BES_" },
		{ " HW_GPU_API_VULKAN", "CUSTOM__HW_GPU_API_VULKAN" },
		{ "blue", "CUSTOM_BLUE" },
		{ " big", "CUSTOM__BIG" },
		{ "custom_x-y", "CUSTOM_X-Y" },
		{ "", "CUSTOM_" },
	};

	(void)state;
	check(rows, COUNT(rows), trait_normalise);
}

static void test_placement_takes_standard_names_and_plain_custom_ones(void **state)
{
	static const struct {
		const char *name;
		bool as_class, as_trait;
	} rows[] = {
		{ "PGPU", true, false },
		{ "HW_GPU_API_VULKAN", false, true },
		{ "CUSTOM_A_1", true, true },
		{ "CUSTOM__", true, true },
		{ "CUSTOM_", false, false },
		{ "CUSTOM_A-B", false, false },
		{ "CUSTOM_\xc3\xa9", false, false },
		{ "GOLD", false, false },
	};
	char longest[257];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(resource_class_is_valid(rows[i].name), rows[i].as_class);
		assert_int_equal(trait_is_valid(rows[i].name), rows[i].as_trait);
	}
	memset(longest, 'A', sizeof(longest));
	memcpy(longest, "CUSTOM_", 7);
	longest[256] = '\0';
	assert_false(resource_class_is_valid(longest));
	longest[255] = '\0';
	assert_true(resource_class_is_valid(longest));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_default_class_has_the_ids_in_upper_case),
		cmocka_unit_test(test_a_standard_class_is_kept_in_any_case),
		cmocka_unit_test(test_a_class_with_custom_in_front_stays),
		cmocka_unit_test(test_any_other_class_is_made_a_custom_one),
		cmocka_unit_test(test_seventeen_characters_have_ascii_letters_in_upper_case),
		cmocka_unit_test(test_a_standard_trait_is_known_in_upper_case_only),
		cmocka_unit_test(test_placement_takes_standard_names_and_plain_custom_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
