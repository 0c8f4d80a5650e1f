/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/linted.h"

#define REPORT "report_in_placement = yes\n"
#define PLACEMENT "[filter_scheduler]\npci_in_placement = yes\n"
#define ALIAS(keys) "alias = {\"name\": \"a\", " keys "}\n"
#define IDS "\"vendor_id\": \"8086\", \"product_id\": \"10ca\""

/* The first VF of the PF 3b:00.0 with these keys, then all VFs. */
#define TWO_KINDS(keys)                                                                            \
	"[pci]\ndevice_spec = {\"address\": \"0000:3b:02.0\", " keys "}\n"                         \
	"device_spec = {\"product_id\": \"10ca\"}\n"

#define BOTH " 2:15 #0 0000:3b:02.0 0000:3b:02.1\n"
#define BOTH_LAST " 3:15 #1 0000:3b:02.0 0000:3b:02.1\n"

static void test_a_pf_and_its_vfs_are_refused_with_report_in_placement(void **state)
{
	static const char entry[] = "[pci]\ndevice_spec = {\"address\": \"0000:3b:00.0\"}\n";
	static const char functions[] = " 2:15 #0 0000:3b:00.0 0000:3b:02.0 0000:3b:02.1\n";
	char text[256], expected[256];

	(void)snprintf(expected, sizeof(expected), "suspicious pf_and_vf%s", functions);
	linted_expect(*state, entry, expected);
	linted_expect_message(*state, "with report_in_placement Nova would not start");
	(void)snprintf(text, sizeof(text), "%s" REPORT, entry);
	(void)snprintf(expected, sizeof(expected), "refused pf_and_vf%s", functions);
	linted_expect(*state, text, expected);
	linted_expect_message(*state, "0000:3b:00.0");
	linted_expect_message(*state, "(PlacementPciDependentDeviceException)");
	linted_expect_remedy(*state, "narrow the entries");
}

static void test_vfs_of_one_pf_with_different_classes_are_refused(void **state)
{
	linted_expect(*state, TWO_KINDS("\"resource_class\": \"gold\""),
		      "suspicious mixed_resource_classes" BOTH_LAST);
	linted_expect(*state, TWO_KINDS("\"resource_class\": \"gold\"") REPORT,
		      "refused mixed_resource_classes" BOTH_LAST);
	linted_expect_message(*state, "(PlacementPciMixedResourceClassException)");
	/* The name of the default is no other class. */
	linted_expect(*state, TWO_KINDS("\"resource_class\": \"pci_8086_10ca\"") REPORT, "");
}

static void test_vfs_of_one_pf_with_different_traits_are_refused(void **state)
{
	linted_expect(*state, TWO_KINDS("\"traits\": \"gold\"") REPORT,
		      "refused mixed_traits" BOTH_LAST);
	linted_expect_message(*state, "(PlacementPciMixedTraitsException)");
}

static void test_every_conflict_of_a_family_is_told(void **state)
{
	linted_expect(
		*state,
		TWO_KINDS("\"resource_class\": \"gold\", \"traits\": \"x\", \"managed\": \"no\"")
			REPORT PLACEMENT,
		"refused mixed_resource_classes" BOTH_LAST "refused mixed_traits" BOTH_LAST
		"wrong mixed_managed" BOTH_LAST);
}

static void test_vfs_that_differ_in_managed_claim_too_much_before_31_1(void **state)
{
	struct linted *l = *state;

	linted_expect(l, TWO_KINDS("\"managed\": \"yes\"") PLACEMENT,
		      "wrong mixed_managed" BOTH_LAST);
	linted_expect_message(l, "a request for one VF claims one of each kind");
	l->host.policy.nova = VERSION(31, 1, 0);
	linted_expect(l, TWO_KINDS("\"managed\": \"yes\"") PLACEMENT,
		      "wrong mixed_managed" BOTH_LAST);
	linted_expect_message(l, "refuses every claim");
	l->host.policy.nova = VERSION(31, 0, 0);
	linted_expect(l, TWO_KINDS("\"managed\": \"yes\""), "suspicious mixed_managed" BOTH_LAST);
	linted_expect_message(l, "with pci_in_placement");
}

static void test_vfs_that_differ_in_another_tag_are_in_other_pools(void **state)
{
	linted_expect(*state, TWO_KINDS("\"trusted\": \"true\"") PLACEMENT,
		      "wrong mixed_tags" BOTH_LAST);
	linted_expect(*state, TWO_KINDS("\"remote_managed\": \"false\"") PLACEMENT, "");
}

static void test_functions_of_a_physical_network_are_not_in_placement(void **state)
{
	linted_expect(*state,
		      TWO_KINDS("\"physical_network\": \"n\", \"resource_class\": \"gold\"")
			      REPORT PLACEMENT,
		      "");
}

static void test_vfs_of_one_pf_may_stand_apart(void **state)
{
	struct linted *l = *state;
	struct observation far = host_vf("0000:60:00.0", "0000:3b:00.0", 2);

	host_see(&l->host, &far);
	linted_expect(l, TWO_KINDS("\"resource_class\": \"gold\"") REPORT,
		      "refused mixed_resource_classes 3:15 #1 0000:3b:02.0 0000:3b:02.1 "
		      "0000:60:00.0\n");
	host_gone(&l->host, "0000:60:00.0");
}

