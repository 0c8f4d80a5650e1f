/* SPDX-License-Identifier: Apache-2.0 */
/* What the two files of the registry share: its tables. */
#ifndef VFMON_REGISTRY_INTERNAL_H
#define VFMON_REGISTRY_INTERNAL_H

#include "iommu_groups.h"
#include "vfmon/addr_table.h"
#include "vfmon/binding.h"
#include "vfmon/registry.h"

/* Numbers of the last change of an address. */
struct last_change {
	uint64_t sequence; /* 0: none */
	uint64_t fields;
	uint64_t observed_usec;
	uint64_t generation;
	struct cause cause;
	enum change_kind kind;
};

struct entry {
	struct pci_addr addr; /* first: see addr_table.h */
	struct vf *vf;	      /* how it is now; of a vanished one how it was last */
	struct binding_memory binding;
	struct last_change last;
	uint64_t scan;		  /* number of the last scan that saw it */
	uint64_t held_until_usec; /* CLOCK_BOOTTIME; 0: its kind is certain */
	uint8_t unreadable;	  /* reads that failed in a row */
	bool listed;
};

struct registry {
	struct registry_ops ops;
	struct registry_options options;
	struct addr_table entries;  /* what is there */
	struct addr_table vanished; /* what was listed and is gone */
	struct iommu_groups groups;
	uint64_t sequence;
	uint64_t scan;
	size_t listed;
	uint64_t every_pf_due_usec; /* when all PFs are read again, if that was asked for */
	bool ready;
};

/* Frees an entry with its image. Takes NULL. Returns NULL. */
struct entry *registry_entry_free(struct entry *e);

void registry_ask_again(struct registry *r, const struct pci_addr *addr, uint64_t due_usec);

/*
 * A function is gone whose life was not seen, at least not as a VF: a PF may have counted it, and no
 * event will tell of that. Has the PF that the address had last, or all of them, read a little later.
 */
void registry_look_for_physical_function(struct registry *r, const struct pci_addr *addr,
					 const struct moment *now);

/*
 * Gives an entry its next image, which it takes, and publishes what that changes: about has only
 * the cause. Old and new image may both be unlisted, then nobody hears of it.
 */
void registry_set_image(struct registry *r, struct entry *e, struct vf *next, struct change *about,
			const struct moment *now);

/*
 * The same for an image that was read, whose group hears of it too. Takes next. Returns 0 or
 * -ENOMEM.
 */
int registry_advance(struct registry *r, struct entry *e, struct vf *next,
		     const struct observation *obs, const struct moment *now);

/* The life of an entry is over; it is not to be used any more. Returns 0 or -ENOMEM. */
int registry_end_life(struct registry *r, struct entry *e, const struct cause *cause,
		      const struct moment *now);

#endif
