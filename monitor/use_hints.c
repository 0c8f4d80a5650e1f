/* SPDX-License-Identifier: Apache-2.0 */
#include "use_hints.h"

#include "sysfs_use.h"

static unsigned int part_of(enum uevent_target target)
{
	switch (target) {
	case UEVENT_TARGET_DISKS:
		return USE_DISKS;
	case UEVENT_TARGET_ADDRESSES:
		return USE_ADDRESSES;
	case UEVENT_TARGET_VDPA:
		return USE_VDPA;
	case UEVENT_TARGET_NOTHING:
	case UEVENT_TARGET_FUNCTION:
	case UEVENT_TARGET_GROUP:
	case UEVENT_TARGET_MODULE:
		break;
	}
	return 0;
}

void use_hints_add(struct use_hints *h, const struct uevent_subject *subject, uint64_t now_usec)
{
	unsigned int part = part_of(subject->target);
	uint64_t earliest = h->last_usec ? h->last_usec + USE_HINTS_INTERVAL_USEC : 0;

	if (!part)
		return;
	if (!h->parts)
		h->due_usec = now_usec > earliest ? now_usec : earliest;
	h->parts |= part;
	h->hint = subject->hint;
}

uint64_t use_hints_next_usec(const struct use_hints *h)
{
	return h->parts ? h->due_usec : UINT64_MAX;
}

unsigned int use_hints_take(struct use_hints *h, uint64_t now_usec, struct hint *ret)
{
	unsigned int parts = h->parts;

	if (!parts || h->due_usec > now_usec)
		return 0;
	h->parts = 0;
	h->last_usec = now_usec;
	*ret = h->hint;
	return parts;
}
