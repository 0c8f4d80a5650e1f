/* SPDX-License-Identifier: Apache-2.0 */
/* The questions that change nothing. */
#include "registry_internal.h"

bool registry_is_ready(const struct registry *r)
{
	return r->ready;
}

uint64_t registry_sequence(const struct registry *r)
{
	return r->sequence;
}

size_t registry_count(const struct registry *r)
{
	return r->listed;
}

struct vf *registry_get(const struct registry *r, const struct pci_addr *addr)
{
	struct entry *e = addr_table_get(&r->entries, addr);

	return e && e->listed ? e->vf : NULL;
}

struct vf *registry_next(const struct registry *r, const struct pci_addr *after)
{
	size_t hint = 0;

	return registry_next_near(r, after, &hint);
}

struct vf *registry_next_near(const struct registry *r, const struct pci_addr *after, size_t *hint)
{
	struct entry *e = addr_table_next_near(&r->entries, after, hint);

	while (e && !e->listed)
		e = addr_table_next_near(&r->entries, &e->addr, hint);
	return e ? e->vf : NULL;
}

bool registry_next_known(const struct registry *r, const struct pci_addr *after, size_t *hint,
			 struct pci_addr *ret)
{
	const struct entry *e = addr_table_next_near(&r->entries, after, hint);

	if (e)
		*ret = e->addr;
	return e != NULL;
}

size_t registry_known_count(const struct registry *r)
{
	return r->entries.count;
}

struct vf *registry_next_vanished(const struct registry *r, const struct pci_addr *after)
{
	struct entry *e = addr_table_next(&r->vanished, after);

	return e ? e->vf : NULL;
}

bool registry_last_change(const struct registry *r, const struct pci_addr *addr, struct change *ret)
{
	struct entry *e = addr_table_get(&r->entries, addr);

	if (!e || !e->last.sequence)
		e = addr_table_get(&r->vanished, addr);
	if (!e || !e->last.sequence)
		return false;
	*ret = (struct change){
		.sequence = e->last.sequence,
		.generation = e->last.generation,
		.fields = e->last.fields,
		.observed_usec = e->last.observed_usec,
		.device = e->listed ? e->vf : NULL,
		.cause = e->last.cause,
		.kind = e->last.kind,
		.addr = e->addr,
	};
	return true;
}

uint64_t registry_known_inode(const struct registry *r, const struct pci_addr *addr)
{
	struct entry *e = addr_table_get(&r->entries, addr);

	/* As long as it is neither PF nor VF, any read may show that it is. */
	return e && e->vf->kind != VF_KIND_PCI && e->vf->has_ids ? e->vf->generation : 0;
}

void registry_each(const struct registry *r, int32_t group, registry_each_fn fn, void *arg)
{
	const struct vf_group *view = iommu_groups_get(&r->groups, group);

	/* Not all of them: each first bind in a group asks, so that it would be the square. */
	for (unsigned int i = 0; view && i < view->count; i++) {
		const struct entry *e = addr_table_get(&r->entries, &view->members[i].addr);

		if (e)
			fn(e->vf, arg);
	}
}
