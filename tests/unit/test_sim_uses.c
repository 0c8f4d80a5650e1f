/* SPDX-License-Identifier: Apache-2.0 */
/* What the host uses functions of the simulated host for. */
#include <errno.h>

#include "sim_fixture.h"

#define PF "0000:3b:00.0"

static void test_a_disk_comes_with_an_event_and_goes_with_the_driver(void **state)
{
	struct fixture *f = *state;

	play(f, "disk " PF " sda");
	assert_string_equal(f->trace.text, "link dev/block/259:0\n"
					   "link class/block/sda\n"
					   "event add " PF "/block/sda\n");
	play(f, "unbind " PF);
	assert_non_null(strstr(f->trace.text, "gone " PF "/driver\n"
					      "gone dev/block/259:0\n"
					      "gone class/block/sda\n"
					      "gone " PF "/block\n"
					      "event remove " PF "/block/sda\n"));
	play(f, "probe " PF);
	play(f, "disk " PF " sda");
	assert_non_null(strstr(f->trace.text, "link dev/block/259:1\n"));
	play(f, "disk " PF " none");
	assert_non_null(strstr(f->trace.text, "event remove " PF "/block/sda\n"));
}

static void test_what_is_stacked_on_a_disk_has_an_event_of_its_own(void **state)
{
	struct fixture *f = *state;

	play(f, "disk " PF " sda");
	play(f, "stack " PF " dm-0");
	assert_string_equal(f->trace.text, "link " PF "/block/sda/holders/dm-0\n"
					   "event change devices/virtual/block/dm-0\n");
	play(f, "stack " PF " none");
	assert_string_equal(f->trace.text, "gone " PF "/block/sda/holders/dm-0\n"
					   "gone devices/virtual/block/dm-0\n"
					   "event remove devices/virtual/block/dm-0\n");
}

static void test_a_bridge_takes_an_interface_without_an_event(void **state)
{
	struct fixture *f = *state;

	play(f, "driver net id 8086:1533 net");
	play(f, "device 0000:3b:01.0 8086:1533");
	play(f, "master 0000:3b:01.0 br0");
	assert_string_equal(f->trace.text, "gone 0000:3b:01.0/net/eth0/master\n"
					   "link 0000:3b:01.0/net/eth0/master\n");
	play(f, "master 0000:3b:01.0 none");
	assert_string_equal(f->trace.text, "gone 0000:3b:01.0/net/eth0/master\n");
}

static void test_a_vdpa_device_comes_with_an_event_and_goes_with_the_driver(void **state)
{
	struct fixture *f = *state;

	play(f, "vdpa " PF " blue");
	assert_string_equal(f->trace.text, "link " PF "/blue/subsystem\n"
					   "link bus/vdpa/devices/blue\n"
					   "event add " PF "/blue\n");
	play(f, "unbind " PF);
	assert_non_null(strstr(f->trace.text, "gone bus/vdpa/devices/blue\n"
					      "gone " PF "/blue\n"
					      "event remove " PF "/blue\n"));
}

static void test_what_can_not_be_is_refused(void **state)
{
	static const char *const lines[] = {
		"disk 0000:3b:01.0 sda",  "vdpa 0000:3b:01.0 blue", "stack 0000:3b:01.0 dm-0",
		"master " PF " br0",	  "disk " PF " sdb",	    "stack " PF " none",
		"disk 0000:99:00.0 none", "vpd 0000:99:00.0 MT1",
	};
	struct fixture *f = *state;

	play(f, "device 0000:3b:01.0 ffff:0001");
	play(f, "disk " PF " sda");
	for (size_t n = 0; n < sizeof(lines) / sizeof(lines[0]); n++) {
		assert_int_equal(try_line(f, lines[n]), -EINVAL);
		assert_string_equal(f->trace.text, "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_disk_comes_with_an_event_and_goes_with_the_driver),
		TEST(test_what_is_stacked_on_a_disk_has_an_event_of_its_own),
		TEST(test_a_bridge_takes_an_interface_without_an_event),
		TEST(test_a_vdpa_device_comes_with_an_event_and_goes_with_the_driver),
		TEST(test_what_can_not_be_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
