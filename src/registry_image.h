/* SPDX-License-Identifier: Apache-2.0 */
/* How one observation becomes the next image of a function: the registry's inner half. */
#ifndef VFMON_REGISTRY_IMAGE_H
#define VFMON_REGISTRY_IMAGE_H

#include "vfmon/binding.h"
#include "vfmon/registry.h"

struct image_input {
	const struct registry_options *options;
	const struct observation *obs;
	const struct moment *now;
	bool first_scan; /* what is seen was there before the watch */
};

/*
 * Makes the image that follows old (NULL: there was none) after an observation of kind FUNCTION.
 * Folds the binding into memory; *ret_again_usec is when to read again, or 0. The caller owns the
 * image, whose group is still old's. Returns 0 or -ENOMEM.
 */
int image_from_function(const struct image_input *in, const struct vf *old,
			struct binding_memory *memory, struct vf **ret, uint64_t *ret_again_usec);

/* The same for one that is there but can not be read. */
int image_from_unreadable(const struct image_input *in, const struct vf *old, struct vf **ret);

/* The same for one of which a read has not ended: as it was, but for that. */
int image_from_silence(const struct image_input *in, const struct vf *old, struct vf **ret);

/* The same for a look at its device nodes alone. */
int image_from_nodes(const struct image_input *in, const struct vf *old, struct vf **ret);

/*
 * Whether the function, as it is, keeps its whole IOMMU group from a guest: it is bound to a driver
 * that uses the kernel's DMA API (iommu_device_use_default_domain() in the kernel).
 */
bool image_blocks_group(const struct vf *vf);

#endif
