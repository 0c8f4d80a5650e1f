/* SPDX-License-Identifier: Apache-2.0 */
#include "sysfs_use.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vfmon/cleanup.h"
#include "vfmon/names.h"

#include "sysfs_file.h"
#include "use_addresses.h"
#include "use_disks.h"

struct sysfs_use {
	int sysfs_fd; /* borrowed */
	char *proc_root;
	unsigned int known;		    /* mask of the parts that were looked at */
	struct use_table tables[USE_PARTS]; /* by the number of the part's bit */
};

DEFINE_CLEANUP(struct sysfs_use *, sysfs_use_free);

int sysfs_use_new(int sysfs_fd, const char *proc_root, struct sysfs_use **ret)
{
	cleanup_(sysfs_use_freep) struct sysfs_use *u = calloc(1, sizeof(*u));

	if (!u)
		return -ENOMEM;
	u->sysfs_fd = sysfs_fd;
	u->proc_root = strdup(proc_root);
	if (!u->proc_root)
		return -ENOMEM;
	*ret = TAKE_PTR(u);
	return 0;
}

struct sysfs_use *sysfs_use_free(struct sysfs_use *u)
{
	if (!u)
		return NULL;
	for (size_t i = 0; i < USE_PARTS; i++)
		use_table_done(&u->tables[i]);
	free(u->proc_root);
	free(u);
	return NULL;
}

void sysfs_use_invalidate(struct sysfs_use *u)
{
	u->known = 0;
}

static int collect_disks(const struct sysfs_use *u, struct use_table *t)
{
	return use_disks_collect(u->sysfs_fd, u->proc_root, t);
}

static int collect_addresses(const struct sysfs_use *u, struct use_table *t)
{
	return use_addresses_collect(u->sysfs_fd, t);
}

struct vdpa_walk {
	int sysfs_fd;
	struct use_table *table;
};

/* Its name is whatever the operator gave it; where it hangs is in the link. */
static int on_vdpa(const char *name, void *arg)
{
	const struct vdpa_walk *w = arg;
	char path[sizeof(SYSFS_VDPA_DEVICES) + SYSFS_NAME_MAX], target[SYSFS_TARGET_MAX];
	struct pci_addr addr;

	(void)snprintf(path, sizeof(path), SYSFS_VDPA_DEVICES "/%.255s", name);
	if (sysfs_file_target(w->sysfs_fd, path, target) < 0 ||
	    pci_addr_from_path(target, &addr) < 0)
		return 0;
	return use_table_add(w->table, &addr, name);
}

static int collect_vdpa(const struct sysfs_use *u, struct use_table *t)
{
	struct vdpa_walk w = { u->sysfs_fd, t };
	int r = sysfs_file_each(u->sysfs_fd, SYSFS_VDPA_DEVICES, on_vdpa, &w);

	return r == -ENOENT ? 0 : r;
}

static int look(struct sysfs_use *u, size_t part, use_table_fn fn, void *arg)
{
	static int (*const collect[USE_PARTS])(const struct sysfs_use *u, struct use_table *t) = {
		collect_disks, collect_addresses, collect_vdpa
	};
	struct use_table now = { 0 }, old;
	int r = collect[part](u, &now);

	if (r < 0) {
		use_table_done(&now);
		return r;
	}
	use_table_sort(&now);
	/* fn may ask what is known now. */
	old = u->tables[part];
	u->tables[part] = now;
	u->known |= 1u << part;
	if (fn)
		use_table_compare(&old, &now, fn, arg);
	use_table_done(&old);
	return 0;
}

int sysfs_use_refresh(struct sysfs_use *u, unsigned int parts, use_table_fn fn, void *arg)
{
	int r = 0, error;

	for (size_t part = 0; part < USE_PARTS; part++) {
		error = parts & 1u << part ? look(u, part, fn, arg) : 0;
		if (error < 0)
			r = error;
	}
	return r;
}

bool sysfs_use_is_known(const struct sysfs_use *u, unsigned int part)
{
	return u->known & part;
}

void sysfs_use_do_without(struct sysfs_use *u, unsigned int part)
{
	u->known |= part;
}

void sysfs_use_look(struct sysfs_use *u, unsigned int part)
{
	int r = look(u, (size_t)__builtin_ctz(part), NULL, NULL);

	/*
	 * Tried once only: else each function of a host without the files would try again. What was
	 * only interrupted is there.
	 */
	if (r < 0 && r != -EINTR)
		u->known |= part;
}

const char *sysfs_use_get(struct sysfs_use *u, unsigned int part, const struct pci_addr *addr)
{
	if (!sysfs_use_is_known(u, part))
		sysfs_use_look(u, part);
	return use_table_get(&u->tables[__builtin_ctz(part)], addr);
}
