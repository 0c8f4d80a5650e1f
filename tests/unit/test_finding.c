/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/alloc.h"
#include "vfmon/finding.h"

static void add(struct findings *list, enum finding_level level, const char *file,
		unsigned int line, unsigned int column, const char *message)
{
	struct finding_place place = {
		.file = file, .line = line, .column = column, .spec_index = -1
	};

	assert_int_equal(
		findings_add(list, &(const struct finding_kind){ level, FINDING_UNKNOWN_KEY, NULL },
			     &place, "%s", message),
		0);
}

static void test_a_finding_keeps_copies_of_all_texts(void **state)
{
	char file[] = "/etc/nova/nova.conf", remedy[] = "write managed", word[] = "manged";
	struct finding_place place = { .file = file, .line = 3, .column = 15, .spec_index = 7 };
	struct findings list = { 0 };

	(void)state;
	assert_int_equal(findings_add(&list,
				      &(const struct finding_kind){ FINDING_WRONG,
								    FINDING_UNKNOWN_KEY, remedy },
				      &place, "unknown key '%s'", word),
			 0);
	memset(file, 'x', 5);
	memset(remedy, 'x', 5);
	memset(word, 'x', 5);
	assert_int_equal(list.count, 1);
	assert_string_equal(list.items[0].message, "unknown key 'manged'");
	assert_string_equal(list.items[0].remedy, "write managed");
	assert_string_equal(list.items[0].file, "/etc/nova/nova.conf");
	assert_int_equal(list.items[0].line, 3);
	assert_int_equal(list.items[0].column, 15);
	assert_int_equal(list.items[0].spec_index, 7);
	findings_done(&list);
	assert_int_equal(list.count, 0);
	assert_null(list.items);
	findings_done(&list);
}

static void test_functions_are_added_to_the_last_finding(void **state)
{
	struct findings list = { 0 };

	(void)state;
	add(&list, FINDING_WRONG, NULL, 0, 0, "a");
	add(&list, FINDING_WRONG, NULL, 0, 0, "b");
	for (uint8_t i = 0; i < 200; i++)
		assert_int_equal(findings_concern(&list, &(struct pci_addr){ .bus = i }), 0);
	assert_int_equal(list.items[0].device_count, 0);
	assert_int_equal(list.items[1].device_count, 200);
	for (uint8_t i = 0; i < 200; i++)
		assert_int_equal(list.items[1].devices[i].bus, i);
	findings_done(&list);
}

static void test_findings_are_sorted_by_level_file_line_and_column(void **state)
{
	static const char order[] = "abcdefgh";
	struct findings list = { 0 };

	(void)state;
	add(&list, FINDING_SUSPICIOUS, "a.conf", 1, 1, "h");
	add(&list, FINDING_REFUSED, NULL, 0, 0, "f");
	add(&list, FINDING_REFUSED, "b.conf", 1, 1, "e");
	add(&list, FINDING_WRONG, "a.conf", 1, 1, "g");
	add(&list, FINDING_REFUSED, "a.conf", 10, 1, "d");
	add(&list, FINDING_REFUSED, "a.conf", 9, 10, "b");
	add(&list, FINDING_REFUSED, "a.conf", 9, 9, "a");
	add(&list, FINDING_REFUSED, "a.conf", 9, 10, "c");
	findings_sort(&list);
	for (size_t i = 0; i < list.count; i++)
		assert_int_equal(list.items[i].message[0], order[i]);
	findings_done(&list);
}

static void test_findings_of_one_place_keep_their_order(void **state)
{
	struct findings list = { 0 };
	char message[16];

	(void)state;
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 500; i++) {
			(void)snprintf(message, sizeof(message), "%d", round * 500 + i);
			add(&list, FINDING_WRONG, "a.conf", 1, 1, message);
		}
		findings_sort(&list);
	}
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(message, sizeof(message), "%d", i);
		assert_string_equal(list.items[i].message, message);
	}
	findings_done(&list);
}

static void test_a_copied_list_is_another_one(void **state)
{
	struct findings list = { 0 }, copy = { 0 };

	(void)state;
	add(&copy, FINDING_WRONG, NULL, 0, 0, "first");
	add(&list, FINDING_REFUSED, "a.conf", 1, 2, "second");
	assert_int_equal(findings_concern(&list, &(struct pci_addr){ .bus = 5 }), 0);
	add(&list, FINDING_REFUSED, "b.conf", 1, 2, "third");
	assert_int_equal(findings_copy(&copy, &list), 0);
	findings_done(&list);
	assert_int_equal(copy.count, 3);
	assert_string_equal(copy.items[1].message, "second");
	assert_string_equal(copy.items[1].file, "a.conf");
	assert_null(copy.items[1].remedy);
	assert_int_equal(copy.items[1].devices[0].bus, 5);
	assert_string_equal(copy.items[2].message, "third");
	assert_int_equal(copy.items[2].device_count, 0);
	findings_done(&copy);
}

static void test_every_level_and_code_has_its_name(void **state)
{
	(void)state;
	assert_string_equal(finding_level_name(FINDING_REFUSED), "refused");
	assert_string_equal(finding_level_name(FINDING_WRONG), "wrong");
	assert_string_equal(finding_level_name(FINDING_SUSPICIOUS), "suspicious");
	assert_string_equal(finding_code_name(FINDING_FILE_ERROR), "file_error");
	assert_string_equal(finding_code_name(FINDING_SOURCE_BLIND), "source_blind");
	for (int code = 0; code < FINDING_CODE_COUNT; code++)
		assert_non_null(finding_code_name((enum finding_code)code));
}

/* One step more of the same list each time, until nothing fails any more. */
static int make_lists(struct findings *list, struct findings *copy)
{
	struct finding_place place = { .file = "a.conf", .line = 1, .spec_index = -1 };
	int r = findings_add(
		list, &(const struct finding_kind){ FINDING_WRONG, FINDING_PF_AND_VF, "remedy" },
		&place, "message");

	if (r == 0)
		r = findings_concern(list, &(struct pci_addr){ .bus = 1 });
	return r == 0 ? findings_copy(copy, list) : r;
}

static void test_without_memory_the_list_stays_as_it_was(void **state)
{
	struct findings list = { 0 }, copy = { 0 };
	int r = -ENOMEM, failures = 0;

	(void)state;
	for (size_t n = 0; r < 0; n++) {
		alloc_fail_after(n);
		r = make_lists(&list, &copy);
		(void)alloc_fail_never();
		failures += r < 0;
		assert_true(r == 0 || r == -ENOMEM);
		assert_int_equal(copy.count, r == 0 ? 1 : 0);
		findings_done(&list);
		findings_done(&copy);
	}
	assert_int_equal(failures, 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_finding_keeps_copies_of_all_texts),
		cmocka_unit_test(test_functions_are_added_to_the_last_finding),
		cmocka_unit_test(test_findings_are_sorted_by_level_file_line_and_column),
		cmocka_unit_test(test_findings_of_one_place_keep_their_order),
		cmocka_unit_test(test_a_copied_list_is_another_one),
		cmocka_unit_test(test_every_level_and_code_has_its_name),
		cmocka_unit_test(test_without_memory_the_list_stays_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
