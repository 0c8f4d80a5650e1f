/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../cli/census.h"
#include "../../cli/demand.h"

static const struct census_question vfs = { .kinds = 1U << VF_KIND_VF };
static const struct census_question ready_vfs = { .kinds = 1U << VF_KIND_VF, .ready = true };

static void put(struct census *c, const char *text, int64_t sequence)
{
	struct value *v = NULL;

	assert_int_equal(value_parse(text, strlen(text), &v), 0);
	assert_int_equal(census_put(c, v, sequence), 0);
	value_free(v);
}

static void put_vf(struct census *c, const char *address, const char *class, const char *readiness)
{
	char text[512];

	(void)snprintf(text, sizeof(text),
		       "{\"address\":\"%s\",\"kind\":\"vf\",\"resource_class\":\"%s\","
		       "\"readiness\":{\"state\":\"%s\",\"reasons\":[]}}",
		       address, class, readiness);
	put(c, text, 1);
}

/* Two classes, each readiness, and the PF. */
static int set_up(void **state)
{
	static struct census c;

	c = (struct census){ 0 };
	put_vf(&c, "0000:25:00.4", "A", "ready");
	put_vf(&c, "0000:25:00.5", "A", "degraded");
	put_vf(&c, "0000:25:00.6", "A", "blocked");
	put_vf(&c, "0000:25:00.7", "B", "dangerous");
	put_vf(&c, "0000:25:01.0", "B", "unknown");
	put(&c,
	    "{\"address\":\"0000:25:01.1\",\"kind\":\"vf\","
	    "\"readiness\":{\"state\":\"untracked\",\"reasons\":[]}}",
	    1);
	put(&c,
	    "{\"address\":\"0000:25:00.0\",\"kind\":\"pf\","
	    "\"readiness\":{\"state\":\"untracked\",\"reasons\":[]}}",
	    1);
	*state = &c;
	return 0;
}

static int tear_down(void **state)
{
	census_done(*state);
	return 0;
}

static int add(struct demands *d, enum demand_kind kind, const char *text, char reason[static 256])
{
	FILE *err = fmemopen(reason, 256, "w");
	int r;

	assert_non_null(err);
	r = kind == DEMAND_COUNT ? demands_add_count(d, text, err)
				 : demands_add_named(d, kind, text, err);
	(void)fclose(err);
	return r;
}

