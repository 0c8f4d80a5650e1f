/* SPDX-License-Identifier: Apache-2.0 */
/* What vfmond says of the host beside what a scan of our own says, field by field. */
#ifndef VFMON_CLI_VERIFY_H
#define VFMON_CLI_VERIFY_H

#include <stddef.h>

#include "query.h"
#include "vfmon/pci_addr.h"

/* One field, or a whole function (field is "present"). */
struct verify_line {
	struct pci_addr addr;
	const char *field;	  /* its path, for example binding.driver */
	char *registry;		  /* what vfmond has, as JSON; owned */
	char *host;		  /* what was read; owned */
	const char *not_compared; /* why it was not compared; NULL: it differs */
};

/* All zero is none. */
struct verify {
	struct verify_line *lines;
	size_t count;
	size_t differences; /* of them */
	size_t functions;   /* that were compared */
	size_t left_out;    /* that were not compared at all */
};

/*
 * Asks vfmond, reads the host, compares once. What only time and events tell is not compared: times,
 * numbers of changes, and states on their way; nor a function that does not answer, which is not read.
 * After anything but EXIT_STATUS_YES all is said.
 */
enum exit_status verify_once(const struct options *o, struct verify *ret);

void verify_done(struct verify *v);

#endif
