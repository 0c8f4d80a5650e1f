/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What no event ends, time does: from whatever a read has found, a few more reads lead to the right
 * state, and then none is asked for any more.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/host.h"

#define READS_MAX 20

/* The earliest time, of all that were asked for from the since-th on; 0: nobody asked. */
static uint64_t asked(const struct host *h, size_t since, const char *addr)
{
	char buf[PCI_ADDR_TEXT_MAX];
	uint64_t least = 0;

	for (size_t i = since; i < h->again_count; i++)
		if (strcmp(pci_addr_format(&h->again[i].addr, buf), addr) == 0 &&
		    (!least || h->again[i].due_usec < least))
			least = h->again[i].due_usec;
	return least;
}

/*
 * A read finds first, and each that is asked for then, at its time, finds rest. Returns how many
 * those were.
 */
static size_t wait_for_rest(struct host *h, const char *addr, const struct observation *first,
			    const struct observation *rest)
{
	size_t reads = 0, since = h->again_count;
	uint64_t due;

	host_see(h, first);
	while ((due = asked(h, since, addr)) != 0) {
		assert_true(++reads <= READS_MAX);
		since = h->again_count;
		if (due > h->now.boottime_usec)
			h->now.boottime_usec = due;
		host_see(h, rest);
	}
	return reads;
}

static enum vf_binding binding_of(const struct host *h, const char *addr)
{
	assert_non_null(host_get(h, addr));
	return host_get(h, addr)->binding;
}

/* A VF as the next timer reads it; nothing of it was announced. */
static struct observation vf_of(const char *link, const char *driver)
{
	struct observation vf = host_vf(HOST_VF0, HOST_PF, 0);

	host_set_driver(&vf, link ? link : driver);
	vf.link_driver = link ? vf.link_driver : NULL;
	vf.hint.cause.source = CAUSE_TIMER;
	return vf;
}

static void test_a_failed_probe_ends_unbound(void **state)
{
	const struct observation bare = vf_of(NULL, NULL), linked = vf_of("igbvf", "igbvf");
	struct host *h = *state;

	assert_int_equal(wait_for_rest(h, HOST_VF0, &bare, &bare), 0);
	assert_int_equal(wait_for_rest(h, HOST_VF0, &linked, &bare), 1);
	assert_int_equal(binding_of(h, HOST_VF0), VF_BINDING_UNBOUND);
}

/* The kernel tries the driver of a new VF, and the bus refuses it. */
static void test_the_flicker_of_a_new_vf_without_autoprobe_ends_unbound(void **state)
{
	struct observation bare = vf_of(NULL, NULL), linked = vf_of("igbvf", "igbvf");
	struct host *h = *state;

	linked.hint.evidence = EVIDENCE_ADDED;
	assert_int_equal(wait_for_rest(h, HOST_VF0, &linked, &bare), 1);
	assert_int_equal(binding_of(h, HOST_VF0), VF_BINDING_UNBOUND);
}

/* The driver is set a moment before the link is made: it may be that which a read has found. */
static void test_a_probe_that_fails_before_its_link_ends_unbound(void **state)
{
	const struct observation bare = vf_of(NULL, NULL), driver = vf_of(NULL, "igbvf");
	struct host *h = *state;

	host_see(h, &bare);
	assert_int_equal(wait_for_rest(h, HOST_VF0, &driver, &bare), 1);
	assert_int_equal(binding_of(h, HOST_VF0), VF_BINDING_UNBOUND);
}

static void test_a_link_whose_bind_was_not_heard_ends_bound(void **state)
{
	const struct observation linked = vf_of("igbvf", "igbvf");
	struct host *h = *state;
	uint64_t begun = h->now.boottime_usec;

	assert_int_equal(wait_for_rest(h, HOST_VF0, &linked, &linked), 5);
	assert_int_equal(binding_of(h, HOST_VF0), VF_BINDING_HOST);
	assert_in_range(h->now.boottime_usec - begun, 10000000, 10000000 + READS_MAX);
}

static void test_an_unbind_that_hangs_ends_stuck_and_then_is_waited_for(void **state)
{
	struct observation bound = vf_of("igbvf", "igbvf"), driver = vf_of(NULL, "igbvf");
	struct host *h = *state;

	bound.hint.evidence = EVIDENCE_BOUND;
	assert_int_equal(wait_for_rest(h, HOST_VF0, &bound, &bound), 0);
	assert_true(wait_for_rest(h, HOST_VF0, &driver, &driver) > 0);
	assert_int_equal(binding_of(h, HOST_VF0), VF_BINDING_STUCK);
}

