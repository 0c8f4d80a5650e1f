/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is in force: the settings of vfmond.conf and the policy that is made of Nova's files, or of
 * vfmond.conf's own entries where there are none. Owns both, watches Nova's files, and keeps what is
 * in force while what is on disk is broken.
 */
#ifndef VFMOND_RULING_H
#define VFMOND_RULING_H

#include <stdbool.h>

#include "vfmon/config.h"
#include "vfmon/policy.h"
#include "vfmon/status.h"

struct ruling;

/* All borrowed for the life of the ruling. */
struct ruling_options {
	const char *config;
	bool config_given;	   /* a file that is missing is then an error */
	struct config_paths files; /* of the command line; they count instead of vfmond.conf's */
	struct config_paths dirs;
	const char *root;   /* stands before the paths of Nova's and of installed files; "" */
	const char *copies; /* folder of the redacted copies */
};

/* Reads everything, and logs what is wrong. Returns 0 or -ENOMEM. */
int ruling_new(const struct ruling_options *options, struct ruling **ret);

/* Takes NULL. Returns NULL. */
struct ruling *ruling_free(struct ruling *r);

/* In force; never NULL. Borrowed until the next ruling_forget(). */
const struct config *ruling_config(const struct ruling *r);
const struct policy *ruling_policy(const struct ruling *r);

enum ruling_scope {
	RULING_NOVA, /* what can change without a reload */
	RULING_ALL
};

/*
 * Reads again. Returns 1 if something else is in force now, and nobody may use what was before once
 * ruling_forget() is called; 0 if not; or -ENOMEM: it stays as it was.
 */
int ruling_load(struct ruling *r, enum ruling_scope scope);
void ruling_forget(struct ruling *r);

/* Readable when something has happened at Nova's files; -1: nothing is heard. */
int ruling_fd(const struct ruling *r);

/* Returns 1 if Nova's files are to be read again, in a moment; 0; or -errno: nothing is heard. */
int ruling_hear(struct ruling *r);

/* Fills config_files, settings and what the source counts. The texts stay until the next call. */
void ruling_status(struct ruling *r, struct status *ret);

/* What is wrong with the first file that is not in force, or NULL. Borrowed until the next call. */
const char *ruling_error(struct ruling *r);

#endif
