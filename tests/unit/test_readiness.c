/* SPDX-License-Identifier: Apache-2.0 */
/* One row a rule, and one a line of what libvirt was measured to do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "../lib/judged.h"

#define NO false
#define YES true
#define HOST VF_BINDING_HOST
#define UNBOUND VF_BINDING_UNBOUND
#define ON_GENERIC VF_BINDING_VFIO_GENERIC
#define ON_VARIANT VF_BINDING_VFIO_VARIANT
#define ON_VENDOR VF_BINDING_VFIO_VENDOR
#define READY VF_READINESS_READY
#define DEGRADED VF_READINESS_DEGRADED
#define UNKNOWN VF_READINESS_UNKNOWN
#define BLOCKED VF_READINESS_BLOCKED
#define DANGEROUS VF_READINESS_DANGEROUS
#define HOST_DRIVER JUDGED_HOST_DRIVER
#define GENERIC JUDGED_GENERIC
#define VARIANT JUDGED_VARIANT
#define VENDOR JUDGED_VENDOR

/* "code severity" of each reason, in their order. */
static const char *reasons_of(const struct vf *vf)
{
	static char buf[2048];
	enum reason_code code;
	size_t cursor = 0, n = 0;

	buf[0] = '\0';
	while (readiness_next_reason(vf, &cursor, &code))
		n += (size_t)snprintf(buf + n, sizeof(buf) - n, "%s%s %s", n > 0 ? ", " : "",
				      reason_code_name(code),
				      vf_readiness_name(readiness_severity(vf, code)));
	return buf;
}

struct row {
	const char *name;
	enum vf_binding state;
	bool managed;
	judged_change_fn change;
	const char *reasons;
	enum vf_readiness readiness;
	int starts;
	const char *during;
	const char *after;
};

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static void check_row(const struct row *row)
{
	struct judged b;
	const struct vf *vf;

	judged_init(&b, row->state, row->managed);
	if (row->change)
		row->change(&b);
	judged_decide(&b);
	vf = b.vf;
	if (strcmp(reasons_of(vf), row->reasons) != 0 || vf->readiness != row->readiness)
		fail_msg("%s: %s, %s", row->name, vf_readiness_name(vf->readiness), reasons_of(vf));
	if (!vf->has_guest_start || vf->guest_starts != row->starts ||
	    !same(text_str(vf->driver_during), row->during) ||
	    !same(text_str(vf->driver_after), row->after))
		fail_msg("%s: starts %d, during %s, after %s", row->name, vf->guest_starts,
			 text_str(vf->driver_during), text_str(vf->driver_after));
	judged_done(&b);
}

#define CHECK(rows)                                                                                \
	for (size_t i = 0; i < sizeof(rows) / sizeof(*(rows)); i++)                                \
	check_row(&(rows)[i])

/* The lines of the measured table, in its order. */
static void test_it_is_as_libvirt_was_measured(void **state)
{
	static const struct row rows[] = {
		{ "host driver, yes", HOST, YES, NULL, "", READY, 1, VARIANT, HOST_DRIVER },
		{ "host driver, no", HOST, NO, NULL, "managed_no_host_driver blocked", BLOCKED, 0,
		  NULL, HOST_DRIVER },
		{ "unbound, yes", UNBOUND, YES, NULL, "", READY, 1, VARIANT, NULL },
		{ "unbound, no", UNBOUND, NO, NULL, "managed_no_unbound blocked", BLOCKED, 0, NULL,
		  NULL },
		{ "vfio-pci with a variant, yes", ON_GENERIC, YES, NULL,
		  "managed_yes_rebinds degraded", DEGRADED, 1, VARIANT, NULL },
		{ "vfio-pci, no", ON_GENERIC, NO, judged_no_variant, "", READY, 1, GENERIC,
		  GENERIC },
		{ "best variant, yes", ON_VARIANT, YES, NULL, "", READY, 1, VARIANT, VARIANT },
		{ "variant, no", ON_VARIANT, NO, NULL, "", READY, 1, VARIANT, VARIANT },
		{ "vendor, yes", ON_VENDOR, YES, NULL, "managed_yes_vendor_driver dangerous",
		  DANGEROUS, -1, VARIANT, NULL },
		{ "vendor, no", ON_VENDOR, NO, NULL, "", READY, 1, VENDOR, VENDOR },
		{ "VFIO in a shared group, no", ON_VARIANT, NO, judged_shared_group,
		  "iommu_group_not_viable blocked", BLOCKED, 0, NULL, VARIANT },
		{ "host driver in a shared group, yes", HOST, YES, judged_shared_group,
		  "iommu_group_not_viable blocked", BLOCKED, 0, NULL, NULL },
		{ "in use by another domain, no", ON_VARIANT, NO, judged_in_use, "", READY, 0, NULL,
		  VARIANT },
		{ "in use by another domain, yes", ON_GENERIC, YES, judged_in_use,
		  "managed_yes_rebinds degraded", DEGRADED, 0, NULL, GENERIC },
		{ "PF with VFs on its host driver, yes", HOST, YES, judged_is_pf,
		  "physical_function_has_vfs dangerous", DANGEROUS, 1, VARIANT, HOST_DRIVER },
		{ "netdev with an address, yes", HOST, YES, judged_host_address,
		  "host_uses_device dangerous", DANGEROUS, 1, VARIANT, HOST_DRIVER },
	};

	(void)state;
	CHECK(rows);
}

