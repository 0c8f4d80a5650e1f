/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nova's files of configuration: which ones there are, in Nova's order, and what is in them. Whoever
 * may not read the originals looks at their redacted copies.
 */
#ifndef VFMOND_NOVAFILES_H
#define VFMOND_NOVAFILES_H

#include <stdbool.h>
#include <stddef.h>

#include "vfmon/cleanup.h"
#include "vfmon/config.h"
#include "vfmon/nova_config.h"

/* So many files are read, and so many bytes of all of them; those behind are files with an error. */
#define NOVAFILES_MAX 1024
#define NOVAFILES_MAX_BYTES (16u << 20)

/* All borrowed. */
struct novafiles_options {
	const char *root;	   /* stands before every path of an original; "": this host */
	const char *copies;	   /* folder of the redacted copies, looked at first; NULL: none */
	struct config_paths files; /* each has to be there; none: where nova-compute looks */
	struct config_paths dirs;  /* the same */
};

/* What was found at one moment. */
struct novafiles {
	struct nova_file *files; /* in Nova's order; a folder that can not be read is one, too */
	size_t count;
	size_t first_of_dirs; /* the files before were looked for by their own paths */
	char **dirs;	      /* the folders that were looked into */
	size_t dir_count;
	size_t bytes; /* of all files */
};

/*
 * First the files, then the *.conf of each folder in the order of their names. Where no file is
 * named: of each of the usual places the first path that is there. Returns 0 or -ENOMEM; what can
 * not be read is in the result.
 */
int novafiles_read(const struct novafiles_options *options, struct novafiles **ret);

/* Takes NULL. Returns NULL. */
struct novafiles *novafiles_free(struct novafiles *n);

/* Whether Nova, and who reads the copies, would see the same. */
bool novafiles_equal(const struct novafiles *a, const struct novafiles *b);

/*
 * Calls fn with each path, of a copy or an original, at which something can come, go or change that
 * makes another result; also where nothing is yet. Returns 0, -ENOMEM, or what fn returned below 0.
 */
typedef int (*novafiles_place_fn)(const char *path, void *arg);
int novafiles_each_place(const struct novafiles_options *options, novafiles_place_fn fn, void *arg);

/*
 * The path of a copy in the folder of copies; the caller frees it. Returns 0, -ENOMEM, or -EINVAL:
 * such a path has no copy, as it is relative or goes up with "..".
 */
int novafiles_copy_path(const char *copies, const char *path, char **ret);

/*
 * In a copy's place there is a link to nowhere if the original could not be read: its target begins
 * with the number of the error. Writes it, or gives the errno; 0: it is no such link.
 */
#define NOVAFILES_MARK_MAX 80
const char *novafiles_mark(int error, char buf[static NOVAFILES_MARK_MAX]);
int novafiles_marked_error(const char *path);

DEFINE_CLEANUP(struct novafiles *, novafiles_free);

#endif