static void test_different_pfs_may_have_different_classes(void **state)
{
	linted_expect(
		*state,
		"[pci]\ndevice_spec = {\"address\": \"0000:3b:02.*\", \"resource_class\": \"a\"}\n"
		"device_spec = {\"address\": \"0000:5e:02.*\", \"resource_class\": \"b\"}\n" REPORT,
		"");
}

static void test_from_34_0_live_migratable_is_a_trait(void **state)
{
	struct linted *l = *state;

	linted_expect(l, TWO_KINDS("\"live_migratable\": \"yes\"") REPORT,
		      "suspicious mixed_tags" BOTH_LAST);
	l->host.policy.nova = VERSION(34, 0, 0);
	linted_expect(l, TWO_KINDS("\"live_migratable\": \"yes\"") REPORT,
		      "refused mixed_traits" BOTH_LAST "suspicious mixed_tags" BOTH_LAST);
	l->host.policy.nova = VERSION(31, 0, 0);
}

static void test_one_time_use_on_a_vf_is_refused_from_32_0_even_if_it_says_no(void **state)
{
	struct linted *l = *state;

	l->host.policy.nova = VERSION(32, 0, 0);
	linted_expect(l,
		      "[pci]\ndevice_spec = {\"address\": \"0000:3b:02.*\", \"one_time_use\": "
		      "\"no\"}\n" REPORT,
		      "refused value_error" BOTH);
	linted_expect_message(l, "(PlacementPciException)");
	l->host.policy.nova = VERSION(31, 0, 0);
}

static void test_an_alias_that_gets_nothing_is_told(void **state)
{
	linted_expect(*state,
		      "[pci]\ndevice_spec = {\"product_id\": \"10ca\"}\n" ALIAS(
			      "\"vendor_id\": \"8086\", \"product_id\": \"10c9\""),
		      "suspicious alias_matches_nothing 3:9\n");
	linted_expect_message(*state, "alias 'a' can get no function of this host");
	/* One of several values of the name is enough. */
	linted_expect(*state,
		      "[pci]\ndevice_spec = {\"product_id\": \"10ca\"}\n" ALIAS(
			      "\"device_type\": \"type-VF\", \"vendor_id\": \"8086\", "
			      "\"product_id\": \"10c9\"")
			      ALIAS("\"device_type\": \"type-VF\", " IDS),
		      "");
}

static void test_with_placement_the_class_of_an_alias_counts(void **state)
{
	static const char entry[] =
		"[pci]\ndevice_spec = {\"product_id\": \"10ca\", \"resource_class\": \"gold\"}\n" ALIAS(
			IDS);
	char text[512];

	linted_expect(*state, entry, "");
	(void)snprintf(text, sizeof(text), "%s" PLACEMENT, entry);
	linted_expect(*state, text, "suspicious alias_matches_nothing 3:9\n");
}

static void test_an_alias_with_a_capability_type_never_gets_anything(void **state)
{
	linted_expect(*state,
		      "[pci]\ndevice_spec = {\"product_id\": \"10ca\"}\n" ALIAS(
			      "\"capability_type\": \"pci\", " IDS),
		      "wrong alias_capability_type 3:9\n");
}

static void test_an_alias_can_ask_for_a_class_that_placement_does_not_take(void **state)
{
	linted_expect(*state,
		      "[pci]\ndevice_spec = {\"product_id\": \"10ca\"}\n" ALIAS(
			      "\"resource_class\": \"custom_a-b\", " IDS),
		      "wrong invalid_resource_class 3:9\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_pf_and_its_vfs_are_refused_with_report_in_placement),
		cmocka_unit_test(test_vfs_of_one_pf_with_different_classes_are_refused),
		cmocka_unit_test(test_vfs_of_one_pf_with_different_traits_are_refused),
		cmocka_unit_test(test_every_conflict_of_a_family_is_told),
		cmocka_unit_test(test_vfs_that_differ_in_managed_claim_too_much_before_31_1),
		cmocka_unit_test(test_vfs_that_differ_in_another_tag_are_in_other_pools),
		cmocka_unit_test(test_functions_of_a_physical_network_are_not_in_placement),
		cmocka_unit_test(test_vfs_of_one_pf_may_stand_apart),
		cmocka_unit_test(test_different_pfs_may_have_different_classes),
		cmocka_unit_test(test_from_34_0_live_migratable_is_a_trait),
		cmocka_unit_test(test_one_time_use_on_a_vf_is_refused_from_32_0_even_if_it_says_no),
		cmocka_unit_test(test_an_alias_that_gets_nothing_is_told),
		cmocka_unit_test(test_with_placement_the_class_of_an_alias_counts),
		cmocka_unit_test(test_an_alias_with_a_capability_type_never_gets_anything),
		cmocka_unit_test(test_an_alias_can_ask_for_a_class_that_placement_does_not_take),
	};

	return cmocka_run_group_tests(tests, linted_set_up, linted_tear_down);
}
