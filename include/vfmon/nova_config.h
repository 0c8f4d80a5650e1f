/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Nova decides on: its options about PCI devices, collected from all of its files in its own
 * order, old names and substitution included (Nova's conf/pci.py, oslo.config's cfg.py). The entries
 * of vfmond.conf are read by the same code.
 */
#ifndef VFMON_NOVA_CONFIG_H
#define VFMON_NOVA_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "vfmon/cleanup.h"
#include "vfmon/finding.h"
#include "vfmon/nova_conf.h"
#include "vfmon/version.h"

struct aliases;
struct device_specs;

/* One file, in the order in which Nova reads them. All borrowed for the time of the call. */
struct nova_file {
	const char *path; /* of the original, for messages */
	const char *bytes;
	size_t len;
	int error; /* a positive errno: it is there and can not be read; bytes is not looked at */
	bool redacted; /* a copy whose other lines were taken out, see redaction.h */
};

struct nova_config {
	/*
	 * Nova would not start with these files, whatever the host is like: nothing is matched (specs
	 * and aliases are empty). findings tell why, at level refused.
	 */
	bool broken;
	struct device_specs *specs; /* never NULL */
	struct aliases *aliases;    /* never NULL */
	bool report_in_placement;
	bool pci_in_placement;
	char *virt_type; /* never NULL */
	/* What can be said without looking at the host. */
	struct findings findings;
	bool has_mdev_types; /* [devices] enabled_mdev_types or enabled_vgpu_types is set */
	struct finding_place mdev_place; /* of it */
};

/*
 * Reads the files. version decides what is a key and what is refused. No bytes make it fail: returns
 * 0, or -ENOMEM.
 */
int nova_config_parse(version_t version, const struct nova_file *files, size_t count,
		      struct nova_config **ret);

/* No file at all: nothing is matched. Returns 0 or -ENOMEM. */
int nova_config_none(version_t version, struct nova_config **ret);

/* The same from a file that was taken apart already: that of vfmond.conf. */
int nova_config_own(version_t version, const char *path, const struct nova_conf *file,
		    struct nova_config **ret);

/* Takes NULL. Returns NULL. Matches that were handed out stay. */
struct nova_config *nova_config_free(struct nova_config *config);

DEFINE_CLEANUP(struct nova_config *, nova_config_free);

#endif
