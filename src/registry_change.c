/* SPDX-License-Identifier: Apache-2.0 */
/* How an entry gets its next image or ends, and what that changes for others. */
#include <errno.h>
#include <stdlib.h>

#include "registry_image.h"
#include "registry_internal.h"
#include "vfmon/cleanup.h"
#include "vfmon/device_spec.h"

/* A PF is read again this long after a VF came or went: switching SR-IOV off sends it no event. */
#define PF_AGAIN_USEC 100000ULL

/* Changes of these are changes of what Nova would store of a function. */
#define NOVA_FIELDS                                                                                \
	(1ULL << VF_FIELD_KIND | 1ULL << VF_FIELD_VENDOR_ID | 1ULL << VF_FIELD_PRODUCT_ID |        \
	 1ULL << VF_FIELD_PHYSICAL_FUNCTION | 1ULL << VF_FIELD_NUMA_NODE |                         \
	 1ULL << VF_FIELD_MANAGED | 1ULL << VF_FIELD_SPEC | 1ULL << VF_FIELD_NETWORK)

DEFINE_CLEANUP(struct vf *, vf_unref);

struct entry *registry_entry_free(struct entry *e)
{
	if (e)
		vf_unref(e->vf);
	free(e);
	return NULL;
}

void registry_ask_again(struct registry *r, const struct pci_addr *addr, uint64_t due_usec)
{
	if (r->ops.on_again)
		r->ops.on_again(addr, due_usec, r->ops.arg);
}

/* Numbers a change, keeps what later questions need of it, and tells it unless it is a first one. */
static void publish(struct registry *r, struct entry *e, const struct change *about)
{
	struct change c = *about;
	struct vf *image = c.device ? c.device : c.previous;

	c.sequence = ++r->sequence;
	c.addr = e->addr;
	c.generation = image->generation;
	if (c.device)
		c.device->sequence = c.sequence;
	e->last = (struct last_change){
		.sequence = c.sequence,
		.fields = c.fields,
		.observed_usec = c.observed_usec,
		.generation = c.generation,
		.cause = c.cause,
		.kind = c.kind,
	};
	if (r->ready && r->ops.on_change)
		r->ops.on_change(&c, r->ops.arg);
}

static bool should_be_listed(const struct registry *r, const struct entry *e, const struct vf *vf)
{
	if (e->held_until_usec)
		return false;
	return vf->kind != VF_KIND_PCI || vf->spec || r->options.all_functions;
}

/* Something about a VF's being there has changed, of which its PF hears nothing. */
static void look_at_physical_function(struct registry *r, const struct vf *vf,
				      const struct moment *now)
{
	if (r->ready && vf->kind == VF_KIND_VF && vf->has_physical_function &&
	    addr_table_get(&r->entries, &vf->physical_function))
		registry_ask_again(r, &vf->physical_function, now->boottime_usec + PF_AGAIN_USEC);
}

static void look_at_every_physical_function(struct registry *r, const struct moment *now)
{
	/* What is already asked for is read late enough for this one too. */
	if (now->boottime_usec < r->every_pf_due_usec)
		return;
	r->every_pf_due_usec = now->boottime_usec + PF_AGAIN_USEC;
	for (size_t i = 0; i < r->entries.count; i++) {
		const struct entry *e = r->entries.items[i];

		if (e->vf->kind == VF_KIND_PF)
			registry_ask_again(r, &e->addr, r->every_pf_due_usec);
	}
}

void registry_look_for_physical_function(struct registry *r, const struct pci_addr *addr,
					 const struct moment *now)
{
	const struct entry *last = addr_table_get(&r->vanished, addr);

	if (last)
		look_at_physical_function(r, last->vf, now);
	else
		look_at_every_physical_function(r, now);
}

void registry_note_attributes(uint64_t fields, const struct vf *old, struct vf *next,
			      const struct moment *now)
{
	/* Another place of the entry is nothing that Nova would store. */
	if (old->spec && next->spec && spec_match_says_same(old->spec, next->spec))
		fields &= ~(1ULL << VF_FIELD_SPEC);
	if (!(fields & NOVA_FIELDS))
		return;
	next->attributes_changed_usec = now->realtime_usec;
	next->attributes_changed_boottime_usec = now->boottime_usec;
}

/* A listed function has another image. */
static void publish_difference(struct registry *r, struct entry *e, struct vf *old,
			       struct change *about, const struct moment *now)
{
	/* What the first scan finds out later was so before. */
	if (r->ready)
		registry_note_attributes(about->fields, old, e->vf, now);
	about->kind = CHANGE_CHANGED;
	about->device = e->vf;
	about->previous = old;
	publish(r, e, about);
}

