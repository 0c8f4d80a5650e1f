/* SPDX-License-Identifier: Apache-2.0 */
/* What a driver makes below a function's directory while it is bound. Pure. */
#ifndef VFMOND_SIM_CHILDREN_H
#define VFMOND_SIM_CHILDREN_H

#include "host.h"

/* A driver's probe makes what its line says, with events. Returns 0 or -ENOMEM. */
int children_add(struct host *h, struct function *f);

/* A driver's remove takes it away; the node of the group stays until the user has let go. */
void children_remove(struct host *h, struct function *f);

#endif
