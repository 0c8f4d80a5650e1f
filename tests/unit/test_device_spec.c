/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/specs.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void test_without_an_entry_nothing_is_taken(void **state)
{
	cleanup_(device_specs_freep) struct device_specs *specs = specs_new();

	(void)state;
	assert_null(specs_match(specs, "0000:25:00.4"));
	assert_int_equal(device_specs_count(specs), 0);
}

static void test_an_entry_without_conditions_takes_every_function(void **state)
{
	static const struct specs_take rows[] = {
		{ "{}", "0000:25:00.4", true },
		{ "{}", "ffff:ff:1f.7", true },
		{ "{\"Vendor_id\": \"8086\"}", "0000:25:00.4", true },
		{ "{\"vendor_id\": \"*\", \"product_id\": \"*\"}", "0000:25:00.4", true },
	};

	(void)state;
	specs_check_takes(rows, COUNT(rows));
}

static void test_an_exact_address_of_a_pf_takes_its_vfs_too(void **state)
{
	static const struct specs_take rows[] = {
		{ "{\"address\": \"0000:25:00.0\"}", "0000:25:00.0", true },
		{ "{\"address\": \"0000:25:00.0\"}", "0000:25:00.4", true },
		{ "{\"address\": \"0:25:0.0\"}", "0000:25:00.4", true },
		{ "{\"address\": \"0000:25:00.0\"}", "0000:26:00.4", false },
		{ "{\"address\": \"0000:25:00.0\", \"product_id\": \"1\"}", "0000:25:00.4", false },
	};

	(void)state;
	specs_check_takes(rows, COUNT(rows));
}

static void test_a_wildcard_that_covers_a_pf_does_not_take_its_vfs(void **state)
{
	static const struct specs_take rows[] = {
		{ "{\"address\": \"*:25:00.0\"}", "0000:25:00.0", true },
		{ "{\"address\": \"*:25:00.0\"}", "0000:25:00.4", false },
		{ "{\"address\": \"25:00.0\"}", "0000:25:00.4", false },
		{ "{\"address\": \".0\"}", "0000:25:00.4", false },
	};

	(void)state;
	specs_check_takes(rows, COUNT(rows));
}

static void test_a_domain_above_ffff_is_skipped_by_every_entry(void **state)
{
	static const struct specs_take rows[] = {
		{ "{}", "10000:25:00.4", false },
		{ "{\"vendor_id\": \"10de\"}", "10000:25:00.4", false },
	};

	(void)state;
	specs_check_takes(rows, COUNT(rows));
}

static void test_the_first_entry_that_takes_a_function_wins_whole(void **state)
{
	cleanup_(device_specs_freep) struct device_specs *specs = specs_new();
	cleanup_(spec_match_unrefp) struct spec_match *vf = NULL, *other = NULL;

	(void)state;
	specs_add_good(specs,
		       "[{\"address\": \".5\", \"managed\": \"no\"}, {\"vendor_id\": \"10de\"}]");
	specs_add_good(specs, "{\"address\": \"0000:25:00.4\", \"managed\": \"no\", \"x\": \"1\"}");
	vf = specs_match(specs, "0000:25:00.4");
	assert_int_equal(vf->index, 1);
	assert_true(vf->managed);
	assert_int_equal(vf->tag_count, 0);
	other = specs_match(specs, "0000:25:00.5");
	assert_int_equal(other->index, 0);
	assert_false(other->managed);
	assert_string_equal(other->file, "nova.conf");
	assert_int_equal(other->line, 3);
}

