/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "vfmon/binding.h"
#include "vfmon/text.h"

#define MSEC 1000ULL
#define SEC 1000000ULL

struct fixture {
	struct text_pool *pool;
	struct text *igbvf, *vfio_pci;
	struct binding_memory memory;
	struct observation obs;
	struct binding_input in;
	struct binding_verdict verdict;
};

static int set_up(void **state)
{
	static struct fixture f;
	const struct pci_addr addr = { .bus = 0x3b };

	f = (struct fixture){ 0 };
	if (text_pool_new(&f.pool) < 0 || text_take(f.pool, "igbvf", &f.igbvf) < 0 ||
	    text_take(f.pool, "vfio-pci", &f.vfio_pci) < 0)
		return -1;
	observation_init(&f.obs, OBSERVATION_FUNCTION, &addr);
	f.in.obs = &f.obs;
	f.in.kernel_has_vfio_dev = true;
	f.in.now_usec = 1000 * SEC;
	f.in.stuck_after_usec = 10 * SEC;
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	text_unref(f->igbvf);
	text_unref(f->vfio_pci);
	text_pool_free(f->pool);
	return 0;
}

static char device_name[] = "vfio3", module_name[] = "some_module", driver_name[] = "some";

/* What the next read finds: link, DRIVER= and vfio-dev, after these pieces of evidence. */
static enum vf_binding see(struct fixture *f, struct text *link, bool driver, uint32_t evidence)
{
	f->in.link = link;
	f->obs.link_driver = link ? driver_name : NULL;
	f->obs.uevent_driver = driver ? driver_name : NULL;
	f->obs.module = link ? module_name : NULL;
	f->obs.hint.evidence = evidence;
	binding_fold(&f->memory, &f->in, &f->verdict);
	return f->verdict.state;
}

static void test_no_link_and_no_driver_is_unbound(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(see(f, NULL, false, 0), VF_BINDING_UNBOUND);
	assert_int_equal(f->verdict.evidence, VF_EVIDENCE_NO_LINK);
	assert_int_equal(f->verdict.again_usec, 0);
}

static void test_a_new_link_is_probing_until_its_bind_event(void **state)
{
	struct fixture *f = *state;

	see(f, NULL, false, 0);
	assert_int_equal(see(f, f->igbvf, true, 0), VF_BINDING_PROBING);
	assert_int_equal(f->verdict.again_usec, f->in.now_usec + 100 * MSEC);
	assert_int_equal(see(f, f->igbvf, true, EVIDENCE_BOUND), VF_BINDING_HOST);
	assert_int_equal(f->verdict.again_usec, 0);
}

static void test_a_failed_probe_goes_from_probing_to_unbound(void **state)
{
	struct fixture *f = *state;

	see(f, NULL, false, 0);
	assert_int_equal(see(f, f->igbvf, true, 0), VF_BINDING_PROBING);
	f->in.now_usec += 100 * MSEC;
	assert_int_equal(see(f, NULL, false, 0), VF_BINDING_UNBOUND);
	assert_int_equal(f->verdict.again_usec, 0);
}

static void test_without_a_bind_event_a_link_counts_after_10_s(void **state)
{
	static const uint64_t delays[] = { 100 * MSEC, 300 * MSEC, 1 * SEC, 3 * SEC, 10 * SEC };
	struct fixture *f = *state;
	uint64_t begin = f->in.now_usec;

	see(f, NULL, false, 0);
	see(f, f->igbvf, true, 0);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(f->verdict.state, VF_BINDING_PROBING);
		assert_int_equal(f->verdict.again_usec, begin + delays[i]);
		f->in.now_usec = begin + delays[i];
		see(f, f->igbvf, true, 0);
	}
	assert_int_equal(f->verdict.state, VF_BINDING_HOST);
	assert_int_equal(f->verdict.again_usec, 0);
}

static void test_a_link_of_the_first_scan_counts_at_once_and_is_looked_at_again(void **state)
{
	struct fixture *f = *state;

	f->in.first_scan = true;
	assert_int_equal(see(f, f->igbvf, true, 0), VF_BINDING_HOST);
	assert_int_equal(f->verdict.again_usec, f->in.now_usec + 100 * MSEC);
	f->in.first_scan = false;
	f->in.now_usec += 100 * MSEC;
	assert_int_equal(see(f, f->igbvf, true, 0), VF_BINDING_HOST);
	f->in.now_usec += 200 * MSEC;
	assert_int_equal(see(f, NULL, false, 0), VF_BINDING_UNBOUND);
}

static void test_a_link_after_the_first_scan_does_not_count_at_once(void **state)
{
	struct fixture *f = *state;

	f->in.first_scan = true;
	see(f, f->igbvf, true, 0);
	f->in.first_scan = false;
	assert_int_equal(see(f, f->vfio_pci, true, 0), VF_BINDING_PROBING);
}

