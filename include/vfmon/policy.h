/* SPDX-License-Identifier: Apache-2.0 */
/* All that decides about a function besides the host's own state. */
#ifndef VFMON_POLICY_H
#define VFMON_POLICY_H

#include <stdbool.h>

#include "vfmon/version.h"

struct findings;
struct nova_config;

/* All borrowed; whoever owns it replaces it as a whole. */
struct policy {
	const struct nova_config *config; /* never NULL */
	/*
	 * What is on disk is broken and not in force, config is older; NULL: config is what is on
	 * disk. What there is to say of the files is then here, and no more in config.
	 */
	const struct findings *rejected;
	version_t nova;		   /* which Nova is followed */
	version_t libvirt;	   /* 0: not known, then the newest known behaviour applies */
	version_t qemu;		   /* the same */
	bool has_driverctl;	   /* remedies can use it */
	const char *host_name;	   /* for names of resource providers; never NULL */
	const char *modules_alias; /* path, for messages; may be NULL */
	/* vfmond.conf has entries of its own, which are ignored for Nova's; NULL: it has none. */
	const char *own_file;
	unsigned int own_line; /* of the first of them */
};

#endif
