/* SPDX-License-Identifier: Apache-2.0 */
#include "registry_image.h"

#include <errno.h>
#include <string.h>

#include "vfmon/cleanup.h"
#include "vfmon/names.h"
#include "vfmon/text.h"

DEFINE_CLEANUP(struct vf *, vf_unref);

/* Puts another text into a field; the old one is given back. */
static int set_text(const struct image_input *in, struct text **field, const char *s)
{
	struct text *t;

	if (*field && s && strcmp(text_str(*field), s) == 0)
		return 0;
	if (text_take(in->options->pool, s, &t) < 0)
		return -ENOMEM;
	text_unref(*field);
	*field = t;
	return 0;
}

/* What never changes in a life, and what is remembered although the kernel takes it away early. */
static void fold_identity(const struct observation *obs, struct vf *vf)
{
	if (obs->has_static) {
		vf->has_ids = obs->has_ids;
		vf->vendor_id = obs->vendor_id;
		vf->product_id = obs->product_id;
		vf->has_subsystem = obs->has_subsystem;
		vf->subsystem_vendor_id = obs->subsystem_vendor_id;
		vf->subsystem_product_id = obs->subsystem_product_id;
		vf->has_class = obs->has_class;
		vf->class_code = obs->class_code;
		vf->numa_node = obs->numa_node;
	}
	if (obs->has_physical_function) {
		vf->has_physical_function = true;
		vf->physical_function = obs->physical_function;
	}
	if (obs->vf_index >= 0)
		vf->vf_index = obs->vf_index;
	if (obs->total_vfs >= 0)
		vf->kind = VF_KIND_PF;
	else if (obs->has_physical_function)
		vf->kind = VF_KIND_VF;
	/*
	 * The link goes before the function on removal; no group changes its number in a life, but
	 * that one without an IOMMU is only there while a VFIO driver has the function.
	 */
	if (obs->iommu_group >= 0 || vf->iommu_group_noiommu) {
		vf->iommu_group = obs->iommu_group;
		vf->iommu_group_noiommu = obs->iommu_group_noiommu;
	}
}

static void fold_physical_function(const struct observation *obs, struct vf *vf)
{
	if (vf->kind != VF_KIND_PF)
		return;
	if (obs->total_vfs >= 0)
		vf->total_vfs = obs->total_vfs;
	if (obs->num_vfs >= 0)
		vf->num_vfs = obs->num_vfs;
	if (obs->drivers_autoprobe >= 0)
		vf->drivers_autoprobe = obs->drivers_autoprobe;
}

static int fold_texts(const struct image_input *in, struct vf *vf)
{
	const struct observation *obs = in->obs;
	const char *driver = obs->link_driver ? obs->link_driver : obs->uevent_driver;

	if (set_text(in, &vf->driver, driver) < 0 || set_text(in, &vf->module, obs->module) < 0 ||
	    set_text(in, &vf->driver_override, obs->driver_override) < 0 ||
	    set_text(in, &vf->best_driver, obs->best_driver) < 0 ||
	    set_text(in, &vf->best_module, obs->best_module) < 0 ||
	    set_text(in, &vf->vfio_device, obs->vfio_device) < 0 ||
	    set_text(in, &vf->interface, obs->interface) < 0 ||
	    set_text(in, &vf->host_use, obs->host_use) < 0 ||
	    set_text(in, &vf->vendor_state, obs->vendor_state) < 0 ||
	    set_text(in, &vf->vendor_problem, obs->vendor_problem) < 0)
		return -ENOMEM;
	/* It is read seldom, and not asked for again in a life. */
	if (obs->has_card_serial && set_text(in, &vf->card_serial, obs->card_serial) < 0)
		return -ENOMEM;
	return 0;
}

static void set_binding(const struct image_input *in, const struct vf *old, enum vf_binding state,
			struct vf *vf)
{
	vf->binding = state;
	if (old && old->binding == vf->binding && old->driver == vf->driver)
		vf->binding_since_usec = old->binding_since_usec;
	else
		vf->binding_since_usec = in->first_scan ? 0 : in->now->realtime_usec;
}

