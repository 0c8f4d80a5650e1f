/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells that something has happened at one of a set of paths: files, and folders of *.conf, that are
 * there or not yet. A wrapper of inotify; knows neither what is in them nor an event loop.
 */
#ifndef VFMOND_WATCHFILES_H
#define VFMOND_WATCHFILES_H

#include "vfmon/status.h"

struct watchfiles;

/* Returns 0, -ENOMEM, or -errno: the kernel gives no inotify. */
int watchfiles_new(struct watchfiles **ret);

/* Takes NULL. Returns NULL. */
struct watchfiles *watchfiles_free(struct watchfiles *w);

/* Readable when something has happened. */
int watchfiles_fd(const struct watchfiles *w);

/*
 * The set of paths, given one by one between begin and end; a path that is not there is waited for
 * in the nearest folder above. To be given again whenever something has happened, before the files
 * are read. add returns 0 or -ENOMEM; a path that can not be watched makes the source blind.
 */
void watchfiles_begin(struct watchfiles *w);
int watchfiles_add(struct watchfiles *w, const char *path);
void watchfiles_end(struct watchfiles *w);

/*
 * Reads what waits. Returns 1 if something may have happened at one of the paths (that events were
 * lost is such a reason), 0 if not, or -errno: it hears nothing any more.
 */
int watchfiles_read(struct watchfiles *w);

/* Its counters; adds to those that are there. */
void watchfiles_status(const struct watchfiles *w, struct source_status *ret);

#endif
