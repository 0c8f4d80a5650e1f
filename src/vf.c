/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/vf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vfmon/device_spec.h"
#include "vfmon/names.h"
#include "vfmon/text.h"

static const char *const kind_names[] = {
	[VF_KIND_PF] = "pf",
	[VF_KIND_VF] = "vf",
	[VF_KIND_PCI] = "pci",
};
_Static_assert(sizeof(kind_names) / sizeof(*kind_names) == VF_KIND_COUNT, "a name each");

static const char *const binding_names[] = {
	[VF_BINDING_UNKNOWN] = "unknown",
	[VF_BINDING_UNBOUND] = "unbound",
	[VF_BINDING_PROBING] = "probing",
	[VF_BINDING_HOST] = "host",
	[VF_BINDING_VFIO_GENERIC] = "vfio_generic",
	[VF_BINDING_VFIO_VARIANT] = "vfio_variant",
	[VF_BINDING_VFIO_VENDOR] = "vfio_vendor",
	[VF_BINDING_UNBINDING] = "unbinding",
	[VF_BINDING_STUCK] = "stuck",
};
_Static_assert(sizeof(binding_names) / sizeof(*binding_names) == VF_BINDING_COUNT, "a name each");

static const char *const readiness_names[] = {
	[VF_READINESS_UNTRACKED] = "untracked", [VF_READINESS_READY] = "ready",
	[VF_READINESS_DEGRADED] = "degraded",	[VF_READINESS_UNKNOWN] = "unknown",
	[VF_READINESS_BLOCKED] = "blocked",	[VF_READINESS_DANGEROUS] = "dangerous",
};
_Static_assert(sizeof(readiness_names) / sizeof(*readiness_names) == VF_READINESS_COUNT,
	       "a name each");

static const char *const field_names[] = {
#define FIELD_NAME(name, text) [VF_FIELD_##name] = text,
	VF_FIELDS(FIELD_NAME)
#undef FIELD_NAME
};
_Static_assert(VF_FIELD_COUNT <= 64, "a mask of 64 bits holds all fields");

/* Fields that are shared texts, for all that is done to each of them. */
#define TEXT_FIELDS(X)                                                                             \
	X(VENDOR_NAME, vendor_name)                                                                \
	X(PRODUCT_NAME, product_name)                                                              \
	X(BINDING, driver)                                                                         \
	X(BINDING, module)                                                                         \
	X(DRIVER_OVERRIDE, driver_override)                                                        \
	X(BEST_DRIVER, best_driver)                                                                \
	X(BEST_MODULE, best_module)                                                                \
	X(VFIO_DEVICE, vfio_device)                                                                \
	X(NETWORK, interface)                                                                      \
	X(VENDOR_STATE, vendor_state)                                                              \
	X(VENDOR_PROBLEM, vendor_problem)                                                          \
	X(HOST_USE, host_use)                                                                      \
	X(CARD_SERIAL, card_serial)                                                                \
	X(GUEST_START, driver_during)                                                              \
	X(GUEST_START, driver_after)

/* Fields that are plain numbers and need no condition. */
#define PLAIN_FIELDS(X)                                                                            \
	X(KIND, kind)                                                                              \
	X(VENDOR_ID, vendor_id)                                                                    \
	X(PRODUCT_ID, product_id)                                                                  \
	X(SUBSYSTEM_VENDOR_ID, has_subsystem)                                                      \
	X(SUBSYSTEM_VENDOR_ID, subsystem_vendor_id)                                                \
	X(SUBSYSTEM_PRODUCT_ID, has_subsystem)                                                     \
	X(SUBSYSTEM_PRODUCT_ID, subsystem_product_id)                                              \
	X(CLASS, has_class)                                                                        \
	X(CLASS, class_code)                                                                       \
	X(PHYSICAL_FUNCTION, has_physical_function)                                                \
	X(VF_INDEX, vf_index)                                                                      \
	X(TOTAL_VFS, total_vfs)                                                                    \
	X(NUM_VFS, num_vfs)                                                                        \
	X(DRIVERS_AUTOPROBE, drivers_autoprobe)                                                    \
	X(NUMA_NODE, numa_node)                                                                    \
	X(IOMMU_GROUP, iommu_group)                                                                \
	X(BINDING, binding)                                                                        \
	X(BINDING, binding_since_usec)                                                             \
	X(VFIO_NODES, nodes)                                                                       \
	X(IN_USE, in_use)                                                                          \
	X(NOVA_DEVICE_TYPE, kind)                                                                  \
	X(NOVA_DEVICE_TYPE, is_vdpa)                                                               \
	X(READINESS, readiness)                                                                    \
	X(READINESS, reasons)                                                                      \
	X(READINESS, conflict)                                                                     \
	X(GUEST_START, has_guest_start)                                                            \
	X(GUEST_START, guest_starts)