static void fold_binding(const struct image_input *in, const struct vf *old,
			 struct binding_memory *memory, struct vf *vf, uint64_t *ret_again_usec)
{
	struct binding_input input = {
		.obs = in->obs,
		.link = in->obs->link_driver ? vf->driver : NULL,
		.first_scan = in->first_scan,
		.kernel_has_vfio_dev = in->options->kernel_has_vfio_dev,
		.now_usec = in->now->boottime_usec,
		.stuck_after_usec = in->options->stuck_after_usec,
	};
	struct binding_verdict verdict;

	binding_fold(memory, &input, &verdict);
	vf->evidence = (uint8_t)verdict.evidence;
	set_binding(in, old, verdict.state, vf);
	*ret_again_usec = verdict.again_usec;
}

/* The image to start from: a copy of the old one, or an empty one of a new life. */
static int begin(const struct image_input *in, const struct vf *old, struct vf **ret)
{
	int r = old ? vf_copy(old, ret) : vf_new(&in->obs->addr, ret);

	if (r < 0)
		return r;
	/* One that had not answered before had none. */
	if (!(*ret)->generation)
		(*ret)->generation = in->obs->inode;
	if (old)
		return 0;
	if (!in->first_scan) {
		(*ret)->appeared_usec = in->now->realtime_usec;
		(*ret)->appeared_boottime_usec = in->now->boottime_usec;
	}
	return 0;
}

int image_from_function(const struct image_input *in, const struct vf *old,
			struct binding_memory *memory, struct vf **ret, uint64_t *ret_again_usec)
{
	cleanup_(vf_unrefp) struct vf *vf = NULL;
	uint64_t again_usec;

	if (begin(in, old, &vf) < 0)
		return -ENOMEM;
	fold_identity(in->obs, vf);
	fold_physical_function(in->obs, vf);
	vf->nodes = in->obs->nodes;
	vf->in_use = in->obs->in_use;
	vf->is_vdpa = in->obs->is_vdpa;
	vf->silent_sec = 0;
	if (fold_texts(in, vf) < 0)
		return -ENOMEM;
	fold_binding(in, old, memory, vf, &again_usec);
	*ret_again_usec = again_usec;
	*ret = TAKE_PTR(vf);
	return 0;
}

int image_from_unreadable(const struct image_input *in, const struct vf *old, struct vf **ret)
{
	cleanup_(vf_unrefp) struct vf *vf = NULL;

	if (begin(in, old, &vf) < 0)
		return -ENOMEM;
	vf->silent_sec = 0;
	vf->evidence = VF_EVIDENCE_UNREADABLE;
	set_binding(in, old, VF_BINDING_UNKNOWN, vf);
	*ret = TAKE_PTR(vf);
	return 0;
}

int image_from_silence(const struct image_input *in, const struct vf *old, struct vf **ret)
{
	const uint64_t sec = in->obs->silent_usec / 1000000;
	int r = begin(in, old, ret);

	if (r == 0)
		(*ret)->silent_sec = sec < 1 ? 1 : sec > UINT32_MAX ? UINT32_MAX : (uint32_t)sec;
	return r;
}

int image_from_nodes(const struct image_input *in, const struct vf *old, struct vf **ret)
{
	int r = vf_copy(old, ret);

	if (r == 0)
		(*ret)->nodes = in->obs->nodes;
	return r;
}

bool image_blocks_group(const struct vf *vf)
{
	/* pci-stub is the one driver without a VFIO device that the kernel lets stay in a group. */
	if (!vf->driver || vf->vfio_device || vf_is_vfio(vf))
		return false;
	if (vf->has_class && vf->class_code >> 8 == PCI_CLASS_BRIDGE)
		return false;
	return strcmp(text_str(vf->driver), PCI_STUB_DRIVER) != 0;
}
