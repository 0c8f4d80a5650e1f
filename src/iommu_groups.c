/* SPDX-License-Identifier: Apache-2.0 */
#include "iommu_groups.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vfmon/text.h"

struct iommu_group_slot {
	int32_t number;
	struct vf_group *view;
};

void iommu_groups_done(struct iommu_groups *groups)
{
	for (size_t i = 0; i < groups->count; i++)
		vf_group_unref(groups->slots[i].view);
	free(groups->slots);
	*groups = (struct iommu_groups){ 0 };
}

static size_t lower_bound(const struct iommu_groups *groups, int32_t number)
{
	size_t low = 0, high = groups->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (groups->slots[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct iommu_group_slot *find(const struct iommu_groups *groups, int32_t number)
{
	size_t pos = lower_bound(groups, number);

	return pos < groups->count && groups->slots[pos].number == number ? &groups->slots[pos]
									  : NULL;
}

struct vf_group *iommu_groups_get(const struct iommu_groups *groups, int32_t number)
{
	struct iommu_group_slot *slot = find(groups, number);

	return slot ? slot->view : NULL;
}

static unsigned int member_position(const struct vf_group *view, const struct pci_addr *addr)
{
	unsigned int i = 0;

	while (view && i < view->count && pci_addr_compare(&view->members[i].addr, addr) < 0)
		i++;
	return i;
}

static bool is_member_at(const struct vf_group *view, unsigned int pos, const struct pci_addr *addr)
{
	return view && pos < view->count && pci_addr_compare(&view->members[pos].addr, addr) == 0;
}

/*
 * A copy of the view whose member at pos is another one, or not there any more (member NULL), or
 * put in before it (replaced 0).
 */
static struct vf_group *changed_view(const struct vf_group *old, unsigned int pos,
				     unsigned int replaced, const struct vf_group_member *member)
{
	unsigned int old_count = old ? old->count : 0, count = old_count - replaced + !!member;
	struct vf_group *view = malloc(sizeof(*view) + count * sizeof(*view->members));
	unsigned int n = 0;

	if (!view)
		return NULL;
	view->refs = 1;
	view->count = count;
	for (unsigned int i = 0; i < pos; i++)
		view->members[n++] = old->members[i];
	if (member)
		view->members[n++] = *member;
	for (unsigned int i = pos + replaced; i < old_count; i++)
		view->members[n++] = old->members[i];
	for (unsigned int i = 0; i < count; i++)
		text_ref(view->members[i].driver);
	return view;
}

static int insert_slot(struct iommu_groups *groups, int32_t number, struct vf_group *view)
{
	size_t pos = lower_bound(groups, number);

	if (groups->count == groups->size) {
		size_t size = groups->size ? groups->size * 2 : 64;
		struct iommu_group_slot *slots = reallocarray(groups->slots, size, sizeof(*slots));

		if (!slots)
			return -ENOMEM;
		groups->slots = slots;
		groups->size = size;
	}
	memmove(groups->slots + pos + 1, groups->slots + pos,
		(groups->count - pos) * sizeof(*groups->slots));
	groups->slots[pos] = (struct iommu_group_slot){ .number = number, .view = view };
	groups->count++;
	return 0;
}

int iommu_groups_put(struct iommu_groups *groups, int32_t number,
		     const struct vf_group_member *member)
{
	struct iommu_group_slot *slot = find(groups, number);
	struct vf_group *old = slot ? slot->view : NULL, *view;
	unsigned int pos = member_position(old, &member->addr);
	bool replace = is_member_at(old, pos, &member->addr);

	if (replace && old->members[pos].driver == member->driver &&
	    old->members[pos].blocks == member->blocks)
		return 0;
	view = changed_view(old, pos, replace, member);
	if (!view)
		return -ENOMEM;
	if (slot) {
		vf_group_unref(old);
		slot->view = view;
	} else if (insert_slot(groups, number, view) < 0) {
		vf_group_unref(view);
		return -ENOMEM;
	}
	return 1;
}

int iommu_groups_drop(struct iommu_groups *groups, int32_t number, const struct pci_addr *addr)
{
	struct iommu_group_slot *slot = find(groups, number);
	struct vf_group *old = slot ? slot->view : NULL, *view;
	unsigned int pos = member_position(old, addr);

	if (!is_member_at(old, pos, addr))
		return 0;
	if (old->count == 1) {
		size_t i = (size_t)(slot - groups->slots);

		vf_group_unref(old);
		groups->count--;
		memmove(groups->slots + i, groups->slots + i + 1,
			(groups->count - i) * sizeof(*groups->slots));
		return 1;
	}
	view = changed_view(old, pos, 1, NULL);
	if (!view)
		return -ENOMEM;
	vf_group_unref(old);
	slot->view = view;
	return 1;
}
