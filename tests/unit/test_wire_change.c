/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "vfmon/names.h"
#include "vfmon/wire.h"

static struct vf *new_vf(const char *text)
{
	struct pci_addr addr;
	struct vf *vf;

	assert_int_equal(pci_addr_parse(text, &addr), 0);
	assert_int_equal(vf_new(&addr, &vf), 0);
	return vf;
}

static void check_change(const struct change *change, const struct wire_change_options *options,
			 const char *expected)
{
	struct json_text t = { 0 };

	wire_change(&t, change, options);
	json_text_end_message(&t);
	assert_string_equal(t.data, expected);
	json_text_done(&t);
}

static void test_a_change_tells_what_when_and_why(void **state)
{
	const struct change change = {
		.sequence = 5,
		.generation = 7,
		.fields = 1ULL << VF_FIELD_BINDING | 1ULL << VF_FIELD_GUEST_START,
		.observed_usec = 99,
		.cause = { CAUSE_UEVENT, UEVENT_BIND, 123, 0 },
		.kind = CHANGE_CHANGED,
		.addr = { 0, 0x3b, 2, 1 },
	};
	const struct change bare = {
		.cause = { CAUSE_AUDIT, UEVENT_NONE, 0, 0 },
		.kind = CHANGE_DISAPPEARED,
	};

	(void)state;
	check_change(&change, &(struct wire_change_options){ true, 1 },
		     "{\"sequence\":5,\"kind\":\"changed\",\"address\":\"0000:3b:02.1\","
		     "\"generation\":7,\"matches\":true,\"fields\":[\"binding\",\"guest_start\"],"
		     "\"cause\":{\"source\":\"uevent\",\"action\":\"bind\",\"seqnum\":123},"
		     "\"observed_usec\":99,\"merged\":1}");
	check_change(&bare, &(struct wire_change_options){ false, 3 },
		     "{\"sequence\":0,\"kind\":\"disappeared\",\"address\":\"0000:00:00.0\","
		     "\"generation\":0,\"matches\":false,\"fields\":[],"
		     "\"cause\":{\"source\":\"audit\"},\"observed_usec\":0,\"merged\":3}");
}

static void test_a_merged_change_has_no_previous(void **state)
{
	struct vf *vf = new_vf("0000:25:00.4");
	struct change change = { .device = vf, .previous = vf, .kind = CHANGE_CHANGED };
	struct json_text t = { 0 };

	(void)state;
	wire_change(&t, &change, &(struct wire_change_options){ true, 1 });
	json_text_end_message(&t);
	assert_non_null(strstr(t.data, "\"previous\":{"));
	json_text_clear(&t);
	wire_change(&t, &change, &(struct wire_change_options){ true, 2 });
	json_text_end_message(&t);
	assert_null(strstr(t.data, "\"previous\""));
	assert_non_null(strstr(t.data, "\"device\":{"));
	json_text_done(&t);
	vf_unref(vf);
}

static void test_both_interfaces_are_described(void **state)
{
	(void)state;
	assert_ptr_equal(strstr(wire_interface_description(IFACE_SERVICE), "interface ") + 10,
			 strstr(wire_interface_description(IFACE_SERVICE), IFACE_SERVICE));
	assert_non_null(strstr(wire_interface_description(IFACE_MONITOR),
			       "\ninterface io.vfmon.Monitor\n"));
	assert_null(wire_interface_description("io.vfmon"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_change_tells_what_when_and_why),
		cmocka_unit_test(test_a_merged_change_has_no_previous),
		cmocka_unit_test(test_both_interfaces_are_described),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
