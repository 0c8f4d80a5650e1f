/* SPDX-License-Identifier: Apache-2.0 */
/* A function whose files do not answer: what stays, who hears of it, and what ends it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/host.h"
#include "vfmon/readiness.h"

#define TAKES_VFS "{\"product_id\": \"10ca\", \"managed\": \"no\"}"

static void see_silence(struct host *h, const char *addr, uint64_t sec)
{
	struct observation obs = host_plain(addr);

	obs.kind = OBSERVATION_SILENT;
	obs.inode = 0;
	obs.silent_usec = sec * 1000000 + 1;
	h->again_count = 0;
	host_see(h, &obs);
}

static const char *silence_of(const struct host *h, const char *addr)
{
	static struct reason reason;

	readiness_describe(host_get(h, addr), REASON_PHYSICAL_FUNCTION_NOT_ANSWERING, &reason);
	return reason.message;
}

static void test_one_that_does_not_answer_stays_as_it_was_but_for_the_verdict(void **state)
{
	struct host *h = *state;

	host_see_two_vfs(h, TAKES_VFS);
	see_silence(h, HOST_VF0, 3);
	assert_string_equal(host_take_changes(h), "changed " HOST_VF0 " readiness guest_start");
	assert_true(host_has_reason(h, HOST_VF0, REASON_PHYSICAL_FUNCTION_NOT_ANSWERING));
	assert_int_equal(host_get(h, HOST_VF0)->readiness, VF_READINESS_UNKNOWN);
	assert_int_equal(host_get(h, HOST_VF0)->binding, VF_BINDING_VFIO_VARIANT);
	assert_int_equal(host_get(h, HOST_VF1)->readiness, VF_READINESS_READY);
	host_see_good_vf(h, HOST_VF0, 0);
	assert_string_equal(host_take_changes(h), "changed " HOST_VF0 " readiness guest_start");
	assert_int_equal(host_get(h, HOST_VF0)->readiness, VF_READINESS_READY);
}

static void test_the_vfs_of_a_pf_that_does_not_answer_hear_of_it(void **state)
{
	struct host *h = *state;
	struct pci_addr blocker;
	size_t cursor = 0;

	host_see_two_vfs(h, TAKES_VFS);
	see_silence(h, HOST_PF, 3);
	assert_string_equal(host_take_changes(h), "changed " HOST_VF0 " readiness guest_start\n"
						  "changed " HOST_VF1 " readiness guest_start");
	assert_int_equal(host_get(h, HOST_PF)->readiness, VF_READINESS_UNTRACKED);
	assert_true(readiness_next_blocker(
		host_get(h, HOST_VF1), REASON_PHYSICAL_FUNCTION_NOT_ANSWERING, &cursor, &blocker));
	assert_int_equal(pci_addr_compare(&blocker, &host_get(h, HOST_PF)->addr), 0);
	host_see_bound_pf(h);
	assert_int_equal(host_get(h, HOST_VF0)->readiness, VF_READINESS_READY);
	assert_int_equal(host_get(h, HOST_VF1)->readiness, VF_READINESS_READY);
}

/* For how long is told as it is, seldom enough, and by no change. */
static void test_how_long_it_has_not_answered_is_only_told(void **state)
{
	struct host *h = *state;

	host_see_two_vfs(h, TAKES_VFS);
	see_silence(h, HOST_PF, 3);
	assert_int_equal(h->again[h->again_count - 1].due_usec, h->now.boottime_usec + 1000000);
	host_take_changes(h);
	see_silence(h, HOST_PF, 12);
	assert_int_equal(h->again[h->again_count - 1].due_usec, h->now.boottime_usec + 1200000);
	assert_string_equal(host_take_changes(h), "");
	assert_string_equal(silence_of(h, HOST_VF0),
			    "PF " HOST_PF " has not answered for 12 s: what is known of " HOST_VF0
			    " is from before that");
	see_silence(h, HOST_VF0, 5);
	assert_string_equal(host_take_changes(h), "");
	assert_string_equal(silence_of(h, HOST_VF0),
			    "VF " HOST_VF0 " has not answered for 5 s, and PF " HOST_PF
			    " has not answered for 12 s: what is known of " HOST_VF0
			    " is from before that");
}

static void test_a_rescan_does_not_lose_what_does_not_answer(void **state)
{
	struct host *h = *state;

	host_see_two_vfs(h, TAKES_VFS);
	host_begin_scan(h);
	host_see_bound_pf(h);
	see_silence(h, HOST_VF0, 3);
	host_see_good_vf(h, HOST_VF1, 1);
	host_take_changes(h);
	host_end_scan(h);
	assert_string_equal(host_take_changes(h), "");
	assert_non_null(host_get(h, HOST_VF0));
}

/* What the first scan can not read was there before, and its VFs' verdicts rest on it. */
static void test_a_first_scan_can_meet_one_that_does_not_answer(void **state)
{
	struct host h;

	(void)state;
	host_init(&h, NULL);
	host_configure(&h, TAKES_VFS);
	host_begin_scan(&h);
	see_silence(&h, HOST_PF, 3);
	host_see_good_vf(&h, HOST_VF0, 0);
	see_silence(&h, HOST_VF1, 3);
	host_end_scan(&h);
	assert_true(host_has_reason(&h, HOST_VF0, REASON_PHYSICAL_FUNCTION_NOT_ANSWERING));
	host_see_bound_pf(&h);
	host_see_good_vf(&h, HOST_VF1, 1);
	assert_string_equal(host_take_changes(&h), "appeared " HOST_PF "\n"
						   "changed " HOST_VF0 " readiness guest_start\n"
						   "appeared " HOST_VF1);
	assert_int_equal(host_get(&h, HOST_VF1)->readiness, VF_READINESS_READY);
	assert_int_equal(host_get(&h, HOST_VF1)->appeared_usec, 0);
	assert_true(host_get(&h, HOST_VF1)->generation > 0);
	host_done(&h);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, host_set_up, host_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_one_that_does_not_answer_stays_as_it_was_but_for_the_verdict),
		TEST(test_the_vfs_of_a_pf_that_does_not_answer_hear_of_it),
		TEST(test_how_long_it_has_not_answered_is_only_told),
		TEST(test_a_rescan_does_not_lose_what_does_not_answer),
		TEST(test_a_first_scan_can_meet_one_that_does_not_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
