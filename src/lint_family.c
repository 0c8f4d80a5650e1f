/* SPDX-License-Identifier: Apache-2.0 */
/* PFs with their VFs, as Placement takes them together. */
#include <errno.h>
#include <stdlib.h>

#include "lint_internal.h"
#include "vfmon/cleanup.h"
#include "vfmon/conf_names.h"
#include "vfmon/nova_config.h"
#include "vfmon/placement.h"
#include "vfmon/policy.h"
#include "vfmon/registry.h"
#include "vfmon/vf.h"

/* All VFs, those of one PF side by side. */
struct vfs {
	const struct vf **items;
	size_t count;
};

struct family {
	const struct lint *lint;
	const struct vf *pf; /* NULL: it is not listed */
	const struct vf *const *vfs;
	size_t count;
};

static void vfs_done(struct vfs *vfs)
{
	free(vfs->items);
}

static int compare_parents(const void *pa, const void *pb)
{
	const struct vf *const *a = pa, *const *b = pb;
	int r = pci_addr_compare(&(*a)->physical_function, &(*b)->physical_function);

	return r ? r : pci_addr_compare(&(*a)->addr, &(*b)->addr);
}

static bool belongs_to_a_family(const struct vf *vf)
{
	return vf->kind == VF_KIND_VF && vf->has_physical_function;
}

/* What is told of a conflict, and what to do. */
static const struct told {
	enum finding_code code;
	const char *remedy;
} told[PLACEMENT_CONFLICT_COUNT] = {
	[PLACEMENT_PF_AND_VF] = { FINDING_PF_AND_VF,
				  "narrow the entries by product_id or address, so that they take "
				  "either the physical function or its VFs" },
	[PLACEMENT_MIXED_CLASSES] = { FINDING_MIXED_RESOURCE_CLASSES,
				      "give all VFs of one physical function the same "
				      "resource_class" },
	[PLACEMENT_MIXED_TRAITS] = { FINDING_MIXED_TRAITS,
				     "give all VFs of one physical function the same traits, and "
				     "from Nova 34.0 on the same live_migratable" },
	[PLACEMENT_ONE_TIME_USE] = { FINDING_VALUE_ERROR,
				     "remove one_time_use from the entry that takes VFs" },
	[PLACEMENT_MIXED_MANAGED] = { FINDING_MIXED_MANAGED,
				      "give all VFs of one physical function the same managed, or "
				      "leave it out everywhere" },
	[PLACEMENT_MIXED_TAGS] = { FINDING_MIXED_TAGS,
				   "give all VFs of one physical function the same keys and "
				   "values" },
};

static bool is_about_pools(enum placement_conflict conflict)
{
	return conflict == PLACEMENT_MIXED_MANAGED || conflict == PLACEMENT_MIXED_TAGS;
}

static enum finding_level level_of(const struct lint *lint, enum placement_conflict conflict)
{
	const struct nova_config *config = lint->policy->config;

	if (is_about_pools(conflict))
		return config->pci_in_placement ? FINDING_WRONG : FINDING_SUSPICIOUS;
	return config->report_in_placement ? FINDING_REFUSED : FINDING_SUSPICIOUS;
}

static const char *consequence_of(const struct lint *lint, enum placement_conflict conflict,
				  enum finding_level level)
{
	if (level == FINDING_REFUSED)
		return "Nova does not start with that";
	if (!is_about_pools(conflict))
		return "with report_in_placement Nova would not start";
	if (lint->policy->nova < NOVA_REFUSES_MIXED_POOLS)
		return level == FINDING_WRONG
			       ? "a request for one VF claims one of each kind"
			       : "with pci_in_placement a request for one VF would claim one of each "
				 "kind";
	return level == FINDING_WRONG
		       ? "Nova refuses every claim of one of them"
		       : "with pci_in_placement Nova would refuse every claim of one of "
			 "them";
}

