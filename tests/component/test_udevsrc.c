/* SPDX-License-Identifier: Apache-2.0 */
#include "../../monitor/udevsrc.h"

#include <err.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "vfmon/names.h"

#include "../lib/hwdb.h"
#include "../lib/inject.h"

#define VF "/devices/pci0000:00/0000:00:01.0/0000:01:10.2"

/* The real libudev on a real socket; only udevd itself is played. */
struct fixture {
	struct udevsrc *source;
	int injector;
	struct uevent_subject last;
	unsigned int subjects, losses;
};

static void on_subject(const struct uevent_subject *subject, void *arg)
{
	struct fixture *f = arg;

	f->last = *subject;
	f->subjects++;
}

static void on_loss(void *arg)
{
	struct fixture *f = arg;

	f->losses++;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const struct udevsrc_ops ops = { on_subject, on_loss, f };

	assert_non_null(f);
	f->injector = inject_open();
	assert_int_equal(udevsrc_new(&ops, &f->source), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	udevsrc_free(f->source);
	close(f->injector);
	free(f);
	return 0;
}

static struct source_status status_of(struct fixture *f)
{
	struct source_status status;

	udevsrc_status(f->source, &status);
	return status;
}

static void test_an_event_of_udev_names_the_function_and_the_kernels_number(void **state)
{
	struct fixture *f = *state;
	char text[PCI_ADDR_TEXT_MAX];

	assert_true(udevsrc_fd(f->source) >= 0);
	inject_udev(f->injector, "pci", "ACTION=bind|DEVPATH=" VF "|SEQNUM=4711|");
	assert_int_equal(udevsrc_read_some(f->source), 0);
	assert_int_equal(f->subjects, 1);
	assert_int_equal(f->last.target, UEVENT_TARGET_FUNCTION);
	assert_string_equal(pci_addr_format(&f->last.addr, text), "0000:01:10.2");
	assert_int_equal(f->last.hint.cause.source, CAUSE_UDEV);
	assert_int_equal(f->last.hint.cause.action, UEVENT_BIND);
	assert_int_equal(f->last.hint.cause.seqnum, 4711);
	assert_true(f->last.hint.cause.received_usec > 0);
	assert_int_equal(status_of(f).events, 1);
	assert_null(status_of(f).blind);
}

/* udevd may be seconds late: the bind can be that of a driver that is gone again. */
static void test_udev_is_never_evidence(void **state)
{
	struct fixture *f = *state;

	inject_udev(f->injector, "pci", "ACTION=bind|DEVPATH=" VF "|SEQNUM=1|");
	inject_udev(f->injector, "pci", "ACTION=add|DEVPATH=" VF "|SEQNUM=2|");
	assert_int_equal(udevsrc_read_some(f->source), 0);
	assert_int_equal(f->subjects, 2);
	assert_int_equal(f->last.hint.evidence, 0);
}

static void test_a_vfio_group_is_named_by_its_number(void **state)
{
	struct fixture *f = *state;

	inject_udev(f->injector, "vfio", "ACTION=add|DEVPATH=/devices/virtual/vfio/12|SEQNUM=5|");
	assert_int_equal(udevsrc_read_some(f->source), 0);
	assert_int_equal(f->last.target, UEVENT_TARGET_GROUP);
	assert_int_equal(f->last.group, 12);
}

static void test_other_subsystems_do_not_reach_us(void **state)
{
	struct fixture *f = *state;

	inject_udev(f->injector, "usb", "ACTION=add|DEVPATH=/devices/x|SEQNUM=6|");
	inject_udev(f->injector, "net", "ACTION=add|DEVPATH=/devices/virtual/net/lo|SEQNUM=7|");
	assert_int_equal(udevsrc_read_some(f->source), 0);
	assert_int_equal(f->subjects, 0);
	assert_int_equal(status_of(f).events, 1);
	assert_int_equal(status_of(f).ignored, 1);
}

static void test_a_message_that_libudev_refuses_is_passed_over(void **state)
{
	struct fixture *f = *state;

	inject_udev(f->injector, "pci", "ACTION=grow|DEVPATH=" VF "|SEQNUM=8|");
	inject_udev(f->injector, "pci", "ACTION=change|DEVPATH=" VF "|SEQNUM=9|");
	assert_int_equal(udevsrc_read_some(f->source), 0);
	assert_int_equal(f->subjects, 1);
	assert_int_equal(f->last.hint.cause.seqnum, 9);
}

static void test_a_storm_is_read_in_parts(void **state)
{
	struct fixture *f = *state;
	int calls = 1;

	for (int i = 0; i < 200; i++)
		inject_udev(f->injector, "pci", "ACTION=change|DEVPATH=" VF "|SEQNUM=10|");
	while (udevsrc_read_some(f->source) == 1)
		calls++;
	assert_true(calls > 1);
	assert_int_equal(f->subjects, 200);
	assert_int_equal(f->losses, 0);
}

static void test_a_flood_is_told_once_when_it_has_been_read(void **state)
{
	struct fixture *f = *state;
	int bytes = 4096;

	assert_int_equal(
		setsockopt(udevsrc_fd(f->source), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)), 0);
	for (int i = 0; i < 100; i++)
		inject_udev(f->injector, "pci", "ACTION=change|DEVPATH=" VF "|SEQNUM=11|");
	while (udevsrc_read_some(f->source) == 1)
		;
	assert_int_equal(f->losses, 1);
	assert_int_equal(status_of(f).overflows, 1);
	assert_true(f->subjects > 0 && f->subjects < 100);
	assert_int_equal(status_of(f).lost, 100 - f->subjects);
}

