/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/uevent.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Texts with '|' where a message has its NULs. */
static size_t make_message(const char *text, char buf[static 1024])
{
	size_t len = strlen(text);

	assert_true(len < 1024);
	for (size_t i = 0; i < len; i++)
		buf[i] = text[i] == '|' ? '\0' : text[i];
	return len;
}

static int parse(const char *text, struct uevent *ret)
{
	static char buf[1024];

	return uevent_parse(buf, make_message(text, buf), ret);
}

#define PF "/devices/pci0000:00/0000:00:03.0"
#define BIND                                                                                       \
	"bind@" PF "|ACTION=bind|DEVPATH=" PF "|SUBSYSTEM=pci|DRIVER=igb|PCI_CLASS=20000|"         \
	"PCI_ID=8086:10C9|PCI_SLOT_NAME=0000:00:03.0|SEQNUM=828|"

static void test_a_kernel_message_is_taken_apart(void **state)
{
	struct uevent e;

	(void)state;
	assert_int_equal(parse(BIND, &e), 0);
	assert_int_equal(e.action, UEVENT_BIND);
	assert_string_equal(e.devpath, PF);
	assert_string_equal(e.subsystem, "pci");
	assert_int_equal(e.seqnum, 828);
	assert_false(e.synthetic);
}

static void test_every_action_of_the_kernel_is_known(void **state)
{
	static const char *const actions[] = { "add",	 "remove",  "change", "move",
					       "online", "offline", "bind",   "unbind" };
	char text[256];
	struct uevent e;

	(void)state;
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		(void)snprintf(text, sizeof(text), "%s@/a|ACTION=%s|DEVPATH=/a|SEQNUM=1|",
			       actions[i], actions[i]);
		assert_int_equal(parse(text, &e), 0);
		assert_string_equal(cause_action_name(e.action), actions[i]);
		assert_string_equal(e.subsystem, "");
	}
}

static void test_what_is_not_whole_is_refused(void **state)
{
	static const struct {
		const char *text;
		int result;
	} cases[] = {
		{ "", -EBADMSG },
		{ "|", -EBADMSG },
		{ "add@/a", -EBADMSG },
		{ "add@/a|ACTION=add|DEVPATH=/a|SEQNUM=1", -EBADMSG },
		{ "add@/a|ACTION=add|DEVPATH=/a|", -EBADMSG },
		{ "add@/a|ACTION=add|SEQNUM=1|", -EBADMSG },
		{ "add@/a|DEVPATH=/a|SEQNUM=1|", -EBADMSG },
		{ "add@/a|ACTION=bind|DEVPATH=/a|SEQNUM=1|", -EBADMSG },
		{ "add@/a|ACTION=add|DEVPATH=/b|SEQNUM=1|", -EBADMSG },
		{ "add/a|ACTION=add|DEVPATH=/a|SEQNUM=1|", -EBADMSG },
		{ "add@a|ACTION=add|DEVPATH=a|SEQNUM=1|", -EBADMSG },
		{ "add@/a|ACTION=add|DEVPATH=/a|SEQNUM=|", -EBADMSG },
		{ "add@/a|ACTION=add|DEVPATH=/a|SEQNUM=-1|", -EBADMSG },
		{ "add@/a|ACTION=add|DEVPATH=/a|SEQNUM=1x|", -EBADMSG },
		{ "add@/a|ACTION=add|DEVPATH=/a|SEQNUM=18446744073709551616|", -EBADMSG },
		{ "libudev|\xfe\xed\xca\xfe|ACTION=add|DEVPATH=/a|SEQNUM=1|", -EBADMSG },
		{ "grow@/a|ACTION=grow|DEVPATH=/a|SEQNUM=1|", -EOPNOTSUPP },
		{ "|ACTION=|DEVPATH=/a|SEQNUM=1|", -EBADMSG },
	};
	struct uevent e;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(parse(cases[i].text, &e), cases[i].result);
}

static void test_the_greatest_sequence_number_fits(void **state)
{
	struct uevent e;

	(void)state;
	assert_int_equal(parse("add@/a|ACTION=add|DEVPATH=/a|SEQNUM=18446744073709551615|", &e), 0);
	assert_true(e.seqnum == UINT64_MAX);
}

static void test_the_kernels_own_number_counts_behind_an_injected_one(void **state)
{
	struct uevent e;

	(void)state;
	assert_int_equal(parse("add@/a|ACTION=add|DEVPATH=/a|SEQNUM=1|SEQNUM=77|", &e), 0);
	assert_int_equal(e.seqnum, 77);
}

#define VF "/devices/pci0000:00/0000:00:01.0/0000:01:10.2"

