/* SPDX-License-Identifier: Apache-2.0 */
/* Which functions a client wants: type Filter of the interface. */
#ifndef VFMON_FILTER_H
#define VFMON_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "vfmon/cleanup.h"
#include "vfmon/vf.h"

struct filter;

/* Lists of names and lists of addresses; each begins empty, which means any. */
enum filter_text { FILTER_RESOURCE_CLASSES, FILTER_DRIVERS, FILTER_TEXT_COUNT };
enum filter_addr { FILTER_ADDRESSES, FILTER_PHYSICAL_FUNCTIONS, FILTER_ADDR_COUNT };

/* One that everything passes. Returns 0 or -ENOMEM. */
int filter_new(struct filter **ret);

/* Takes NULL. Returns NULL. */
struct filter *filter_free(struct filter *f);

DEFINE_CLEANUP(struct filter *, filter_free);

/* Each adds one more value that is wanted; before the first filter_matches(). */
void filter_add_kind(struct filter *f, enum vf_kind kind);
void filter_add_binding(struct filter *f, enum vf_binding binding);
void filter_add_readiness(struct filter *f, enum vf_readiness readiness);
void filter_set_managed(struct filter *f, bool managed);
int filter_add_text(struct filter *f, enum filter_text which, const char *text); /* or -ENOMEM */
int filter_add_addr(struct filter *f, enum filter_addr which, const struct pci_addr *addr);

/* To be called once when all was added. */
void filter_finish(struct filter *f);

/* A NULL filter lets everything pass; otherwise a NULL vf, a function that is not there, fails. */
bool filter_matches(const struct filter *f, const struct vf *vf);

#endif
