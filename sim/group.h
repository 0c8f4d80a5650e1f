/* SPDX-License-Identifier: Apache-2.0 */
/* IOMMU groups: who is in which, and the node of a group that VFIO uses. Pure. */
#ifndef VFMOND_SIM_GROUP_H
#define VFMOND_SIM_GROUP_H

#include "host.h"

/* Puts a function into the group that its keys say, made if need be. Returns 0 or -ENOMEM. */
int group_join(struct host *h, struct function *f);

/* Takes it out again; the last one takes the group along. */
void group_leave(struct host *h, struct function *f);

/* A VFIO driver begins to use the group: the first user makes its node and sends `add`. */
void group_use(struct host *h, struct function *f);

/* The other way round; does nothing for a function that does not use its group. */
void group_unuse(struct host *h, struct function *f);

#endif
