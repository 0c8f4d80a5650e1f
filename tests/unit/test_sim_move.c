/* SPDX-License-Identifier: Apache-2.0 */
/* Moves: links are relative as in sysfs, events have the kernel's form; and the lowest numbers. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../sim/move.h"
#include "../../sim/numbers.h"

struct seen {
	char path[600];
	char text[4096];
	size_t size;
	unsigned count;
	int error;
};

static int on_move(const struct move *move, void *arg)
{
	struct seen *s = arg;

	(void)strncpy(s->path, move->path, sizeof(s->path) - 1);
	if (move->size > 0)
		memcpy(s->text, move->text, move->size);
	s->text[move->size] = '\0';
	s->size = move->size;
	s->count++;
	return s->error;
}

static void test_a_link_leads_over_what_both_paths_share(void **state)
{
	static const struct {
		const char *target;
		const char *path;
		const char *text;
	} cases[] = {
		{ "sys/devices/p/0000:3b:00.1", "sys/devices/p/0000:3b:00.0/virtfn0",
		  "../0000:3b:00.1" },
		{ "sys/devices/p/0000:3b:00.1", "sys/bus/pci/devices/0000:3b:00.1",
		  "../../../devices/p/0000:3b:00.1" },
		{ "sys/bus/pci", "sys/devices/p/0000:3b:00.1/subsystem", "../../../bus/pci" },
		/* A name that only begins alike is not shared. */
		{ "sys/module/ab", "sys/module/a/x", "../ab" },
	};
	struct seen s;
	struct moves m = { .fn = on_move, .arg = &s };

	(void)state;
	for (size_t n = 0; n < sizeof(cases) / sizeof(cases[0]); n++) {
		s = (struct seen){ .count = 0 };
		move_link(&m, cases[n].target, "%s", cases[n].path);
		assert_string_equal(s.path, cases[n].path);
		assert_string_equal(s.text, cases[n].text);
	}
	assert_int_equal(m.error, 0);
}

static void test_an_event_is_strings_that_each_end_in_a_nul(void **state)
{
	static const char expected[] = "bind@/devices/x\0ACTION=bind\0DEVPATH=/devices/x\0"
				       "SUBSYSTEM=pci\0DRIVER=nic";
	struct seen s = { .count = 0 };
	struct moves m = { .fn = on_move, .arg = &s };
	struct event e;

	(void)state;
	event_begin(&e, "bind", "devices/x", "pci");
	event_add(&e, "DRIVER=%s", "nic");
	move_event(&m, &e);
	assert_int_equal(s.size, sizeof(expected));
	assert_memory_equal(s.text, expected, sizeof(expected));
}

static void test_a_key_that_does_not_fit_is_left_out_whole(void **state)
{
	struct event e;
	size_t before;

	(void)state;
	event_begin(&e, "add", "devices/x", "pci");
	before = e.size;
	event_add(&e, "KEY=%3000d", 1);
	assert_int_equal(e.size, before);
	event_add(&e, "A=1");
	assert_int_equal(e.size, before + 4);
}

static void test_after_an_error_no_move_is_handed_on(void **state)
{
	struct seen s = { .error = -ENOSPC };
	struct moves m = { .fn = on_move, .arg = &s };

	(void)state;
	move_dir(&m, "sys/%s", "a");
	s.error = 0;
	move_text(&m, "1\n", "sys/b");
	move_gone(&m, "sys/c");
	assert_int_equal(s.count, 1);
	assert_int_equal(m.error, -ENOSPC);
}

static void test_a_path_that_is_too_long_is_an_error(void **state)
{
	struct seen s = { .count = 0 };
	struct moves m = { .fn = on_move, .arg = &s };

	(void)state;
	move_dir(&m, "sys/%600d", 1);
	assert_int_equal(m.error, -ENAMETOOLONG);
	assert_int_equal(s.count, 0);
}

static void test_the_lowest_free_number_is_given_out(void **state)
{
	struct numbers n = { .size = 0 };

	(void)state;
	assert_int_equal(numbers_reserve(&n, 1), 0);
	assert_int_equal(numbers_take(&n), 0);
	assert_int_equal(numbers_take(&n), 2);
	for (int expected = 3; expected < 200; expected++)
		assert_int_equal(numbers_take(&n), expected);
	numbers_give(&n, 100);
	numbers_give(&n, 1);
	numbers_give(&n, -1);
	numbers_give(&n, 100000);
	assert_int_equal(numbers_take(&n), 1);
	assert_int_equal(numbers_take(&n), 100);
	assert_int_equal(numbers_take(&n), 200);
	numbers_done(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_link_leads_over_what_both_paths_share),
		cmocka_unit_test(test_an_event_is_strings_that_each_end_in_a_nul),
		cmocka_unit_test(test_a_key_that_does_not_fit_is_left_out_whole),
		cmocka_unit_test(test_after_an_error_no_move_is_handed_on),
		cmocka_unit_test(test_a_path_that_is_too_long_is_an_error),
		cmocka_unit_test(test_the_lowest_free_number_is_given_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
