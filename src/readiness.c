/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/readiness.h"

#include <errno.h>

#include "readiness_internal.h"
#include "vfmon/device_spec.h"
#include "vfmon/names.h"
#include "vfmon/policy.h"
#include "vfmon/text.h"

/* From here on libvirt takes the best variant of modules.alias; before it always took vfio-pci. */
#define LIBVIRT_TAKES_VARIANTS VERSION(10, 0, 0)

static bool has_driver(const struct vf *vf, const struct text *driver)
{
	return vf->driver && driver &&
	       readiness_same_driver(text_str(vf->driver), text_str(driver));
}

bool readiness_is_settled(const struct vf *vf)
{
	return vf->binding == VF_BINDING_HOST || vf->binding == VF_BINDING_UNBOUND ||
	       vf_is_vfio(vf);
}

static bool is_moved(const struct readiness_facts *f)
{
	/* What libvirt gives a guest of a vdpa device is a device below it, whose driver stays. */
	if (!f->managed || f->vf->is_vdpa || !readiness_is_settled(f->vf))
		return false;
	if (f->vf->binding == VF_BINDING_VFIO_GENERIC || f->vf->binding == VF_BINDING_VFIO_VARIANT)
		return f->choice && !has_driver(f->vf, f->choice);
	return true;
}

static bool group_is_told(const struct vf *vf)
{
	/* Of a function that could not be read yet, no group means nothing. */
	return !(vf->not_told & VF_NOT_TOLD_GROUP) &&
	       (vf->binding != VF_BINDING_UNKNOWN || vf->iommu_group >= 0);
}

/* What is known of it, or of what it depends on, may not be true any more. */
static bool is_silent(const struct vf *vf)
{
	return vf->silent_sec > 0 || vf->pf_silent_sec > 0;
}

/* Whether it can not be told that a guest starts, if nothing speaks against it. */
static bool start_is_undecided(const struct readiness_facts *f)
{
	const struct vf *vf = f->vf;

	if (vf->binding == VF_BINDING_UNKNOWN || is_silent(vf))
		return true;
	if (vf->is_vdpa)
		return false;
	return (f->managed && !f->choice && readiness_is_settled(vf)) || !group_is_told(vf) ||
	       (vf_is_vfio(vf) && vf->not_told & VF_NOT_TOLD_NODES);
}

/* Whether there is a variant for it is a question of quality only. */
static bool variant_is_undecided(const struct readiness_facts *f)
{
	return !f->managed && !f->vf->is_vdpa && !f->vf->best_driver &&
	       f->vf->binding == VF_BINDING_VFIO_GENERIC;
}

static bool managed_yes_vendor_driver(const struct readiness_facts *f)
{
	return f->managed && f->vf->binding == VF_BINDING_VFIO_VENDOR;
}

static bool host_uses_device(const struct readiness_facts *f)
{
	return f->managed && f->vf->host_use;
}

static bool physical_function_has_vfs(const struct readiness_facts *f)
{
	return f->managed && f->vf->kind == VF_KIND_PF && f->vf->num_vfs > 0;
}

static bool managed_no_host_driver(const struct readiness_facts *f)
{
	return !f->managed && f->vf->binding == VF_BINDING_HOST;
}

static bool managed_no_unbound(const struct readiness_facts *f)
{
	return !f->managed && f->vf->binding == VF_BINDING_UNBOUND;
}

static bool binding_in_transition(const struct readiness_facts *f)
{
	return f->vf->binding == VF_BINDING_PROBING || f->vf->binding == VF_BINDING_UNBINDING;
}

static bool unbind_stuck(const struct readiness_facts *f)
{
	return f->vf->binding == VF_BINDING_STUCK;
}

static bool no_iommu_group(const struct readiness_facts *f)
{
	return group_is_told(f->vf) && (f->vf->iommu_group < 0 || f->vf->iommu_group_noiommu);
}

static bool iommu_group_not_viable(const struct readiness_facts *f)
{
	struct pci_addr addr;
	size_t cursor = 0;

	return readiness_next_blocker(f->vf, REASON_IOMMU_GROUP_NOT_VIABLE, &cursor, &addr);
}

