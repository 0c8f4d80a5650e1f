/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes into vendors' directories, of which no uevent tells, and what happens to the nodes below
 * /dev/vfio: hints only. libvirt gives QEMU a /dev of its own; what is opened there is not heard.
 * Knows no event loop: the owner watches inotifysrc_fd() and calls inotifysrc_read_some().
 */
#ifndef VFMON_MONITOR_INOTIFYSRC_H
#define VFMON_MONITOR_INOTIFYSRC_H

#include <stdbool.h>
#include <stdint.h>

#include "tracker.h"
#include "vfmon/observation.h"
#include "vfmon/status.h"

struct inotifysrc;

struct inotifysrc_ops {
	/* Somebody has written into the vendor directory of a function. */
	void (*on_vendor)(const struct pci_addr *addr, void *arg);
	/* Of a group's node, or of a VFIO device's by its name. */
	void (*on_group)(int32_t group, enum node_news news, void *arg);
	void (*on_device)(const char *name, enum node_news news, void *arg);
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

/* Returns 0, -ENOMEM, or -errno: the kernel gives no inotify. */
int inotifysrc_new(const struct inotifysrc_options *options, struct inotifysrc **ret);

/* Takes NULL. Returns NULL. */
struct inotifysrc *inotifysrc_free(struct inotifysrc *s);

int inotifysrc_fd(const struct inotifysrc *s);

/*
 * What was read of a function says which folders are there: its vendor directory, and those of the
 * nodes. Returns whether its vendor directory is watched from now on, so that it has to be read once
 * more: before, nobody would have told of a write.
 */
bool inotifysrc_follow(struct inotifysrc *s, const struct observation *obs);

/*
 * Handles what waits, up to a budget. Returns 1 if there may be more, 0 if all is read, -errno if it
 * is broken for good.
 */
int inotifysrc_read_some(struct inotifysrc *s);

/* Its counters; adds to those that are there. */
void inotifysrc_status(const struct inotifysrc *s, struct source_status *ret);

#endif
