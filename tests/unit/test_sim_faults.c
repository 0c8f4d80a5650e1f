/* SPDX-License-Identifier: Apache-2.0 */
/* Events that are lost, late, doubled or out of order, by a clock that is an argument. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../sim/faults.h"

struct sent {
	char text[64];
	int error;
};

static int on_send(const char *text, size_t size, void *arg)
{
	struct sent *s = arg;

	assert_int_equal(size, 1);
	(void)strncat(s->text, text, size);
	return s->error;
}

/* Passes one event for each letter, all at the same time. */
static void pass(struct faults *f, const char *letters, uint64_t now)
{
	for (; *letters; letters++)
		assert_int_equal(faults_pass(f, letters, 1, now), 0);
}

static void test_counted_faults_are_for_the_next_events_only(void **state)
{
	static const struct {
		struct faults faults;
		const char *expected;
	} cases[] = {
		{ { .drop = 0 }, "abcdef" },
		{ { .drop = 2 }, "cdef" },
		{ { .duplicate = 2 }, "aabbcdef" },
		{ { .reorder = 3 }, "cbadef" },
		{ { .drop = 1, .reorder = 2 }, "cbdef" },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(cases) / sizeof(cases[0]); n++) {
		struct faults f = cases[n].faults;
		struct sent s = { .text = "" };

		f.send = on_send;
		f.arg = &s;
		pass(&f, "abcdef", 0);
		assert_string_equal(s.text, cases[n].expected);
		faults_done(&f);
	}
}

static void test_a_late_event_is_overtaken_and_sent_when_due(void **state)
{
	struct sent s = { .text = "" };
	struct faults f = { .send = on_send, .arg = &s, .delay = 2, .delay_usec = 100 };

	(void)state;
	pass(&f, "a", 1000);
	pass(&f, "b", 1050);
	pass(&f, "c", 1060);
	assert_string_equal(s.text, "c");
	assert_int_equal(faults_next_usec(&f), 1100);
	assert_int_equal(faults_release(&f, 1099), 0);
	assert_string_equal(s.text, "c");
	assert_int_equal(faults_release(&f, 1100), 0);
	assert_string_equal(s.text, "ca");
	assert_int_equal(faults_release(&f, 5000), 0);
	assert_string_equal(s.text, "cab");
	assert_true(faults_next_usec(&f) == FAULTS_NOTHING_LATE);
	faults_done(&f);
}

static void test_what_waits_for_a_partner_is_sent_at_the_end(void **state)
{
	struct sent s = { .text = "" };
	struct faults f = { .send = on_send, .arg = &s, .reorder = 5 };

	(void)state;
	pass(&f, "abc", 0);
	assert_string_equal(s.text, "");
	assert_int_equal(faults_flush(&f), 0);
	assert_string_equal(s.text, "cba");
	pass(&f, "d", 0);
	assert_string_equal(s.text, "cbad");
	faults_done(&f);
}

static void test_an_error_of_the_socket_is_handed_on(void **state)
{
	struct sent s = { .text = "", .error = -1 };
	struct faults f = { .send = on_send, .arg = &s };

	(void)state;
	assert_int_equal(faults_pass(&f, "a", 1, 0), -1);
	f.reorder = 2;
	assert_int_equal(faults_pass(&f, "b", 1, 0), 0);
	assert_int_equal(faults_pass(&f, "c", 1, 0), -1);
	assert_string_equal(s.text, "acb");
	faults_done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counted_faults_are_for_the_next_events_only),
		cmocka_unit_test(test_a_late_event_is_overtaken_and_sent_when_due),
		cmocka_unit_test(test_what_waits_for_a_partner_is_sent_at_the_end),
		cmocka_unit_test(test_an_error_of_the_socket_is_handed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