static void test_what_does_not_answer_promises_nothing(void **state)
{
	static const struct row rows[] = {
		{ "itself", ON_VARIANT, NO, judged_silent,
		  "physical_function_not_answering unknown", UNKNOWN, -1, VARIANT, VARIANT },
		{ "its PF", ON_VARIANT, NO, judged_pf_silent,
		  "physical_function_not_answering unknown", UNKNOWN, -1, VARIANT, VARIANT },
		{ "moved", HOST, YES, judged_silent, "physical_function_not_answering unknown",
		  UNKNOWN, -1, VARIANT, HOST_DRIVER },
		{ "and fails", UNBOUND, NO, judged_silent,
		  "managed_no_unbound blocked, physical_function_not_answering unknown", BLOCKED, 0,
		  NULL, NULL },
	};

	(void)state;
	CHECK(rows);
}

static void test_what_a_start_leaves_that_fails_after_the_move_is_not_known(void **state)
{
	static const struct row rows[] = {
		{ "unbound", UNBOUND, YES, judged_shared_group, "iommu_group_not_viable blocked",
		  BLOCKED, 0, NULL, NULL },
		{ "generic", ON_GENERIC, YES, judged_shared_group,
		  "iommu_group_not_viable blocked, managed_yes_rebinds degraded", BLOCKED, 0, NULL,
		  NULL },
		{ "not moved", ON_VARIANT, YES, judged_shared_group,
		  "iommu_group_not_viable blocked", BLOCKED, 0, NULL, VARIANT },
		{ "not managed", HOST, NO, judged_shared_group,
		  "managed_no_host_driver blocked, iommu_group_not_viable blocked", BLOCKED, 0,
		  NULL, HOST_DRIVER },
		{ "vendor", ON_VENDOR, YES, judged_shared_group,
		  "managed_yes_vendor_driver dangerous, iommu_group_not_viable blocked", DANGEROUS,
		  0, NULL, NULL },
	};

	(void)state;
	CHECK(rows);
}

static void test_libvirt_before_10_always_takes_vfio_pci(void **state)
{
	static const struct row rows[] = {
		{ "host", HOST, YES, judged_old_libvirt, "", READY, 1, GENERIC, HOST_DRIVER },
		{ "generic", ON_GENERIC, YES, judged_old_libvirt, "", READY, 1, GENERIC, GENERIC },
		{ "variant", ON_VARIANT, YES, judged_old_libvirt, "managed_yes_rebinds degraded",
		  DEGRADED, 1, GENERIC, NULL },
		{ "10.0 itself", HOST, YES, judged_new_libvirt, "", READY, 1, VARIANT,
		  HOST_DRIVER },
		{ "not managed", ON_GENERIC, NO, judged_old_libvirt,
		  "generic_driver_variant_available degraded", DEGRADED, 1, GENERIC, GENERIC },
	};

	(void)state;
	CHECK(rows);
}

static void test_a_modules_name_is_its_drivers_whether_dash_or_underscore(void **state)
{
	static const struct row rows[] = {
		{ "managed", ON_GENERIC, YES, judged_module_name_for_driver, "", READY, 1, GENERIC,
		  GENERIC },
		{ "not managed", ON_GENERIC, NO, judged_module_name_for_driver, "", READY, 1,
		  GENERIC, GENERIC },
	};

	(void)state;
	CHECK(rows);
}

static void test_the_driver_afterwards_is_what_the_kernels_probe_leaves(void **state)
{
	static const struct row rows[] = {
		{ "no autoprobe", HOST, YES, judged_no_autoprobe, "", READY, 1, VARIANT, NULL },
		{ "an override that libvirt clears", HOST, YES, judged_by_override, "", READY, 1,
		  VARIANT, NULL },
		{ "PF not known", HOST, YES, judged_pf_not_known, "", READY, 1, VARIANT,
		  HOST_DRIVER },
	};

	(void)state;
	CHECK(rows);
}

