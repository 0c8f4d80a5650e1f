/* SPDX-License-Identifier: Apache-2.0 */
/* Which function has the network interface of a name. */
#ifndef VFMON_INTERFACES_H
#define VFMON_INTERFACES_H

#include <stdbool.h>

#include "vfmon/pci_addr.h"

struct text;

/* All zero is empty. */
struct interfaces {
	void *tree;
};

void interfaces_done(struct interfaces *interfaces);

/* The function has it now, whoever had it before. Returns 0 or -ENOMEM. */
int interfaces_put(struct interfaces *interfaces, struct text *name, const struct pci_addr *addr);

/* The function has it no longer; nothing happens if it is another one's now. */
void interfaces_drop(struct interfaces *interfaces, const struct text *name,
		     const struct pci_addr *addr);

bool interfaces_find(const struct interfaces *interfaces, const char *name, struct pci_addr *ret);

#endif
