/* SPDX-License-Identifier: Apache-2.0 */
/* Drivers and their modules: known to the host, loaded, unloaded. Pure. */
#ifndef VFMOND_SIM_DRIVER_H
#define VFMOND_SIM_DRIVER_H

#include "host.h"

/* The host's modules.alias has this driver from now on. Returns 0 or -ENOMEM. */
int driver_add(struct host *h, const struct step *step);

/* The module is loaded and its driver bound to all that it matches. Returns 0 or -ENOMEM. */
int driver_load(struct host *h, struct driver *d);

/* The driver leaves all its functions, then the module goes. */
void driver_unload(struct host *h, struct driver *d);

#endif
