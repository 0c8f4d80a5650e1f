/* SPDX-License-Identifier: Apache-2.0 */
/* Goes through functions or changes one by one; what changes in between does not disturb it. */
#ifndef VFMON_WALK_H
#define VFMON_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vfmon/history.h"
#include "vfmon/registry.h"

struct filter;
struct service;
struct wire_request;

enum walk_over { WALK_LISTED, WALK_VANISHED };

/* Functions in the order of their addresses. */
struct device_walk {
	const struct registry *registry;
	const struct filter *filter; /* borrowed; NULL: all */
	enum walk_over over;
	bool begun;
	struct pci_addr last; /* the last one that was passed, if begun */
	size_t hint;	      /* for the registry: where that one stands */
	size_t next_hint;     /* where the one stands that was peeked at */
};

/* The next function that the filter lets pass, or NULL. Borrowed. */
struct vf *device_walk_peek(struct device_walk *w);

/* Passes the one that was peeked at last. */
void device_walk_pass(struct device_walk *w, const struct vf *vf);

/* Changes in their order. */
struct change_walk {
	const struct history *history;
	bool has_addr;
	struct pci_addr addr; /* only its changes, if has_addr */
	uint64_t after;	      /* number of the last one that was passed */
	uint64_t newest;      /* of those that there were at the begin */
	uint64_t left;	      /* how many may still come */
};

/*
 * Those that a call of GetHistory asks for: without "after" the newest. Returns 0, or -EINVAL: the
 * address is none.
 */
int change_walk_init(struct change_walk *w, const struct history *history,
		     const struct wire_request *request);

/* The next change, or NULL. Borrowed until the history changes. */
const struct change *change_walk_peek(const struct change_walk *w);

/* Passes that one. */
void change_walk_pass(struct change_walk *w, const struct change *change);

#endif