int vf_new(const struct pci_addr *addr, struct vf **ret)
{
	struct vf *vf = calloc(1, sizeof(*vf));

	if (!vf)
		return -ENOMEM;
	vf->refs = 1;
	vf->addr = *addr;
	vf->kind = VF_KIND_PCI;
	vf->vf_index = vf->total_vfs = vf->num_vfs = -1;
	vf->numa_node = vf->iommu_group = -1;
	vf->drivers_autoprobe = vf->in_use = -1;
	vf->guest_starts = -1;
	*ret = vf;
	return 0;
}

int vf_copy(const struct vf *vf, struct vf **ret)
{
	struct vf *copy = malloc(sizeof(*copy));

	if (!copy)
		return -ENOMEM;
	*copy = *vf;
	copy->refs = 1;
	copy->text = NULL;
	vf_group_ref(copy->group);
	spec_match_ref(copy->spec);
#define REF_TEXT(field, member) text_ref(copy->member);
	TEXT_FIELDS(REF_TEXT)
#undef REF_TEXT
	*ret = copy;
	return 0;
}

struct vf *vf_ref(struct vf *vf)
{
	if (vf)
		vf->refs++;
	return vf;
}

struct vf *vf_unref(struct vf *vf)
{
	if (!vf || --vf->refs > 0)
		return NULL;
	vf_group_unref(vf->group);
	spec_match_unref(vf->spec);
#define UNREF_TEXT(field, member) text_unref(vf->member);
	TEXT_FIELDS(UNREF_TEXT)
#undef UNREF_TEXT
	free(vf->text);
	free(vf);
	return NULL;
}

void vf_forget_text(struct vf *vf)
{
	free(vf->text);
	vf->text = NULL;
}

struct vf_group *vf_group_ref(struct vf_group *group)
{
	if (group)
		group->refs++;
	return group;
}

struct vf_group *vf_group_unref(struct vf_group *group)
{
	if (!group || --group->refs > 0)
		return NULL;
	for (unsigned int i = 0; i < group->count; i++)
		text_unref(group->members[i].driver);
	free(group);
	return NULL;
}

/* The next member of its group that is not the function itself, or NULL. */
static const struct vf_group_member *next_other(const struct vf *vf, unsigned int *pos)
{
	while (vf->group && *pos < vf->group->count) {
		const struct vf_group_member *m = &vf->group->members[(*pos)++];

		if (pci_addr_compare(&m->addr, &vf->addr) != 0)
			return m;
	}
	return NULL;
}

static bool member_differs(const struct vf_group_member *a, const struct vf_group_member *b)
{
	return pci_addr_compare(&a->addr, &b->addr) != 0 || a->driver != b->driver ||
	       a->blocks != b->blocks;
}

static bool members_differ(const struct vf *a, const struct vf *b)
{
	unsigned int i = 0, j = 0;
	const struct vf_group_member *m, *n;

	if (a->group == b->group)
		return false;
	do {
		m = next_other(a, &i);
		n = next_other(b, &j);
		if (m && n && member_differs(m, n))
			return true;
	} while (m && n);
	return m != n;
}

/* What a spec says, field by field; no spec has an empty list of traits as well. */
static uint64_t spec_diff(const struct spec_match *a, const struct spec_match *b)
{
	static const uint64_t always = 1ULL << VF_FIELD_MANAGED |
				       1ULL << VF_FIELD_MANAGED_EFFECTIVE |
				       1ULL << VF_FIELD_RESOURCE_CLASS | 1ULL << VF_FIELD_SPEC;
	uint64_t mask = 0;

	if (spec_match_equal(a, b))
		return 0;
	if (!a || !b)
		return always | (uint64_t)((a ? a : b)->trait_count > 0) << VF_FIELD_TRAITS;
	mask |= 1ULL << VF_FIELD_SPEC;
	mask |= (uint64_t)(a->managed != b->managed) << VF_FIELD_MANAGED;
	mask |= (uint64_t)(a->managed_effective != b->managed_effective)
		<< VF_FIELD_MANAGED_EFFECTIVE;
	mask |= (uint64_t)(strcmp(a->resource_class, b->resource_class) != 0)
		<< VF_FIELD_RESOURCE_CLASS;
	mask |= (uint64_t)(a->trait_count != b->trait_count) << VF_FIELD_TRAITS;
	for (size_t i = 0; i < a->trait_count && a->trait_count == b->trait_count; i++)
		mask |= (uint64_t)(strcmp(a->traits[i], b->traits[i]) != 0) << VF_FIELD_TRAITS;
	return mask;
}