static void test_a_new_link_counts_at_once_where_its_bind_may_be_lost(void **state)
{
	struct fixture *f = *state;

	see(f, NULL, false, 0);
	assert_int_equal(see(f, f->igbvf, true, EVIDENCE_MISSED), VF_BINDING_HOST);
	assert_int_equal(f->verdict.again_usec, f->in.now_usec + 100 * MSEC);
	f->in.now_usec += 100 * MSEC;
	assert_int_equal(see(f, f->igbvf, true, 0), VF_BINDING_HOST);
	f->in.now_usec += 200 * MSEC;
	assert_int_equal(see(f, NULL, false, 0), VF_BINDING_UNBOUND);
	assert_int_equal(see(f, f->igbvf, true, 0), VF_BINDING_PROBING);
}

static void test_a_probing_link_counts_at_once_where_its_bind_may_be_lost(void **state)
{
	struct fixture *f = *state;
	uint64_t begin = f->in.now_usec;

	see(f, NULL, false, 0);
	see(f, f->igbvf, true, 0);
	f->in.now_usec += 50 * MSEC;
	assert_int_equal(see(f, f->igbvf, true, EVIDENCE_MISSED), VF_BINDING_HOST);
	assert_int_equal(f->verdict.again_usec, begin + 100 * MSEC);
}

static void test_an_unbind_counts_more_than_what_may_be_lost(void **state)
{
	struct fixture *f = *state;

	see(f, f->igbvf, true, EVIDENCE_MISSED);
	assert_int_equal(see(f, f->igbvf, true, EVIDENCE_UNBOUND), VF_BINDING_PROBING);
}

static void test_where_events_may_be_lost_a_driver_without_link_is_unbinding(void **state)
{
	struct fixture *f = *state;

	see(f, NULL, false, 0);
	assert_int_equal(see(f, NULL, true, 0), VF_BINDING_PROBING);
	assert_int_equal(see(f, NULL, true, EVIDENCE_MISSED), VF_BINDING_UNBINDING);
}

static void test_a_settled_link_keeps_its_state_over_events_of_other_kinds(void **state)
{
	struct fixture *f = *state;

	see(f, f->igbvf, true, EVIDENCE_BOUND);
	assert_int_equal(see(f, f->igbvf, true, 0), VF_BINDING_HOST);
	assert_int_equal(f->verdict.again_usec, 0);
}

static void test_a_link_seen_after_an_unbind_event_is_a_newer_one(void **state)
{
	struct fixture *f = *state;

	see(f, f->igbvf, true, EVIDENCE_BOUND);
	assert_int_equal(see(f, f->igbvf, true, EVIDENCE_UNBOUND), VF_BINDING_PROBING);
	assert_int_equal(see(f, f->igbvf, true, EVIDENCE_BOUND), VF_BINDING_HOST);
}

static void test_driver_without_link_is_unbinding_and_later_stuck(void **state)
{
	struct fixture *f = *state;

	see(f, f->vfio_pci, true, EVIDENCE_BOUND);
	f->in.stuck_after_usec = 2 * SEC;
	assert_int_equal(see(f, NULL, true, 0), VF_BINDING_UNBINDING);
	assert_int_equal(f->verdict.evidence, VF_EVIDENCE_ONLY_DRIVER);
	f->in.now_usec += 1 * SEC;
	assert_int_equal(see(f, NULL, true, 0), VF_BINDING_UNBINDING);
	assert_int_equal(f->verdict.again_usec, f->in.now_usec + 1 * SEC);
	f->in.now_usec += 1 * SEC;
	assert_int_equal(see(f, NULL, true, 0), VF_BINDING_STUCK);
	f->in.now_usec += 60 * SEC;
	assert_int_equal(see(f, NULL, true, 0), VF_BINDING_STUCK);
	assert_int_equal(f->verdict.again_usec, 0);
	assert_int_equal(see(f, NULL, false, EVIDENCE_UNBOUND), VF_BINDING_UNBOUND);
}

static void test_a_late_stuck_after_still_has_its_timer(void **state)
{
	struct fixture *f = *state;
	uint64_t begin = f->in.now_usec;

	f->in.stuck_after_usec = 60 * SEC;
	see(f, f->vfio_pci, true, EVIDENCE_BOUND);
	see(f, NULL, true, 0);
	f->in.now_usec = begin + 10 * SEC;
	assert_int_equal(see(f, NULL, true, 0), VF_BINDING_UNBINDING);
	assert_int_equal(f->verdict.again_usec, begin + 60 * SEC);
}

static void test_driver_without_link_just_after_unbound_may_be_a_begin(void **state)
{
	struct fixture *f = *state;

	see(f, NULL, false, 0);
	assert_int_equal(see(f, NULL, true, 0), VF_BINDING_PROBING);
	f->in.now_usec += 300 * MSEC;
	assert_int_equal(see(f, NULL, true, 0), VF_BINDING_UNBINDING);
}

static void test_driver_without_link_of_a_new_function_may_be_a_begin(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(see(f, NULL, true, 0), VF_BINDING_PROBING);
}

static void test_driver_without_link_at_the_first_scan_is_unbinding(void **state)
{
	struct fixture *f = *state;

	f->in.first_scan = true;
	assert_int_equal(see(f, NULL, true, 0), VF_BINDING_UNBINDING);
}

