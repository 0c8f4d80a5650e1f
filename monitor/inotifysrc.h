/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes into functions' directories and those of vendors in them, of which no uevent tells, and what
 * happens to the nodes below /dev/vfio: hints only. libvirt gives QEMU a /dev of its own; what is
 * opened there is not heard. Nor is what is written through the sysfs of another network namespace,
 * which has inodes of its own. Knows no event loop: the owner watches inotifysrc_fd() and calls
 * inotifysrc_read_some().
 */
#ifndef VFMON_MONITOR_INOTIFYSRC_H
#define VFMON_MONITOR_INOTIFYSRC_H

#include <stdbool.h>
#include <stdint.h>

#include "tracker.h"
#include "vfmon/observation.h"
#include "vfmon/status.h"

struct inotifysrc;

/* What somebody has written. */
enum inotify_written {
	WRITTEN_ATTRIBUTE, /* one that no uevent tells of */
	WRITTEN_VF_COUNT   /* how many VFs a PF is to have; what becomes of it may take a moment */
};

struct inotifysrc_ops {
	/* Into the directory of a function, or of a vendor in it. */
	void (*on_written)(const struct pci_addr *addr, enum inotify_written what, void *arg);
	/* Of a group's node, or of a VFIO device's by its name. */
	void (*on_group)(int32_t group, enum node_news news, void *arg);
	void (*on_device)(const char *name, enum node_news news, void *arg);
	/* A folder of nodes has come: any node may be in it, and nobody has told. */
	void (*on_folder)(void *arg);
	/* Events were lost, and all that were kept have been read. */
	void (*on_loss)(void *arg);
	void *arg; /* of all */
};

/* Borrowed for the time of the call. */
struct inotifysrc_options {
	struct inotifysrc_ops ops;
	const char *sysfs_root;
	const char *dev_root;
};

/*
 * Listens to the folders of nodes from now on, and to their coming. Returns 0, -ENOMEM, or -errno:
 * the kernel gives no inotify.
 */
int inotifysrc_new(const struct inotifysrc_options *options, struct inotifysrc **ret);

/* Takes NULL. Returns NULL. */
struct inotifysrc *inotifysrc_free(struct inotifysrc *s);

int inotifysrc_fd(const struct inotifysrc *s);

/*
 * Listens to the directory, of this inode, of a function. Returns 1 if it does so from now on, so
 * that the function has to be read once more: before, nobody would have told of a write. 0: it did
 * so before. -ENOSPC: the kernel gives no more watches, and is not asked again before
 * inotifysrc_renew(). Any other -errno: the function is just going, or there is no memory.
 */
int inotifysrc_watch(struct inotifysrc *s, const struct pci_addr *addr, uint64_t inode);

/*
 * The same for the vendor directory that a read has found, or not: then no more. Returns whether it
 * is listened to from now on.
 */
bool inotifysrc_follow(struct inotifysrc *s, const struct observation *obs);

/* Listens to neither any more. */
void inotifysrc_forget(struct inotifysrc *s, const struct pci_addr *addr);

/*
 * What was listened to may have gone unheard, and there may be watches again where there were no
 * more: the next calls of inotifysrc_watch() and inotifysrc_follow() ask the kernel anew.
 */
void inotifysrc_renew(struct inotifysrc *s);

/*
 * Handles what waits, up to a budget. Returns 1 if there may be more, 0 if all is read, -errno if it
 * is broken for good.
 */
int inotifysrc_read_some(struct inotifysrc *s);

/* Its counters; adds to those that are there. */
void inotifysrc_status(const struct inotifysrc *s, struct source_status *ret);

#endif
