/* SPDX-License-Identifier: Apache-2.0 */
/* What is known beside what was read, for the audit. */
#include <errno.h>

#include "registry_image.h"
#include "registry_internal.h"
#include "vfmon/cleanup.h"

DEFINE_CLEANUP(struct vf *, vf_unref);

#define FIELD(name) (1ULL << VF_FIELD_##name)

/*
 * Fields of which the kernel tells by a uevent, by rtnetlink or by a poll of the mount table. Not
 * among them is what only inotify tells: a write through another network namespace's mount of sysfs
 * is told to nobody.
 */
#define ANNOUNCED_FIELDS                                                                           \
	(FIELD(KIND) | FIELD(VENDOR_ID) | FIELD(PRODUCT_ID) | FIELD(PHYSICAL_FUNCTION) |           \
	 FIELD(VF_INDEX) | FIELD(NUM_VFS) | FIELD(IOMMU_GROUP) | FIELD(VFIO_DEVICE) |              \
	 FIELD(VFIO_NODES) | FIELD(NOVA_DEVICE_TYPE) | FIELD(NETWORK) | FIELD(HOST_USE))

/* The next image of a function in the same life, with a copy of what its binding remembers. */
static int compare_life(const struct registry *r, const struct entry *e,
			const struct observation *obs, const struct moment *now,
			struct comparison *ret)
{
	const struct image_input in = { &r->options, obs, now, !r->ready };
	struct binding_memory memory = e->binding;
	cleanup_(vf_unrefp) struct vf *next = NULL;
	uint64_t again_usec;
	int n;

	if (obs->kind == OBSERVATION_SILENT)
		n = image_from_silence(&in, e->vf, &next);
	else if (obs->kind == OBSERVATION_UNREADABLE)
		n = image_from_unreadable(&in, e->vf, &next);
	else
		n = image_from_function(&in, e->vf, &memory, &next, &again_usec);
	if (n < 0)
		return n;
	*ret = (struct comparison){ vf_diff(e->vf, next), (enum vf_binding)next->binding };
	return 0;
}

int registry_compare(const struct registry *r, const struct observation *obs,
		     const struct moment *now, struct comparison *ret)
{
	const struct entry *e = addr_table_get(&r->entries, &obs->addr);
	bool is_there = obs->kind != OBSERVATION_GONE;

	if (e && is_there && (!obs->inode || e->vf->generation == obs->inode))
		return compare_life(r, e, obs, now, ret);
	*ret = (struct comparison){ .fields = e || is_there ? UINT64_MAX : 0 };
	return 0;
}

/* The kernel tells when a driver has come or has gone, and nothing of what is in between. */
static bool is_settled(const struct vf *vf)
{
	switch ((enum vf_binding)vf->binding) {
	case VF_BINDING_UNKNOWN:
	case VF_BINDING_PROBING:
	case VF_BINDING_UNBINDING:
	case VF_BINDING_STUCK:
		return false;
	case VF_BINDING_UNBOUND:
	case VF_BINDING_HOST:
	case VF_BINDING_VFIO_GENERIC:
	case VF_BINDING_VFIO_VARIANT:
	case VF_BINDING_VFIO_VENDOR:
	case VF_BINDING_COUNT:
		break;
	}
	return true;
}

bool registry_is_announced(const struct change *change)
{
	if (change->kind != CHANGE_CHANGED)
		return true;
	if (change->device->binding == VF_BINDING_UNKNOWN)
		return false; /* it could not be read */
	if (change->fields & FIELD(BINDING))
		return is_settled(change->device) && is_settled(change->previous);
	return (change->fields & ANNOUNCED_FIELDS) != 0;
}
