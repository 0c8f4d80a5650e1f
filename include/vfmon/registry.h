/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of the host's functions: observations go in, numbered changes come out. Every
 * function of the host has an entry, as group members and a new configuration need it; only PFs,
 * their VFs and those that a device_spec takes are listed and make changes.
 */
#ifndef VFMON_REGISTRY_H
#define VFMON_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vfmon/observation.h"
#include "vfmon/vf.h"

struct policy;
struct registry;
struct text_pool;

/* One moment on both clocks, in microseconds. */
struct moment {
	uint64_t realtime_usec;
	uint64_t boottime_usec;
};

enum change_kind { CHANGE_APPEARED, CHANGE_CHANGED, CHANGE_DISAPPEARED, CHANGE_KIND_COUNT };

/* One observed change. Whoever keeps it takes references of device and previous. */
struct change {
	uint64_t sequence;
	uint64_t generation;
	uint64_t fields; /* mask of enum vf_field */
	uint64_t observed_usec;
	struct vf *device;   /* NULL: disappeared */
	struct vf *previous; /* NULL: appeared */
	struct cause cause;
	enum change_kind kind;
	struct pci_addr addr;
};

/* Each may be NULL: nobody asks. */
struct registry_ops {
	/* A change has happened; it and its images are borrowed. */
	void (*on_change)(const struct change *change, void *arg);
	/* The function is to be read again at that time (CLOCK_BOOTTIME) without an event. */
	void (*on_again)(const struct pci_addr *addr, uint64_t due_usec, void *arg);
	/*
	 * Names from the hardware database for an image that is still being made; sets vendor_name
	 * and product_name.
	 */
	void (*on_names)(struct vf *vf, void *arg);
	void *arg; /* of all three */
};

struct registry_options {
	struct text_pool *pool;	     /* borrowed; must live longer than every image */
	const struct policy *policy; /* borrowed; NULL: no device_spec takes anything */
	bool all_functions;	     /* list every function of the host */
	bool kernel_has_vfio_dev;    /* kernel 6.1 or later */
	/* It is known to make nodes of groups below /dev/vfio; else what was seen decides. */
	bool has_group_nodes;
	bool keep_specs; /* images bring what an entry said of them, see registry_adopt() */
	uint64_t stuck_after_usec;
};

/* Returns 0 or -ENOMEM. */
int registry_new(const struct registry_ops *ops, const struct registry_options *options,
		 struct registry **ret);

/* Takes NULL. Returns NULL. */
struct registry *registry_free(struct registry *r);

/*
 * Folds one observation, a scan's borders included: what a whole scan did not see is gone. Changes
 * come through on_change before it returns. The functions of the first scan are numbered but are
 * no change: on_change is not called for them. Returns 0, or -ENOMEM: a rescan is due.
 */
int registry_apply(struct registry *r, const struct observation *obs, const struct moment *now);

/*
 * Another configuration is in force; every function is judged again. The old policy is not used
 * any more when it returns, except where images still show what they said. Returns 0 or -ENOMEM.
 */
int registry_configure(struct registry *r, const struct registry_options *options,
		       const struct moment *now);

/*
 * To be called before the first scan: what an earlier run of this boot knew, of each address how it
 * was, gone (vanished_usec is set) or not. A function that the scan finds in the same life gets its
 * times back; one that is not among them has appeared, and one that is not found has vanished, at
 * the time of the scan. References the images. Returns 0, or -ENOMEM: some are not remembered.
 */
int registry_remember(struct registry *r, struct vf *const *images, size_t count);

/*
 * Instead of a scan: the functions of another host as a dump tells them, each address once. They are
 * judged by this registry's policy and are not read. References the images. Returns 0 or -ENOMEM.
 */
int registry_adopt(struct registry *r, struct vf *const *images, size_t count,
		   const struct moment *now);

/* What an observation says that is not so in the registry. */
struct comparison {
	uint64_t fields;	 /* mask of enum vf_field; UINT64_MAX: a life begins or ends */
	enum vf_binding binding; /* that it would be, if the life goes on */
};

/*
 * Compares one function as it was read (or is gone) with what is known, and changes nothing. Returns
 * 0 or -ENOMEM.
 */
int registry_compare(const struct registry *r, const struct observation *obs,
		     const struct moment *now, struct comparison *ret);

/*
 * Whether an event had to tell of a change: not of what only a write into sysfs does, nor of the
 * begin and the failure of a probe. What only follows from another function's change does not count.
 */
bool registry_is_announced(const struct change *change);

/* Whether the first scan is complete. */
bool registry_is_ready(const struct registry *r);

/* Number of the last change. */
uint64_t registry_sequence(const struct registry *r);

/* Number of listed functions. */
size_t registry_count(const struct registry *r);

/* The listed function of this address, or NULL. Borrowed. */
struct vf *registry_get(const struct registry *r, const struct pci_addr *addr);

/*
 * The listed function with the lowest address above after (NULL: the first), or NULL at the end.
 * Borrowed; stays usable as a cursor whatever changes in between.
 */
struct vf *registry_next(const struct registry *r, const struct pci_addr *after);

/*
 * The same, faster for going through all: *hint begins as 0, and is the caller's to keep. Right
 * whatever changes in between.
 */
struct vf *registry_next_near(const struct registry *r, const struct pci_addr *after, size_t *hint);

/* The address above after (NULL: the first) of a function of the host, listed or not; false at the end. */
bool registry_next_known(const struct registry *r, const struct pci_addr *after, size_t *hint,
			 struct pci_addr *ret);

/* Number of functions of the host, listed or not. */
size_t registry_known_count(const struct registry *r);

/*
 * Functions that were listed in this boot and are gone, as last seen: the one with the lowest
 * address above after, or NULL. Borrowed.
 */
struct vf *registry_next_vanished(const struct registry *r, const struct pci_addr *after);

/* The last change of this address, gone or not; false if there was none. Images are borrowed. */
bool registry_last_change(const struct registry *r, const struct pci_addr *addr,
			  struct change *ret);

/*
 * What the reader may leave out: the inode whose never-changing part is known (0: nothing). Every
 * function of the host, listed or not.
 */
uint64_t registry_known_inode(const struct registry *r, const struct pci_addr *addr);

/*
 * Whether the serial number of the function's card decides which device_spec takes it, so that its
 * VPD is worth reading.
 */
bool registry_wants_card_serial(const struct registry *r, const struct pci_addr *addr);

/* Whether a function has exactly this name and is a PF, as struct spec_host asks. */
bool registry_has_physical_function(const struct registry *r, const char *name);

/*
 * The function of a network interface, listed or not; only as long as an entry uses devname. Returns
 * whether there is one.
 */
bool registry_find_interface(const struct registry *r, const char *name, struct pci_addr *ret);

/* Calls fn, which changes nothing here, for every function, listed or not, of an IOMMU group. */
typedef void (*registry_each_fn)(const struct vf *vf, void *arg);
void registry_each(const struct registry *r, int32_t group, registry_each_fn fn, void *arg);

#endif
