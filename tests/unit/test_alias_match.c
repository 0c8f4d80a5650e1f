/* SPDX-License-Identifier: Apache-2.0 */
/* Which functions an alias can get. */
#include "alias_fixture.h"

/* What decides without Placement: an alias, a device and its entry. */
struct take {
	const char *alias; /* without its name */
	enum vf_kind kind;
	const char *entry; /* NULL: untracked */
	bool takes;
};

static void check_takes(const struct take *rows, size_t count)
{
	char text[256];

	for (size_t i = 0; i < count; i++) {
		cleanup_(aliases_freep) struct aliases *aliases = new_for(NOVA(31, 0, 0));
		cleanup_(device_done) struct device d = device_of(rows[i].kind, rows[i].entry);

		(void)snprintf(text, sizeof(text), "{\"name\": \"a\"%s}", rows[i].alias);
		add_good(aliases, text);
		if (aliases_takes(aliases, 0, &d.vf) != rows[i].takes)
			fail_msg("%zu: %s and %s", i, text, rows[i].entry ? rows[i].entry : "-");
	}
}

static void test_an_alias_takes_what_has_its_ids_and_type(void **state)
{
	static const struct take rows[] = {
		{ ", \"vendor_id\": \"10de\"", VF_KIND_VF, "{}", true },
		{ ", \"vendor_id\": \"10DE\", \"product_id\": \"25B6\"", VF_KIND_VF, "{}", true },
		{ ", \"product_id\": \"25b7\"", VF_KIND_VF, "{}", false },
		{ ", \"vendor_id\": \"10de\\n\"", VF_KIND_VF, "{}", false },
		{ ", \"device_type\": \"type-VF\"", VF_KIND_VF, "{}", true },
		{ ", \"device_type\": \"type-PCI\"", VF_KIND_VF, "{}", false },
		{ ", \"device_type\": \"type-PCI\"", VF_KIND_PCI, "{}", true },
		{ "", VF_KIND_VF, NULL, false },
		{ "", VF_KIND_VF, "{}", true },
		{ "", VF_KIND_PCI, "{}", true },
	};

	(void)state;
	check_takes(rows, COUNT(rows));
}

static void test_a_pf_is_had_only_by_an_alias_that_asks_for_one(void **state)
{
	static const struct take rows[] = {
		{ "", VF_KIND_PF, "{}", false },
		{ ", \"device_type\": \"type-VF\"", VF_KIND_PF, "{}", false },
		{ ", \"device_type\": \"type-PF\"", VF_KIND_PF, "{}", true },
		{ ", \"device_type\": \"type-PF\"", VF_KIND_VF, "{}", false },
	};

	(void)state;
	check_takes(rows, COUNT(rows));
}

static void test_vdpa_and_remote_managed_devices_are_never_had(void **state)
{
	static const struct take rows[] = {
		{ "", VF_KIND_VF, "{\"remote_managed\": \"true\"}", false },
		{ "", VF_KIND_VF, "{\"remote_managed\": \"yes\"}", false },
		{ "", VF_KIND_VF, "{\"remote_managed\": \"no\"}", true },
	};
	cleanup_(aliases_freep) struct aliases *aliases = new_for(NOVA(31, 0, 0));
	cleanup_(device_done) struct device vdpa = device_of(VF_KIND_VF, "{}");

	(void)state;
	check_takes(rows, COUNT(rows));
	add_good(aliases, "{\"name\": \"a\"}");
	vdpa.vf.is_vdpa = true;
	assert_false(aliases_takes(aliases, 0, &vdpa.vf));
}

static void test_live_migratable_has_to_equal_the_tag(void **state)
{
	static const struct take rows[] = {
		{ ", \"live_migratable\": \"yes\"", VF_KIND_VF, "{\"live_migratable\": \"1\"}",
		  true },
		{ ", \"live_migratable\": \"yes\"", VF_KIND_VF, "{\"live_migratable\": \"no\"}",
		  false },
		{ ", \"live_migratable\": \"no\"", VF_KIND_VF, "{\"live_migratable\": false}",
		  true },
		{ ", \"live_migratable\": \"yes\"", VF_KIND_VF, "{}", false },
		{ ", \"live_migratable\": \"no\"", VF_KIND_VF, "{}", false },
		{ ", \"live_migratable\": \"no\"", VF_KIND_VF, "{\"live_migratable\": null}",
		  false },
		{ "", VF_KIND_VF, "{\"live_migratable\": \"yes\"}", true },
	};

	(void)state;
	check_takes(rows, COUNT(rows));
}

