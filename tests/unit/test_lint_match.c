/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/alloc.h"
#include "../lib/linted.h"
#include "vfmon/lint.h"

#define VFS "{\"vendor_id\": \"8086\", \"product_id\": \"10ca\"}"

static void test_a_good_configuration_has_no_finding(void **state)
{
	linted_expect(*state,
		      "[pci]\ndevice_spec = " VFS "\nalias = {\"name\": \"a\", \"vendor_id\": "
		      "\"8086\", \"product_id\": \"10ca\", \"device_type\": \"type-VF\"}\n",
		      "");
	linted_expect(*state, "", "");
	linted_expect(*state, "[pci]\ndevice_spec = []\n", "");
}

static void test_of_two_entries_with_the_same_conditions_the_later_is_never_used(void **state)
{
	linted_expect(*state,
		      "[pci]\ndevice_spec = " VFS "\ndevice_spec = [ {\"product_id\": \"0x10CA\", "
		      "\"vendor_id\": \" 8086\", \"managed\": \"no\"}]\n",
		      "suspicious duplicate_spec 3:17 #1\n");
	linted_expect_message(*state, "nova.conf:2");
}

static void test_a_duplicate_of_an_entry_that_takes_nothing_is_told_as_a_duplicate(void **state)
{
	linted_expect(
		*state,
		"[pci]\ndevice_spec = {\"vendor_id\": \"dead\"}\n"
		"device_spec = {\"vendor_id\": \"dead\"}\n",
		"suspicious spec_matches_nothing 2:15 #0\nsuspicious duplicate_spec 3:15 #1\n");
}

static void test_a_wide_entry_before_a_narrow_one_hides_it(void **state)
{
	linted_expect(*state,
		      "[pci]\ndevice_spec = " VFS "\ndevice_spec = {\"address\": \"0000:3b:02.*\", "
		      "\"product_id\": \"10ca\", \"managed\": \"no\"}\n",
		      "suspicious shadowed_spec 3:15 #1 0000:3b:02.0 0000:3b:02.1\n");
	linted_expect_message(*state, "of the 2 functions");
	linted_expect_message(*state, "nova.conf:2");
	linted_expect_remedy(*state, "before the wider one");
	linted_expect(*state,
		      "[pci]\ndevice_spec = {\"address\": \"0000:3b:02.0\"}\ndevice_spec = " VFS
		      "\n",
		      "");
}

static void test_an_entry_that_takes_no_function_of_the_host_is_told(void **state)
{
	linted_expect(*state, "[pci]\ndevice_spec = [{\"vendor_id\": \"8087\"},\n  " VFS "]\n",
		      "suspicious spec_matches_nothing 2:16 #0\n");
	linted_expect_message(*state, "takes no function of this host");
	linted_expect(*state, "[pci]\ndevice_spec = {\"address\": \"0000:3b:02.7\"}\n",
		      "suspicious spec_matches_nothing 2:15 #0\n");
}

static void test_an_exact_pf_address_takes_its_vfs(void **state)
{
	linted_expect(*state,
		      "[pci]\ndevice_spec = {\"address\": \"0000:3b:00.0\", \"product_id\": "
		      "\"10ca\"}\n",
		      "");
}

static void test_an_entry_without_conditions_takes_everything(void **state)
{
	linted_expect(*state,
		      "[pci]\ndevice_spec = {\"address\": \"0000:07:00.0\"}\n"
		      "device_spec = {\"physical_network\": \"x\"}\n",
		      "suspicious matches_everything 3:15 #1\n");
	linted_expect(*state,
		      "[pci]\ndevice_spec = {\"vendor_id\": \"*\", \"address\": \"*:*:*.*\", "
		      "\"physical_network\": \"x\"}\n",
		      "suspicious matches_everything 2:15 #0\n");
}

static void test_before_the_first_scan_nothing_is_said_of_what_entries_take(void **state)
{
	struct host host;
	struct linted *l = *state;
	struct findings findings = { 0 };

	linted_check(l,
		     "[pci]\ndevice_spec = {\"vendor_id\": \"dead\", \"x\": 1}\nalias = {\"name\": "
		     "\"a\", \"vendor_id\": \"8086\", \"product_id\": \"dead\"}\n");
	assert_int_equal(l->findings.count, 3);
	host_init(&host, NULL);
	assert_int_equal(lint_run(&l->host.policy, host.registry, &findings), 0);
	assert_int_equal(findings.count, 1);
	assert_int_equal(findings.items[0].code, FINDING_UNKNOWN_KEY);
	findings_done(&findings);
	host_done(&host);
}

