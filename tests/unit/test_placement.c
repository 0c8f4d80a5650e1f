/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/functions.h"
#include "vfmon/device_spec.h"
#include "vfmon/placement.h"
#include "vfmon/vf.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define NOVA_31 VERSION(31, 0, 0)
#define NOVA_32 VERSION(32, 0, 0)
#define NOVA_33 VERSION(33, 9, 9)
#define NOVA_34 VERSION(34, 0, 0)

#define PF "0000:0a:00.0"
#define VF1 "0000:0a:00.1"
#define VF2 "0000:0a:00.2"
#define PLAIN "0000:8a:00.0"

/* An entry for each of two VFs. */
#define TWO(first, second)                                                                         \
	"[{\"address\": \"" VF1 "\"" first "}, {\"address\": \"" VF2 "\"" second "}]"

/* Placement's view of a PF's family: of the first function and of the rest. */
static enum placement_conflict find(const struct functions *f)
{
	const struct vf *pf = f->items[0]->kind == VF_KIND_PF ? f->items[0] : NULL;
	size_t skip = pf ? 1 : 0;

	return placement_find(&f->policy, pf, functions_list(f) + skip, f->count - skip,
			      PLACEMENT_PF_AND_VF);
}

struct row {
	version_t nova;
	const char *value;
	const char *functions;
	enum placement_conflict conflict;
};

static void check(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		cleanup_(functions_done) struct functions f;
		enum placement_conflict conflict;

		functions_init(&f, rows[i].nova, rows[i].value);
		functions_add_all(&f, rows[i].functions);
		conflict = find(&f);
		if (conflict != rows[i].conflict)
			fail_msg("row %zu, %s: %d", i, rows[i].value, conflict);
	}
}

