/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of a ruling, for the files that make it up. */
#ifndef VFMOND_RULING_INTERNAL_H
#define VFMOND_RULING_INTERNAL_H

#include <limits.h>
#include <sys/stat.h>

#include "conffile.h"
#include "novafiles.h"
#include "ruling.h"
#include "versions.h"
#include "watchfiles.h"

#define RULING_HOST_MAX 256
#define RULING_ORIGIN_MAX (PATH_MAX + 16)

/* The settings that are no row of struct config. */
enum ruling_row {
	RULING_NOVA_CONFIG,
	RULING_NOVA_CONFIG_DIR,
	RULING_VIRT_TYPE,
	RULING_REPORT_IN_PLACEMENT,
	RULING_PCI_IN_PLACEMENT,
	RULING_ROWS
};

/* A policy with what it borrows. */
struct ruled {
	struct policy policy;
	struct nova_config *nova;
	struct nova_config
		*rejected; /* what is on disk and broken; NULL: nova is what is on disk */
};

struct ruling {
	struct ruling_options options;
	struct conffile conf;
	struct config *old_config; /* until ruling_forget() */
	struct ruled *now;
	struct ruled *old;
	struct novafiles *files;  /* as last read */
	struct watchfiles *watch; /* NULL: blind */
	const char *blind;
	uint64_t nova_loaded_usec; /* CLOCK_REALTIME; 0: never */
	struct stat qemu_seen;
	struct version_found qemu;
	struct version_found libvirt;
	char host_name[RULING_HOST_MAX];

	/* For GetStatus. */
	struct config_file_status *rows;
	char **errors; /* one for each row; NULL: none */
	size_t row_count;
	struct setting_status settings[CONFIG_SETTINGS + RULING_ROWS];
	char libvirt_origin[RULING_ORIGIN_MAX];
	char qemu_origin[RULING_ORIGIN_MAX];
};

/* Whether Nova's files decide; else the entries of vfmond.conf do. */
bool ruling_is_nova(const struct novafiles *files);

/* Where Nova's files are looked for, by the command line, else by that configuration. */
struct novafiles_options ruling_places(const struct ruling *r, const struct config *config);

#endif
