/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What sysfs remembers between two reads, as it changes only with modules and drivers: the module
 * behind a driver and whether that is a VFIO module, the best VFIO driver for a modalias, and which
 * IOMMU groups are of the no-IOMMU mode.
 */
#ifndef VFMON_MONITOR_SYSFS_FACTS_H
#define VFMON_MONITOR_SYSFS_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "vfmon/observation.h"

struct sysfs_facts;

/*
 * Where modules.alias is: a copy of modules_alias, or the path of the running kernel's for NULL. Returns
 * 0 or -ENOMEM; the caller frees.
 */
int sysfs_facts_alias_path(const char *modules_alias, char **ret);

/* Borrows sysfs_fd; copies modules_alias (NULL: that of the running kernel). 0 or -ENOMEM. */
int sysfs_facts_new(int sysfs_fd, const char *modules_alias, struct sysfs_facts **ret);

/* Takes NULL. Returns NULL. */
struct sysfs_facts *sysfs_facts_free(struct sysfs_facts *f);

/* Forgets everything; modules.alias is read again only if it is another file now. */
void sysfs_facts_invalidate(struct sysfs_facts *f);

/* Forgets everything if modules.alias is another file now. */
void sysfs_facts_check(struct sysfs_facts *f);

/* Whether modules.alias was looked at since everything was forgotten; or pretends that it was. */
bool sysfs_facts_is_checked(const struct sysfs_facts *f);
void sysfs_facts_do_without(struct sysfs_facts *f);

/* Texts are borrowed until the facts are forgotten. */
struct sysfs_driver {
	const char *module; /* NULL: built in, or the kernel has not made the link yet */
	enum module_vfio vfio;
	bool holds_vfio_core;
};

/* What is known of a PCI driver. Returns 0 or -errno. */
int sysfs_facts_driver(struct sysfs_facts *f, const char *driver, struct sysfs_driver *ret);

/* Texts are borrowed until the facts are forgotten. */
struct sysfs_best {
	const char *module; /* NULL: not known */
	const char *driver; /* the module's, or its name where it is not loaded */
};

/* The VFIO driver that modules.alias would choose. Returns 0 or -errno. */
int sysfs_facts_best(struct sysfs_facts *f, const char *modalias, struct sysfs_best *ret);

/* Whether the group is one of the no-IOMMU mode: 1 or 0, or -errno. */
int sysfs_facts_noiommu(struct sysfs_facts *f, int32_t group);

#endif