static void test_a_pf_and_its_vfs_can_not_both_be_taken(void **state)
{
	static const struct row rows[] = {
		{ NOVA_31, "{}", PF " " VF1, PLACEMENT_PF_AND_VF },
		{ NOVA_31, "{\"address\": \"" PF "\"}", PF " " VF1, PLACEMENT_PF_AND_VF },
		{ NOVA_31, "{\"address\": \"" PF "\"}", PF, PLACEMENT_NO_CONFLICT },
		{ NOVA_31, "{\"address\": \"*:0a:00.0\"}", PF " " VF1, PLACEMENT_NO_CONFLICT },
		{ NOVA_31, "{\"address\": \"" VF1 "\"}", PF " " VF1, PLACEMENT_NO_CONFLICT },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_vfs_of_one_pf_need_one_class(void **state)
{
	static const struct row rows[] = {
		{ NOVA_31, TWO(", \"resource_class\": \"GOLD\"", ""), PF " " VF1 " " VF2,
		  PLACEMENT_MIXED_CLASSES },
		{ NOVA_31, TWO(", \"resource_class\": \"GOLD\"", ""), PF " " VF1,
		  PLACEMENT_NO_CONFLICT },
		{ NOVA_31,
		  TWO(", \"resource_class\": \"gold\"", ", \"resource_class\": \"CUSTOM_GOLD\""),
		  VF1 " " VF2, PLACEMENT_NO_CONFLICT },
		{ NOVA_31, TWO(", \"resource_class\": \"pci_8086_154c\"", ""), VF1 " " VF2,
		  PLACEMENT_NO_CONFLICT },
		/* each PF has a provider of its own */
		{ NOVA_31,
		  "[{\"address\": \"" VF1 "\", \"resource_class\": \"GOLD\"}, {\"address\": "
		  "\"" PLAIN "\"}]",
		  VF1, PLACEMENT_NO_CONFLICT },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_vfs_of_one_pf_need_the_same_traits(void **state)
{
	static const struct row rows[] = {
		{ NOVA_31, TWO(", \"traits\": \"gold\"", ""), VF1 " " VF2, PLACEMENT_MIXED_TRAITS },
		{ NOVA_31, TWO(", \"traits\": \"gold,red\"", ", \"traits\": \"gold\""), VF1 " " VF2,
		  PLACEMENT_MIXED_TRAITS },
		{ NOVA_31, TWO(", \"traits\": \"gold,red\"", ", \"traits\": \"CUSTOM_RED,Gold\""),
		  VF1 " " VF2, PLACEMENT_NO_CONFLICT },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_live_migratable_is_a_trait_from_34_on(void **state)
{
#define MIXED TWO(", \"live_migratable\": \"yes\"", ", \"live_migratable\": \"no\"")
	static const struct row rows[] = {
		{ NOVA_31, MIXED, VF1 " " VF2, PLACEMENT_MIXED_TAGS },
		{ NOVA_33, MIXED, VF1 " " VF2, PLACEMENT_MIXED_TAGS },
		{ NOVA_34, MIXED, VF1 " " VF2, PLACEMENT_MIXED_TRAITS },
		/* unset and no: the same traits, another pool */
		{ NOVA_34, TWO(", \"live_migratable\": \"no\"", ""), VF1 " " VF2,
		  PLACEMENT_MIXED_TAGS },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_one_time_use_is_not_for_vfs_from_32_on(void **state)
{
#define ONE(value) "{\"address\": \"" VF1 "\", \"one_time_use\": " value "}"
	static const struct row rows[] = {
		{ NOVA_31, ONE("\"yes\""), VF1, PLACEMENT_NO_CONFLICT },
		{ NOVA_32, ONE("\"yes\""), VF1, PLACEMENT_ONE_TIME_USE },
		{ NOVA_34, ONE("\"no\""), VF1, PLACEMENT_ONE_TIME_USE },
		{ NOVA_34, "{\"address\": \"*:0a:00.0\", \"one_time_use\": \"yes\"}", PF " " VF1,
		  PLACEMENT_NO_CONFLICT },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_an_entry_with_devname_can_not_be_reported(void **state)
{
	static const struct row rows[] = {
		{ NOVA_31, "{\"devname\": \"eth0\"}", PF, PLACEMENT_DEVNAME },
		{ NOVA_31, "{\"devname\": \"eth0\"}", VF1 " " VF2, PLACEMENT_DEVNAME },
		/* of another function: the start is refused, but not because of this family */
		{ NOVA_31, "[{\"devname\": \"eth9\"}, {}]", VF1, PLACEMENT_NO_CONFLICT },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_vfs_of_one_pf_that_differ_in_managed_claim_wrongly(void **state)
{
	static const struct row rows[] = {
		{ NOVA_31, TWO(", \"managed\": \"yes\"", ", \"managed\": \"no\""), VF1 " " VF2,
		  PLACEMENT_MIXED_MANAGED },
		{ NOVA_31, TWO(", \"managed\": \"yes\"", ""), VF1 " " VF2,
		  PLACEMENT_MIXED_MANAGED },
		{ NOVA_31, TWO(", \"managed\": \"yes\"", ", \"managed\": true"), VF1 " " VF2,
		  PLACEMENT_NO_CONFLICT },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_vfs_of_one_pf_that_differ_in_another_tag_claim_wrongly(void **state)
{
	static const struct row rows[] = {
		{ NOVA_31, TWO(", \"trusted\": \"true\"", ""), VF1 " " VF2, PLACEMENT_MIXED_TAGS },
		{ NOVA_31, TWO("", ", \"colour\": \"red\""), VF1 " " VF2, PLACEMENT_MIXED_TAGS },
		{ NOVA_31, TWO(", \"a\": \"1\", \"b\": \"2\"", ", \"b\": \"2\", \"a\": \"1\""),
		  VF1 " " VF2, PLACEMENT_NO_CONFLICT },
		/* what a pool says where nothing is given */
		{ NOVA_31, TWO(", \"remote_managed\": \"false\"", ""), VF1 " " VF2,
		  PLACEMENT_NO_CONFLICT },
		{ NOVA_31, TWO(", \"remote_managed\": \"no\"", ""), VF1 " " VF2,
		  PLACEMENT_MIXED_TAGS },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_vfs_of_one_pf_of_another_type_node_or_id_claim_wrongly(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		cleanup_(functions_done) struct functions f;

		functions_init(&f, NOVA_31, "{\"address\": \"" PF "\", \"resource_class\": \"A\"}");
		(void)functions_add(&f, VF1);
		(void)functions_add(&f, VF2);
		f.items[0]->kind = VF_KIND_VF;
		if (i == 1)
			f.items[1]->is_vdpa = true;
		if (i == 2)
			f.items[1]->numa_node = 1;
		if (i == 3)
			f.items[1]->product_id++;
		(void)functions_add(&f, PF);
		functions_match(&f);
		assert_int_equal(
			placement_find(&f.policy, NULL, functions_list(&f), 2, PLACEMENT_PF_AND_VF),
			i == 0 ? PLACEMENT_NO_CONFLICT : PLACEMENT_MIXED_TAGS);
	}
}

static void test_functions_for_neutron_ports_are_not_in_placement(void **state)
{
	static const struct row rows[] = {
		{ NOVA_31, TWO(", \"physical_network\": \"net1\"", ", \"resource_class\": \"A\""),
		  VF1 " " VF2, PLACEMENT_NO_CONFLICT },
		{ NOVA_31, TWO(", \"physical_network\": \"\"", ", \"resource_class\": \"A\""),
		  VF1 " " VF2, PLACEMENT_MIXED_CLASSES },
		{ NOVA_31, TWO(", \"physical_network\": null", ", \"resource_class\": \"A\""),
		  VF1 " " VF2, PLACEMENT_MIXED_CLASSES },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_what_conflicts_depends_on_the_two_options(void **state)
{
	static const struct {
		const char *value;
		bool report, in_placement;
		enum placement_conflict conflict;
	} rows[] = {
		{ TWO(", \"traits\": \"A\"", ""), true, false, PLACEMENT_MIXED_TRAITS },
		{ TWO(", \"traits\": \"A\"", ""), false, true, PLACEMENT_NO_CONFLICT },
		{ TWO(", \"managed\": \"no\"", ""), true, false, PLACEMENT_NO_CONFLICT },
		{ TWO(", \"managed\": \"no\"", ""), true, true, PLACEMENT_MIXED_MANAGED },
		{ TWO(", \"managed\": \"no\"", ""), false, false, PLACEMENT_NO_CONFLICT },
		{ TWO(", \"managed\": \"no\", \"traits\": \"A\"", ""), true, true,
		  PLACEMENT_MIXED_TRAITS },
		{ TWO(", \"managed\": \"no\", \"traits\": \"A\"", ""), false, true,
		  PLACEMENT_MIXED_MANAGED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		cleanup_(functions_done) struct functions f;

		functions_init(&f, NOVA_31, rows[i].value);
		f.config.report_in_placement = rows[i].report;
		f.config.pci_in_placement = rows[i].in_placement;
		functions_add_all(&f, VF1 " " VF2);
		assert_int_equal(placement_judge(&f.policy, NULL, functions_list(&f), f.count),
				 rows[i].conflict);
	}
}

static void test_the_search_can_begin_behind_a_conflict(void **state)
{
	static const struct {
		const char *value;
		enum placement_conflict first, conflict;
	} rows[] = {
		{ TWO(", \"managed\": \"no\"", ""), PLACEMENT_MIXED_MANAGED,
		  PLACEMENT_MIXED_MANAGED },
		{ TWO(", \"managed\": \"no\"", ""), PLACEMENT_MIXED_TAGS, PLACEMENT_NO_CONFLICT },
		{ TWO(", \"managed\": \"no\", \"x\": \"1\"", ""), PLACEMENT_MIXED_TAGS,
		  PLACEMENT_MIXED_TAGS },
		{ TWO(", \"resource_class\": \"A\"", ", \"traits\": \"A\""), PLACEMENT_MIXED_TRAITS,
		  PLACEMENT_MIXED_TRAITS },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		cleanup_(functions_done) struct functions f;

		functions_init(&f, NOVA_31, rows[i].value);
		functions_add_all(&f, VF1 " " VF2);
		assert_int_equal(
			placement_find(&f.policy, NULL, functions_list(&f), f.count, rows[i].first),
			rows[i].conflict);
	}
}

static void test_a_conflict_has_novas_own_class_of_error(void **state)
{
	static const char *const classes[] = {
		[PLACEMENT_PF_AND_VF] = "PlacementPciDependentDeviceException",
		[PLACEMENT_MIXED_CLASSES] = "PlacementPciMixedResourceClassException",
		[PLACEMENT_MIXED_TRAITS] = "PlacementPciMixedTraitsException",
		[PLACEMENT_DEVNAME] = "PlacementPciException",
		[PLACEMENT_ONE_TIME_USE] = "PlacementPciException",
		[PLACEMENT_CONFLICT_COUNT] = NULL,
	};

	(void)state;
	for (enum placement_conflict c = 0; c < PLACEMENT_CONFLICT_COUNT; c++) {
		const char *name = placement_conflict_nova_class(c);

		assert_non_null(placement_conflict_text(c));
		if (classes[c])
			assert_string_equal(name, classes[c]);
		else
			assert_null(name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_pf_and_its_vfs_can_not_both_be_taken),
		cmocka_unit_test(test_vfs_of_one_pf_need_one_class),
		cmocka_unit_test(test_vfs_of_one_pf_need_the_same_traits),
		cmocka_unit_test(test_live_migratable_is_a_trait_from_34_on),
		cmocka_unit_test(test_one_time_use_is_not_for_vfs_from_32_on),
		cmocka_unit_test(test_an_entry_with_devname_can_not_be_reported),
		cmocka_unit_test(test_vfs_of_one_pf_that_differ_in_managed_claim_wrongly),
		cmocka_unit_test(test_vfs_of_one_pf_that_differ_in_another_tag_claim_wrongly),
		cmocka_unit_test(test_vfs_of_one_pf_of_another_type_node_or_id_claim_wrongly),
		cmocka_unit_test(test_functions_for_neutron_ports_are_not_in_placement),
		cmocka_unit_test(test_what_conflicts_depends_on_the_two_options),
		cmocka_unit_test(test_the_search_can_begin_behind_a_conflict),
		cmocka_unit_test(test_a_conflict_has_novas_own_class_of_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
