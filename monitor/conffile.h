/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration file on disk: what of it is in force, and what is wrong with it. */
#ifndef VFMOND_CONFFILE_H
#define VFMOND_CONFFILE_H

#include <stdbool.h>

#include "vfmon/config.h"
#include "vfmon/status.h"

struct conffile {
	const char *path;	 /* borrowed */
	bool must_exist;	 /* it was named on the command line */
	struct config *in_force; /* never NULL after conffile_load() */
	uint64_t loaded_usec;	 /* CLOCK_REALTIME; 0: never */
	char *error;		 /* what is wrong with what is on disk; NULL: nothing */
};

/*
 * Reads the file. What is wrong is logged and kept in error; a broken file changes nothing of what
 * is in force, if anything is. Returns 1 if another configuration is in force now, whose
 * predecessor goes to *ret_old (to be freed once nobody uses it), 0 if none is, or -ENOMEM.
 */
int conffile_load(struct conffile *f, struct config **ret_old);

void conffile_done(struct conffile *f);

#endif