static void test_the_rules_about_the_state(void **state)
{
	static const struct row rows[] = {
		{ "probing", VF_BINDING_PROBING, YES, NULL, "binding_in_transition blocked",
		  BLOCKED, -1, NULL, NULL },
		{ "unbinding", VF_BINDING_UNBINDING, NO, NULL, "binding_in_transition blocked",
		  BLOCKED, -1, NULL, NULL },
		{ "stuck", VF_BINDING_STUCK, NO, NULL, "unbind_stuck blocked", BLOCKED, 0, NULL,
		  NULL },
		{ "unknown", VF_BINDING_UNKNOWN, YES, NULL, "", UNKNOWN, -1, NULL, NULL },
		{ "generic though there is a variant", ON_GENERIC, NO, NULL,
		  "generic_driver_variant_available degraded", DEGRADED, 1, GENERIC, GENERIC },
		{ "managed, no variant", ON_GENERIC, YES, judged_no_variant, "", READY, 1, GENERIC,
		  GENERIC },
	};

	(void)state;
	CHECK(rows);
}

static void test_the_rules_about_group_and_nodes(void **state)
{
	static const struct row rows[] = {
		{ "no group, not moved", ON_VARIANT, NO, judged_no_iommu, "no_iommu_group blocked",
		  BLOCKED, 0, NULL, VARIANT },
		{ "no group, moved", HOST, YES, judged_no_iommu, "no_iommu_group blocked", BLOCKED,
		  0, NULL, NULL },
		{ "no-IOMMU mode", ON_VARIANT, NO, judged_noiommu_mode, "no_iommu_group blocked",
		  BLOCKED, 0, NULL, VARIANT },
		{ "no node", ON_VARIANT, NO, judged_without_nodes, "vfio_node_missing blocked",
		  BLOCKED, 0, NULL, VARIANT },
		{ "a cdev is no group node", ON_VARIANT, NO, judged_cdev_only,
		  "vfio_node_missing blocked", BLOCKED, 0, NULL, VARIANT },
		{ "a kernel without group nodes needs a cdev", ON_VARIANT, NO,
		  judged_kernel_without_groups, "vfio_node_missing blocked", BLOCKED, 0, NULL,
		  VARIANT },
		{ "and takes it", ON_VARIANT, NO, judged_cdev_of_kernel_without_groups, "", READY,
		  1, VARIANT, VARIANT },
		{ "a node may come with another driver", ON_GENERIC, YES, judged_without_nodes,
		  "vfio_node_missing blocked, managed_yes_rebinds degraded", BLOCKED, -1, VARIANT,
		  NULL },
		{ "several reasons", ON_VARIANT, NO, judged_shared_and_without_nodes,
		  "iommu_group_not_viable blocked, vfio_node_missing blocked", BLOCKED, 0, NULL,
		  VARIANT },
		{ "on a host driver no node is missing", HOST, YES, judged_without_nodes, "", READY,
		  1, VARIANT, HOST_DRIVER },
	};

	(void)state;
	CHECK(rows);
}

static void test_the_rules_about_vendors_hosts_and_physical_functions(void **state)
{
	static const struct row rows[] = {
		{ "no vGPU type", ON_VENDOR, NO, judged_vgpu_unset, "vgpu_type_unset blocked",
		  BLOCKED, 0, NULL, VENDOR },
		{ "a vendor's problem counts on its driver only", ON_VARIANT, NO, judged_vgpu_unset,
		  "", READY, 1, VARIANT, VARIANT },
		{ "not managed, so nobody takes it from the host", HOST, NO, judged_host_address,
		  "managed_no_host_driver blocked", BLOCKED, 0, NULL, HOST_DRIVER },
		{ "PF unbound", ON_VARIANT, NO, judged_pf_without_driver,
		  "physical_function_unbound degraded", DEGRADED, 1, VARIANT, VARIANT },
		{ "a PF without VFs", HOST, YES, judged_is_empty_pf, "", READY, 1, VARIANT,
		  HOST_DRIVER },
		{ "a PF that is not managed", ON_VARIANT, NO, judged_is_pf, "", READY, 1, VARIANT,
		  VARIANT },
		{ "its own VFs may be all that keeps a PF's group", HOST, YES,
		  judged_is_pf_in_a_group_with_its_vfs,
		  "physical_function_has_vfs dangerous, iommu_group_not_viable blocked", DANGEROUS,
		  -1, VARIANT, HOST_DRIVER },
	};

	(void)state;
	CHECK(rows);
}

