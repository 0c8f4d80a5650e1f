/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/placement.h"

#include <string.h>

#include "placement_family.h"
#include "vfmon/conf_names.h"
#include "vfmon/device_spec.h"
#include "vfmon/nova_config.h"
#include "vfmon/policy.h"
#include "vfmon/vf.h"

/* What decides besides: functions that have another value for one of these are in another pool. */
struct family {
	const struct policy *policy;
	const struct vf *pf;
	const struct vf *const *vfs;
	size_t count;
	const struct vf *first; /* of the VFs that count */
};

static const char *tag_of(const struct vf *vf, const char *name)
{
	for (size_t i = 0; i < vf->spec->tag_count; i++)
		if (strcmp(vf->spec->tags[i].name, name) == 0)
			return vf->spec->tags[i].value;
	return NULL;
}

bool placement_has_tag(const struct vf *vf, const char *name)
{
	return tag_of(vf, name);
}

bool placement_is_tagged(const struct vf *vf, const char *name)
{
	const char *value = tag_of(vf, name);

	return value && strcmp(value, "true") == 0;
}

bool placement_counts(const struct vf *vf)
{
	return vf->spec && !vf->spec->has_physical_network;
}

bool placement_uses_devname(const struct policy *policy, const struct vf *vf)
{
	struct spec_info info;

	if (vf->spec->index >= device_specs_count(policy->config->specs))
		return false;
	device_specs_get(policy->config->specs, vf->spec->index, &info);
	return info.devname;
}

bool placement_classes_differ(const struct vf *a, const struct vf *b)
{
	return strcmp(a->spec->resource_class, b->spec->resource_class) != 0;
}

bool placement_traits_differ(const struct policy *policy, const struct vf *a, const struct vf *b)
{
	if (policy->nova >= NOVA_MIGRATABLE_TRAIT &&
	    placement_is_tagged(a, SPEC_LIVE_MIGRATABLE) !=
		    placement_is_tagged(b, SPEC_LIVE_MIGRATABLE))
		return true;
	if (a->spec->trait_count != b->spec->trait_count)
		return true;
	for (size_t i = 0; i < a->spec->trait_count; i++)
		if (strcmp(a->spec->traits[i], b->spec->traits[i]) != 0)
			return true;
	return false;
}

static bool values_differ(const char *a, const char *b)
{
	return !a != !b || (a && strcmp(a, b) != 0);
}

/* A pool has this tag always. */
static const char *pool_value(const struct vf *vf, const char *name)
{
	const char *value = tag_of(vf, name);

	return !value && strcmp(name, SPEC_REMOTE_MANAGED) == 0 ? "false" : value;
}

/* These two make no pool; managed has a conflict of its own. */
static bool is_pool_tag(const char *name)
{
	return strcmp(name, SPEC_RESOURCE_CLASS) != 0 && strcmp(name, SPEC_TRAITS) != 0 &&
	       strcmp(name, SPEC_MANAGED) != 0;
}

static bool has_other_tags(const struct vf *a, const struct vf *b)
{
	for (size_t i = 0; i < a->spec->tag_count; i++) {
		const char *name = a->spec->tags[i].name;

		if (is_pool_tag(name) && values_differ(pool_value(a, name), pool_value(b, name)))
			return true;
	}
	return false;
}

/*
 * A pool also has the name of the PF's interface, but only where the VF has one at that moment: as
 * that comes and goes with every guest it is not looked at.
 */
static bool pools_differ(const struct vf *a, const struct vf *b)
{
	return a->vendor_id != b->vendor_id || a->product_id != b->product_id ||
	       a->numa_node != b->numa_node || a->is_vdpa != b->is_vdpa || has_other_tags(a, b) ||
	       has_other_tags(b, a);
}

static bool managed_differs(const struct vf *a, const struct vf *b)
{
	return values_differ(tag_of(a, SPEC_MANAGED), tag_of(b, SPEC_MANAGED));
}