static void test_other_tags_keep_no_device_away(void **state)
{
	static const struct take rows[] = {
		{ "", VF_KIND_VF, "{\"physical_network\": \"net1\"}", true },
		{ "", VF_KIND_VF, "{\"trusted\": \"true\"}", true },
		{ "", VF_KIND_VF, "{\"managed\": \"no\", \"x\": \"y\"}", true },
	};

	(void)state;
	check_takes(rows, COUNT(rows));
}

static void test_an_alias_with_a_capability_type_matches_no_device(void **state)
{
	static const struct take rows[] = {
		{ ", \"capability_type\": \"pci\"", VF_KIND_VF, "{}", false },
		{ ", \"capability_type\": \"pci\"", VF_KIND_PCI, "{}", false },
		/* But for an entry with a tag of that name: a pool has all tags. */
		{ ", \"capability_type\": \"pci\"", VF_KIND_VF, "{\"capability_type\": \"PCI\"}",
		  true },
		{ ", \"device_type\": \"type-VF\"", VF_KIND_PCI, "{\"dev_type\": \"type-VF\"}",
		  true },
	};
	cleanup_(aliases_freep) struct aliases *aliases = new_for(NOVA(31, 0, 0));
	struct alias_info info;

	(void)state;
	check_takes(rows, COUNT(rows));
	add_good(aliases, "{\"name\": \"a\", \"capability_type\": \"pci\"}");
	aliases_get(aliases, 0, &info);
	assert_true(info.has_capability_type);
}

static void test_without_placement_a_class_and_traits_are_ignored(void **state)
{
	static const struct take rows[] = {
		{ ", \"resource_class\": \"x\", \"traits\": \"y\"", VF_KIND_VF, "{}", true },
		{ ", \"resource_class\": \"x\"", VF_KIND_PCI, "{\"resource_class\": \"z\"}", true },
	};

	(void)state;
	check_takes(rows, COUNT(rows));
}

static void test_placement_wants_class_and_all_traits_of_the_provider(void **state)
{
	static const struct {
		const char *alias;
		const char *entry;
		bool old, new; /* Nova 31, 34 */
	} rows[] = {
		{ ", \"resource_class\": \"gold\"", "{\"resource_class\": \"CUSTOM_GOLD\"}", true,
		  true },
		{ ", \"resource_class\": \"gold\"", "{}", false, false },
		{ ", \"vendor_id\": \"10de\", \"product_id\": \"25B6\"", "{}", true, true },
		{ ", \"vendor_id\": \"10de\", \"product_id\": \"25b6\"",
		  "{\"resource_class\": \"gold\"}", false, false },
		{ ", \"vendor_id\": \"10de\", \"product_id\": \"25b6\", \"resource_class\": \"\"",
		  "{\"resource_class\": \"pci_10de_25b6\"}", true, true },
		{ ", \"resource_class\": \"gold\", \"traits\": \"a,b\"",
		  "{\"resource_class\": \"gold\", \"traits\": \"b,c,a\"}", true, true },
		{ ", \"resource_class\": \"gold\", \"traits\": \"a,b\"",
		  "{\"resource_class\": \"gold\", \"traits\": \"a\"}", false, false },
		{ ", \"resource_class\": \"gold\", \"traits\": \"blue, big\"",
		  "{\"resource_class\": \"gold\", \"traits\": \"blue,big\"}", false, false },
		{ ", \"resource_class\": \"gold\", \"traits\": \"COMPUTE_MANAGED_PCI_DEVICE\"",
		  "{\"resource_class\": \"gold\"}", true, true },
		{ ", \"resource_class\": \"gold\", \"traits\": \"OWNER_NOVA\"",
		  "{\"resource_class\": \"gold\"}", false, true },
		{ ", \"resource_class\": \"gold\", \"traits\": \"HW_PCI_LIVE_MIGRATABLE\"",
		  "{\"resource_class\": \"gold\", \"live_migratable\": \"yes\"}", false, true },
		{ ", \"resource_class\": \"gold\", \"traits\": \"HW_PCI_LIVE_MIGRATABLE\"",
		  "{\"resource_class\": \"gold\", \"live_migratable\": \"no\"}", false, false },
		{ ", \"resource_class\": \"gold\", \"traits\": \"HW_PCI_ONE_TIME_USE\"",
		  "{\"resource_class\": \"gold\", \"one_time_use\": \"yes\"}", false, true },
		{ ", \"resource_class\": \"gold\"",
		  "{\"resource_class\": \"gold\", \"physical_network\": \"net1\"}", false, false },
		{ ", \"resource_class\": \"gold\"",
		  "{\"resource_class\": \"gold\", \"physical_network\": null}", true, true },
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < 2 * COUNT(rows); i++) {
		const struct alias_rules *rules = i % 2 ? NOVA_PLACED(34, 0, 0)
							: NOVA_PLACED(31, 0, 0);
		cleanup_(aliases_freep) struct aliases *aliases = new_for(rules);
		cleanup_(device_done) struct device d = device_of(VF_KIND_VF, rows[i / 2].entry);
		const struct vf *functions[] = { &d.vf };
		struct alias_answer answer;

		(void)snprintf(text, sizeof(text), "{\"name\": \"a\"%s}", rows[i / 2].alias);
		add_good(aliases, text);
		assert_int_equal(aliases_resolve(aliases, "a", functions, 1, &answer), 0);
		assert_true(answer.with_placement);
		assert_int_equal(answer.device_count, 1);
		if (answer.placement_device_count != (i % 2 ? rows[i / 2].new : rows[i / 2].old))
			fail_msg("%zu: %s and %s", i, text, rows[i / 2].entry);
		alias_answer_done(&answer);
	}
}

