/* SPDX-License-Identifier: Apache-2.0 */
/* What hangs on a function and is used by the host: disk, bridge, vdpa device; and its VPD. Pure. */
#ifndef VFMOND_SIM_USES_H
#define VFMOND_SIM_USES_H

#include "perform.h"

/* Steps for the table in perform.c: each returns 0, -EINVAL with the error filled, or -errno. */
int perform_disk(struct host *h, const struct attempt *a);
int perform_stack(struct host *h, const struct attempt *a);
int perform_master(struct host *h, const struct attempt *a);
int perform_vdpa(struct host *h, const struct attempt *a);
int perform_vpd(struct host *h, const struct attempt *a);

/* What goes with the function's driver. */
void uses_remove(struct host *h, struct function *f);

#endif
