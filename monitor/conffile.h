/* SPDX-License-Identifier: Apache-2.0 */
/* vfmond.conf on disk: what of it is in force, and what is wrong with it. */
#ifndef VFMOND_CONFFILE_H
#define VFMOND_CONFFILE_H

#include <stdbool.h>

#include "vfmon/config.h"

struct conffile {
	const char *path;	 /* borrowed */
	bool must_exist;	 /* it was named on the command line */
	struct config *in_force; /* never NULL once something was taken */
	uint64_t loaded_usec;	 /* CLOCK_REALTIME; 0: never */
	char *unreadable;	 /* why what is on disk can not be read; NULL: it can */
	struct config *seen;	 /* what is on disk, if it is not in force; may be NULL */
};

/*
 * Reads the file and logs what is wrong with its settings. Returns 1 if there is something to be
 * taken into force (at the start always), 0 if the old one has to stay, or -ENOMEM. Until
 * conffile_take() it is in seen.
 */
int conffile_read(struct conffile *f);

/* Takes what was read into force. Returns its predecessor, to be freed once nobody uses it. */
struct config *conffile_take(struct conffile *f);

void conffile_done(struct conffile *f);

#endif
