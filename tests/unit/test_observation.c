/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/observation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_an_empty_one_knows_nothing(void **state)
{
	const struct pci_addr addr = { .bus = 0x3b, .func = 2 };
	struct observation obs;

	(void)state;
	memset(&obs, 0xff, sizeof(obs));
	observation_init(&obs, OBSERVATION_FUNCTION, &addr);
	assert_int_equal(obs.kind, OBSERVATION_FUNCTION);
	assert_int_equal(pci_addr_compare(&obs.addr, &addr), 0);
	assert_false(obs.has_static || obs.has_ids || obs.has_physical_function);
	assert_int_equal(obs.numa_node, -1);
	assert_int_equal(obs.vf_index, -1);
	assert_int_equal(obs.total_vfs, -1);
	assert_int_equal(obs.num_vfs, -1);
	assert_int_equal(obs.iommu_group, -1);
	assert_int_equal(obs.drivers_autoprobe, -1);
	assert_int_equal(obs.in_use, -1);
	assert_int_equal(obs.hint.evidence, 0);
	assert_null(obs.link_driver);
	assert_null(obs.interface);
}

static void test_texts_are_kept_side_by_side(void **state)
{
	struct observation obs;
	char *driver, *module;

	(void)state;
	observation_init(&obs, OBSERVATION_FUNCTION, NULL);
	driver = observation_put(&obs, "vfio-pci/x", 8);
	module = observation_put(&obs, "vfio_pci", 8);
	assert_string_equal(driver, "vfio-pci");
	assert_string_equal(module, "vfio_pci");
}

static void test_a_text_that_does_not_fit_is_refused_whole(void **state)
{
	char text[OBSERVATION_TEXT_MAX];
	struct observation obs;

	(void)state;
	memset(text, 'x', sizeof(text));
	observation_init(&obs, OBSERVATION_FUNCTION, NULL);
	assert_null(observation_put(&obs, text, OBSERVATION_TEXT_MAX));
	assert_non_null(observation_put(&obs, text, OBSERVATION_TEXT_MAX - 1));
	assert_null(observation_put(&obs, "", 0));
}

static void test_causes_have_the_names_of_the_interface(void **state)
{
	(void)state;
	for (enum cause_source s = CAUSE_SCAN; s < CAUSE_COUNT; s++)
		assert_non_null(cause_source_name(s));
	assert_string_equal(cause_source_name(CAUSE_RESYNC), "resync");
	assert_null(cause_action_name(UEVENT_NONE));
	assert_string_equal(cause_action_name(UEVENT_UNBIND), "unbind");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_empty_one_knows_nothing),
		cmocka_unit_test(test_texts_are_kept_side_by_side),
		cmocka_unit_test(test_a_text_that_does_not_fit_is_refused_whole),
		cmocka_unit_test(test_causes_have_the_names_of_the_interface),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
