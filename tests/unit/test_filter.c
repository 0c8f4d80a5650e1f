/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>

#include "../lib/alloc.h"
#include "vfmon/device_spec.h"
#include "vfmon/filter.h"
#include "vfmon/text.h"

struct fixture {
	struct text_pool *pool;
	struct spec_match spec;
	struct vf *vf; /* 0000:3b:02.1 of 0000:3b:00.0 on igbvf, tracked as CUSTOM_NET, managed */
	struct filter *filter;
};

static int set_up(void **state)
{
	static struct fixture f;
	const struct pci_addr addr = { 0, 0x3b, 2, 1 };

	f.spec = (struct spec_match){ .refs = 2, .managed = true, .resource_class = "CUSTOM_NET" };
	if (text_pool_new(&f.pool) < 0 || vf_new(&addr, &f.vf) < 0 || filter_new(&f.filter) < 0 ||
	    text_take(f.pool, "igbvf", &f.vf->driver) < 0)
		return -1;
	f.vf->kind = VF_KIND_VF;
	f.vf->binding = VF_BINDING_HOST;
	f.vf->readiness = VF_READINESS_UNKNOWN;
	f.vf->has_physical_function = true;
	f.vf->physical_function = (struct pci_addr){ 0, 0x3b, 0, 0 };
	f.vf->spec = &f.spec;
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	f->vf->spec = NULL; /* it is not on the heap */
	vf_unref(f->vf);
	filter_free(f->filter);
	text_pool_free(f->pool);
	return 0;
}

static bool matches(struct fixture *f)
{
	filter_finish(f->filter);
	return filter_matches(f->filter, f->vf);
}

static void test_no_filter_and_an_empty_one_let_all_pass(void **state)
{
	struct fixture *f = *state;

	assert_true(filter_matches(NULL, f->vf));
	assert_true(filter_matches(NULL, NULL));
	assert_true(matches(f));
}

static void test_what_is_not_there_passes_no_filter(void **state)
{
	struct fixture *f = *state;

	assert_false(filter_matches(f->filter, NULL));
}

static void test_one_of_a_list_is_enough(void **state)
{
	struct fixture *f = *state;

	filter_add_binding(f->filter, VF_BINDING_UNBOUND);
	assert_false(matches(f));
	filter_add_binding(f->filter, VF_BINDING_HOST);
	assert_true(matches(f));
	assert_int_equal(filter_add_text(f->filter, FILTER_DRIVERS, "nvidia"), 0);
	assert_false(matches(f));
	assert_int_equal(filter_add_text(f->filter, FILTER_DRIVERS, "igbvf"), 0);
	assert_int_equal(filter_add_text(f->filter, FILTER_DRIVERS, "a"), 0);
	assert_true(matches(f));
}

static void test_all_that_is_given_must_hold(void **state)
{
	struct fixture *f = *state;

	filter_add_kind(f->filter, VF_KIND_VF);
	filter_add_readiness(f->filter, VF_READINESS_UNKNOWN);
	filter_set_managed(f->filter, true);
	assert_int_equal(filter_add_text(f->filter, FILTER_RESOURCE_CLASSES, "CUSTOM_NET"), 0);
	assert_int_equal(filter_add_addr(f->filter, FILTER_ADDRESSES, &f->vf->addr), 0);
	assert_int_equal(
		filter_add_addr(f->filter, FILTER_PHYSICAL_FUNCTIONS, &f->vf->physical_function),
		0);
	assert_true(matches(f));
	filter_set_managed(f->filter, false);
	assert_false(matches(f));
	filter_set_managed(f->filter, true);
	f->vf->kind = VF_KIND_PF;
	assert_false(matches(f));
	f->vf->kind = VF_KIND_VF;
	f->vf->readiness = VF_READINESS_READY;
	assert_false(matches(f));
}

static void test_what_a_function_lacks_does_not_match(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(filter_add_text(f->filter, FILTER_DRIVERS, "igbvf"), 0);
	f->vf->driver = text_unref(f->vf->driver);
	assert_false(matches(f));
	filter_free(f->filter);
	assert_int_equal(filter_new(&f->filter), 0);
	filter_set_managed(f->filter, false);
	f->vf->spec = NULL;
	assert_false(matches(f));
	filter_free(f->filter);
	assert_int_equal(filter_new(&f->filter), 0);
	assert_int_equal(
		filter_add_addr(f->filter, FILTER_PHYSICAL_FUNCTIONS, &f->vf->physical_function),
		0);
	f->vf->has_physical_function = false;
	assert_false(matches(f));
}

static void test_long_lists_in_any_order_are_searched_whole(void **state)
{
	struct fixture *f = *state;
	const unsigned int count = 1000;

	for (unsigned int i = 0; i < count; i++) {
		unsigned int n = i * 7919 % count;
		struct pci_addr addr = { .bus = (uint8_t)(n >> 8),
					 .slot = n >> 3 & 31,
					 .func = n & 7 };
		char name[16];

		snprintf(name, sizeof(name), "driver%u", n);
		assert_int_equal(filter_add_addr(f->filter, FILTER_ADDRESSES, &addr), 0);
		assert_int_equal(filter_add_text(f->filter, FILTER_DRIVERS, name), 0);
	}
	filter_finish(f->filter);
	for (unsigned int n = 0; n <= count; n++) {
		char name[16];

		snprintf(name, sizeof(name), "driver%u", n);
		text_unref(f->vf->driver);
		assert_int_equal(text_take(f->pool, name, &f->vf->driver), 0);
		f->vf->addr = (struct pci_addr){ .bus = (uint8_t)(n >> 8),
						 .slot = n >> 3 & 31,
						 .func = n & 7 };
		assert_true(filter_matches(f->filter, f->vf) == (n < count));
	}
}

static void test_a_lost_allocation_leaves_a_usable_filter(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < 2; i++) {
		alloc_fail_after(i);
		assert_int_equal(filter_add_text(f->filter, FILTER_DRIVERS, "x"), -ENOMEM);
		assert_true(alloc_fail_never());
	}
	assert_true(matches(f));
	alloc_fail_after(0);
	assert_int_equal(filter_add_addr(f->filter, FILTER_ADDRESSES, &f->vf->addr), -ENOMEM);
	assert_true(alloc_fail_never());
	assert_true(matches(f));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_no_filter_and_an_empty_one_let_all_pass),
		TEST(test_what_is_not_there_passes_no_filter),
		TEST(test_one_of_a_list_is_enough),
		TEST(test_all_that_is_given_must_hold),
		TEST(test_what_a_function_lacks_does_not_match),
		TEST(test_long_lists_in_any_order_are_searched_whole),
		TEST(test_a_lost_allocation_leaves_a_usable_filter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