static bool vfio_node_missing(const struct readiness_facts *f)
{
	uint8_t node = f->in->has_group_nodes ? VF_NODE_GROUP : VF_NODE_CDEV;

	/* Without an IOMMU the node has another name, and no_iommu_group says it all. */
	if (!vf_is_vfio(f->vf) || f->vf->iommu_group < 0 || f->vf->iommu_group_noiommu)
		return false;
	return !(f->vf->not_told & VF_NOT_TOLD_NODES) && !(f->vf->nodes & node);
}

static bool vgpu_type_unset(const struct readiness_facts *f)
{
	return f->vf->binding == VF_BINDING_VFIO_VENDOR && f->vf->vendor_problem;
}

static bool physical_function_not_answering(const struct readiness_facts *f)
{
	return is_silent(f->vf);
}

static bool managed_yes_rebinds(const struct readiness_facts *f)
{
	return f->moves && (f->vf->binding == VF_BINDING_VFIO_GENERIC ||
			    f->vf->binding == VF_BINDING_VFIO_VARIANT);
}

static bool generic_driver_variant_available(const struct readiness_facts *f)
{
	return !f->managed && f->vf->binding == VF_BINDING_VFIO_GENERIC && f->vf->best_driver &&
	       !has_driver(f->vf, f->vf->best_driver);
}

static bool physical_function_unbound(const struct readiness_facts *f)
{
	return f->in->pf && f->vf->kind == VF_KIND_VF && f->in->pf->binding == VF_BINDING_UNBOUND;
}

static bool managed_ignored_for_network(const struct readiness_facts *f)
{
	return f->managed && !f->vf->spec->managed;
}

static bool placement_conflict(const struct readiness_facts *f)
{
	/* A VF without a physical function is only left out. */
	return f->in->conflict != PLACEMENT_NO_CONFLICT && f->in->conflict != PLACEMENT_NO_PARENT;
}

/* Which guest device the rule is about: what is handed over as a PCI device, or a vdpa one as well. */
enum scope { HOSTDEV, ANY_DEVICE };