static void test_a_class_and_its_count_are_read(void **state)
{
	static const struct {
		const char *text, *name;
		uint32_t count;
	} samples[] = {
		{ "CUSTOM_A16_16A=4", "CUSTOM_A16_16A", 4 },
		{ "A=1", "A", 1 },
		{ "A=2147483647", "A", INT32_MAX },
		{ "a=b=007", "a=b", 7 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		struct demands d = { 0 };
		char reason[256] = "";

		assert_int_equal(add(&d, DEMAND_CLASS, samples[i].text, reason), 0);
		assert_int_equal(d.count, 1);
		assert_string_equal(d.items[0].name, samples[i].name);
		assert_int_equal(d.items[0].count, samples[i].count);
		demands_done(&d);
	}
}

static void test_nonsense_is_refused_with_its_word(void **state)
{
	static const struct {
		enum demand_kind kind;
		const char *text, *word;
	} samples[] = {
		{ DEMAND_CLASS, "", "''" },
		{ DEMAND_CLASS, "A", "'A'" },
		{ DEMAND_CLASS, "A=", "'A='" },
		{ DEMAND_CLASS, "=3", "'=3'" },
		{ DEMAND_CLASS, "A=0", "'A=0'" },
		{ DEMAND_CLASS, "A=-1", "'A=-1'" },
		{ DEMAND_CLASS, "A=+1", "'A=+1'" },
		{ DEMAND_CLASS, "A= 1", "'A= 1'" },
		{ DEMAND_CLASS, "A=1,B", "'B'" },
		{ DEMAND_CLASS, "A=1,", "''" },
		{ DEMAND_ALIAS, "A=two", "'A=two'" },
		{ DEMAND_CLASS, "A=2147483648", "'A=" },
		{ DEMAND_COUNT, "0", "'0'" },
		{ DEMAND_COUNT, "-3", "'-3'" },
		{ DEMAND_COUNT, "3x", "'3x'" },
		{ DEMAND_COUNT, "", "''" },
		{ DEMAND_COUNT, "99999999999999999999", "'9999" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		struct demands d = { 0 };
		char reason[256] = "";

		assert_int_equal(add(&d, samples[i].kind, samples[i].text, reason), -EINVAL);
		assert_non_null(strstr(reason, samples[i].word));
		demands_done(&d);
	}
}

static struct outcome judge(const struct census *c, const struct demand *d, bool ready)
{
	return demand_judge(d, c, ready ? &ready_vfs : &vfs);
}

static void check(struct outcome o, size_t have, size_t want)
{
	assert_int_equal(o.have, have);
	assert_int_equal(o.want, want);
	assert_int_equal(o.holds, have >= want);
}

static void test_ready_is_ready_or_degraded(void **state)
{
	static char name_a[] = "A", name_b[] = "B";
	struct demand a = { .kind = DEMAND_CLASS, .name = name_a, .count = 2 };
	struct demand b = { .kind = DEMAND_CLASS, .name = name_b, .count = 2 };
	struct demand count = { .kind = DEMAND_COUNT, .count = 3 };

	check(judge(*state, &a, true), 2, 2);
	check(judge(*state, &b, true), 0, 2);
	check(judge(*state, &count, true), 2, 3);
	check(judge(*state, &a, false), 3, 2);
	check(judge(*state, &b, false), 2, 2);
	check(judge(*state, &count, false), 6, 3);
}

static void test_every_tracked_function_is_wanted_and_at_least_one(void **state)
{
	struct demand every = { .kind = DEMAND_EVERY, .count = 1 };
	struct census few = { 0 };

	check(judge(*state, &every, true), 2, 5);
	check(judge(&few, &every, true), 0, 1);
	put_vf(&few, "0000:25:00.4", "A", "ready");
	put(&few,
	    "{\"address\":\"0000:25:01.1\",\"kind\":\"vf\","
	    "\"readiness\":{\"state\":\"untracked\",\"reasons\":[]}}",
	    1);
	check(judge(&few, &every, true), 1, 1);
	census_done(&few);
}

static void test_only_the_kinds_that_are_asked_for_count(void **state)
{
	struct demand count = { .kind = DEMAND_COUNT, .count = 7 };
	struct census_question pfs = { .kinds = 1U << VF_KIND_PF };
	struct census_question both = { .kinds = 1U << VF_KIND_PF | 1U << VF_KIND_VF };

	check(demand_judge(&count, *state, &pfs), 1, 7);
	check(demand_judge(&count, *state, &both), 7, 7);
}

static void test_an_address_is_of_any_kind(void **state)
{
	struct demand pf = { .kind = DEMAND_ADDRESS, .count = 1 };
	struct demand none = { .kind = DEMAND_ADDRESS, .count = 1 };

	assert_int_equal(pci_addr_parse("0000:25:00.0", &pf.addr), 0);
	assert_int_equal(pci_addr_parse("0000:26:00.0", &none.addr), 0);
	check(judge(*state, &pf, false), 1, 1);
	check(judge(*state, &pf, true), 0, 1);
	check(judge(*state, &none, false), 0, 1);
}

static void test_the_newest_image_counts_whatever_the_order(void **state)
{
	struct census *c = *state;
	struct demand count = { .kind = DEMAND_COUNT, .count = 1 };
	struct pci_addr addr;

	assert_int_equal(pci_addr_parse("0000:25:00.6", &addr), 0);
	put(c,
	    "{\"address\":\"0000:25:00.6\",\"kind\":\"vf\",\"resource_class\":\"A\","
	    "\"readiness\":{\"state\":\"ready\",\"reasons\":[]}}",
	    9);
	check(judge(c, &count, true), 3, 1);
	put_vf(c, "0000:25:00.6", "A", "blocked");
	check(judge(c, &count, false), 6, 1);
	census_drop(c, &addr, 8);
	check(judge(c, &count, true), 3, 1);
	census_drop(c, &addr, 9);
	check(judge(c, &count, true), 2, 1);
}

static void test_what_is_no_device_is_refused(void **state)
{
	static const char *const samples[] = { "{}", "[]", "\"x\"", "{\"address\":\"eth0\"}",
					       "{\"address\":7}" };

	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		struct value *v = NULL;

		assert_int_equal(value_parse(samples[i], strlen(samples[i]), &v), 0);
		assert_int_equal(census_put(*state, v, 1), -EBADMSG);
		value_free(v);
	}
}

static void expect_text(const struct demand *d, const struct census *c,
			const struct census_question *scope, const char *expected)
{
	char text[512] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	assert_non_null(out);
	demand_print(d, c, scope, out);
	(void)fclose(out);
	assert_string_equal(text, expected);
}

static void test_what_is_missing_is_named_with_its_reason(void **state)
{
	static char name[] = "A";
	struct demand class = { .kind = DEMAND_CLASS, .name = name, .count = 3 };
	struct demand every = { .kind = DEMAND_EVERY, .count = 1 };
	struct census c = { 0 };

	expect_text(&every, &c, &ready_vfs, "no device_spec takes any of the VFs");
	expect_text(&class, *state, &ready_vfs, "A 2 of 3 ready (0000:25:00.6 blocked)");
	expect_text(&every, *state, &ready_vfs,
		    "VFs 2 of 5 ready (0000:25:00.6 blocked, 0000:25:00.7 dangerous, "
		    "0000:25:01.0 unknown)");
	put_vf(*state, "0000:25:01.2", "A", "blocked");
	expect_text(&every, *state, &ready_vfs,
		    "VFs 2 of 6 ready (0000:25:00.6 blocked, 0000:25:00.7 dangerous, "
		    "0000:25:01.0 unknown and 1 more)");
	put(&c,
	    "{\"address\":\"0000:25:00.7\",\"kind\":\"vf\",\"resource_class\":\"A\","
	    "\"binding\":{\"state\":\"host\",\"driver\":\"igbvf\"},\"readiness\":{\"state\":"
	    "\"blocked\",\"reasons\":[{\"code\":\"managed_no_host_driver\",\"severity\":"
	    "\"blocked\",\"message\":\"long\"}]}}",
	    1);
	expect_text(
		&class, &c, &ready_vfs,
		"A 0 of 3 ready (0000:25:00.7 blocked: igbvf has it: bind it to a VFIO driver)");
	census_done(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_class_and_its_count_are_read),
		cmocka_unit_test(test_nonsense_is_refused_with_its_word),
		cmocka_unit_test_setup_teardown(test_ready_is_ready_or_degraded, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_every_tracked_function_is_wanted_and_at_least_one, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_only_the_kinds_that_are_asked_for_count,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_an_address_is_of_any_kind, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_the_newest_image_counts_whatever_the_order,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_what_is_no_device_is_refused, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_what_is_missing_is_named_with_its_reason,
						set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
