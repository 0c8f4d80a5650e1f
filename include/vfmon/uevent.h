/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One message of the kernel's uevent socket, taken apart. Its layout is in the kernel's
 * lib/kobject_uevent.c: "action@devpath", then KEY=value texts, each ended by a NUL.
 */
#ifndef VFMON_UEVENT_H
#define VFMON_UEVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vfmon/observation.h"

/* What of a message matters here; the texts point into the message. */
struct uevent {
	enum uevent_action action;
	const char *devpath;   /* without /sys */
	const char *subsystem; /* "" if the message has none */
	uint64_t seqnum;
	bool synthetic; /* somebody wrote into a uevent file */
};

/*
 * Takes a message of len bytes apart. Returns 0; -EBADMSG if it is not whole (no header, no last
 * NUL, no SEQNUM, header and keys differ); -EOPNOTSUPP for an action that is not known.
 */
int uevent_parse(const char *message, size_t len, struct uevent *ret);

/* What an event asks for. */
enum uevent_target {
	UEVENT_TARGET_NOTHING,	/* noise */
	UEVENT_TARGET_FUNCTION, /* re-read ret_addr */
	UEVENT_TARGET_GROUP,	/* look at the nodes of IOMMU group ret_group */
	UEVENT_TARGET_MODULE,	/* facts about drivers and modules have changed */
	/* What the host uses functions for may have changed, of any function: */
	UEVENT_TARGET_DISKS,
	UEVENT_TARGET_ADDRESSES,
	UEVENT_TARGET_VDPA
};

struct uevent_subject {
	enum uevent_target target;
	struct pci_addr addr;
	int32_t group;
	struct hint hint;
};

/* Decides what an event is about (kernel facts: which subsystems tell what). */
void uevent_subject(const struct uevent *event, struct uevent_subject *ret);

#endif