static void test_the_rules_about_novas_configuration(void **state)
{
	static const struct row rows[] = {
		{ "managed=no does not count for a network", HOST, NO, judged_for_network,
		  "managed_ignored_for_network degraded", DEGRADED, 1, VARIANT, HOST_DRIVER },
		{ "which is worse with a vendor's driver", ON_VENDOR, NO, judged_for_network,
		  "managed_yes_vendor_driver dangerous, managed_ignored_for_network dangerous",
		  DANGEROUS, -1, VARIANT, NULL },
		{ "parallels never gets a managed device", HOST, YES, judged_under_parallels,
		  "managed_no_host_driver blocked", BLOCKED, 0, NULL, HOST_DRIVER },
		{ "Placement", ON_VARIANT, NO, judged_mixed_classes, "placement_conflict degraded",
		  DEGRADED, 1, VARIANT, VARIANT },
		{ "a VF without parent is only left out", ON_VARIANT, NO, judged_without_parent, "",
		  READY, 1, VARIANT, VARIANT },
	};

	(void)state;
	CHECK(rows);
}

static void test_a_vdpa_device_is_not_handed_over_as_pci_device(void **state)
{
	static const struct row rows[] = {
		{ "host driver", HOST, YES, judged_is_vdpa, "", READY, -1, HOST_DRIVER,
		  HOST_DRIVER },
		{ "transition", VF_BINDING_PROBING, NO, judged_is_vdpa,
		  "binding_in_transition blocked", BLOCKED, -1, NULL, NULL },
	};

	(void)state;
	CHECK(rows);
}

static void test_what_is_not_known_leaves_a_rule_undecided(void **state)
{
	static const struct row rows[] = {
		{ "choice, host", HOST, YES, judged_unknown_best, "", UNKNOWN, -1, NULL,
		  HOST_DRIVER },
		{ "choice, unbound", UNBOUND, YES, judged_unknown_best, "", UNKNOWN, -1, NULL,
		  NULL },
		{ "choice, generic", ON_GENERIC, YES, judged_unknown_best, "", UNKNOWN, -1, NULL,
		  NULL },
		{ "variant, not managed", ON_GENERIC, NO, judged_unknown_best, "", UNKNOWN, 1,
		  GENERIC, GENERIC },
		{ "group", ON_VARIANT, NO, judged_group_not_told, "", UNKNOWN, -1, VARIANT,
		  VARIANT },
		{ "group, moved", HOST, YES, judged_group_not_told, "", UNKNOWN, -1, VARIANT,
		  HOST_DRIVER },
		{ "nodes", ON_VARIANT, NO, judged_nodes_not_told, "", UNKNOWN, -1, VARIANT,
		  VARIANT },
		{ "no group of a function that could not be read", VF_BINDING_UNKNOWN, NO,
		  judged_no_iommu, "", UNKNOWN, -1, NULL, NULL },
		{ "a reason that is known is worse", VF_BINDING_UNKNOWN, NO, judged_shared_group,
		  "iommu_group_not_viable blocked", BLOCKED, -1, NULL, NULL },
	};

	(void)state;
	CHECK(rows);
}

static void test_what_no_entry_takes_has_no_verdict(void **state)
{
	struct judged b;

	(void)state;
	judged_init(&b, HOST, NO);
	judged_shared_group(&b);
	judged_decide(&b);
	assert_int_equal(b.vf->readiness, BLOCKED);
	b.vf->spec = NULL;
	judged_decide(&b);
	assert_int_equal(b.vf->readiness, VF_READINESS_UNTRACKED);
	assert_int_equal(b.vf->reasons, 0);
	assert_false(b.vf->has_guest_start);
	assert_null(b.vf->driver_after);
	judged_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_is_as_libvirt_was_measured),
		cmocka_unit_test(test_what_a_start_leaves_that_fails_after_the_move_is_not_known),
		cmocka_unit_test(test_what_does_not_answer_promises_nothing),
		cmocka_unit_test(test_libvirt_before_10_always_takes_vfio_pci),
		cmocka_unit_test(test_a_modules_name_is_its_drivers_whether_dash_or_underscore),
		cmocka_unit_test(test_the_driver_afterwards_is_what_the_kernels_probe_leaves),
		cmocka_unit_test(test_the_rules_about_the_state),
		cmocka_unit_test(test_the_rules_about_group_and_nodes),
		cmocka_unit_test(test_the_rules_about_vendors_hosts_and_physical_functions),
		cmocka_unit_test(test_the_rules_about_novas_configuration),
		cmocka_unit_test(test_a_vdpa_device_is_not_handed_over_as_pci_device),
		cmocka_unit_test(test_what_is_not_known_leaves_a_rule_undecided),
		cmocka_unit_test(test_what_no_entry_takes_has_no_verdict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