static void test_subsystem_and_path_say_what_to_read(void **state)
{
	static const struct {
		const char *subsystem, *devpath;
		enum uevent_target target;
		const char *addr;
		int32_t group;
	} cases[] = {
		{ "pci", VF, UEVENT_TARGET_FUNCTION, "0000:01:10.2", -1 },
		{ "pci", "/devices/pci10000:00/10000:00:03.0", UEVENT_TARGET_FUNCTION,
		  "10000:00:03.0", -1 },
		{ "pci", "/devices/pci0000:00", UEVENT_TARGET_NOTHING, NULL, -1 },
		{ "pci", VF "/x", UEVENT_TARGET_NOTHING, NULL, -1 },
		{ "vfio-dev", VF "/vfio-dev/vfio3", UEVENT_TARGET_FUNCTION, "0000:01:10.2", -1 },
		{ "net", VF "/net/eth0", UEVENT_TARGET_FUNCTION, "0000:01:10.2", -1 },
		{ "net", VF "/virtio0/net/eth0", UEVENT_TARGET_FUNCTION, "0000:01:10.2", -1 },
		{ "net", "/devices/virtual/net/lo", UEVENT_TARGET_NOTHING, NULL, -1 },
		{ "vfio", "/devices/virtual/vfio/12", UEVENT_TARGET_GROUP, NULL, 12 },
		{ "vfio", "/devices/virtual/vfio/noiommu-0", UEVENT_TARGET_GROUP, NULL, 0 },
		{ "vfio", "/devices/virtual/vfio/x", UEVENT_TARGET_NOTHING, NULL, -1 },
		{ "vfio", "/devices/virtual/vfio/2147483648", UEVENT_TARGET_NOTHING, NULL, -1 },
		{ "vfio", "/devices/virtual/misc/vfio", UEVENT_TARGET_NOTHING, NULL, -1 },
		{ "drivers", "/bus/pci/drivers/igb", UEVENT_TARGET_MODULE, NULL, -1 },
		{ "drivers", "/bus/usb/drivers/hub", UEVENT_TARGET_NOTHING, NULL, -1 },
		{ "module", "/module/igb", UEVENT_TARGET_MODULE, NULL, -1 },
		{ "block", VF "/nvme/nvme0/nvme0n1", UEVENT_TARGET_DISKS, NULL, -1 },
		{ "block", "/devices/virtual/block/dm-0", UEVENT_TARGET_DISKS, NULL, -1 },
		{ "vdpa", VF "/blue", UEVENT_TARGET_VDPA, NULL, -1 },
		{ "queues", VF "/net/eth0/queues/rx-0", UEVENT_TARGET_NOTHING, NULL, -1 },
		{ "auxiliary", VF "/mlx5_core.eth.0", UEVENT_TARGET_NOTHING, NULL, -1 },
		{ "pci_bus", "/devices/pci0000:00/pci_bus/0000:01", UEVENT_TARGET_NOTHING, NULL,
		  -1 },
		{ "", VF, UEVENT_TARGET_NOTHING, NULL, -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct uevent e = { .action = UEVENT_CHANGE,
					  .devpath = cases[i].devpath,
					  .subsystem = cases[i].subsystem,
					  .seqnum = 5 };
		char text[PCI_ADDR_TEXT_MAX];
		struct uevent_subject s;

		uevent_subject(&e, &s);
		assert_int_equal(s.target, cases[i].target);
		assert_int_equal(s.group, cases[i].group);
		assert_int_equal(s.hint.cause.source, CAUSE_UEVENT);
		assert_int_equal(s.hint.cause.action, UEVENT_CHANGE);
		assert_int_equal(s.hint.cause.seqnum, 5);
		if (cases[i].addr)
			assert_string_equal(pci_addr_format(&s.addr, text), cases[i].addr);
	}
}

static void test_only_genuine_events_of_the_function_are_evidence(void **state)
{
	static const struct {
		const char *subsystem;
		enum uevent_action action;
		bool synthetic;
		uint32_t evidence;
	} cases[] = {
		{ "pci", UEVENT_ADD, false, EVIDENCE_ADDED },
		{ "pci", UEVENT_BIND, false, EVIDENCE_BOUND },
		{ "pci", UEVENT_UNBIND, false, EVIDENCE_UNBOUND },
		{ "pci", UEVENT_CHANGE, false, 0 },
		{ "pci", UEVENT_REMOVE, false, 0 },
		{ "pci", UEVENT_BIND, true, 0 },
		{ "pci", UEVENT_ADD, true, 0 },
		{ "net", UEVENT_ADD, false, 0 },
		{ "vfio-dev", UEVENT_ADD, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct uevent e = { .action = cases[i].action,
					  .devpath = VF,
					  .subsystem = cases[i].subsystem,
					  .synthetic = cases[i].synthetic };
		struct uevent_subject s;

		uevent_subject(&e, &s);
		assert_int_equal(s.target, UEVENT_TARGET_FUNCTION);
		assert_int_equal(s.hint.evidence, cases[i].evidence);
	}
}

static void test_a_written_event_is_seen_to_be_one(void **state)
{
	struct uevent e;

	(void)state;
	assert_int_equal(parse("bind@/a|ACTION=bind|DEVPATH=/a|SYNTH_UUID=0|SEQNUM=1|", &e), 0);
	assert_true(e.synthetic);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_kernel_message_is_taken_apart),
		cmocka_unit_test(test_every_action_of_the_kernel_is_known),
		cmocka_unit_test(test_what_is_not_whole_is_refused),
		cmocka_unit_test(test_the_greatest_sequence_number_fits),
		cmocka_unit_test(test_the_kernels_own_number_counts_behind_an_injected_one),
		cmocka_unit_test(test_subsystem_and_path_say_what_to_read),
		cmocka_unit_test(test_only_genuine_events_of_the_function_are_evidence),
		cmocka_unit_test(test_a_written_event_is_seen_to_be_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
