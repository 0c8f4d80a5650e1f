/* SPDX-License-Identifier: Apache-2.0 */
/* What can be seen of entries, and what depends on the release of Nova. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/alloc.h"
#include "../lib/specs.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void test_before_31_0_managed_and_live_migratable_are_unknown_tags(void **state)
{
	static const struct spec_rules old = { .nova = VERSION(30, 9, 9) },
				       new = { .nova = VERSION(31, 0, 0) };
	static const char entry[] = "{\"managed\": \"maybe\", \"live_migratable\": 7}";
	cleanup_(device_specs_freep) struct device_specs *specs = specs_new_for(&old),
							 *others = specs_new_for(&new);
	cleanup_(spec_match_unrefp) struct spec_match *m = NULL;
	struct spec_error error;

	(void)state;
	specs_add_good(specs, entry);
	m = specs_match(specs, "0000:25:00.4");
	assert_true(m->managed);
	assert_string_equal(m->tags[0].value, "maybe");
	assert_string_equal(m->tags[1].value, "7");
	assert_int_equal(specs_add(others, entry, &error), -EINVAL);
}

static void test_one_time_use_is_strict_and_needs_placement_from_32_0(void **state)
{
	static const struct {
		version_t nova;
		bool report;
		const char *entry;
		const char *stored; /* NULL: refused */
	} rows[] = {
		{ VERSION(31, 9, 9), false, "{\"one_time_use\": \"maybe\"}", "maybe" },
		{ VERSION(31, 9, 9), false, "{\"one_time_use\": \"Yes\"}", "Yes" },
		{ VERSION(32, 0, 0), true, "{\"one_time_use\": \"maybe\"}", NULL },
		{ VERSION(32, 0, 0), true, "{\"one_time_use\": \"Yes\"}", "true" },
		{ VERSION(32, 0, 0), false, "{\"one_time_use\": \"Yes\"}", NULL },
		{ VERSION(32, 0, 0), false, "{\"one_time_use\": \"No\"}", "false" },
		{ VERSION(32, 0, 0), false, "{\"one_time_use\": null}", "null" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct spec_rules rules = { .nova = rows[i].nova,
						  .report_in_placement = rows[i].report };
		cleanup_(device_specs_freep) struct device_specs *specs = specs_new_for(&rules);
		cleanup_(spec_match_unrefp) struct spec_match *m = NULL;
		struct spec_error error;

		if (specs_add(specs, rows[i].entry, &error) != (rows[i].stored ? 0 : -EINVAL))
			fail_msg("%zu: %s", i, rows[i].entry);
		if (!rows[i].stored) {
			assert_string_equal(error.nova_class, "PciConfigInvalidSpec");
			continue;
		}
		m = specs_match(specs, "0000:25:00.4");
		assert_string_equal(m->tags[0].value, rows[i].stored);
	}
}

static void test_checks_come_in_novas_order(void **state)
{
	static const struct specs_refusal rows[] = {
		{ "{\"managed\": 2, \"address\": 5, \"product_id\": 5, \"vendor_id\": 5}", 74,
		  "vendor_id", "AttributeError" },
		{ "{\"managed\": 2, \"address\": 5, \"product_id\": 5}", 58, "product_id",
		  "TypeError" },
		{ "{\"managed\": 2, \"address\": 5, \"devname\": \"x\"}", 44, "not both",
		  "PciDeviceInvalidDeviceName" },
		{ "{\"managed\": 2, \"address\": 5}", 41, "address",
		  "PciDeviceWrongAddressFormat" },
		{ "{\"one_time_use\": 2, \"live_migratable\": 2, \"managed\": 2}", 68, "'managed'",
		  "PciConfigInvalidSpec" },
		{ "{\"one_time_use\": 2, \"live_migratable\": 2}", 54, "'live_migratable'",
		  "PciConfigInvalidSpec" },
		{ "{\"one_time_use\": 2}", 32, "'one_time_use'", "PciConfigInvalidSpec" },
	};

	(void)state;
	specs_check_refused(rows, COUNT(rows));
}

