/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of vendor.d: the packages' ones, and the administrator's beside vfmond.conf, of which one
 * of the same name takes the place of a package's.
 */
#ifndef VFMOND_VENDORFILES_H
#define VFMOND_VENDORFILES_H

struct tracker;
struct vendor_rules;

/* All zero: nothing was read yet. */
struct vendorfiles {
	char *read; /* names and contents, to know whether they are others now */
};

/*
 * Reads them all; a file that is broken or can not be read is left out and logged. config is the
 * path of vfmond.conf. Returns 1 with *ret if there is something else in them than the last time, 0
 * if not, or -ENOMEM.
 */
int vendorfiles_load(struct vendorfiles *v, const char *config, struct vendor_rules **ret);

/* The same, and the tracker reads by them from now on. Returns 1, 0, or -ENOMEM. */
int vendorfiles_apply(struct vendorfiles *v, const char *config, struct tracker *tracker);

void vendorfiles_done(struct vendorfiles *v);

#endif
