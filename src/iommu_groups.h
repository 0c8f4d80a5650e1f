/* SPDX-License-Identifier: Apache-2.0 */
/* Which functions share an IOMMU group now: one shared view a group, made anew when it changes. */
#ifndef VFMON_IOMMU_GROUPS_H
#define VFMON_IOMMU_GROUPS_H

#include <stddef.h>
#include <stdint.h>

#include "vfmon/vf.h"

/* All zero is empty. */
struct iommu_groups {
	struct iommu_group_slot *slots; /* sorted by number */
	size_t count;
	size_t size;
};

void iommu_groups_done(struct iommu_groups *groups);

/* The group as it is now, or NULL. Borrowed. */
struct vf_group *iommu_groups_get(const struct iommu_groups *groups, int32_t number);

/*
 * Puts a member into a group or replaces it there. The driver is referenced. Returns 1 if the
 * group's view is another one now, 0 if nothing differs, -ENOMEM.
 */
int iommu_groups_put(struct iommu_groups *groups, int32_t number,
		     const struct vf_group_member *member);

/* Takes a member out. Returns 1, 0 if it was not there, or -ENOMEM: it is still in. */
int iommu_groups_drop(struct iommu_groups *groups, int32_t number, const struct pci_addr *addr);

#endif
