/* SPDX-License-Identifier: Apache-2.0 */
#include "../../monitor/tracker_audit.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../monitor/moment.h"
#include "../../monitor/tracker_internal.h"
#include "../lib/tree.h"

#define PF "0000:3b:00.0"
#define OTHER "0000:3c:00.0"
#define SECOND 1000000ULL

/* Only how long a broken tracker may hold up the tests. */
#define DEADLINE_MSEC 60000

struct fixture {
	struct tree *tree;
	struct tracker *tracker;
	size_t scans, changes, findings;
	struct change last;
	char found[64];
	const char *told; /* an event about it waits */
	bool is_deaf;
};

static void on_change(const struct change *change, void *arg)
{
	struct fixture *f = arg;

	f->last = *change;
	f->changes++;
}

static void on_scanned(bool is_first, void *arg)
{
	struct fixture *f = arg;

	(void)is_first;
	f->scans++;
}

static bool on_hear_all(void *arg)
{
	struct uevent_subject subject = {
		.target = UEVENT_TARGET_FUNCTION,
		.group = -1,
		.hint.cause.source = CAUSE_UEVENT,
	};
	struct fixture *f = arg;

	if (f->told && pci_addr_parse(f->told, &subject.addr) == 0)
		tracker_hint(f->tracker, &subject);
	f->told = NULL;
	return !f->is_deaf;
}

static void on_finding(const struct change *change, void *arg)
{
	struct fixture *f = arg;
	char text[PCI_ADDR_TEXT_MAX];

	f->findings++;
	(void)strcat(f->found, pci_addr_format(&change->addr, text));
	(void)strcat(f->found, " ");
}

static void wait_and_collect(struct fixture *f)
{
	struct pollfd p = { .fd = tracker_fd(f->tracker), .events = POLLIN };
	uint64_t now = clock_usec(CLOCK_BOOTTIME), next;
	int timeout = DEADLINE_MSEC;

	next = tracker_next_usec(f->tracker);
	if (next < now + DEADLINE_MSEC * 1000ULL)
		timeout = next > now ? (int)((next - now) / 1000 + 1) : 0;
	assert_true(poll(&p, 1, timeout) > 0 || timeout < DEADLINE_MSEC);
	tracker_collect(f->tracker);
}

/* One turn of an event loop. */
static void turn(struct fixture *f)
{
	tracker_run(f->tracker);
	wait_and_collect(f);
}

static void until(struct fixture *f, const size_t *counter, size_t wanted)
{
	while (*counter < wanted)
		turn(f);
}

/* Goes on until a whole round that began from here on is over. */
static void until_audited(struct fixture *f)
{
	while (f->tracker->audit.stage == AUDIT_IDLE)
		turn(f);
	while (f->tracker->audit.stage != AUDIT_IDLE)
		turn(f);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct tracker_options options = {
		.ops = { on_change, NULL, NULL, on_scanned, f, NULL },
		.audit_ops = { on_hear_all, on_finding },
		.registry = { .kernel_has_vfio_dev = true, .stuck_after_usec = 10 * SECOND },
	};

	assert_non_null(f);
	f->tree = tree_new();
	tree_add_pf(f->tree, PF, 8);
	tree_add_pf(f->tree, OTHER, 8);
	options.reader = (struct reader_options){ tree_sysfs(f->tree), tree_dev(f->tree),
						  tree_modules_alias(f->tree), tree_proc(f->tree) };
	assert_int_equal(tracker_new(&options, &f->tracker), 0);
	assert_int_equal(tracker_start(f->tracker), 0);
	until(f, &f->scans, 1);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	tracker_free(f->tracker);
	tree_free(f->tree);
	free(f);
	return 0;
}

static uint64_t counted(const struct fixture *f)
{
	struct tracker_status status;

	tracker_status(f->tracker, &status);
	return status.audit_findings;
}

static void test_what_no_event_told_is_found_and_counted(void **state)
{
	struct fixture *f = *state;

	tracker_set_audit_interval(f->tracker, SECOND);
	tree_set_group(f->tree, PF, 12);
	until(f, &f->changes, 1);
	assert_int_equal(f->last.cause.source, CAUSE_AUDIT);
	assert_true(f->last.fields & 1ULL << VF_FIELD_IOMMU_GROUP);
	assert_string_equal(f->found, PF " ");
	assert_int_equal(counted(f), 1);
	until_audited(f);
	assert_int_equal(counted(f), 1);
	assert_int_equal(f->changes, 1);
}

static void test_one_that_came_and_one_that_went_are_found(void **state)
{
	struct fixture *f = *state;

	tracker_set_audit_interval(f->tracker, SECOND);
	tree_remove(f->tree, OTHER);
	tree_add_pf(f->tree, "0000:3a:00.0", 4);
	until(f, &f->findings, 2);
	assert_string_equal(f->found, "0000:3a:00.0 " OTHER " ");
	assert_int_equal(f->changes, 2);
	assert_int_equal(f->last.kind, CHANGE_DISAPPEARED);
	assert_int_equal(f->last.cause.source, CAUSE_AUDIT);
}