static void publish_appearance(struct registry *r, struct entry *e, struct change *about,
			       const struct moment *now)
{
	registry_entry_free(addr_table_remove(&r->vanished, &e->addr));
	registry_recall(r, e->vf, now);
	if (r->ops.on_names)
		r->ops.on_names(e->vf, r->ops.arg);
	about->kind = CHANGE_APPEARED;
	about->device = e->vf;
	publish(r, e, about);
	look_at_physical_function(r, e->vf, now);
}

static void publish_disappearance(struct registry *r, struct entry *e, struct vf *last,
				  struct change *about)
{
	about->kind = CHANGE_DISAPPEARED;
	about->previous = last;
	publish(r, e, about);
}

/* What only changes a sentence: the next image is served, but it is no change. */
static bool differ_in_silence(const struct vf *a, const struct vf *b)
{
	return a->evidence != b->evidence || a->has_driverctl != b->has_driverctl ||
	       a->silent_sec != b->silent_sec || a->pf_silent_sec != b->pf_silent_sec;
}

void registry_set_image(struct registry *r, struct entry *e, struct vf *next, struct change *about,
			const struct moment *now)
{
	cleanup_(vf_unrefp) struct vf *old = e->vf;
	bool was_listed = e->listed;

	about->observed_usec = now->realtime_usec;
	e->listed = should_be_listed(r, e, next);
	r->listed += (size_t)e->listed - (size_t)was_listed;
	if (e->listed && was_listed) {
		about->fields = vf_diff(old, next);
		if (!about->fields && !differ_in_silence(old, next)) {
			/* The old image is the one that history and lists share. */
			old = next;
			return;
		}
	}
	e->vf = next;
	if (about->fields)
		publish_difference(r, e, old, about, now);
	else if (e->listed && !was_listed)
		publish_appearance(r, e, about, now);
	else if (was_listed && !e->listed)
		publish_disappearance(r, e, old, about);
	if (old)
		vf_forget_text(old);
}

/* Puts the group's present view into every member that has an older one. */
static int spread_group(struct registry *r, int32_t group, const struct cause *cause,
			const struct moment *now)
{
	struct vf_group *view = iommu_groups_get(&r->groups, group);

	for (unsigned int i = 0; view && i < view->count; i++) {
		struct entry *e = addr_table_get(&r->entries, &view->members[i].addr);
		struct change about = { .cause = *cause };
		struct vf *next;

		if (!e || e->vf->group == view)
			continue;
		if (vf_copy(e->vf, &next) < 0)
			return -ENOMEM;
		vf_group_unref(next->group);
		next->group = vf_group_ref(view);
		if (registry_judge(r, e, next) < 0) {
			vf_unref(next);
			return -ENOMEM;
		}
		registry_set_image(r, e, next, &about, now);
	}
	return 0;
}

/* Tells the group what its member is like now. Returns 1 if the view changed, 0, or -ENOMEM. */
static int join_group(struct registry *r, struct vf *vf)
{
	const struct vf_group_member member = {
		.addr = vf->addr,
		.driver = vf->driver,
		.blocks = image_blocks_group(vf),
	};
	int changed;

	if (vf->iommu_group < 0)
		return 0;
	changed = iommu_groups_put(&r->groups, vf->iommu_group, &member);
	if (changed < 0)
		return changed;
	vf_group_unref(vf->group);
	vf->group = vf_group_ref(iommu_groups_get(&r->groups, vf->iommu_group));
	return changed;
}

/* A no-IOMMU group is made by a bind and ends with it: a life can have several. As join_group(). */
static int leave_group(struct registry *r, int32_t left, struct vf *next)
{
	if (left < 0 || left == next->iommu_group)
		return 0;
	next->group = vf_group_unref(next->group);
	return iommu_groups_drop(&r->groups, left, &next->addr);
}

/* How much of the entry's family is judged again when it is like next (NULL: gone); or -ENOMEM. */
static int tell_family(const struct registry *r, struct entry *e, const struct vf *next)
{
	enum kin kin;
	int conflict;

	/* The end of the first scan judges the families that it has to. */
	if (!e->family || !r->ready)
		return KIN_SAME;
	kin = registry_kin_of(r, e, e->vf, next);
	conflict = registry_family_conflict(r, e, e->vf, next);
	if (conflict < 0)
		return conflict;
	if (conflict != (int)e->family->conflict && kin == KIN_SAME)
		kin = KIN_JUDGE;
	e->family->conflict = (enum placement_conflict)conflict;
	return (int)kin;
}