/* The entry to look at: the PF's, else the first that is not the first one's. */
static const struct spec_match *entry_to_blame(const struct family *f,
					       enum placement_conflict conflict)
{
	const struct spec_match *first = NULL;

	if (conflict == PLACEMENT_PF_AND_VF)
		return f->pf->spec;
	for (size_t i = 0; i < f->count; i++) {
		const struct spec_match *spec = f->vfs[i]->spec;

		if (spec && !first)
			first = spec;
		if (spec && spec->index != first->index)
			return spec;
	}
	return first;
}

static int concern_family(const struct family *f, enum placement_conflict conflict)
{
	int r = 0;

	if (conflict == PLACEMENT_PF_AND_VF)
		r = lint_concern(f->lint, f->pf);
	for (size_t i = 0; i < f->count && r == 0; i++)
		if (f->vfs[i]->spec)
			r = lint_concern(f->lint, f->vfs[i]);
	return r;
}

static int add_conflict(const struct family *f, enum placement_conflict conflict)
{
	const struct lint *lint = f->lint;
	const struct spec_match *blamed = entry_to_blame(f, conflict);
	const enum finding_level level = level_of(lint, conflict);
	const char *nova_class = placement_conflict_nova_class(conflict);
	struct finding_place place = { .spec_index = -1 };
	struct spec_info info;
	char pf[PCI_ADDR_TEXT_MAX];
	int r;

	if (blamed && blamed->index < device_specs_count(lint->specs)) {
		device_specs_get(lint->specs, blamed->index, &info);
		place = lint_place(&info, blamed->index);
	}
	r = findings_add(
		lint->out,
		&(const struct finding_kind){ level, told[conflict].code, told[conflict].remedy },
		&place, "%s: %s; %s%s%s%s", pci_addr_format(&f->vfs[0]->physical_function, pf),
		placement_conflict_text(conflict), consequence_of(lint, conflict, level),
		nova_class ? " (" : "", nova_class ? nova_class : "", nova_class ? ")" : "");
	return r == 0 ? concern_family(f, conflict) : r;
}

static int check_family(const struct family *f)
{
	const struct policy *policy = f->lint->policy;
	enum placement_conflict c = placement_find(policy, f->pf, f->vfs, f->count,
						   PLACEMENT_PF_AND_VF);
	int r = 0;

	while (c != PLACEMENT_NO_CONFLICT && r == 0) {
		/* An entry with devname is told of by itself. */
		if (told[c].remedy)
			r = add_conflict(f, c);
		c = c + 1 < PLACEMENT_CONFLICT_COUNT
			    ? placement_find(policy, f->pf, f->vfs, f->count,
					     (enum placement_conflict)(c + 1))
			    : PLACEMENT_NO_CONFLICT;
	}
	return r;
}

static int gather(const struct lint *lint, struct vfs *vfs)
{
	vfs->items = calloc(lint->function_count + 1, sizeof(*vfs->items));
	if (!vfs->items)
		return -ENOMEM;
	for (size_t i = 0; i < lint->function_count; i++)
		if (belongs_to_a_family(lint->functions[i]))
			vfs->items[vfs->count++] = lint->functions[i];
	if (vfs->count > 1)
		qsort(vfs->items, vfs->count, sizeof(*vfs->items), compare_parents);
	return 0;
}

int lint_families(const struct lint *lint)
{
	cleanup_(vfs_done) struct vfs vfs = { 0 };
	int r = gather(lint, &vfs);

	for (size_t i = 0, next; i < vfs.count && r == 0; i = next) {
		const struct pci_addr *parent = &vfs.items[i]->physical_function;
		struct family f = { .lint = lint, .vfs = &vfs.items[i] };

		next = i;
		while (next < vfs.count &&
		       pci_addr_compare(&vfs.items[next]->physical_function, parent) == 0)
			next++;
		f.count = next - i;
		f.pf = registry_get(lint->registry, parent);
		r = check_family(&f);
	}
	return r;
}