static void test_a_bind_event_rules_a_begin_out(void **state)
{
	struct fixture *f = *state;

	see(f, NULL, false, 0);
	assert_int_equal(see(f, NULL, true, EVIDENCE_BOUND), VF_BINDING_UNBINDING);
}

static void test_vfio_kind_follows_the_modules_aliases(void **state)
{
	static const struct {
		enum module_vfio module;
		enum vf_binding binding;
		enum vf_evidence evidence;
	} rows[] = {
		{ MODULE_VFIO_GENERIC, VF_BINDING_VFIO_GENERIC, VF_EVIDENCE_ALIAS_ALL },
		{ MODULE_VFIO_VARIANT, VF_BINDING_VFIO_VARIANT, VF_EVIDENCE_ALIAS_OWN },
		{ MODULE_VFIO_NONE, VF_BINDING_VFIO_VENDOR, VF_EVIDENCE_ALIAS_NONE },
	};
	struct fixture *f = *state;

	f->obs.vfio_device = device_name;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		f->obs.module_vfio = rows[i].module;
		assert_int_equal(see(f, f->vfio_pci, true, EVIDENCE_BOUND), rows[i].binding);
		assert_int_equal(f->verdict.evidence, rows[i].evidence);
	}
}

static void test_a_vfio_device_without_its_bind_event_is_still_probing(void **state)
{
	struct fixture *f = *state;

	see(f, NULL, false, 0);
	f->obs.vfio_device = device_name;
	f->obs.module_vfio = MODULE_VFIO_GENERIC;
	assert_int_equal(see(f, f->vfio_pci, true, 0), VF_BINDING_PROBING);
}

static void test_a_missing_module_link_is_waited_for(void **state)
{
	struct fixture *f = *state;

	f->obs.vfio_device = device_name;
	f->in.link = f->vfio_pci;
	f->obs.link_driver = f->obs.uevent_driver = driver_name;
	f->obs.hint.evidence = EVIDENCE_BOUND;
	binding_fold(&f->memory, &f->in, &f->verdict);
	assert_int_equal(f->verdict.state, VF_BINDING_PROBING);
	assert_int_equal(f->verdict.again_usec, f->in.now_usec + 100 * MSEC);
	f->in.now_usec += 1 * SEC;
	f->obs.hint.evidence = 0;
	binding_fold(&f->memory, &f->in, &f->verdict);
	assert_int_equal(f->verdict.state, VF_BINDING_VFIO_VENDOR);
}

static void test_an_old_kernel_is_judged_by_aliases_and_holders(void **state)
{
	static const struct {
		enum module_vfio module;
		bool holds;
		enum vf_binding binding;
	} rows[] = {
		{ MODULE_VFIO_GENERIC, true, VF_BINDING_VFIO_GENERIC },
		{ MODULE_VFIO_VARIANT, true, VF_BINDING_VFIO_VARIANT },
		{ MODULE_VFIO_NONE, true, VF_BINDING_VFIO_VENDOR },
		{ MODULE_VFIO_NONE, false, VF_BINDING_HOST },
	};
	struct fixture *f = *state;

	f->in.kernel_has_vfio_dev = false;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		f->obs.module_vfio = rows[i].module;
		f->obs.module_holds_vfio_core = rows[i].holds;
		assert_int_equal(see(f, f->vfio_pci, true, EVIDENCE_BOUND), rows[i].binding);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_no_link_and_no_driver_is_unbound),
		TEST(test_a_new_link_is_probing_until_its_bind_event),
		TEST(test_a_failed_probe_goes_from_probing_to_unbound),
		TEST(test_without_a_bind_event_a_link_counts_after_10_s),
		TEST(test_a_link_of_the_first_scan_counts_at_once_and_is_looked_at_again),
		TEST(test_a_link_after_the_first_scan_does_not_count_at_once),
		TEST(test_a_new_link_counts_at_once_where_its_bind_may_be_lost),
		TEST(test_a_probing_link_counts_at_once_where_its_bind_may_be_lost),
		TEST(test_an_unbind_counts_more_than_what_may_be_lost),
		TEST(test_where_events_may_be_lost_a_driver_without_link_is_unbinding),
		TEST(test_a_settled_link_keeps_its_state_over_events_of_other_kinds),
		TEST(test_a_link_seen_after_an_unbind_event_is_a_newer_one),
		TEST(test_driver_without_link_is_unbinding_and_later_stuck),
		TEST(test_a_late_stuck_after_still_has_its_timer),
		TEST(test_driver_without_link_just_after_unbound_may_be_a_begin),
		TEST(test_driver_without_link_of_a_new_function_may_be_a_begin),
		TEST(test_driver_without_link_at_the_first_scan_is_unbinding),
		TEST(test_a_bind_event_rules_a_begin_out),
		TEST(test_vfio_kind_follows_the_modules_aliases),
		TEST(test_a_vfio_device_without_its_bind_event_is_still_probing),
		TEST(test_a_missing_module_link_is_waited_for),
		TEST(test_an_old_kernel_is_judged_by_aliases_and_holders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