static bool vf_conflicts(const struct family *family, const struct vf *vf,
			 enum placement_conflict conflict)
{
	switch (conflict) {
	case PLACEMENT_PF_AND_VF:
		return family->pf && placement_counts(family->pf);
	case PLACEMENT_MIXED_CLASSES:
		return placement_classes_differ(family->first, vf);
	case PLACEMENT_MIXED_TRAITS:
		return placement_traits_differ(family->policy, family->first, vf);
	case PLACEMENT_DEVNAME:
		return placement_uses_devname(family->policy, vf);
	case PLACEMENT_ONE_TIME_USE:
		return family->policy->nova >= NOVA_ONE_TIME_USE &&
		       placement_has_tag(vf, SPEC_ONE_TIME_USE);
	case PLACEMENT_NO_PARENT:
		return !vf->has_physical_function;
	case PLACEMENT_MIXED_MANAGED:
		return managed_differs(family->first, vf);
	case PLACEMENT_MIXED_TAGS:
		return pools_differ(family->first, vf);
	case PLACEMENT_NO_CONFLICT:
	case PLACEMENT_CONFLICT_COUNT:
		break;
	}
	return false;
}

/* A PF alone can only be wrong by its own entry. */
static bool pf_conflicts(const struct family *family, enum placement_conflict conflict)
{
	return conflict == PLACEMENT_DEVNAME && family->pf && placement_counts(family->pf) &&
	       placement_uses_devname(family->policy, family->pf);
}

static bool family_conflicts(const struct family *family, enum placement_conflict conflict)
{
	if (pf_conflicts(family, conflict))
		return true;
	for (size_t i = 0; i < family->count; i++)
		if (placement_counts(family->vfs[i]) &&
		    vf_conflicts(family, family->vfs[i], conflict))
			return true;
	return false;
}

/* The first conflict from one up to, and without, another. */
static enum placement_conflict search(struct family *family, enum placement_conflict from,
				      enum placement_conflict end)
{
	for (size_t i = 0; i < family->count && !family->first; i++)
		if (placement_counts(family->vfs[i]))
			family->first = family->vfs[i];
	for (enum placement_conflict c = from; c < end; c++)
		if (family_conflicts(family, c))
			return c;
	return PLACEMENT_NO_CONFLICT;
}

enum placement_conflict placement_find(const struct policy *policy, const struct vf *pf,
				       const struct vf *const *vfs, size_t count,
				       enum placement_conflict first)
{
	struct family family = { .policy = policy, .pf = pf, .vfs = vfs, .count = count };

	return search(&family, first, PLACEMENT_CONFLICT_COUNT);
}

enum placement_conflict placement_judge(const struct policy *policy, const struct vf *pf,
					const struct vf *const *vfs, size_t count)
{
	struct family family = { .policy = policy, .pf = pf, .vfs = vfs, .count = count };
	enum placement_conflict conflict = PLACEMENT_NO_CONFLICT;

	if (policy->config->report_in_placement)
		conflict = search(&family, PLACEMENT_PF_AND_VF, PLACEMENT_MIXED_MANAGED);
	if (conflict == PLACEMENT_NO_CONFLICT && policy->config->pci_in_placement)
		conflict = search(&family, PLACEMENT_MIXED_MANAGED, PLACEMENT_CONFLICT_COUNT);
	return conflict;
}

/* The last sentence about a VF without a parent is broken in Nova itself: a plain error. */
static const struct {
	const char *nova_class;
	const char *text;
} conflicts[] = {
	[PLACEMENT_NO_CONFLICT] = { NULL, "nothing is in conflict" },
	[PLACEMENT_PF_AND_VF] = { "PlacementPciDependentDeviceException",
				  "a physical function and a VF of it are both taken" },
	[PLACEMENT_MIXED_CLASSES] = { "PlacementPciMixedResourceClassException",
				      "VFs of one physical function have different resource "
				      "classes" },
	[PLACEMENT_MIXED_TRAITS] = { "PlacementPciMixedTraitsException",
				     "VFs of one physical function have different traits" },
	[PLACEMENT_DEVNAME] = { "PlacementPciException", "an entry uses devname" },
	[PLACEMENT_ONE_TIME_USE] = { "PlacementPciException",
				     "one_time_use is set for a VF, which only a physical "
				     "or plain function may have" },
	[PLACEMENT_NO_PARENT] = { NULL, "a VF has no physical function" },
	[PLACEMENT_MIXED_MANAGED] = { NULL, "VFs of one physical function differ in managed" },
	[PLACEMENT_MIXED_TAGS] = { NULL, "VFs of one physical function differ in a tag, in type, "
					 "ids or NUMA node" },
};
_Static_assert(sizeof(conflicts) / sizeof(conflicts[0]) == PLACEMENT_CONFLICT_COUNT,
	       "each conflict has its texts");

const char *placement_conflict_nova_class(enum placement_conflict conflict)
{
	return conflicts[conflict].nova_class;
}

const char *placement_conflict_text(enum placement_conflict conflict)
{
	return conflicts[conflict].text;
}