static void test_an_unbind_that_ends_without_an_event_ends_unbound(void **state)
{
	struct observation bound = vf_of("igbvf", "igbvf");
	const struct observation driver = vf_of(NULL, "igbvf"), bare = vf_of(NULL, NULL);
	struct host *h = *state;

	bound.hint.evidence = EVIDENCE_BOUND;
	host_see(h, &bound);
	assert_int_equal(wait_for_rest(h, HOST_VF0, &driver, &bare), 1);
	assert_int_equal(binding_of(h, HOST_VF0), VF_BINDING_UNBOUND);
}

/* No event tells that it can be read again; so it is tried, but ever more seldom. */
static void test_what_can_not_be_read_is_tried_until_it_can(void **state)
{
	const struct observation vf = vf_of(NULL, NULL);
	struct observation unreadable;
	struct host *h = *state;
	uint64_t started, due;
	size_t since;

	host_see(h, &vf);
	observation_init(&unreadable, OBSERVATION_UNREADABLE, &vf.addr);
	unreadable.error = 5;
	started = h->now.boottime_usec;
	for (int reads = 0; reads < READS_MAX; reads++) {
		since = h->again_count;
		host_see(h, &unreadable);
		assert_int_equal(binding_of(h, HOST_VF0), VF_BINDING_UNKNOWN);
		due = asked(h, since, HOST_VF0);
		assert_true(due > h->now.boottime_usec);
		h->now.boottime_usec = due;
	}
	assert_true(h->now.boottime_usec - started > READS_MAX * 20000000ULL);
	assert_int_equal(wait_for_rest(h, HOST_VF0, &vf, &vf), 0);
	assert_int_equal(binding_of(h, HOST_VF0), VF_BINDING_UNBOUND);
}

static void test_a_function_of_no_known_kind_is_held_back_once(void **state)
{
	struct observation plain = host_plain("0000:77:00.0");
	struct host *h = *state;

	plain.hint.cause.source = CAUSE_TIMER;
	assert_int_equal(wait_for_rest(h, "0000:77:00.0", &plain, &plain), 1);
	assert_null(host_get(h, "0000:77:00.0"));
}

/* Its VFs' end is all that anybody tells of. */
static void test_a_pf_that_has_lost_its_vfs_is_read_once_more(void **state)
{
	struct observation pf = host_pf(HOST_PF, 8), none = host_pf(HOST_PF, 8);
	struct host *h = *state;
	size_t since;

	pf.num_vfs = 2;
	host_see_vf(h, HOST_VF0, 0);
	host_see_vf(h, HOST_VF1, 1);
	host_see(h, &pf);
	since = h->again_count;
	host_gone(h, HOST_VF0);
	host_gone(h, HOST_VF1);
	assert_in_range(asked(h, since, HOST_PF), h->now.boottime_usec + 100000 - READS_MAX,
			h->now.boottime_usec + 100000);
	assert_int_equal(wait_for_rest(h, HOST_PF, &none, &none), 0);
	assert_int_equal(host_get(h, HOST_PF)->num_vfs, 0);
}

/* Whose it was is not known: it came and went before anybody read it. */
static void test_the_end_of_one_that_was_never_seen_has_each_pf_read_once_more(void **state)
{
	const struct observation pf = host_pf(HOST_PF, 8);
	struct host *h = *state;
	size_t since;

	host_see(h, &pf);
	since = h->again_count;
	host_gone(h, HOST_VF0);
	host_gone(h, HOST_VF1);
	assert_in_range(asked(h, since, HOST_PF), h->now.boottime_usec + 100000 - READS_MAX,
			h->now.boottime_usec + 100000);
	assert_int_equal(h->again_count, since + 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, host_set_up, host_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_failed_probe_ends_unbound),
		TEST(test_the_flicker_of_a_new_vf_without_autoprobe_ends_unbound),
		TEST(test_a_probe_that_fails_before_its_link_ends_unbound),
		TEST(test_a_link_whose_bind_was_not_heard_ends_bound),
		TEST(test_an_unbind_that_hangs_ends_stuck_and_then_is_waited_for),
		TEST(test_an_unbind_that_ends_without_an_event_ends_unbound),
		TEST(test_what_can_not_be_read_is_tried_until_it_can),
		TEST(test_a_function_of_no_known_kind_is_held_back_once),
		TEST(test_a_pf_that_has_lost_its_vfs_is_read_once_more),
		TEST(test_the_end_of_one_that_was_never_seen_has_each_pf_read_once_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
