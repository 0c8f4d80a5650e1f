/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two sources of events that come by netlink: the kernel's uevents, and rtnetlink's link
 * and address messages, which are hints only. Neither knows an event loop: the owner watches nlsrc_fd() and
 * calls nlsrc_read_some() when it is readable.
 */
#ifndef VFMON_MONITOR_NLSRC_H
#define VFMON_MONITOR_NLSRC_H

#include <stdbool.h>
#include <stdint.h>

#include "vfmon/status.h"
#include "vfmon/uevent.h"

struct nlsrc;

struct nlsrc_ops {
	/* An event that asks for something (never UEVENT_TARGET_NOTHING). Borrowed. */
	void (*on_subject)(const struct uevent_subject *subject, void *arg);
	/*
	 * Messages were lost, and only now is the queue empty so that the kernel sends again: what is
	 * read from here on misses nothing.
	 */
	void (*on_loss)(void *arg);
	void *arg; /* of both */
};

struct nlsrc_options {
	struct nlsrc_ops ops;
	int inherited_fd;     /* a bound uevent socket, taken over on success; -1: open one */
	bool accept_injected; /* the sender may be a process of root's: only for tests */
};

/*
 * Listens to kernel uevents. A socket of its own gets the largest buffer that we may have; an
 * inherited one keeps its own unless it is smaller and we may enlarge it. Returns 0 or -errno.
 */
int nlsrc_new_uevent(const struct nlsrc_options *options, struct nlsrc **ret);

/* Listens to rtnetlink's groups of links and addresses; inherited_fd must be -1. Returns 0 or -errno. */
int nlsrc_new_link(const struct nlsrc_options *options, struct nlsrc **ret);

/* Closes the socket. Takes NULL. Returns NULL. Not from within a callback. */
struct nlsrc *nlsrc_free(struct nlsrc *s);

int nlsrc_fd(const struct nlsrc *s);

/*
 * Handles what waits, up to a budget; on_loss comes when the queue has been emptied. Returns 1 if
 * there may be more (the fd stays readable), 0 if all is read, -errno if the socket is broken for
 * good: the status then says why it is blind.
 */
int nlsrc_read_some(struct nlsrc *s);

/* The greatest SEQNUM that was handled; 0: none. A udev event up to it brings no news. */
uint64_t nlsrc_last_seqnum(const struct nlsrc *s);

/* Counters up to this moment. */
void nlsrc_status(const struct nlsrc *s, struct source_status *ret);

#endif