static void test_guests_of_parallels_have_no_managed_device(void **state)
{
	static const struct spec_rules rules = { .nova = NOVA_NEWEST, .is_parallels = true };
	static const char *const entries[] = { "{}", "{\"managed\": \"yes\"}",
					       "{\"physical_network\": \"net1\"}" };

	(void)state;
	for (size_t i = 0; i < COUNT(entries); i++) {
		cleanup_(device_specs_freep) struct device_specs *specs = specs_new_for(&rules);
		cleanup_(spec_match_unrefp) struct spec_match *m = NULL;

		specs_add_good(specs, entries[i]);
		m = specs_match(specs, "0000:25:00.4");
		assert_true(m->managed);
		assert_false(m->managed_effective);
	}
}

static void test_entries_can_be_looked_at_one_by_one(void **state)
{
	cleanup_(device_specs_freep) struct device_specs *specs = specs_new();
	struct spec_info info;

	(void)state;
	specs_add_good(specs, "[{\"address\": \"0:25:0.4\", \"managed\": \"no\"},\n"
			      " {\"devname\": \"eth0\", \"remote_managed\": \"On\", \"x\": [1], "
			      "\"resource_class\": 5, \"traits\": 1}]");
	device_specs_get(specs, 0, &info);
	assert_string_equal(info.file, "nova.conf");
	assert_int_equal(info.entry_line, 3);
	assert_int_equal(info.entry_column, 16);
	assert_true(info.is_exact && info.managed_is_set && !info.managed);
	assert_string_equal(info.address, "0000:25:00.4");
	assert_null(info.devname);
	assert_null(info.resource_class);
	assert_true(!info.has_resource_class && info.resource_class_is_text &&
		    info.traits_are_text && !info.has_structured_tag);
	device_specs_get(specs, 1, &info);
	assert_int_equal(info.line, 3);
	assert_int_equal(info.entry_line, 4);
	assert_int_equal(info.entry_column, 2);
	assert_true(!info.is_exact && !info.address && !info.managed_is_set && info.managed);
	assert_string_equal(info.devname, "eth0");
	assert_true(info.remote_managed);
	assert_string_equal(info.remote_managed_text, "On");
	assert_true(info.has_structured_tag);
	assert_true(info.has_resource_class && !info.resource_class_is_text);
	assert_false(info.traits_are_text);
	assert_null(info.physical_network);
	specs_add_good(specs, "{\"address\": {\"domain\": \"0000\", \"bus\": \"0A\", \"slot\": "
			      "\"0\", \"function\": \"\"}, \"physical_network\": \"net1\"}");
	device_specs_get(specs, 2, &info);
	assert_true(info.is_exact);
	assert_string_equal(info.address, "0000:0A:0.");
	assert_string_equal(info.physical_network, "net1");
}