static void test_with_placement_the_pools_still_decide(void **state)
{
	cleanup_(aliases_freep) struct aliases *aliases = new_for(NOVA_PLACED(31, 0, 0));
	cleanup_(device_done) struct device pf = device_of(VF_KIND_PF,
							   "{\"resource_class\": \"x\"}");
	const struct vf *functions[] = { &pf.vf };
	struct alias_answer answer;

	(void)state;
	add_good(aliases, "{\"name\": \"a\", \"resource_class\": \"x\"}");
	assert_int_equal(aliases_resolve(aliases, "a", functions, 1, &answer), 0);
	assert_int_equal(answer.placement_device_count, 0);
	alias_answer_done(&answer);
}

static void test_values_of_one_name_are_alternatives_but_not_in_placement(void **state)
{
	static const char *const values[] = {
		"{\"name\": \"a\", \"vendor_id\": \"10de\", \"product_id\": \"25b6\", "
		"\"device_type\": \"type-VF\"}",
		"{\"name\": \"a\", \"vendor_id\": \"10de\", \"product_id\": \"0001\", "
		"\"device_type\": \"type-VF\"}",
	};
	cleanup_(aliases_freep) struct aliases *aliases = new_for(NOVA_PLACED(31, 0, 0));
	cleanup_(device_done) struct device vf = device_of(VF_KIND_VF, "{}"),
					    other = device_of(VF_KIND_VF, NULL);
	const struct vf *functions[] = { &other.vf, &vf.vf };
	struct alias_answer answer;

	(void)state;
	add_good(aliases, values[0]);
	add_good(aliases, values[1]);
	assert_int_equal(aliases_resolve(aliases, "a", functions, 2, &answer), 0);
	assert_int_equal(answer.device_count, 1);
	assert_ptr_equal(answer.devices[0], &vf.vf);
	assert_int_equal(answer.placement_device_count, 0);
	alias_answer_done(&answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_alias_takes_what_has_its_ids_and_type),
		cmocka_unit_test(test_a_pf_is_had_only_by_an_alias_that_asks_for_one),
		cmocka_unit_test(test_vdpa_and_remote_managed_devices_are_never_had),
		cmocka_unit_test(test_live_migratable_has_to_equal_the_tag),
		cmocka_unit_test(test_other_tags_keep_no_device_away),
		cmocka_unit_test(test_an_alias_with_a_capability_type_matches_no_device),
		cmocka_unit_test(test_without_placement_a_class_and_traits_are_ignored),
		cmocka_unit_test(test_placement_wants_class_and_all_traits_of_the_provider),
		cmocka_unit_test(test_with_placement_the_pools_still_decide),
		cmocka_unit_test(test_values_of_one_name_are_alternatives_but_not_in_placement),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
