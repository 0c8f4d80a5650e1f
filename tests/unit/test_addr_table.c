/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "vfmon/addr_table.h"

struct item {
	struct pci_addr addr;
};

static void test_things_are_found_in_order_whatever_the_order_they_came_in(void **state)
{
	struct addr_table t = { 0 };
	struct item items[200];
	struct item *found = NULL;

	(void)state;
	for (unsigned int i = 0; i < 200; i++) {
		items[i].addr = (struct pci_addr){ .bus = (uint8_t)(i * 37 % 200) };
		assert_int_equal(addr_table_insert(&t, &items[i]), 0);
	}
	for (unsigned int bus = 0; bus < 200; bus++) {
		found = addr_table_next(&t, found ? &found->addr : NULL);
		assert_int_equal(found->addr.bus, bus);
	}
	assert_null(addr_table_next(&t, &found->addr));
	addr_table_done(&t);
}

static void test_a_removed_thing_is_not_found_and_a_cursor_goes_on(void **state)
{
	struct addr_table t = { 0 };
	struct item a = { { .bus = 1 } }, b = { { .bus = 2 } }, c = { { .bus = 3 } };

	(void)state;
	addr_table_insert(&t, &c);
	addr_table_insert(&t, &a);
	addr_table_insert(&t, &b);
	assert_ptr_equal(addr_table_remove(&t, &b.addr), &b);
	assert_null(addr_table_remove(&t, &b.addr));
	assert_null(addr_table_get(&t, &b.addr));
	assert_ptr_equal(addr_table_next(&t, &b.addr), &c);
	addr_table_done(&t);
}

/* From every place, with every hint: the same as without one. */
static void test_a_hint_makes_no_difference(void **state)
{
	struct addr_table t = { 0 };
	struct item items[8];

	(void)state;
	for (unsigned int i = 0; i < 8; i++) {
		items[i].addr = (struct pci_addr){ .bus = (uint8_t)(2 * i) };
		assert_int_equal(addr_table_insert(&t, &items[i]), 0);
	}
	for (unsigned int bus = 0; bus <= 16; bus++) {
		const struct pci_addr after = { .bus = (uint8_t)bus };
		struct item *next = addr_table_next(&t, &after);

		for (size_t n = 0; n <= 9; n++) {
			size_t hint = n;

			assert_ptr_equal(addr_table_next_near(&t, &after, &hint), next);
			assert_ptr_equal(hint < 8 ? &items[hint] : NULL, next);
			hint = n;
			assert_ptr_equal(addr_table_next_near(&t, NULL, &hint), &items[0]);
			assert_int_equal(hint, 0);
		}
	}
	addr_table_done(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_things_are_found_in_order_whatever_the_order_they_came_in),
		cmocka_unit_test(test_a_removed_thing_is_not_found_and_a_cursor_goes_on),
		cmocka_unit_test(test_a_hint_makes_no_difference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
