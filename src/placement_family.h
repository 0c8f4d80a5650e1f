/* SPDX-License-Identifier: Apache-2.0 */
/* What Placement's rules look at in one function; a part of placement. */
#ifndef PLACEMENT_FAMILY_H
#define PLACEMENT_FAMILY_H

#include <stdbool.h>

#include "vfmon/version.h"

struct policy;
struct vf;

/* The releases that brought a rule. */
#define NOVA_ONE_TIME_USE VERSION(32, 0, 0)
#define NOVA_OWNER_TRAIT VERSION(34, 0, 0)
#define NOVA_MIGRATABLE_TRAIT VERSION(34, 0, 0)

/* Whether an entry takes the function and it is not kept for Neutron's ports. */
bool placement_counts(const struct vf *vf);

/* Whether the entry that takes the function has this tag; and, whether as a strict true. */
bool placement_has_tag(const struct vf *vf, const char *name);
bool placement_is_tagged(const struct vf *vf, const char *name);

/* Whether the function's entry uses devname. */
bool placement_uses_devname(const struct policy *policy, const struct vf *vf);

/* Two VFs of one PF. */
bool placement_classes_differ(const struct vf *a, const struct vf *b);
bool placement_traits_differ(const struct policy *policy, const struct vf *a, const struct vf *b);

#endif
