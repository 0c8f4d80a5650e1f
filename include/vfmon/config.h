/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vfmond.conf: the settings in force; what its [pci] says is nova_config's. No content of the file is a reason
 * not to run: what is wrong is recorded, and a default takes its place.
 */
#ifndef VFMON_CONFIG_H
#define VFMON_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vfmon/cleanup.h"
#include "vfmon/spec_error.h"
#include "vfmon/status.h"
#include "vfmon/version.h"

struct nova_conf;

/* How many keys of [vfmond] have an effect, and how many problems are kept. */
enum { CONFIG_SETTINGS = 10, CONFIG_MAX_PROBLEMS = 64 };

/* A key that may stand several times. */
struct config_paths {
	const char **items; /* absolute; the texts are those of the file */
	size_t count;
};

struct config {
	/*
	 * The file's grammar is broken: at reload the old configuration has to stay in force. At start
	 * this one can be used: settings are defaults.
	 */
	bool broken;
	/* "FILE:LINE:COLUMN: reason" of what made it broken, else of the first problem; or NULL. */
	char *error;
	struct spec_error problems[CONFIG_MAX_PROBLEMS]; /* the first ones, in the file's order */
	size_t problem_count;

	struct nova_conf *file; /* all assignments, for nova_config_own(); NULL: broken */

	uint64_t stuck_after_usec;
	uint64_t audit_interval_usec; /* 0: off */
	uint64_t history_bytes;
	uint64_t max_clients;
	uint64_t max_clients_per_user;
	version_t nova_version;	   /* 0: the newest that is known */
	version_t libvirt_version; /* 0: to be found */
	version_t qemu_version;	   /* the same */
	/* In the order of the file; none: where nova-compute of a distribution looks. */
	struct config_paths nova_configs;
	struct config_paths nova_config_dirs;
	int log_level; /* LOG_EMERG ... LOG_DEBUG of syslog.h */

	/* Each key of [vfmond] that has an effect; name and origin are constants. */
	struct setting_status settings[CONFIG_SETTINGS];
	size_t setting_count;
};

/*
 * Reads the bytes of a file; path is only for messages. No bytes at all
 * give the defaults, so a file that is not there is no case of its own. Returns 0, or -ENOMEM.
 */
int config_parse(const char *path, const char *bytes, size_t len, struct config **ret);

/* Takes NULL. Returns NULL. */
struct config *config_free(struct config *config);

/* "err", "warning", "info", "debug" and what else syslog.conf(5) has, or -EINVAL. */
int config_log_level(const char *name);

DEFINE_CLEANUP(struct config *, config_free);

#endif
