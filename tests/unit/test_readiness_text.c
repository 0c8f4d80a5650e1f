/* SPDX-License-Identifier: Apache-2.0 */
/* What is told of a reason: the sentence, the functions that are its cause, the command. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "../lib/judged.h"

#define NO false
#define YES true
#define HOST VF_BINDING_HOST
#define UNBOUND VF_BINDING_UNBOUND
#define ON_GENERIC VF_BINDING_VFIO_GENERIC
#define ON_VARIANT VF_BINDING_VFIO_VARIANT
#define ON_VENDOR VF_BINDING_VFIO_VENDOR
#define HOST_DRIVER JUDGED_HOST_DRIVER
#define GENERIC JUDGED_GENERIC
#define VARIANT JUDGED_VARIANT
#define VENDOR JUDGED_VENDOR

/* What a reason says, after the bench was judged. */
static struct reason describe(struct judged *b, enum reason_code code)
{
	struct reason reason;

	judged_decide(b);
	assert_true(b->vf->reasons >> code & 1);
	readiness_describe(b->vf, code, &reason);
	assert_int_equal(reason.code, code);
	assert_int_equal(reason.severity, readiness_severity(b->vf, code));
	return reason;
}

struct wording {
	enum reason_code code;
	enum vf_binding state;
	bool managed;
	judged_change_fn change;
	const char *message; /* the whole of it */
	const char *remedy;  /* empty: none */
};

#define SPEC_PLACE "(device_spec in /etc/nova/nova.conf, line 211)"
#define WITH_YES "a guest gets it with managed=yes " SPEC_PLACE
#define WITH_NO "a guest gets it with managed=no " SPEC_PLACE
#define SYSFS "/sys/bus/pci/devices/0000:3b:10.0"
#define BIND_VARIANT "modprobe " VARIANT " && echo " VARIANT " > " SYSFS "/driver_override && "
#define UNBIND "echo 0000:3b:10.0 > " SYSFS "/driver/unbind && "
#define PROBE "echo 0000:3b:10.0 > /sys/bus/pci/drivers_probe"