static void test_managed_is_true_unless_the_entry_says_no(void **state)
{
	static const struct {
		const char *entry;
		bool managed, effective;
	} rows[] = {
		{ "{}", true, true },
		{ "{\"managed\": null}", true, true },
		{ "{\"managed\": \"yes\"}", true, true },
		{ "{\"managed\": \"no\"}", false, false },
		{ "{\"managed\": \"no\", \"physical_network\": \"net1\"}", false, true },
		{ "{\"managed\": \"no\", \"physical_network\": \"\"}", false, false },
		{ "{\"managed\": \"no\", \"physical_network\": null}", false, false },
		{ "{\"managed\": \"yes\", \"managed\": \"no\"}", false, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		cleanup_(device_specs_freep) struct device_specs *specs = specs_new();
		cleanup_(spec_match_unrefp) struct spec_match *m = NULL;

		specs_add_good(specs, rows[i].entry);
		m = specs_match(specs, "0000:25:00.4");
		if (m->managed != rows[i].managed || m->managed_effective != rows[i].effective)
			fail_msg("%s", rows[i].entry);
	}
}

static void test_the_specifications_first_example_is_refused_for_its_bare_key(void **state)
{
	static const struct specs_refusal rows[] = {
		{ "{ \"vendor_id\": \"10de\", \"product_id\": \"25b6\", \"address\": "
		  "\"0000:25:00.4\", managed: \"no\" }",
		  87, "key without quotes: managed", "PciConfigInvalidSpec" },
	};

	(void)state;
	specs_check_refused(rows, COUNT(rows));
}

static void test_the_specifications_first_example_corrected_is_unmanaged(void **state)
{
	cleanup_(device_specs_freep) struct device_specs *specs = specs_new();
	cleanup_(spec_match_unrefp) struct spec_match *m = NULL;

	(void)state;
	specs_add_good(specs, "{ \"vendor_id\": \"10de\", \"product_id\": \"25b6\", \"address\": "
			      "\"0000:25:00.4\", \"managed\": \"no\" }");
	m = specs_match(specs, "0000:25:00.4");
	assert_false(m->managed);
	assert_false(m->managed_effective);
	assert_string_equal(m->resource_class, "CUSTOM_PCI_10DE_25B6");
}

static void test_the_specifications_second_example_gives_its_class_unmanaged(void **state)
{
	cleanup_(device_specs_freep) struct device_specs *specs = specs_new();
	cleanup_(spec_match_unrefp) struct spec_match *m = NULL;

	(void)state;
	specs_add_good(
		specs,
		"{ \"vendor_id\": \"10de\", \"product_id\": \"25b6\", \"address\": "
		"\"0000:25:00.4\", \"resource_class\": \"CUSTOM_A16_16A\", \"managed\": \"no\" }");
	m = specs_match(specs, "0000:25:00.4");
	assert_false(m->managed);
	assert_string_equal(m->resource_class, "CUSTOM_A16_16A");
	assert_null(specs_match(specs, "0000:25:00.5"));
}

static void test_a_fault_in_a_later_line_has_that_lines_place(void **state)
{
	cleanup_(device_specs_freep) struct device_specs *specs = specs_new();
	static const char text[] = "[ {},\n{ \"\u00e9\": 1,\n  \"managed\": \"ja\" } ]";
	static const unsigned int columns[] = { 15, 5, 3 };
	struct spec_value value = { .file = "nova.conf",
				    .line = 3,
				    .column = 15,
				    .text = text,
				    .len = sizeof(text) - 1,
				    .columns = columns };
	struct spec_error error;

	(void)state;
	assert_int_equal(device_specs_add(specs, &value, &error), -EINVAL);
	assert_int_equal(error.line, 5);
	assert_int_equal(error.column, 3 + 13);
	value.columns = NULL;
	assert_int_equal(device_specs_add(specs, &value, &error), -EINVAL);
	assert_int_equal(error.column, 1 + 13);
}

static void test_a_reason_holds_no_control_characters_and_is_cut(void **state)
{
	cleanup_(device_specs_freep) struct device_specs *specs = specs_new();
	char entry[1024] = "{\"vendor_id\": \"\\n\\u001b\\ud800\\u0000x";
	struct spec_error error;
	size_t len = strlen(entry);

	(void)state;
	memset(entry + len, 'z', 900);
	memcpy(entry + len + 900, "\"}", sizeof("\"}"));
	assert_int_equal(specs_add(specs, entry, &error), -EINVAL);
	for (const char *s = error.reason; *s; s++)
		assert_true(*s >= 0x20 && *s < 0x7f);
}

static void test_functions_with_the_same_ids_share_one_match(void **state)
{
	cleanup_(device_specs_freep) struct device_specs *specs = specs_new();
	cleanup_(spec_match_unrefp) struct spec_match *a = NULL, *b = NULL, *c = NULL;
	struct spec_subject other = specs_subject("0000:25:00.6");

	(void)state;
	specs_add_good(specs, "{}");
	a = specs_match(specs, "0000:25:00.4");
	b = specs_match(specs, "0000:25:00.5");
	assert_ptr_equal(a, b);
	other.product_id = 0x1234;
	assert_int_equal(device_specs_match(specs, NULL, &other, &c), 0);
	assert_ptr_not_equal(a, c);
	assert_string_equal(c->resource_class, "CUSTOM_PCI_10DE_1234");
}

static void test_a_match_outlives_its_configuration(void **state)
{
	struct device_specs *specs = specs_new();
	struct spec_match *m;

	(void)state;
	specs_add_good(specs, "{\"traits\": \"a\", \"x\": \"y\", \"resource_class\": \"z\"}");
	m = spec_match_ref(specs_match(specs, "0000:25:00.4"));
	specs = device_specs_free(specs);
	assert_string_equal(m->file, "nova.conf");
	assert_string_equal(m->traits[0], "CUSTOM_A");
	assert_string_equal(m->tags[1].value, "y");
	assert_string_equal(m->resource_class, "CUSTOM_Z");
	assert_null(spec_match_unref(m));
	assert_null(spec_match_unref(m));
	assert_null(spec_match_unref(NULL));
	assert_null(spec_match_ref(NULL));
	assert_null(device_specs_free(specs));
}

static void test_matches_are_equal_if_they_say_the_same(void **state)
{
	static const struct {
		const char *a, *b;
		bool equal;
	} rows[] = {
		{ "{}", "{}", true },
		{ "{\"x\": 1.0}", "{ \"x\" : 1e0 }", true },
		{ "{}", "{\"x\": \"1\"}", false },
		{ "{\"x\": \"1\"}", "{\"x\": \"2\"}", false },
		{ "{\"traits\": \"a\"}", "{\"traits\": \"A\"}", false },
		{ "{\"resource_class\": \"a\"}", "{\"resource_class\": \"b\"}", false },
		{ "{\"managed\": \"no\"}", "{\"managed\": \"off\"}", true },
		{ "{\"managed\": \"no\"}", "{\"managed\": \"yes\"}", false },
		{ "[{\"vendor_id\":\"1\"},{}]", "{}", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		cleanup_(device_specs_freep) struct device_specs *left = specs_new(),
								 *right = specs_new();
		cleanup_(spec_match_unrefp) struct spec_match *a = NULL, *b = NULL;

		specs_add_good(left, rows[i].a);
		specs_add_good(right, rows[i].b);
		a = specs_match(left, "0000:25:00.4");
		b = specs_match(right, "0000:25:00.4");
		if (spec_match_equal(a, b) != rows[i].equal)
			fail_msg("%s and %s", rows[i].a, rows[i].b);
		assert_false(spec_match_equal(a, NULL));
	}
	assert_true(spec_match_equal(NULL, NULL));
}

static void test_a_refused_value_leaves_the_list_as_it_was(void **state)
{
	cleanup_(device_specs_freep) struct device_specs *specs = specs_new();
	struct spec_error error;

	(void)state;
	specs_add_good(specs, "{\"vendor_id\": \"1\"}");
	assert_int_equal(specs_add(specs, "[{}, {\"managed\": \"x\"}]", &error), -EINVAL);
	assert_int_equal(device_specs_count(specs), 1);
	assert_null(specs_match(specs, "0000:25:00.4"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_an_entry_nothing_is_taken),
		cmocka_unit_test(test_an_entry_without_conditions_takes_every_function),
		cmocka_unit_test(test_an_exact_address_of_a_pf_takes_its_vfs_too),
		cmocka_unit_test(test_a_wildcard_that_covers_a_pf_does_not_take_its_vfs),
		cmocka_unit_test(test_a_domain_above_ffff_is_skipped_by_every_entry),
		cmocka_unit_test(test_the_first_entry_that_takes_a_function_wins_whole),
		cmocka_unit_test(test_managed_is_true_unless_the_entry_says_no),
		cmocka_unit_test(test_the_specifications_first_example_is_refused_for_its_bare_key),
		cmocka_unit_test(test_the_specifications_first_example_corrected_is_unmanaged),
		cmocka_unit_test(test_the_specifications_second_example_gives_its_class_unmanaged),
		cmocka_unit_test(test_a_fault_in_a_later_line_has_that_lines_place),
		cmocka_unit_test(test_a_reason_holds_no_control_characters_and_is_cut),
		cmocka_unit_test(test_functions_with_the_same_ids_share_one_match),
		cmocka_unit_test(test_a_match_outlives_its_configuration),
		cmocka_unit_test(test_matches_are_equal_if_they_say_the_same),
		cmocka_unit_test(test_a_refused_value_leaves_the_list_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