static void test_without_udevd_it_says_that_it_is_blind(void **state)
{
	struct fixture *f = *state;
	const struct udevsrc_ops ops = { on_subject, on_loss, f };
	struct source_status status;
	struct udevsrc *blind;

	assert_int_equal(rename(UDEV_CONTROL, UDEV_CONTROL ".away"), 0);
	assert_int_equal(udevsrc_new(&ops, &blind), 0);
	assert_int_equal(rename(UDEV_CONTROL ".away", UDEV_CONTROL), 0);
	udevsrc_status(blind, &status);
	assert_string_equal(status.blind, "udevd is not running");
	assert_int_equal(udevsrc_fd(blind), -1);
	assert_true(udevsrc_read_some(blind) < 0);
	assert_null(udevsrc_free(blind));
	assert_null(udevsrc_free(NULL));
}

static void test_names_come_from_the_hardware_database(void **state)
{
	static const struct {
		struct udevsrc_ids ids;
		const char *vendor, *product;
	} cases[] = {
		{ { 0x8086, 0x10ca, false, 0, 0 }, "Intel Corporation", "82576 Virtual Function" },
		{ { 0x8086, 0x10ca, true, 0x8086, 0xa03c },
		  "Intel Corporation",
		  "82576 Virtual Function" },
		{ { 0x8086, 0x1234, false, 0, 0 }, "Intel Corporation", NULL },
		{ { 0x1234, 0x10ca, false, 0, 0 }, NULL, NULL },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct udevsrc_names names;

		udevsrc_names(f->source, &cases[i].ids, &names);
		if (cases[i].vendor)
			assert_string_equal(names.vendor, cases[i].vendor);
		else
			assert_null(names.vendor);
		if (cases[i].product)
			assert_string_equal(names.product, cases[i].product);
		else
			assert_null(names.product);
	}
}

static void prepare_host(void)
{
	inject_enter();
	inject_udevd();
	inject_cover("/etc");
	if (mkdir("/etc/udev", 0755) < 0)
		err(1, "/etc/udev");
	hwdb_write("/etc/udev/hwdb.bin");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_an_event_of_udev_names_the_function_and_the_kernels_number),
		TEST(test_udev_is_never_evidence),
		TEST(test_a_vfio_group_is_named_by_its_number),
		TEST(test_other_subsystems_do_not_reach_us),
		TEST(test_a_message_that_libudev_refuses_is_passed_over),
		TEST(test_a_storm_is_read_in_parts),
		TEST(test_a_flood_is_told_once_when_it_has_been_read),
		TEST(test_without_udevd_it_says_that_it_is_blind),
		TEST(test_names_come_from_the_hardware_database),
	};

	prepare_host();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