static const struct wording wordings[] = {
	{ REASON_MANAGED_YES_VENDOR_DRIVER, ON_VENDOR, YES, NULL,
	  "0000:3b:10.0 is a VFIO device of the host driver nvidia, and " WITH_YES
	  ": libvirt takes it off that driver, tries test_vfio_pci, and does not put it back; what "
	  "was set up there is lost",
	  "" },
	{ REASON_HOST_USES_DEVICE, HOST, YES, judged_host_address,
	  "the host has an address on its interface enp1s0 (192.0.2.1/24), and a guest gets "
	  "0000:3b:10.0 with managed=yes " SPEC_PLACE
	  ": its start takes the device from the host without asking",
	  "" },
	{ REASON_PHYSICAL_FUNCTION_HAS_VFS, HOST, YES, judged_is_pf,
	  "0000:3b:10.0 is a physical function with 4 VFs on, and " WITH_YES
	  ": its start takes it off igbvf, and the VFs vanish",
	  "" },
	{ REASON_MANAGED_NO_HOST_DRIVER, HOST, NO, NULL,
	  "0000:3b:10.0 is bound to the host driver igbvf, and " WITH_NO
	  ": libvirt refuses the start, as somebody else has to bind it to a VFIO driver",
	  BIND_VARIANT UNBIND PROBE },
	{ REASON_MANAGED_NO_HOST_DRIVER, HOST, NO, judged_host_address,
	  "0000:3b:10.0 is bound to the host driver igbvf, and " WITH_NO
	  ": libvirt refuses the start, as somebody else has to bind it to a VFIO driver; the host "
	  "has an address on its interface enp1s0 (192.0.2.1/24)",
	  "" },
	{ REASON_MANAGED_NO_UNBOUND, UNBOUND, NO, NULL,
	  "0000:3b:10.0 has no driver, and " WITH_NO
	  ": libvirt refuses the start, as somebody else has to bind it to a VFIO driver",
	  BIND_VARIANT PROBE },
	{ REASON_BINDING_IN_TRANSITION, VF_BINDING_PROBING, NO, NULL,
	  "the driver igbvf is being tried on 0000:3b:10.0, which takes a moment", "" },
	{ REASON_BINDING_IN_TRANSITION, VF_BINDING_UNBINDING, NO, NULL,
	  "0000:3b:10.0 is being taken off vfio-pci, which takes a moment", "" },
	{ REASON_UNBIND_STUCK, VF_BINDING_STUCK, NO, NULL,
	  "0000:3b:10.0 is being taken off vfio-pci and does not come off: whoever has it open, as "
	  "a rule a guest, has to end first",
	  "" },
	{ REASON_NO_IOMMU_GROUP, ON_VARIANT, NO, judged_no_iommu,
	  "0000:3b:10.0 is in no IOMMU group: firmware or kernel have no IOMMU switched on for it",
	  "" },
	{ REASON_NO_IOMMU_GROUP, ON_VARIANT, NO, judged_noiommu_mode,
	  "0000:3b:10.0 is in the no-IOMMU group 7, which no guest can be given", "" },
	{ REASON_IOMMU_GROUP_NOT_VIABLE, ON_VARIANT, NO, judged_shared_group,
	  "IOMMU group 7 of 0000:3b:10.0 can not be given to a guest while another member has a "
	  "host driver: 0000:3b:00.0 (igb)",
	  "" },
	{ REASON_IOMMU_GROUP_NOT_VIABLE, HOST, YES, judged_shared_group,
	  "IOMMU group 7 of 0000:3b:10.0 can not be given to a guest while another member has a "
	  "host driver: 0000:3b:00.0 (igb); with managed=yes a start that fails may leave "
	  "0000:3b:10.0 on another driver",
	  "" },
	{ REASON_VFIO_NODE_MISSING, ON_VARIANT, NO, judged_without_nodes,
	  "0000:3b:10.0 is bound to the VFIO driver test_vfio_pci, but its node below /dev/vfio is "
	  "not there, so that no guest can open it",
	  "" },
	{ REASON_VGPU_TYPE_UNSET, ON_VENDOR, NO, judged_vgpu_unset,
	  "0000:3b:10.0 has nothing to give to a guest yet: current_vgpu_type is 0: no vGPU type "
	  "is set",
	  "" },
	{ REASON_PHYSICAL_FUNCTION_NOT_ANSWERING, ON_VARIANT, NO, judged_silent,
	  "VF 0000:3b:10.0 has not answered for 12 s: what is known of 0000:3b:10.0 is from before "
	  "that",
	  "" },
	{ REASON_PHYSICAL_FUNCTION_NOT_ANSWERING, ON_VARIANT, NO, judged_pf_silent,
	  "PF 0000:3b:00.0 has not answered for 12 s: what is known of 0000:3b:10.0 is from before "
	  "that",
	  "" },
	{ REASON_MANAGED_YES_REBINDS, ON_GENERIC, YES, NULL,
	  "0000:3b:10.0 is bound to vfio-pci, but " WITH_YES
	  ": libvirt moves it to test_vfio_pci, and afterwards it is left to a host driver or to "
	  "none",
	  BIND_VARIANT UNBIND PROBE },
	{ REASON_MANAGED_YES_REBINDS, ON_GENERIC, YES, judged_in_use,
	  "0000:3b:10.0 is bound to vfio-pci, but " WITH_YES
	  ": libvirt moves it to test_vfio_pci, and afterwards it is left to a host driver or to "
	  "none",
	  "" },
	{ REASON_MANAGED_YES_REBINDS, ON_VARIANT, YES, judged_old_libvirt,
	  "0000:3b:10.0 is bound to test_vfio_pci, but " WITH_YES
	  ": libvirt moves it to vfio-pci, and afterwards it is left to a host driver or to none",
	  "modprobe vfio-pci && echo vfio-pci > " SYSFS "/driver_override && " UNBIND PROBE },
	{ REASON_GENERIC_DRIVER_VARIANT_AVAILABLE, ON_GENERIC, NO, NULL,
	  "0000:3b:10.0 is bound to the generic driver vfio-pci although the variant test_vfio_pci "
	  "is made for it: a guest starts, but without what the variant can do, such as live "
	  "migration",
	  BIND_VARIANT UNBIND PROBE },
	{ REASON_PHYSICAL_FUNCTION_UNBOUND, ON_VARIANT, NO, judged_pf_without_driver,
	  "0000:3b:00.0, the physical function of 0000:3b:10.0, has no driver: its VFs may not "
	  "work",
	  "echo 0000:3b:00.0 > /sys/bus/pci/drivers_probe" },
	{ REASON_MANAGED_IGNORED_FOR_NETWORK, HOST, NO, judged_for_network,
	  "the entry of 0000:3b:10.0 says managed=no " SPEC_PLACE
	  ", but it has a physical_network: Nova gives the guest managed=yes all the same",
	  "" },
	{ REASON_PLACEMENT_CONFLICT, ON_VARIANT, NO, judged_mixed_classes,
	  "0000:3b:00.0: VFs of one physical function have different resource classes; "
	  "nova-compute refuses to start with report_in_placement",
	  "" },
	{ REASON_PLACEMENT_CONFLICT, ON_VARIANT, NO, judged_mixed_managed,
	  "0000:3b:00.0: VFs of one physical function differ in managed; with pci_in_placement a "
	  "guest is refused or given too much",
	  "" },
};