static void test_an_entry_that_narrows_nothing_matches_everything(void **state)
{
	static const struct {
		const char *entry;
		bool everything;
	} rows[] = {
		{ "{}", true },
		{ "{\"vendor_id\": \"*\", \"address\": \"*:*:*.*\", \"x\": \"y\"}", true },
		{ "{\"address\": {\"bus\": \".*\"}}", true },
		{ "{\"address\": {\"bus\": \"0\"}}", false },
		{ "{\"vendor_id\": \"1\"}", false },
		{ "{\"product_id\": \"1\"}", false },
		{ "{\"address\": \".1\"}", false },
		{ "{\"devname\": \"eth0\"}", false },
		{ "{\"remote_managed\": \"true\"}", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		cleanup_(device_specs_freep) struct device_specs *specs = specs_new();
		struct spec_info info;

		specs_add_good(specs, rows[i].entry);
		device_specs_get(specs, 0, &info);
		if (info.matches_everything != rows[i].everything)
			fail_msg("%s", rows[i].entry);
	}
}

static void test_conditions_are_the_same_in_any_spelling(void **state)
{
	static const struct {
		const char *pair;
		bool same;
	} rows[] = {
		{ "[{}, {\"managed\": \"no\"}]", true },
		{ "[{\"vendor_id\": \"10DE\"}, {\"vendor_id\": \"0x10de\"}]", true },
		{ "[{\"address\": \"0:25:0.4\"}, {\"address\": \"0000:25:00.4\"}]", true },
		{ "[{\"address\": \".4\"}, {\"address\": \".5\"}]", false },
		{ "[{\"address\": \"25:0.4\"}, {\"address\": \"*:25:0.4\"}]", true },
		{ "[{\"address\": {\"bus\": \"2\"}}, {\"address\": {\"bus\": \"2\", \"slot\": \".*\"}}]",
		  true },
		{ "[{\"address\": {\"bus\": \"2\"}}, {\"address\": {\"bus\": \"3\"}}]", false },
		{ "[{\"address\": {\"bus\": \"25\"}}, {\"address\": \"25:*.*\"}]", false },
		{ "[{\"devname\": \"a\"}, {\"devname\": \"a\"}]", true },
		{ "[{\"devname\": \"a\"}, {\"devname\": \"b\"}]", false },
		{ "[{\"devname\": \"a\"}, {}]", false },
		{ "[{\"remote_managed\": \"yes\"}, {}]", false },
		{ "[{\"product_id\": \"1\"}, {}]", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		cleanup_(device_specs_freep) struct device_specs *specs = specs_new();

		specs_add_good(specs, rows[i].pair);
		if (device_specs_same_conditions(specs, 0, 1) != rows[i].same)
			fail_msg("%s", rows[i].pair);
	}
}

static void test_a_match_says_whether_placement_and_aliases_leave_it_out(void **state)
{
	static const struct {
		const char *entry;
		bool network, remote;
	} rows[] = {
		{ "{}", false, false },
		{ "{\"physical_network\": \"net1\"}", true, false },
		{ "{\"physical_network\": \"\"}", false, false },
		{ "{\"physical_network\": null}", false, false },
		{ "{\"physical_network\": \"null\"}", true, false },
		{ "{\"physical_network\": 1}", true, false },
		{ "{\"remote_managed\": \"1\"}", false, true },
	};
	struct spec_subject s = specs_subject("0000:25:00.4");

	(void)state;
	s.card_serial = "1";
	for (size_t i = 0; i < COUNT(rows); i++) {
		cleanup_(device_specs_freep) struct device_specs *specs = specs_new();
		cleanup_(spec_match_unrefp) struct spec_match *m = NULL;

		specs_add_good(specs, rows[i].entry);
		assert_int_equal(device_specs_match(specs, &specs_host, &s, &m), 0);
		if (m->has_physical_network != rows[i].network ||
		    m->remote_managed != rows[i].remote)
			fail_msg("%s", rows[i].entry);
	}
}

/* An entry of each form, a match, and its end. */
static int live(void)
{
	static const char text[] =
		"[{\"address\": {\"domain\": \"0000\", \"bus\": \"25\", \"slot\": \"00\", "
		"\"function\": \"4\"}, \"x\": [1], \"traits\": \"a,b\", \"resource_class\": \"c\"}, "
		"{\"devname\": 5, \"physical_network\": {}, \"remote_managed\": 0}, "
		"{\"address\": \"0:0:0.0\"}]";
	const struct spec_value value = {
		.file = "f", .line = 1, .column = 1, .text = text, .len = sizeof(text) - 1
	};
	const struct spec_subject s = { .addr = { .bus = 0x25, .func = 4 } };
	cleanup_(device_specs_freep) struct device_specs *specs = NULL;
	cleanup_(spec_match_unrefp) struct spec_match *m = NULL;
	struct spec_error error;
	int r = device_specs_new(&(const struct spec_rules){ .nova = NOVA_NEWEST }, &specs);

	if (r == 0)
		r = device_specs_add(specs, &value, &error);
	if (r == 0)
		r = device_specs_match(specs, &specs_host, &s, &m);
	return r;
}

static void test_each_lost_allocation_is_told(void **state)
{
	(void)state;
	for (size_t i = 0;; i++) {
		int r;

		alloc_fail_after(i);
		r = live();
		if (!alloc_fail_never()) {
			assert_int_equal(r, 0);
			break;
		}
		assert_int_equal(r, -ENOMEM);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_before_31_0_managed_and_live_migratable_are_unknown_tags),
		cmocka_unit_test(test_one_time_use_is_strict_and_needs_placement_from_32_0),
		cmocka_unit_test(test_checks_come_in_novas_order),
		cmocka_unit_test(test_guests_of_parallels_have_no_managed_device),
		cmocka_unit_test(test_entries_can_be_looked_at_one_by_one),
		cmocka_unit_test(test_an_entry_that_narrows_nothing_matches_everything),
		cmocka_unit_test(test_conditions_are_the_same_in_any_spelling),
		cmocka_unit_test(test_a_match_says_whether_placement_and_aliases_leave_it_out),
		cmocka_unit_test(test_each_lost_allocation_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
