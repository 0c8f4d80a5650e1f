/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The resource providers that nova-compute would report to Placement, and what makes it refuse.
 * Follows nova/compute/pci_placement_translator.py.
 */
#ifndef VFMON_PLACEMENT_H
#define VFMON_PLACEMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "vfmon/pci_addr.h"

struct policy;
struct vf;

/* What is wrong with a PF and its VFs taken together; the first that applies. */
enum placement_conflict {
	PLACEMENT_NO_CONFLICT,
	/* With report_in_placement Nova refuses to start: */
	PLACEMENT_PF_AND_VF,	 /* the PF and a VF of it are both tracked */
	PLACEMENT_MIXED_CLASSES, /* VFs with different classes */
	PLACEMENT_MIXED_TRAITS,	 /* VFs with different traits, from 34.0 live_migratable too */
	PLACEMENT_DEVNAME,	 /* an entry uses devname */
	PLACEMENT_ONE_TIME_USE,	 /* from 32.0: one_time_use on a VF or vdpa device */
	PLACEMENT_NO_PARENT,	 /* a VF without a physical function: not reported, logged only */
	/* With pci_in_placement it starts, and claims too much or refuses every claim: */
	PLACEMENT_MIXED_MANAGED, /* VFs that differ in managed, unset counts as another value */
	PLACEMENT_MIXED_TAGS,	 /* the same for another tag, the type or the NUMA node */
	PLACEMENT_CONFLICT_COUNT
};

/*
 * The conflict of one family: a PF (NULL: not known) and the VFs whose physical function it is.
 * Untracked ones among them do not count.
 */
enum placement_conflict placement_judge(const struct policy *policy, const struct vf *pf,
					const struct vf *const *vfs, size_t count);

/*
 * The same without asking whether report_in_placement and pci_in_placement are on; first can be set
 * to what is looked for from there on (PLACEMENT_PF_AND_VF: everything).
 */
enum placement_conflict placement_find(const struct policy *policy, const struct vf *pf,
				       const struct vf *const *vfs, size_t count,
				       enum placement_conflict first);

/* Nova's class of error for it, "PlacementPciMixedTraitsException"; NULL: none. Static. */
const char *placement_conflict_nova_class(enum placement_conflict conflict);

/* A sentence's end about it: "VFs of one physical function have different resource classes". */
const char *placement_conflict_text(enum placement_conflict conflict);

/* As Provider of the interface. */
struct provider {
	char *name; /* <host>_<ADDRESS> */
	struct pci_addr address;
	const char *resource_class; /* of a function's match, borrowed */
	const char **traits;	    /* sorted, with those that Nova adds; the texts are borrowed */
	size_t trait_count;
	const struct vf **devices; /* pointers of the caller's array */
	size_t device_count;
};

/* All zero is empty. */
struct providers {
	struct provider *items; /* in the order of their addresses */
	size_t count;
	char *refused; /* why Nova would not start, and so reports nothing; NULL: it would */
};

/*
 * What Nova would report of these functions, in the order of their addresses (untracked ones are
 * left out), as if report_in_placement were on. Returns 0 or -ENOMEM; providers_done() frees.
 */
int providers_make(const struct policy *policy, const char *host_name,
		   const struct vf *const *functions, size_t count, struct providers *ret);
void providers_done(struct providers *providers);

#endif
