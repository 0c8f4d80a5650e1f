/* SPDX-License-Identifier: Apache-2.0 */
/* VFs come and go, in the kernel's order of links and events. Pure. */
#ifndef VFMOND_SIM_SRIOV_H
#define VFMOND_SIM_SRIOV_H

#include "host.h"

/* Makes that many VFs of a PF that has none. Returns 0, -ENOMEM or -ERANGE. */
int sriov_enable(struct host *h, struct function *pf, unsigned count);

/* Removes all VFs of a PF. The caller has checked that none is held. */
void sriov_disable(struct host *h, struct function *pf);

/* Somebody's write of the count, seen by inotify when the kernel is done. */
void sriov_write_count(struct host *h, const struct function *pf);

#endif
