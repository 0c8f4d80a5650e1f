/* SPDX-License-Identifier: Apache-2.0 */
/* PFs with their VFs: who belongs together, and who is judged again because of another. */
#include <errno.h>
#include <stdlib.h>

#include "registry_internal.h"
#include "vfmon/cleanup.h"
#include "vfmon/device_spec.h"
#include "vfmon/nova_config.h"
#include "vfmon/policy.h"

DEFINE_CLEANUP(void *, free);
DEFINE_CLEANUP(struct vf *, vf_unref);

static const struct pci_addr *family_address(const struct vf *vf)
{
	if (vf->kind == VF_KIND_PF)
		return &vf->addr;
	return vf->kind == VF_KIND_VF && vf->has_physical_function ? &vf->physical_function : NULL;
}

static struct family *find_or_add(struct registry *r, const struct pci_addr *addr)
{
	struct family *f = addr_table_get(&r->families, addr);

	if (f)
		return f;
	f = calloc(1, sizeof(*f));
	if (!f)
		return NULL;
	f->addr = *addr;
	if (addr_table_insert(&r->families, f) == 0)
		return f;
	free(f);
	return NULL;
}

static void link_last(struct family *f, struct entry *e)
{
	e->previous = f->last;
	e->next = NULL;
	if (f->last)
		f->last->next = e;
	else
		f->first = e;
	f->last = e;
	f->count++;
}

static void unlink_entry(struct family *f, struct entry *e)
{
	if (e->previous)
		e->previous->next = e->next;
	else
		f->first = e->next;
	if (e->next)
		e->next->previous = e->previous;
	else
		f->last = e->previous;
	e->previous = e->next = NULL;
	f->count--;
}

void registry_leave_family(struct registry *r, struct entry *e)
{
	struct family *f = e->family;

	if (!f)
		return;
	e->family = NULL;
	if (f->pf == e)
		f->pf = NULL;
	else
		unlink_entry(f, e);
	if (!f->pf && f->count == 0)
		free(addr_table_remove(&r->families, &f->addr));
}

int registry_join_family(struct registry *r, struct entry *e, const struct vf *next)
{
	const struct pci_addr *addr = family_address(next);
	struct family *f;

	if (e->family && addr && pci_addr_compare(&e->family->addr, addr) == 0)
		return 0;
	registry_leave_family(r, e);
	if (!addr)
		return 0;
	f = find_or_add(r, addr);
	if (!f)
		return -ENOMEM;
	e->family = f;
	if (next->kind == VF_KIND_PF) {
		f->pf = e;
		f->stale = f->count > 0;
	} else {
		link_last(f, e);
	}
	return 0;
}

static bool is_in_placement(const struct registry *r)
{
	const struct policy *policy = r->options.policy;

	return policy && (policy->config->report_in_placement || policy->config->pci_in_placement);
}

/* Whether Placement's rules see no difference between two functions. */
static bool is_same_to_placement(const struct vf *a, const struct vf *b)
{
	return a->spec == b->spec && a->kind == b->kind && a->is_vdpa == b->is_vdpa &&
	       a->numa_node == b->numa_node && a->has_physical_function == b->has_physical_function;
}

/* Whether a neighbour is just like that, as nearly all VFs of a PF are: one more tells nothing. */
static bool has_twin(const struct entry *e, const struct vf *vf)
{
	if (e->previous && is_same_to_placement(e->previous->vf, vf))
		return true;
	return e->next && is_same_to_placement(e->next->vf, vf);
}

/* Whether the family is the same to Placement with e as next (NULL: without it) instead of old. */
static bool is_same_family(const struct entry *e, const struct vf *old, const struct vf *next)
{
	if (old && next && is_same_to_placement(old, next))
		return true;
	return (!old || !old->spec || has_twin(e, old)) &&
	       (!next || !next->spec || has_twin(e, next));
}

static int find_conflict(const struct registry *r, const struct vf *pf, const struct vf *const *vfs,
			 size_t count)
{
	return (int)placement_judge(r->options.policy, pf, vfs, count);
}

int registry_family_conflict(const struct registry *r, const struct entry *e, const struct vf *old,
			     const struct vf *next)
{
	const struct family *f = e->family;
	const struct vf *pf = f->pf ? f->pf->vf : NULL;
	cleanup_(freep) void *room = NULL;
	const struct vf **vfs;
	size_t n = 0;

	if (!is_in_placement(r))
		return PLACEMENT_NO_CONFLICT;
	if (is_same_family(e, old, next))
		return (int)f->conflict;
	vfs = room = calloc(f->count + 1, sizeof(*vfs));
	if (!vfs)
		return -ENOMEM;
	for (const struct entry *i = f->first; i; i = i->next)
		if (i != e)
			vfs[n++] = i->vf;
	if (f->pf == e)
		pf = next;
	else if (next)
		vfs[n++] = next;
	return find_conflict(r, pf, vfs, n);
}

/* All that a family will be, before anybody hears of any of it. */
struct plan {
	struct entry **entries; /* the PF first, if there is one */
	struct vf **nexts;
	size_t count;
};

static void plan_done(struct plan *plan)
{
	for (size_t i = 0; plan->nexts && i < plan->count; i++)
		vf_unref(plan->nexts[i]);
	free(plan->nexts);
	free(plan->entries);
}

