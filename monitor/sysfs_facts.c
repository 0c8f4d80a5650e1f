/* SPDX-License-Identifier: Apache-2.0 */
#include "sysfs_facts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "vfmon/cleanup.h"
#include "vfmon/modalias.h"
#include "vfmon/names.h"

#include "sysfs_file.h"
#include "sysfs_text.h"

#define BUCKETS 64

/* A real one has 1.5 MiB. */
#define MODULES_ALIAS_MAX_BYTES (64 << 20)

/* Groups are numbered from 0 up and reused, so an array stays small; beyond, each is looked at. */
#define GROUPS_MAX (1 << 20)
#define GROUPS_STEP 256

enum group_fact { GROUP_NOT_KNOWN, GROUP_IOMMU, GROUP_NOIOMMU };

/* One answer: of a driver (module, vfio, holds) or of a modalias (module, driver). */
struct fact {
	struct fact *next;
	char *module;
	char *driver;
	enum module_vfio vfio;
	bool holds_vfio_core;
	char key[];
};

struct sysfs_facts {
	int sysfs_fd; /* borrowed */
	char *alias_path;
	struct stat alias_stat; /* of the file that aliases was read from; all 0: none */
	struct modalias_table *aliases; /* NULL: it could not be read */
	bool checked;			/* alias_stat is up to date */
	struct fact *drivers[BUCKETS];
	struct fact *modaliases[BUCKETS];
	uint8_t *groups; /* enum group_fact of each */
	int32_t group_count;
};

DEFINE_CLEANUP(struct sysfs_facts *, sysfs_facts_free);
DEFINE_CLEANUP(char *, free);
