/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the registry share: its tables. */
#ifndef VFMON_REGISTRY_INTERNAL_H
#define VFMON_REGISTRY_INTERNAL_H

#include "interfaces.h"
#include "iommu_groups.h"
#include "vfmon/addr_table.h"
#include "vfmon/binding.h"
#include "vfmon/placement.h"
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
	struct pci_addr addr;	/* first: see addr_table.h */
	struct vf *vf;		/* how it is now; of a vanished one how it was last */
	struct family *family;	/* NULL: neither PF nor VF of a known PF */
	struct entry *previous; /* neighbours among the VFs of the family */
	struct entry *next;
	struct binding_memory binding;
	struct last_change last;
	uint64_t scan;		  /* number of the last scan that saw it */
	uint64_t held_until_usec; /* CLOCK_BOOTTIME; 0: its kind is certain */
	uint8_t unreadable;	  /* reads that failed in a row */
	bool listed;
};

/* A PF and its VFs, which are judged together. */
struct family {
	struct pci_addr addr; /* of the PF; first: see addr_table.h */
	struct entry *pf;     /* NULL: it is not there, or not known to be a PF */
	struct entry *first;  /* of the VFs */
	struct entry *last;
	size_t count; /* of the VFs */
	enum placement_conflict conflict;
	bool stale; /* first scan: there were VFs before their PF was known */
};

struct registry {
	struct registry_ops ops;
	struct registry_options options;
	struct addr_table entries;  /* what is there */
	struct addr_table vanished; /* what was listed and is gone */
	struct addr_table families;
	struct interfaces interfaces; /* empty as long as no device_spec asks for them */
	struct addr_table remembered; /* what an earlier run knew and this one has not seen yet */
	struct iommu_groups groups;
	uint64_t sequence;
	uint64_t scan;
	size_t listed;
	uint64_t every_pf_due_usec; /* when all PFs are read again, if that was asked for */
	bool has_memory;	    /* registry_remember() was called */
	bool ready;
	uint8_t nodes_seen; /* VF_NODE_* that any function has had */
	bool all_due;	    /* the end of the first scan judges every function */
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

/* The entries of device_spec in force; NULL: none. */
struct device_specs *registry_specs(const struct registry *r);

/* As Nova's is_physical_function(); a dump need not say how many VFs a PF could have. Takes NULL. */
bool registry_is_physical_function(const struct vf *vf);

/* Whether a VFIO driver brings a node of the group; where it does not, there is only that of the device. */
bool registry_has_group_nodes(const struct registry *r);

/* Sets which entry takes an image that is not published yet. Returns 0 or -ENOMEM. */
int registry_match(const struct registry *r, struct vf *vf);

/* Sets the verdict about an image of this entry that is not published yet. Returns 0 or -ENOMEM. */
int registry_judge(const struct registry *r, const struct entry *e, struct vf *vf);

/* Sets when what Nova would store of a function changed last, if a difference (mask) is of that. */
void registry_note_attributes(uint64_t fields, const struct vf *old, struct vf *next,
			      const struct moment *now);

/* Gives the image of a function that the first scan finds the times that an earlier run knew. */
void registry_recall(struct registry *r, struct vf *vf, const struct moment *now);

/* What an earlier run knew and the first scan did not find has vanished, by now at the latest. */
void registry_bury_unseen(struct registry *r, const struct moment *now);

/* Keeps how a function was when it went; one for each address. Takes the entry. */
void registry_keep_vanished(struct registry *r, struct entry *e, const struct moment *now);

/*
 * Puts an entry into the family that its next image says, or takes it out of any. Returns 0 or
 * -ENOMEM.
 */
int registry_join_family(struct registry *r, struct entry *e, const struct vf *next);
void registry_leave_family(struct registry *r, struct entry *e);

/*
 * What Placement says of the entry's family if the entry is not like old (NULL: not there yet) but
 * like next (NULL: not there any more). The same answer as before without looking at each VF where
 * nothing of that has changed. Returns an enum placement_conflict or -ENOMEM.
 */
int registry_family_conflict(const struct registry *r, const struct entry *e, const struct vf *old,
			     const struct vf *next);

/* What another image of a PF is to its VFs. */
enum kin {
	KIN_SAME,
	KIN_JUDGE, /* the verdict about them can be another one */
	KIN_MATCH  /* the entry of device_spec that takes them, too */
};

/* What that is, when the entry is not like old (may be NULL) but like next (the same). */
enum kin registry_kin_of(const struct registry *r, const struct entry *e, const struct vf *old,
			 const struct vf *next);

/*
 * Judges a whole family again, with the entries of device_spec too if match is set; publishes what
 * that changes. Returns 0 or -ENOMEM.
 */
int registry_judge_family(struct registry *r, struct family *f, bool match,
			  const struct cause *cause, const struct moment *now);

/* The same for every function. */
int registry_judge_all(struct registry *r, bool match, const struct cause *cause,
		       const struct moment *now);

/* The same for those families that could not be judged right in the course of the first scan. */
int registry_judge_first_families(struct registry *r, const struct cause *cause,
				  const struct moment *now);

/* Keeps note of a function's interface, of all of them; where no entry asks, of none. */
int registry_note_interface(struct registry *r, const struct vf *old, const struct vf *next);
int registry_note_interfaces(struct registry *r);

/* The life of an entry is over; it is not to be used any more. Returns 0 or -ENOMEM. */
int registry_end_life(struct registry *r, struct entry *e, const struct cause *cause,
		      const struct moment *now);

#endif
