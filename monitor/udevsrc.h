/* SPDX-License-Identifier: Apache-2.0 */
/*
 * udev's events (its rules have run, so the device nodes have their owner) and its hardware
 * database. The only module that knows libudev; it knows no event loop, see nlsrc.h.
 */
#ifndef VFMON_MONITOR_UDEVSRC_H
#define VFMON_MONITOR_UDEVSRC_H

#include <stdbool.h>
#include <stdint.h>

#include "vfmon/status.h"
#include "vfmon/uevent.h"

struct udevsrc;

struct udevsrc_ops {
	/*
	 * Something happened to a function or a VFIO group. The hint's cause says udev, the action and
	 * the kernel's SEQNUM. It never has evidence: udev may be seconds late.
	 */
	void (*on_subject)(const struct uevent_subject *subject, void *arg);
	/* Events were lost, and the queue is empty again. */
	void (*on_loss)(void *arg);
	void *arg; /* of both */
};

/*
 * Opens monitor and hardware database. Where one of them is not to be had, it works without; the
 * status says why it is blind. Returns 0 or -ENOMEM.
 */
int udevsrc_new(const struct udevsrc_ops *ops, struct udevsrc **ret);

/* Takes NULL. Returns NULL. Not from within a callback. */
struct udevsrc *udevsrc_free(struct udevsrc *s);

/* -1 while it is blind. */
int udevsrc_fd(const struct udevsrc *s);

/* As nlsrc_read_some(). */
int udevsrc_read_some(struct udevsrc *s);

/* Counters up to this moment. */
void udevsrc_status(const struct udevsrc *s, struct source_status *ret);

struct udevsrc_ids {
	uint16_t vendor_id;
	uint16_t product_id;
	bool has_subsystem;
	uint16_t subsystem_vendor_id;
	uint16_t subsystem_product_id;
};

/*
 * What the hardware database calls such a function; NULL where it has no name. Borrowed until the
 * next call.
 */
struct udevsrc_names {
	const char *vendor;
	const char *product;
};
void udevsrc_names(struct udevsrc *s, const struct udevsrc_ids *ids, struct udevsrc_names *ret);

#endif