/* Gives an image all that was not read. Returns who of its kin is judged again, or -ENOMEM. */
static int complete(struct registry *r, struct entry *e, struct vf *next)
{
	int kin;

	if (registry_note_interface(r, e->vf, next) < 0 || registry_match(r, next) < 0 ||
	    registry_join_family(r, e, next) < 0)
		return -ENOMEM;
	kin = tell_family(r, e, next);
	return kin < 0 || registry_judge(r, e, next) < 0 ? -ENOMEM : kin;
}

/* What is seen of nodes for the first time can show that others miss theirs. */
static bool note_nodes(struct registry *r, const struct vf *next)
{
	bool before = registry_has_group_nodes(r);

	r->nodes_seen |= next->nodes;
	if (registry_has_group_nodes(r) == before)
		return false;
	r->all_due |= !r->ready;
	return r->ready;
}

int registry_advance(struct registry *r, struct entry *e, struct vf *next,
		     const struct observation *obs, const struct moment *now)
{
	const struct cause *cause = &obs->hint.cause;
	struct change about = { .cause = *cause };
	int32_t before = e->vf ? e->vf->iommu_group : -1, after = next->iommu_group;
	int left = leave_group(r, before, next), joined = left < 0 ? left : join_group(r, next);
	bool for_all = note_nodes(r, next);
	int kin = joined < 0 ? joined : complete(r, e, next);

	if (kin < 0) {
		vf_unref(next);
		return kin;
	}
	registry_set_image(r, e, next, &about, now);
	if (joined > 0)
		joined = spread_group(r, after, cause, now);
	if (joined == 0 && left > 0)
		joined = spread_group(r, before, cause, now);
	if (joined == 0 && for_all)
		return registry_judge_all(r, kin == KIN_MATCH, cause, now);
	if (joined == 0 && kin != KIN_SAME)
		joined = registry_judge_family(r, e->family, kin == KIN_MATCH, cause, now);
	return joined;
}

void registry_keep_vanished(struct registry *r, struct entry *e, const struct moment *now)
{
	struct vf *last;

	/* Without memory for it the function is gone all the same. */
	if (vf_copy(e->vf, &last) < 0) {
		registry_entry_free(e);
		return;
	}
	last->vanished_usec = now->realtime_usec;
	last->vanished_boottime_usec = now->boottime_usec;
	last->sequence = e->last.sequence;
	vf_unref(e->vf);
	e->vf = last;
	e->listed = false;
	if (addr_table_insert(&r->vanished, e) < 0)
		registry_entry_free(e);
}

static void publish_end(struct registry *r, struct entry *e, const struct cause *cause,
			const struct moment *now)
{
	struct change about = { .cause = *cause, .observed_usec = now->realtime_usec };

	if (!e->listed)
		return;
	r->listed--;
	publish_disappearance(r, e, e->vf, &about);
	look_at_physical_function(r, e->vf, now);
}

/* Those who are left of a family hear that one is gone. */
static int spread_family_end(struct registry *r, struct entry *e, int kin,
			     const struct cause *cause, const struct moment *now)
{
	const struct pci_addr addr = e->family ? e->family->addr : e->addr;
	struct family *left;

	registry_leave_family(r, e);
	left = addr_table_get(&r->families, &addr);
	return left && kin != KIN_SAME
		       ? registry_judge_family(r, left, kin == KIN_MATCH, cause, now)
		       : 0;
}

int registry_end_life(struct registry *r, struct entry *e, const struct cause *cause,
		      const struct moment *now)
{
	int kin = tell_family(r, e, NULL);
	int group_changed = kin < 0 ? kin
				    : iommu_groups_drop(&r->groups, e->vf->iommu_group, &e->addr);
	int n;

	if (group_changed < 0)
		return group_changed;
	(void)registry_note_interface(r, e->vf, NULL); /* which only forgets */
	addr_table_remove(&r->entries, &e->addr);
	publish_end(r, e, cause, now);
	n = group_changed ? spread_group(r, e->vf->iommu_group, cause, now) : 0;
	if (spread_family_end(r, e, kin, cause, now) < 0)
		n = -ENOMEM;
	if (e->last.sequence)
		registry_keep_vanished(r, e, now);
	else
		registry_entry_free(e);
	return n;
}