static int plan_fill(struct plan *plan, const struct family *f)
{
	size_t size = f->count + 1;

	plan->entries = calloc(size, sizeof(struct entry *));
	plan->nexts = calloc(size, sizeof(struct vf *));
	if (!plan->entries || !plan->nexts)
		return -ENOMEM;
	if (f->pf)
		plan->entries[plan->count++] = f->pf;
	for (struct entry *e = f->first; e; e = e->next)
		plan->entries[plan->count++] = e;
	for (size_t i = 0; i < plan->count; i++)
		if (vf_copy(plan->entries[i]->vf, &plan->nexts[i]) < 0)
			return -ENOMEM;
	return 0;
}

static int plan_judge(struct plan *plan, const struct registry *r, struct family *f, bool match)
{
	const size_t first = f->pf ? 1 : 0;

	for (size_t i = 0; match && i < plan->count; i++)
		if (registry_match(r, plan->nexts[i]) < 0)
			return -ENOMEM;
	f->conflict = PLACEMENT_NO_CONFLICT;
	if (is_in_placement(r))
		f->conflict = (enum placement_conflict)find_conflict(
			r, f->pf ? plan->nexts[0] : NULL,
			(const struct vf *const *)(plan->nexts + first), plan->count - first);
	for (size_t i = 0; i < plan->count; i++)
		if (registry_judge(r, plan->entries[i], plan->nexts[i]) < 0)
			return -ENOMEM;
	return 0;
}

int registry_judge_family(struct registry *r, struct family *f, bool match,
			  const struct cause *cause, const struct moment *now)
{
	cleanup_(plan_done) struct plan plan = { 0 };

	if (plan_fill(&plan, f) < 0 || plan_judge(&plan, r, f, match) < 0)
		return -ENOMEM;
	f->stale = false;
	for (size_t i = 0; i < plan.count; i++) {
		struct change about = { .cause = *cause };

		registry_set_image(r, plan.entries[i], TAKE_PTR(plan.nexts[i]), &about, now);
	}
	return 0;
}

/* A function without family is judged for itself. */
static int judge_single(struct registry *r, struct entry *e, bool match, const struct cause *cause,
			const struct moment *now)
{
	struct change about = { .cause = *cause };
	cleanup_(vf_unrefp) struct vf *next = NULL;

	if (vf_copy(e->vf, &next) < 0 || (match && registry_match(r, next) < 0) ||
	    registry_judge(r, e, next) < 0)
		return -ENOMEM;
	registry_set_image(r, e, TAKE_PTR(next), &about, now);
	return 0;
}

int registry_judge_all(struct registry *r, bool match, const struct cause *cause,
		       const struct moment *now)
{
	int failed = 0;

	for (size_t i = 0; i < r->families.count; i++)
		if (registry_judge_family(r, r->families.items[i], match, cause, now) < 0)
			failed = -ENOMEM;
	for (size_t i = 0; i < r->entries.count; i++) {
		struct entry *e = r->entries.items[i];

		if (!e->family && judge_single(r, e, match, cause, now) < 0)
			failed = -ENOMEM;
	}
	return failed;
}

static bool use_interfaces(const struct registry *r)
{
	const struct device_specs *specs = registry_specs(r);

	return specs && device_specs_use_devname(specs);
}

int registry_note_interface(struct registry *r, const struct vf *old, const struct vf *next)
{
	if (!use_interfaces(r) || (old && next && old->interface == next->interface))
		return 0;
	if (old && old->interface)
		interfaces_drop(&r->interfaces, old->interface, &old->addr);
	if (next && next->interface)
		return interfaces_put(&r->interfaces, next->interface, &next->addr);
	return 0;
}

int registry_note_interfaces(struct registry *r)
{
	interfaces_done(&r->interfaces);
	for (size_t i = 0; i < r->entries.count; i++) {
		const struct entry *e = r->entries.items[i];

		if (registry_note_interface(r, NULL, e->vf) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* What of a PF its VFs' entries of device_spec depend on. */
static bool matches_otherwise(const struct registry *r, const struct vf *old, const struct vf *next)
{
	if (registry_is_physical_function(old) != registry_is_physical_function(next))
		return true;
	return use_interfaces(r) &&
	       (old ? old->interface : NULL) != (next ? next->interface : NULL);
}

/* What of a PF the verdict about its VFs depends on. */
static bool is_judged_otherwise(const struct vf *old, const struct vf *next)
{
	if (!old || !next)
		return true;
	return old->silent_sec != next->silent_sec ||
	       (old->binding == VF_BINDING_UNBOUND) != (next->binding == VF_BINDING_UNBOUND) ||
	       (old->drivers_autoprobe == 0) != (next->drivers_autoprobe == 0);
}

enum kin registry_kin_of(const struct registry *r, const struct entry *e, const struct vf *old,
			 const struct vf *next)
{
	const struct family *f = e->family;

	/* The end of the first scan judges the families that it has to. */
	if (!f || !r->ready || f->pf != e || f->count == 0)
		return KIN_SAME;
	if (matches_otherwise(r, old, next))
		return KIN_MATCH;
	return is_judged_otherwise(old, next) ? KIN_JUDGE : KIN_SAME;
}

int registry_judge_first_families(struct registry *r, const struct cause *cause,
				  const struct moment *now)
{
	int n = r->all_due ? registry_judge_all(r, false, cause, now) : 0;

	for (size_t i = 0; i < r->families.count; i++) {
		struct family *f = r->families.items[i];

		if ((f->stale || is_in_placement(r)) &&
		    registry_judge_family(r, f, f->stale, cause, now) < 0)
			n = -ENOMEM;
	}
	return n;
}
