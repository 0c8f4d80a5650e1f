/* SPDX-License-Identifier: Apache-2.0 */
/* One PCI function: its directory in sysfs, and the events that are about itself. Pure. */
#ifndef VFMOND_SIM_FUNCTION_H
#define VFMOND_SIM_FUNCTION_H

#include "host.h"

/* A PF or plain function from its line, below its bridge if it has one; not yet on the host. */
int function_new(const struct host *h, const struct step *step, struct function **ret);

/* The VF of that number, at the place that offset and stride give it; not yet on the host. */
int function_new_vf(struct function *pf, unsigned index, struct function **ret);

struct function *function_free(struct function *f);
DEFINE_CLEANUP(struct function *, function_free);

/* The address of a PF's VF of that number. Returns 0, or -ERANGE behind the last bus. */
int function_vf_address(const struct function *pf, unsigned index, struct pci_addr *ret);

/*
 * Directory, attributes, links, group and the `add` event; takes f in every case. Returns 0 or
 * -ENOMEM.
 */
int function_add(struct host *h, struct function *f);

/* The other way round, up to the `remove` event; f is the caller's again. */
void function_remove(struct host *h, struct function *f);

/* Writes the uevent file anew: DRIVER= is in it while a driver is set. */
void function_update_uevent(struct host *h, const struct function *f);

/* Sends an event of that action about f, as the kernel does by itself. */
void function_send(struct host *h, const struct function *f, const char *action);

/* The same as somebody causes it who writes into the uevent file. */
void function_send_synthetic(struct host *h, const struct function *f, const char *action);

#endif