static const struct rule {
	bool (*applies)(const struct readiness_facts *f);
	enum vf_readiness severity;
	enum scope scope;
} rules[] = {
#define RULE(code, function, severity, scope)                                                      \
	[REASON_##code] = { function, VF_READINESS_##severity, scope }
	RULE(MANAGED_YES_VENDOR_DRIVER, managed_yes_vendor_driver, DANGEROUS, HOSTDEV),
	RULE(HOST_USES_DEVICE, host_uses_device, DANGEROUS, HOSTDEV),
	RULE(PHYSICAL_FUNCTION_HAS_VFS, physical_function_has_vfs, DANGEROUS, HOSTDEV),
	RULE(MANAGED_NO_HOST_DRIVER, managed_no_host_driver, BLOCKED, HOSTDEV),
	RULE(MANAGED_NO_UNBOUND, managed_no_unbound, BLOCKED, HOSTDEV),
	RULE(BINDING_IN_TRANSITION, binding_in_transition, BLOCKED, ANY_DEVICE),
	RULE(UNBIND_STUCK, unbind_stuck, BLOCKED, ANY_DEVICE),
	RULE(NO_IOMMU_GROUP, no_iommu_group, BLOCKED, HOSTDEV),
	RULE(IOMMU_GROUP_NOT_VIABLE, iommu_group_not_viable, BLOCKED, HOSTDEV),
	RULE(VFIO_NODE_MISSING, vfio_node_missing, BLOCKED, HOSTDEV),
	RULE(VGPU_TYPE_UNSET, vgpu_type_unset, BLOCKED, HOSTDEV),
	RULE(PHYSICAL_FUNCTION_NOT_ANSWERING, physical_function_not_answering, UNKNOWN, ANY_DEVICE),
	RULE(MANAGED_YES_REBINDS, managed_yes_rebinds, DEGRADED, HOSTDEV),
	RULE(GENERIC_DRIVER_VARIANT_AVAILABLE, generic_driver_variant_available, DEGRADED, HOSTDEV),
	RULE(PHYSICAL_FUNCTION_UNBOUND, physical_function_unbound, DEGRADED, ANY_DEVICE),
	RULE(MANAGED_IGNORED_FOR_NETWORK, managed_ignored_for_network, DEGRADED, HOSTDEV),
	RULE(PLACEMENT_CONFLICT, placement_conflict, DEGRADED, ANY_DEVICE),
#undef RULE
};
_Static_assert(sizeof(rules) / sizeof(*rules) == REASON_COUNT, "a rule each");

enum vf_readiness readiness_severity(const struct vf *vf, enum reason_code code)
{
	/* Who wrote managed=no did so for the vendor's driver, and does not get it. */
	if (code == REASON_MANAGED_IGNORED_FOR_NETWORK && vf->binding == VF_BINDING_VFIO_VENDOR)
		return VF_READINESS_DANGEROUS;
	return rules[code].severity;
}

static uint32_t apply_rules(const struct readiness_facts *f)
{
	uint32_t reasons = 0;

	for (int code = 0; code < REASON_COUNT; code++) {
		const struct rule *rule = &rules[code];

		if ((!f->vf->is_vdpa || rule->scope == ANY_DEVICE) && rule->applies(f))
			reasons |= 1U << code;
	}
	return reasons;
}

static enum vf_readiness worst(const struct readiness_facts *f, uint32_t reasons)
{
	bool is_known = !f->undecided && !variant_is_undecided(f);
	enum vf_readiness state = is_known ? VF_READINESS_READY : VF_READINESS_UNKNOWN;

	for (unsigned int code = 0; reasons >> code; code++) {
		enum vf_readiness severity;

		if (!(reasons >> code & 1))
			continue;
		severity = readiness_severity(f->vf, (enum reason_code)code);
		if (severity > state)
			state = severity;
	}
	return state;
}

static void set_driver(struct text **field, struct text *driver)
{
	text_ref(driver);
	text_unref(*field);
	*field = driver;
}

static void set_prediction(struct vf *vf, bool is_tracked, const struct readiness_prediction *p)
{
	vf->has_guest_start = is_tracked;
	vf->guest_starts = p->starts;
	set_driver(&vf->driver_during, p->during);
	set_driver(&vf->driver_after, p->after);
}

static void set_untracked(struct vf *vf)
{
	const struct readiness_prediction none = { -1, NULL, NULL };

	vf->reasons = 0;
	vf->conflict = PLACEMENT_NO_CONFLICT;
	vf->pf_silent_sec = 0;
	vf->has_driverctl = false;
	vf->readiness = VF_READINESS_UNTRACKED;
	set_prediction(vf, false, &none);
}

/* The driver that libvirt takes for it, with a reference. */
static int choose(const struct readiness_input *in, const struct vf *vf, struct text **ret)
{
	version_t libvirt = in->policy->libvirt;

	if (libvirt != 0 && libvirt < LIBVIRT_TAKES_VARIANTS)
		return text_take(in->pool, VFIO_PCI_DRIVER, ret);
	*ret = text_ref(vf->best_driver);
	return 0;
}

int readiness_judge(const struct readiness_input *in, struct vf *vf)
{
	struct readiness_facts f = { .in = in, .vf = vf };
	struct readiness_prediction p;

	if (!vf->spec) {
		set_untracked(vf);
		return 0;
	}
	if (choose(in, vf, &f.choice) < 0)
		return -ENOMEM;
	vf->pf_silent_sec = in->pf_silent_sec;
	f.managed = vf->spec->managed_effective;
	f.moves = is_moved(&f);
	f.undecided = start_is_undecided(&f);
	vf->conflict = (uint8_t)in->conflict;
	vf->has_driverctl = in->policy->has_driverctl;
	vf->reasons = apply_rules(&f);
	vf->readiness = (uint8_t)worst(&f, vf->reasons);
	p = readiness_predict(&f, vf->reasons);
	set_prediction(vf, true, &p);
	text_unref(f.choice);
	return 0;
}
