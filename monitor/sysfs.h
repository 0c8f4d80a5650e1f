/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads functions of the host below a sysfs folder, one at a time, into observations. It touches
 * only what kernel facts 6.1 call safe to read; a broken host may block it all the same, therefore
 * nobody but the reader's thread uses it.
 */
#ifndef VFMON_MONITOR_SYSFS_H
#define VFMON_MONITOR_SYSFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "vfmon/observation.h"

#include "use_table.h"

struct sysfs;
struct vendor_rules;

/* All borrowed for the time of the call. */
struct sysfs_options {
	const char *sysfs_root;	   /* NULL: VFMON_SYSFS_ROOT */
	const char *dev_root;	   /* NULL: VFMON_DEV_ROOT */
	const char *modules_alias; /* NULL: that of the running kernel */
	const char *proc_root;	   /* NULL: VFMON_PROC_ROOT */
};

/*
 * Returns 0, -ENOMEM, or the error of opening the sysfs folder; a missing dev folder only means
 * that there are no nodes. The caller frees.
 */
int sysfs_new(const struct sysfs_options *options, struct sysfs **ret);

/* Takes NULL. Returns NULL. */
struct sysfs *sysfs_free(struct sysfs *s);

/*
 * Forgets what is remembered of drivers, modules, modules.alias and IOMMU groups: all of it can
 * change when a module or a driver comes or goes.
 */
void sysfs_invalidate(struct sysfs *s);

/*
 * What is remembered of the host's own use of functions (see sysfs_use.h): forgotten until it is
 * asked for; or looked at again at once, in the parts of a mask of USE_*, with fn called for each
 * function that is to be read again. Returns 0 or -errno.
 */
void sysfs_forget_use(struct sysfs *s);
int sysfs_refresh_use(struct sysfs *s, unsigned int parts, use_table_fn fn, void *arg);

/*
 * What reads of all functions need, beside the function itself. It is remembered; a read that needs
 * what is not known looks at it by itself, but may hang there where the function has no part in it.
 */
enum sysfs_common {
	SYSFS_ALIASES, /* modules.alias, which may be on another host's disk */
	SYSFS_DISKS,
	SYSFS_ADDRESSES,
	SYSFS_VDPA,
	SYSFS_COMMON_COUNT
};

/*
 * Whether it was looked at since it was forgotten; has it looked at, modules.alias only if that is
 * another file now; or does without, as if it could not be read.
 */
enum sysfs_common sysfs_common_of_use(unsigned int part); /* of USE_* */
bool sysfs_is_known(const struct sysfs *s, enum sysfs_common what);
void sysfs_look_at(struct sysfs *s, enum sysfs_common what);
void sysfs_do_without(struct sysfs *s, enum sysfs_common what);

/* By what vendor directories are read from now on; takes rules (NULL: none). */
void sysfs_set_vendor_rules(struct sysfs *s, struct vendor_rules *rules);

/* What is to be read of a function, and what need not be. */
struct sysfs_want {
	/*
	 * What never changes (ids, class, subsystem, NUMA node, vf_index) is read unless this is the
	 * directory's inode (0: always); has_static tells.
	 */
	uint64_t known_inode;
	bool card_serial; /* from the VPD */
};

/*
 * Reads one function into *ret, whose hint stays as observation_init() left it: kind is FUNCTION,
 * GONE, or UNREADABLE with error.
 */
void sysfs_read_function(struct sysfs *s, const struct pci_addr *addr,
			 const struct sysfs_want *want, struct observation *ret);

/*
 * The same with kind NODES for only inode, iommu_group, iommu_group_noiommu, vfio_device and nodes.
 */
void sysfs_read_nodes(struct sysfs *s, const struct pci_addr *addr, struct observation *ret);

/*
 * Lists all functions of the host, ascending. Returns their number and an array that the caller frees
 * (NULL for none), or -errno. Whether there is one function: 1, 0, or -errno.
 */
ssize_t sysfs_list(struct sysfs *s, struct pci_addr **ret);
int sysfs_exists(struct sysfs *s, const struct pci_addr *addr);

#endif
