/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/host.h"

#define EARLIER 1600000000000000

/* A VF as an earlier run knew it, given to a registry that has not scanned yet. */
static struct vf *known(const char *text, uint64_t generation)
{
	struct pci_addr addr;
	struct vf *vf;

	assert_int_equal(pci_addr_parse(text, &addr), 0);
	assert_int_equal(vf_new(&addr, &vf), 0);
	vf->kind = VF_KIND_VF;
	vf->has_ids = vf->has_physical_function = true;
	assert_int_equal(pci_addr_parse(HOST_PF, &vf->physical_function), 0);
	vf->generation = generation;
	vf->appeared_usec = EARLIER;
	vf->appeared_boottime_usec = 7;
	return vf;
}

static void begin(struct host *h, struct vf *vf)
{
	host_init(h, NULL);
	if (vf)
		assert_int_equal(registry_remember(h->registry, &vf, 1), 0);
	else
		assert_int_equal(registry_remember(h->registry, NULL, 0), 0);
	vf_unref(vf);
}

static struct observation seen(uint64_t inode)
{
	struct observation obs = host_vf(HOST_VF0, HOST_PF, 0);

	obs.inode = inode;
	return obs;
}

static void scan(struct host *h, const struct observation *obs)
{
	host_begin_scan(h);
	if (obs)
		host_see(h, obs);
	host_end_scan(h);
	assert_string_equal(host_take_changes(h), "");
}

static const struct vf *vanished(const struct host *h)
{
	return registry_next_vanished(h->registry, NULL);
}

static void test_the_same_life_keeps_its_times_over_a_restart(void **state)
{
	struct observation obs = seen(11);
	struct host h;

	(void)state;
	begin(&h, known(HOST_VF0, 11));
	host_begin_scan(&h);
	obs.vendor_id = obs.product_id = 0;
	obs.vf_index = -1;
	host_see(&h, &obs);
	host_end_scan(&h);
	assert_int_equal(host_get(&h, HOST_VF0)->appeared_usec, EARLIER);
	assert_int_equal(host_get(&h, HOST_VF0)->appeared_boottime_usec, 7);
	assert_int_equal(host_get(&h, HOST_VF0)->attributes_changed_usec, 0);
	assert_null(vanished(&h));
	host_done(&h);
}

static void test_what_nova_would_store_changed_while_nobody_watched(void **state)
{
	struct observation obs = seen(11);
	struct host h;

	(void)state;
	begin(&h, known(HOST_VF0, 11));
	obs.product_id = 0x1234;
	scan(&h, &obs);
	assert_int_equal(host_get(&h, HOST_VF0)->appeared_usec, EARLIER);
	assert_in_range(host_get(&h, HOST_VF0)->attributes_changed_usec, h.now.realtime_usec - 1,
			h.now.realtime_usec);
	host_done(&h);
}

static void test_another_life_has_appeared_by_now(void **state)
{
	struct observation obs = seen(12);
	struct host h;

	(void)state;
	begin(&h, known(HOST_VF0, 11));
	scan(&h, &obs);
	assert_in_range(host_get(&h, HOST_VF0)->appeared_usec, h.now.realtime_usec - 1,
			h.now.realtime_usec);
	assert_null(vanished(&h));
	host_done(&h);
}

static void test_what_an_earlier_run_did_not_know_has_appeared_by_now(void **state)
{
	struct observation obs = seen(12);
	struct host h;

	(void)state;
	begin(&h, NULL);
	scan(&h, &obs);
	assert_in_range(host_get(&h, HOST_VF0)->appeared_usec, h.now.realtime_usec - 1,
			h.now.realtime_usec);
	host_done(&h);
}

static void test_without_an_earlier_run_nobody_knows_when_it_appeared(void **state)
{
	struct observation obs = seen(12);
	struct host h;

	(void)state;
	host_init(&h, NULL);
	scan(&h, &obs);
	assert_int_equal(host_get(&h, HOST_VF0)->appeared_usec, 0);
	host_done(&h);
}

static void test_what_is_not_found_any_more_has_vanished_by_now(void **state)
{
	struct host h;

	(void)state;
	begin(&h, known(HOST_VF0, 11));
	scan(&h, NULL);
	assert_non_null(vanished(&h));
	assert_int_equal(vanished(&h)->generation, 11);
	assert_int_equal(vanished(&h)->vanished_usec, h.now.realtime_usec);
	host_done(&h);
}

static void test_what_had_vanished_is_still_known(void **state)
{
	struct vf *gone = known(HOST_VF0, 11);
	struct host h;

	(void)state;
	gone->vanished_usec = EARLIER;
	begin(&h, gone);
	scan(&h, NULL);
	assert_int_equal(vanished(&h)->vanished_usec, EARLIER);
	/* A new life at that address is listed, and the old one is not told of any more. */
	host_see_vf(&h, HOST_VF0, 0);
	assert_null(vanished(&h));
	host_done(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_same_life_keeps_its_times_over_a_restart),
		cmocka_unit_test(test_what_nova_would_store_changed_while_nobody_watched),
		cmocka_unit_test(test_another_life_has_appeared_by_now),
		cmocka_unit_test(test_what_an_earlier_run_did_not_know_has_appeared_by_now),
		cmocka_unit_test(test_without_an_earlier_run_nobody_knows_when_it_appeared),
		cmocka_unit_test(test_what_is_not_found_any_more_has_vanished_by_now),
		cmocka_unit_test(test_what_had_vanished_is_still_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