static void test_what_no_event_announces_is_published_and_no_finding(void **state)
{
	struct fixture *f = *state;

	tracker_set_audit_interval(f->tracker, SECOND);
	tree_set_override(f->tree, PF, "vfio-pci\n");
	until(f, &f->changes, 1);
	assert_int_equal(f->last.cause.source, CAUSE_AUDIT);
	assert_int_equal(f->last.fields, 1ULL << VF_FIELD_DRIVER_OVERRIDE);
	assert_int_equal(counted(f), 0);
}

/* It waits in the socket while the audit already sees what it tells of. */
static void test_an_event_that_waited_is_the_cause(void **state)
{
	struct fixture *f = *state;

	tracker_set_audit_interval(f->tracker, SECOND);
	tree_set_group(f->tree, PF, 12);
	f->told = PF;
	until(f, &f->changes, 1);
	assert_int_equal(f->last.cause.source, CAUSE_UEVENT);
	until_audited(f);
	assert_int_equal(counted(f), 0);
}

static void test_an_event_that_comes_last_is_the_cause_too(void **state)
{
	struct fixture *f = *state;

	tracker_set_audit_interval(f->tracker, SECOND);
	tree_set_group(f->tree, PF, 12);
	tracker_run(f->tracker);
	while (f->tracker->audit.stage != AUDIT_CONFIRMING || f->tracker->audit.outstanding == 0) {
		wait_and_collect(f);
		tracker_run(f->tracker);
	}
	f->told = PF;
	until(f, &f->changes, 1);
	assert_int_equal(f->last.cause.source, CAUSE_UEVENT);
	until_audited(f);
	assert_int_equal(counted(f), 0);
}

static void test_of_what_a_blind_source_misses_nothing_counts(void **state)
{
	struct fixture *f = *state;

	f->is_deaf = true;
	tracker_set_audit_interval(f->tracker, SECOND);
	tree_set_group(f->tree, PF, 12);
	until(f, &f->changes, 1);
	assert_int_equal(f->last.cause.source, CAUSE_AUDIT);
	assert_int_equal(counted(f), 0);
}

/* The begin of a probe is told by nobody; a link that stays is bound, and its bind was missed. */
static void test_a_driver_is_found_once_its_probe_must_be_over(void **state)
{
	struct fixture *f = *state;
	uint64_t bound_usec;

	tree_add_driver(f->tree, "igb", "igb");
	tracker_set_audit_interval(f->tracker, SECOND);
	bound_usec = clock_usec(CLOCK_BOOTTIME);
	tree_bind(f->tree, PF, "igb");
	until(f, &f->changes, 1);
	/* Before, a probe could go on: it would be no event that was missed. */
	assert_true(clock_usec(CLOCK_BOOTTIME) - bound_usec > 10 * SECOND);
	assert_int_equal(f->last.device->binding, VF_BINDING_HOST);
	assert_int_equal(f->last.cause.source, CAUSE_AUDIT);
	assert_int_equal(counted(f), 1);
}

static void test_whatever_is_due_goes_first(void **state)
{
	struct fixture *f = *state;
	struct audit *a = &f->tracker->audit;

	tracker_set_audit_interval(f->tracker, SECOND);
	a->due_usec = clock_usec(CLOCK_BOOTTIME);
	assert_true(tracker_resync(f->tracker, RESYNC_OVERFLOW));
	tracker_run(f->tracker);
	assert_int_equal(a->stage, AUDIT_IDLE);
	until(f, &f->scans, 2);
	a->due_usec = clock_usec(CLOCK_BOOTTIME);
	f->told = PF;
	(void)on_hear_all(f);
	tree_make_blocking(f->tree, PF, "uevent");
	tree_make_blocking(f->tree, OTHER, "uevent");
	f->told = OTHER;
	(void)on_hear_all(f);
	tracker_run(f->tracker);
	assert_int_equal(a->stage, AUDIT_IDLE);
	assert_true(a->due_usec > clock_usec(CLOCK_BOOTTIME));
}

static void test_without_an_interval_nothing_wakes_up(void **state)
{
	struct fixture *f = *state;

	assert_true(tracker_next_usec(f->tracker) == UINT64_MAX);
	tracker_set_audit_interval(f->tracker, 300 * SECOND);
	assert_in_range(tracker_next_usec(f->tracker) - clock_usec(CLOCK_BOOTTIME), 200 * SECOND,
			300 * SECOND);
	tracker_set_audit_interval(f->tracker, 0);
	assert_true(tracker_next_usec(f->tracker) == UINT64_MAX);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_no_event_told_is_found_and_counted),
		TEST(test_one_that_came_and_one_that_went_are_found),
		TEST(test_what_no_event_announces_is_published_and_no_finding),
		TEST(test_an_event_that_waited_is_the_cause),
		TEST(test_an_event_that_comes_last_is_the_cause_too),
		TEST(test_of_what_a_blind_source_misses_nothing_counts),
		TEST(test_a_driver_is_found_once_its_probe_must_be_over),
		TEST(test_whatever_is_due_goes_first),
		TEST(test_without_an_interval_nothing_wakes_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
