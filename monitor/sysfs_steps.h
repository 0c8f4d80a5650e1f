/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of reading one function, between opening its folder and closing it. */
#ifndef VFMON_MONITOR_SYSFS_STEPS_H
#define VFMON_MONITOR_SYSFS_STEPS_H

#include <stdint.h>

#include "vfmon/observation.h"

#include "sysfs_file.h"
#include "sysfs_sriov.h"

struct sysfs_facts;
struct sysfs_use;
struct sysfs_vpd;
struct vendor_rules;

/* One function while it is read. */
struct sysfs_reading {
	int fd;	    /* of its folder, so that a later function of the same address can not mix in */
	int dev_fd; /* of the folder of device nodes; -1: there is none */
	uint64_t known_inode;
	struct sysfs_facts *facts;
	struct sysfs_use *use;
	const struct vendor_rules *rules;
	struct sysfs_vpd *vpd; /* NULL: no serial number is asked for */
	struct sysfs_sriov *sriov;
	char *text; /* SYSFS_FILE_MAX bytes for the file that is read now */
	struct observation *obs;
};

/* What the steps return, beside 0 and -errno, if another driver has come or gone meanwhile. */
#define SYSFS_STEPS_MOVED 1

int sysfs_steps_function(struct sysfs_reading *rd);
int sysfs_steps_nodes(struct sysfs_reading *rd);

#endif
