/* SPDX-License-Identifier: Apache-2.0 */
/* A dump: all that one host's vfmond knew at one moment (design: "io.vfmon.dump", version 1). */
#ifndef VFMON_CLI_DUMP_H
#define VFMON_CLI_DUMP_H

#include <stddef.h>
#include <stdio.h>

#include "query.h"
#include "vfmon/cleanup.h"

struct text_pool;
struct vf;

/* Asks the daemon for all of it and writes it, a line. After a failure everything is said. */
enum exit_status dump_write(const struct options *o, FILE *out);

struct dump {
	struct value *root; /* owns the texts of host and settings */
	struct vf **images;
	size_t count;
};

#define DUMP_REASON_MAX 512

/*
 * Takes a dump apart. Returns 0; -ENOMEM; -EINVAL: it is none, is cut, is of a newer version, or one
 * of its functions is not as it should be, with a sentence in ret_reason.
 */
int dump_read(const char *text, size_t len, struct text_pool *pool, struct dump **ret,
	      char ret_reason[static DUMP_REASON_MAX]);

/* Takes NULL. Returns NULL. */
struct dump *dump_free(struct dump *dump);

DEFINE_CLEANUP(struct dump *, dump_free);

/* The name of its host; "host" where it is not told. Borrowed. */
const char *dump_host_name(const struct dump *dump);

/* The value of a setting of the daemon that made it; NULL: not told. Borrowed. */
const char *dump_setting(const struct dump *dump, const char *name);

#endif