static void test_of_a_refused_configuration_only_what_refuses_it_is_told(void **state)
{
	linted_expect(
		*state,
		"[pci]\ndevice_spec = {\"vendor_id\": \"dead\"}\ndevice_spec = {\"vendor_id\": "
		"\"zz\"}\n",
		"refused value_error 3:29\n");
}

static void test_findings_of_the_configuration_itself_stand_among_the_others(void **state)
{
	linted_expect(*state,
		      "[pci]\ndevice_spec = {\"vendor_id\": \"dead\"}\nalias = {\"x\": 1}\n"
		      "passthrough_whitelist = " VFS "\n",
		      "wrong value_error 3:10\nsuspicious mixed_option_names 2:1\n"
		      "suspicious spec_matches_nothing 2:15 #1\n");
}

static void test_entries_of_vfmonds_own_file_are_ignored_for_novas(void **state)
{
	struct linted *l = *state;

	l->host.policy.own_file = "/etc/vfmond/vfmond.conf";
	l->host.policy.own_line = 12;
	linted_expect(l, "[pci]\ndevice_spec = " VFS "\n", "suspicious own_specs_ignored 12:1\n");
	assert_string_equal(l->findings.items[0].file, "/etc/vfmond/vfmond.conf");
	l->host.policy.own_file = NULL;
}

static void test_mediated_devices_and_entries_are_told_together(void **state)
{
	linted_expect(*state,
		      "[devices]\nenabled_mdev_types = nvidia-35\n[pci]\ndevice_spec = " VFS "\n",
		      "suspicious mdev_types_and_specs 2:1\n");
	linted_expect(*state, "[devices]\nenabled_mdev_types = nvidia-35\n", "");
}

static void test_a_long_list_of_entries_is_checked_in_linear_time(void **state)
{
	enum { ENTRIES = 100000 };
	struct linted *l = *state;
	char *text = malloc(64 + ENTRIES * 4), *end = text;

	assert_non_null(text);
	end = stpcpy(end, "[pci]\ndevice_spec = [{}");
	for (int i = 1; i < ENTRIES; i++)
		end = stpcpy(end, ",{}");
	(void)stpcpy(end, "]\n");
	linted_check(l, text);
	free(text);
	assert_int_equal(device_specs_count(l->config->specs), ENTRIES);
	assert_true(l->findings.count >= ENTRIES);
}

static void test_without_memory_there_is_no_answer(void **state)
{
	struct linted *l = *state;
	struct findings findings = { 0 };
	int r = -ENOMEM, failures = 0;

	linted_check(
		l, "[pci]\ndevice_spec = [{\"x\": 1, \"traits\": \",\"}, {\"x\": 1}, {\"address\": "
		   "\"0000:3b:02.0\"}]\nalias = {\"name\": \"a\", \"vendor_id\": \"8086\", "
		   "\"product_id\": \"dead\"}\n[devices]\nenabled_mdev_types = a\n");
	for (size_t n = 0; r < 0; n++) {
		alloc_fail_after(n);
		r = lint_run(&l->host.policy, l->host.registry, &findings);
		(void)alloc_fail_never();
		assert_true(r == 0 || r == -ENOMEM);
		if (r == 0)
			assert_int_equal(findings.count, l->findings.count);
		failures += r < 0;
		findings_done(&findings);
	}
	assert_true(failures > 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_good_configuration_has_no_finding),
		cmocka_unit_test(
			test_of_two_entries_with_the_same_conditions_the_later_is_never_used),
		cmocka_unit_test(
			test_a_duplicate_of_an_entry_that_takes_nothing_is_told_as_a_duplicate),
		cmocka_unit_test(test_a_wide_entry_before_a_narrow_one_hides_it),
		cmocka_unit_test(test_an_entry_that_takes_no_function_of_the_host_is_told),
		cmocka_unit_test(test_an_exact_pf_address_takes_its_vfs),
		cmocka_unit_test(test_an_entry_without_conditions_takes_everything),
		cmocka_unit_test(test_before_the_first_scan_nothing_is_said_of_what_entries_take),
		cmocka_unit_test(test_of_a_refused_configuration_only_what_refuses_it_is_told),
		cmocka_unit_test(test_findings_of_the_configuration_itself_stand_among_the_others),
		cmocka_unit_test(test_entries_of_vfmonds_own_file_are_ignored_for_novas),
		cmocka_unit_test(test_mediated_devices_and_entries_are_told_together),
		cmocka_unit_test(test_a_long_list_of_entries_is_checked_in_linear_time),
		cmocka_unit_test(test_without_memory_there_is_no_answer),
	};

	return cmocka_run_group_tests(tests, linted_set_up, linted_tear_down);
}