static void test_a_reason_says_who_and_what_to_type(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wordings) / sizeof(*wordings); i++) {
		const struct wording *w = &wordings[i];
		struct reason reason;
		struct judged b;

		judged_init(&b, w->state, w->managed);
		if (w->change)
			w->change(&b);
		reason = describe(&b, w->code);
		assert_string_equal(reason.message, w->message);
		assert_string_equal(reason.remedy, w->remedy);
		judged_done(&b);
	}
}

static void test_each_code_has_a_sentence_that_is_checked(void **state)
{
	uint32_t seen = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(wordings) / sizeof(*wordings); i++)
		seen |= 1U << wordings[i].code;
	assert_int_equal(seen, (1U << REASON_COUNT) - 1);
}

static void test_driverctl_is_used_where_it_is_installed(void **state)
{
	struct judged b;

	(void)state;
	judged_init(&b, HOST, NO);
	b.policy.has_driverctl = true;
	assert_string_equal(describe(&b, REASON_MANAGED_NO_HOST_DRIVER).remedy,
			    "driverctl set-override 0000:3b:10.0 test_vfio_pci");
	judged_host_address(&b);
	assert_string_equal(describe(&b, REASON_MANAGED_NO_HOST_DRIVER).remedy, "");
	judged_done(&b);
}

static void test_no_remedy_has_what_a_shell_would_take_apart(void **state)
{
	struct judged b;

	(void)state;
	judged_init(&b, HOST, NO);
	judged_set(&b, &b.vf->best_driver, "x; reboot");
	assert_string_equal(describe(&b, REASON_MANAGED_NO_HOST_DRIVER).remedy, "");
	judged_done(&b);
}

static void test_a_node_that_is_missing_comes_back_with_a_new_bind(void **state)
{
	struct judged b;

	(void)state;
	judged_init(&b, ON_VARIANT, NO);
	judged_without_nodes(&b);
	b.group->members[0] = (struct vf_group_member){ b.vf->addr, b.group->members[0].driver,
							true };
	b.group->count = 1;
	assert_string_equal(describe(&b, REASON_VFIO_NODE_MISSING).remedy,
			    "echo 0000:3b:10.0 > " SYSFS "/driver/unbind && echo 0000:3b:10.0 > "
			    "/sys/bus/pci/drivers/test_vfio_pci/bind");
	judged_in_use(&b);
	assert_string_equal(describe(&b, REASON_VFIO_NODE_MISSING).remedy, "");
	judged_done(&b);
}

static void test_blockers_are_named(void **state)
{
	struct pci_addr addr;
	struct judged b;
	size_t cursor = 0;

	(void)state;
	judged_init(&b, ON_VARIANT, NO);
	judged_shared_group(&b);
	judged_pf_without_driver(&b);
	judged_decide(&b);
	assert_true(readiness_next_blocker(b.vf, REASON_IOMMU_GROUP_NOT_VIABLE, &cursor, &addr));
	assert_int_equal(pci_addr_compare(&addr, &b.pf->addr), 0);
	assert_false(readiness_next_blocker(b.vf, REASON_IOMMU_GROUP_NOT_VIABLE, &cursor, &addr));
	cursor = 0;
	assert_true(readiness_next_blocker(b.vf, REASON_PHYSICAL_FUNCTION_UNBOUND, &cursor, &addr));
	assert_false(
		readiness_next_blocker(b.vf, REASON_PHYSICAL_FUNCTION_UNBOUND, &cursor, &addr));
	cursor = 0;
	assert_false(readiness_next_blocker(b.vf, REASON_UNBIND_STUCK, &cursor, &addr));
	judged_done(&b);
}

static void test_many_blockers_are_counted(void **state)
{
	struct vf_group *group = calloc(1, sizeof(*group) + 300 * sizeof(struct vf_group_member));
	struct reason reason;
	struct judged b;

	(void)state;
	judged_init(&b, ON_VARIANT, NO);
	assert_non_null(group);
	*group = (struct vf_group){ .refs = 1, .count = 300 };
	for (unsigned int i = 0; i < 300; i++)
		group->members[i] = (struct vf_group_member){ { .domain = 1, .bus = (uint8_t)i },
							      judged_text(&b, HOST_DRIVER),
							      true };
	vf_group_unref(b.vf->group);
	b.vf->group = group;
	reason = describe(&b, REASON_IOMMU_GROUP_NOT_VIABLE);
	assert_non_null(strstr(reason.message, "0001:05:00.0 (igbvf) and 294 more"));
	judged_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_reason_says_who_and_what_to_type),
		cmocka_unit_test(test_each_code_has_a_sentence_that_is_checked),
		cmocka_unit_test(test_driverctl_is_used_where_it_is_installed),
		cmocka_unit_test(test_no_remedy_has_what_a_shell_would_take_apart),
		cmocka_unit_test(test_a_node_that_is_missing_comes_back_with_a_new_bind),
		cmocka_unit_test(test_blockers_are_named),
		cmocka_unit_test(test_many_blockers_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
