/* SPDX-License-Identifier: Apache-2.0 */
#include "../../monitor/tracker.h"

#include <malloc.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../monitor/moment.h"
#include "../lib/tree.h"
#include "vfmon/text.h"

#define PF "0000:3b:00.0"

/* Only how long a broken tracker may hold up the tests. */
#define DEADLINE_MSEC 20000

struct fixture {
	struct tree *tree;
	struct tracker *tracker;
	size_t scans;
	size_t changes;
	enum cause_source source; /* of the last one */
	uint64_t probe_usec;	  /* CLOCK_BOOTTIME just before begin_probe() */
};

static void on_change(const struct change *change, void *arg)
{
	struct fixture *f = arg;

	f->source = change->cause.source;
	f->changes++;
}

static void on_scanned(bool is_first, void *arg)
{
	struct fixture *f = arg;

	(void)is_first;
	f->scans++;
}

/* Follows what comes until so many scans are over. */
static void follow_scans(struct fixture *f, size_t scans)
{
	while (f->scans < scans) {
		struct pollfd p = { .fd = tracker_fd(f->tracker), .events = POLLIN };

		assert_int_equal(poll(&p, 1, DEADLINE_MSEC), 1);
		tracker_collect(f->tracker);
		tracker_run(f->tracker);
	}
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct tracker_options options = {
		.ops = { on_change, NULL, NULL, on_scanned, f, NULL },
		.registry = { .kernel_has_vfio_dev = true, .stuck_after_usec = 10000000 },
	};

	assert_non_null(f);
	f->tree = tree_new();
	tree_add_pf(f->tree, PF, 8);
	options.reader = (struct reader_options){ tree_sysfs(f->tree), tree_dev(f->tree),
						  tree_modules_alias(f->tree), tree_proc(f->tree) };
	assert_int_equal(tracker_new(&options, &f->tracker), 0);
	assert_int_equal(tracker_start(f->tracker), 0);
	follow_scans(f, 1);
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

/* A large block is not in the heap. */
static size_t allocated_bytes(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

static void test_events_of_a_function_that_does_not_answer_take_no_memory(void **state)
{
	struct fixture *f = *state;
	struct uevent_subject subject = { .target = UEVENT_TARGET_FUNCTION, .group = -1 };
	uint64_t last_hint_usec;
	size_t before;

	assert_int_equal(pci_addr_parse(PF, &subject.addr), 0);
	tree_make_blocking(f->tree, PF, "uevent");
	before = allocated_bytes();
	for (int n = 0; n < 100000; n++) {
		tracker_hint(f->tracker, &subject);
		tracker_run(f->tracker);
	}
	assert_in_range(allocated_bytes(), 0, before + (1 << 20));
	last_hint_usec = clock_usec(CLOCK_BOOTTIME);
	/* And the loop need not turn round for what can not be sent. */
	assert_true(tracker_next_usec(f->tracker) > last_hint_usec);
}

static const struct vf *device(struct fixture *f)
{
	struct pci_addr addr;

	assert_int_equal(pci_addr_parse(PF, &addr), 0);
	return registry_get(tracker_registry(f->tracker), &addr);
}

/* Follows what comes until a change was published. */
static void follow_change(struct fixture *f)
{
	size_t before = f->changes;

	while (f->changes == before) {
		struct pollfd p = { .fd = tracker_fd(f->tracker), .events = POLLIN };

		tracker_run(f->tracker);
		assert_int_equal(poll(&p, 1, DEADLINE_MSEC), 1);
		tracker_collect(f->tracker);
	}
}

/* Binds it, as the host does not use what has no driver, and has it read. */
static void add_disk(struct fixture *f)
{
	struct uevent_subject subject = { .target = UEVENT_TARGET_FUNCTION, .group = -1 };

	tree_add_driver(f->tree, "nvme", "nvme");
	tree_bind(f->tree, PF, "nvme");
	tree_add_disk(f->tree, "259:0", "devices/pci/" PF "/nvme/nvme0/nvme0n1");
	assert_int_equal(pci_addr_parse(PF, &subject.addr), 0);
	tracker_hint(f->tracker, &subject);
	follow_change(f);
}

static void test_a_mount_is_a_change_of_the_function_below_the_disk(void **state)
{
	const struct uevent_subject disks = { .target = UEVENT_TARGET_DISKS, .group = -1 };
	struct fixture *f = *state;

	add_disk(f);
	assert_null(device(f)->host_use);
	tree_write_proc(f->tree, "self/mountinfo",
			"36 35 259:0 / /data rw - ext4 /dev/nvme0n1 rw\n");
	tracker_hint(f->tracker, &disks);
	follow_change(f);
	assert_string_equal(text_str(device(f)->host_use), "has its disk nvme0n1 mounted on /data");
}

/* As when containers start: every event may be about a disk of ours, hardly one is. */
static void test_a_storm_about_other_disks_reads_no_function(void **state)
{
	const struct uevent_subject disks = { .target = UEVENT_TARGET_DISKS, .group = -1 };
	struct fixture *f = *state;
	struct tracker_status before, after;

	add_disk(f);
	tracker_status(f->tracker, &before);
	for (int n = 0; n < 10000; n++) {
		tracker_hint(f->tracker, &disks);
		tracker_run(f->tracker);
	}
	/* The first one was followed at once; all the others wait together. */
	assert_true(tracker_next_usec(f->tracker) > clock_usec(CLOCK_BOOTTIME));
	tracker_status(f->tracker, &after);
	assert_int_equal(after.reads, before.reads);
}

/* Waits for what the reader has found, or for what is due next. */
static void step(struct fixture *f)
{
	struct pollfd p = { .fd = tracker_fd(f->tracker), .events = POLLIN };
	uint64_t next = tracker_next_usec(f->tracker), now = clock_usec(CLOCK_BOOTTIME);

	if (next == UINT64_MAX)
		assert_int_equal(poll(&p, 1, DEADLINE_MSEC), 1);
	else
		(void)poll(&p, 1, next > now ? (int)((next - now) / 1000 + 1) : 0);
	tracker_collect(f->tracker);
	tracker_run(f->tracker);
}

static void run_until_idle(struct fixture *f)
{
	while (tracker_next_usec(f->tracker) != UINT64_MAX)
		step(f);
}

/* The same, and what the reader had to do then is done: a scan stands behind it. */
static bool comes_to_rest(struct fixture *f)
{
	for (int n = 0; n < 10; n++) {
		size_t scans = f->scans;

		run_until_idle(f);
		(void)tracker_resync(f->tracker, RESYNC_RELOAD);
		while (f->scans == scans)
			step(f);
		if (tracker_next_usec(f->tracker) == UINT64_MAX)
			return true;
	}
	return false;
}

static void hint(struct fixture *f, const char *addr, enum uevent_action action, uint32_t evidence)
{
	struct uevent_subject subject = {
		.target = UEVENT_TARGET_FUNCTION,
		.group = -1,
		.hint = { .cause = { .source = CAUSE_UEVENT, .action = action },
			  .evidence = evidence },
	};

	assert_int_equal(pci_addr_parse(addr, &subject.addr), 0);
	tracker_hint(f->tracker, &subject);
	tracker_run(f->tracker);
}

/* Neither a failed probe nor the end of SR-IOV is announced for whom it is about. */
static void test_after_all_that_is_not_announced_no_timer_is_left(void **state)
{
	struct fixture *f = *state;
	struct uevent_subject modules = { .target = UEVENT_TARGET_MODULE, .group = -1 };
	const char *vf = tree_vf(PF, 0);

	tree_add_driver(f->tree, "igbvf", "igbvf");
	tree_set_vfs(f->tree, PF, 1);
	hint(f, vf, UEVENT_ADD, EVIDENCE_ADDED);
	hint(f, PF, UEVENT_CHANGE, 0);
	tracker_hint_vf_count(f->tracker, &device(f)->addr);
	tracker_hint(f->tracker, &modules);
	tracker_hint_all_nodes(f->tracker);
	while (device(f)->num_vfs != 1)
		step(f);
	tree_bind(f->tree, vf, "igbvf");
	hint(f, vf, UEVENT_CHANGE, 0);
	follow_change(f);
	tree_unbind(f->tree, vf);
	assert_true(comes_to_rest(f));
	tree_set_vfs(f->tree, PF, 0);
	hint(f, vf, UEVENT_REMOVE, 0);
	while (device(f)->num_vfs != 0)
		step(f);
	assert_true(comes_to_rest(f));
}

static enum vf_binding binding(struct fixture *f)
{
	return (enum vf_binding)device(f)->binding;
}

/* A link of which no bind event has come yet. */
static void begin_probe(struct fixture *f)
{
	f->probe_usec = clock_usec(CLOCK_BOOTTIME);
	tree_add_driver(f->tree, "igb", "igb");
	tree_bind(f->tree, PF, "igb");
	hint(f, PF, UEVENT_CHANGE, 0);
	follow_change(f);
	assert_int_equal(binding(f), VF_BINDING_PROBING);
}

/* A probe counts as over after 10 s, as on a machine that is very slow. */
static bool is_over(const struct fixture *f)
{
	return clock_usec(CLOCK_BOOTTIME) >= f->probe_usec + 10000000;
}

static void rescan(struct fixture *f, enum resync_cause cause)
{
	size_t before = f->scans;

	(void)tracker_resync(f->tracker, cause);
	while (f->scans == before)
		step(f);
}

static void test_after_a_loss_a_link_counts_as_bound(void **state)
{
	struct fixture *f = *state;

	tree_add_driver(f->tree, "igb", "igb");
	tree_bind(f->tree, PF, "igb");
	/* One that is due anyway is for that loss, too. */
	(void)tracker_resync(f->tracker, RESYNC_RELOAD);
	rescan(f, RESYNC_OVERFLOW);
	assert_int_equal(binding(f), VF_BINDING_HOST);
	assert_int_equal(f->source, CAUSE_RESYNC);
}

static void test_a_rescan_without_a_loss_waits_for_the_bind_event(void **state)
{
	struct fixture *f = *state;

	begin_probe(f);
	rescan(f, RESYNC_RELOAD);
	if (!is_over(f))
		assert_int_equal(binding(f), VF_BINDING_PROBING);
}

/* There is at most one rescan a second, and a timer of the link's runs out before it. */
static void test_what_a_timer_finds_before_the_rescan_is_of_the_loss(void **state)
{
	struct fixture *f = *state;
	size_t scans;

	begin_probe(f);
	scans = f->scans;
	(void)tracker_resync(f->tracker, RESYNC_OVERFLOW);
	tree_unbind(f->tree, PF);
	while (binding(f) != VF_BINDING_UNBOUND)
		step(f);
	print_message("found by the %s\n", f->scans == scans ? "timer" : "rescan");
	assert_int_equal(f->source, CAUSE_RESYNC);
}

/* A write that begins with a cut of the file is heard before the VFs are made. */
static void test_a_vf_count_that_takes_effect_later_is_seen(void **state)
{
	struct fixture *f = *state;
	struct tracker_status before, now;

	tracker_status(f->tracker, &before);
	tracker_hint_vf_count(f->tracker, &device(f)->addr);
	do {
		step(f);
		tracker_status(f->tracker, &now);
	} while (now.reads == before.reads);
	tree_set_vfs(f->tree, PF, 1);
	while (device(f)->num_vfs != 1)
		step(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_events_of_a_function_that_does_not_answer_take_no_memory, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			test_a_mount_is_a_change_of_the_function_below_the_disk, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_vf_count_that_takes_effect_later_is_seen,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_after_all_that_is_not_announced_no_timer_is_left, setup, teardown),
		cmocka_unit_test_setup_teardown(test_after_a_loss_a_link_counts_as_bound, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			test_a_rescan_without_a_loss_waits_for_the_bind_event, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_what_a_timer_finds_before_the_rescan_is_of_the_loss, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_storm_about_other_disks_reads_no_function,
						setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