uint64_t vf_diff(const struct vf *a, const struct vf *b)
{
	uint64_t mask = 0;

	if (a == b)
		return 0;
#define DIFF(field, member) mask |= (uint64_t)(a->member != b->member) << VF_FIELD_##field;
	PLAIN_FIELDS(DIFF)
	TEXT_FIELDS(DIFF)
#undef DIFF
	if (pci_addr_compare(&a->physical_function, &b->physical_function) != 0)
		mask |= 1ULL << VF_FIELD_PHYSICAL_FUNCTION;
	/* Node paths carry the group's number and the name of the VFIO device. */
	if ((a->nodes || b->nodes) &&
	    (a->iommu_group != b->iommu_group || a->vfio_device != b->vfio_device))
		mask |= 1ULL << VF_FIELD_VFIO_NODES;
	if (members_differ(a, b))
		mask |= 1ULL << VF_FIELD_IOMMU_GROUP_MEMBERS;
	return mask | spec_diff(a->spec, b->spec);
}

bool vf_is_vfio(const struct vf *vf)
{
	return vf->binding == VF_BINDING_VFIO_GENERIC || vf->binding == VF_BINDING_VFIO_VARIANT ||
	       vf->binding == VF_BINDING_VFIO_VENDOR;
}

const char *vf_explain(const struct vf *vf, char buf[static VF_EXPLANATION_MAX])
{
	const char *driver = vf->driver ? text_str(vf->driver) : "-";
	const char *module = vf->module ? text_str(vf->module) : "of the kernel itself";
	const char *device = vf->vfio_device ? text_str(vf->vfio_device) : "-";
	size_t size = VF_EXPLANATION_MAX;

	switch ((enum vf_evidence)vf->evidence) {
	case VF_EVIDENCE_NONE:
	case VF_EVIDENCE_COUNT:
		snprintf(buf, size, "not read yet");
		break;
	case VF_EVIDENCE_UNREADABLE:
		snprintf(buf, size, "its entry in sysfs can not be read");
		break;
	case VF_EVIDENCE_NO_LINK:
		snprintf(buf, size, "no driver link, no DRIVER= in uevent");
		break;
	case VF_EVIDENCE_ONLY_DRIVER:
		snprintf(buf, size, "no driver link, but DRIVER=%s still in uevent", driver);
		break;
	case VF_EVIDENCE_NO_BIND_EVENT:
		snprintf(buf, size, "driver link to %s, whose bind event has not come", driver);
		break;
	case VF_EVIDENCE_NO_VFIO_DEV:
		snprintf(buf, size, "driver link to %s, no vfio-dev/", driver);
		break;
	case VF_EVIDENCE_ALIAS_ALL:
		snprintf(buf, size, "vfio-dev/%s exists; module %s has the vfio_pci: alias for all",
			 device, module);
		break;
	case VF_EVIDENCE_ALIAS_OWN:
		snprintf(buf, size,
			 "vfio-dev/%s exists; module %s has a vfio_pci: alias of its own", device,
			 module);
		break;
	case VF_EVIDENCE_ALIAS_NONE:
		snprintf(buf, size, "vfio-dev/%s exists; module %s has no vfio_pci: alias", device,
			 module);
		break;
	case VF_EVIDENCE_OLD_KERNEL:
		snprintf(buf, size, "this kernel makes no vfio-dev/; module %s uses vfio_pci_core",
			 module);
		break;
	case VF_EVIDENCE_DUMP:
		snprintf(buf, size, "as the dump says");
		break;
	}
	return buf;
}

const char *vf_kind_name(enum vf_kind kind)
{
	return kind_names[kind];
}

const char *vf_binding_name(enum vf_binding binding)
{
	return binding_names[binding];
}

const char *vf_readiness_name(enum vf_readiness readiness)
{
	return readiness_names[readiness];
}

const char *vf_field_name(enum vf_field field)
{
	return field_names[field];
}

static int from_name(const char *const names[], int count, const char *name)
{
	for (int i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -EINVAL;
}

int vf_kind_from_name(const char *name)
{
	return from_name(kind_names, VF_KIND_COUNT, name);
}

int vf_binding_from_name(const char *name)
{
	return from_name(binding_names, VF_BINDING_COUNT, name);
}

int vf_readiness_from_name(const char *name)
{
	return from_name(readiness_names, VF_READINESS_COUNT, name);
}

const char *vf_nova_device_type(const struct vf *vf)
{
	switch ((enum vf_kind)vf->kind) {
	case VF_KIND_PF:
		/* libvirt tells a PF by VFs that are there or can be. */
		return vf->total_vfs == 0 && vf->num_vfs <= 0 ? NOVA_TYPE_PCI : NOVA_TYPE_PF;
	case VF_KIND_VF:
		return vf->is_vdpa ? NOVA_TYPE_VDPA : NOVA_TYPE_VF;
	case VF_KIND_PCI:
	case VF_KIND_COUNT:
		break;
	}
	return NOVA_TYPE_PCI;
}
