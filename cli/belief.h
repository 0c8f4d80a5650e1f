/* SPDX-License-Identifier: Apache-2.0 */
/* What a nova-compute that was started then has wrong about this host, and its files. */
#ifndef VFMON_CLI_BELIEF_H
#define VFMON_CLI_BELIEF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "staleness.h"
#include "vfmon/value.h"

/* About a function or a file. */
struct belief_error {
	char *name; /* address or path, owned */
	bool is_file;
	struct staleness_verdict verdict;
};

/* All zero is none. */
struct belief {
	struct belief_error *errors;
	size_t count;
	size_t certain;	   /* of them are not STALENESS_UNCERTAIN */
	size_t unreadable; /* files of which nothing could be learned */
	size_t refused;	   /* files that nova-compute would not start with again */
};

void belief_done(struct belief *b);

/* Looks at Devices, those that are there and those that are gone. Returns 0 or -ENOMEM. */
int belief_add_devices(struct belief *b, const struct staleness_time *started,
		       const struct value *devices);

/* Looks at the files of Nova's in a Status, on disk. Returns 0 or -ENOMEM. */
int belief_add_files(struct belief *b, const struct staleness_time *started,
		     const struct value *status);

#endif
