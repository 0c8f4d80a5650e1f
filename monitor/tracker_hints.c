/* SPDX-License-Identifier: Apache-2.0 */
/* What events ask for, as entries of the dirty set. */
#include <string.h>

#include "moment.h"
#include "tracker_internal.h"
#include "vfmon/text.h"

/* A module's load is an add of the module, one of its driver and a bind for each device. */
#define MODULES_AGAIN_USEC 200000ULL

/* A large host is then read little by little, so that no event has to wait behind all of it. */
#define ALL_STEP 64
#define ALL_STEP_USEC 10000ULL

void tracker_mark(struct tracker *t, const struct dirty_entry *entry, uint64_t due_usec)
{
	audit_forget(&t->audit, &entry->addr);
	if (dirty_mark(t->dirty, entry, due_usec) < 0)
		(void)tracker_resync(t, RESYNC_MEMORY);
}

void tracker_mark_all(struct tracker *t, const struct dirty_entry *like, uint64_t due_usec)
{
	struct dirty_entry entry = *like;
	struct vf *vf = NULL;
	size_t place = 0;
	uint64_t n = 0;

	while ((vf = registry_next_near(t->registry, vf ? &vf->addr : NULL, &place))) {
		entry.addr = vf->addr;
		tracker_mark(t, &entry, due_usec + n++ / ALL_STEP * ALL_STEP_USEC);
	}
}

/* The events of a module's load come together; what somebody wrote is the better cause. */
static void hint_modules(struct tracker *t, enum cause_source source)
{
	if (t->modules_due_usec == UINT64_MAX) {
		t->modules_due_usec = clock_usec(CLOCK_BOOTTIME) + MODULES_AGAIN_USEC;
		t->modules_source = CAUSE_TIMER;
	}
	if (source == CAUSE_INOTIFY)
		t->modules_source = source;
}

struct node_hints {
	struct tracker *tracker;
	const struct hint *hint;
	uint64_t now_usec;
};

static void on_group_member(const struct vf *vf, void *arg)
{
	const struct node_hints *hints = arg;
	const struct dirty_entry entry = {
		.addr = vf->addr,
		.what = DIRTY_NODES,
		.hint = *hints->hint,
	};

	tracker_mark(hints->tracker, &entry, hints->now_usec);
}

static void hint_group(struct tracker *t, const struct uevent_subject *subject)
{
	struct node_hints hints = { t, &subject->hint, clock_usec(CLOCK_BOOTTIME) };

	if (subject->group >= 0)
		registry_each(t->registry, subject->group, on_group_member, &hints);
}

void tracker_hint(struct tracker *t, const struct uevent_subject *subject)
{
	const struct dirty_entry entry = {
		.addr = subject->addr,
		.what = DIRTY_FUNCTION,
		.hint = subject->hint,
	};

	switch (subject->target) {
	case UEVENT_TARGET_NOTHING:
		break;
	case UEVENT_TARGET_FUNCTION:
		tracker_mark(t, &entry, clock_usec(CLOCK_BOOTTIME));
		break;
	case UEVENT_TARGET_GROUP:
		hint_group(t, subject);
		break;
	case UEVENT_TARGET_MODULE:
		hint_modules(t, subject->hint.cause.source);
		break;
	case UEVENT_TARGET_DISKS:
	case UEVENT_TARGET_ADDRESSES:
	case UEVENT_TARGET_VDPA:
		use_hints_add(&t->use, subject, clock_usec(CLOCK_BOOTTIME));
		break;
	}
}

void tracker_hint_nodes(struct tracker *t, const struct uevent_subject *subject)
{
	const struct vf *vf;
	struct dirty_entry entry = {
		.addr = subject->addr,
		.what = DIRTY_NODES,
		.hint = subject->hint,
	};

	if (subject->target == UEVENT_TARGET_GROUP)
		hint_group(t, subject);
	if (subject->target != UEVENT_TARGET_FUNCTION)
		return;
	vf = registry_get(t->registry, &subject->addr);
	if (vf && (vf->vfio_device || vf->nodes))
		tracker_mark(t, &entry, clock_usec(CLOCK_BOOTTIME));
}

static void on_opened(const struct pci_addr *addr, void *arg)
{
	struct tracker *t = arg;
	const struct dirty_entry entry = {
		.addr = *addr,
		.what = DIRTY_FUNCTION,
		.hint.cause.source = CAUSE_INOTIFY,
	};

	tracker_mark(t, &entry, clock_usec(CLOCK_BOOTTIME));
}

void tracker_mark_opened(struct tracker *t, uint64_t now_usec)
{
	opened_each(&t->opened, now_usec, on_opened, t);
}

static void add_opened(struct tracker *t, const struct pci_addr *addr)
{
	if (opened_add(&t->opened, addr, clock_usec(CLOCK_BOOTTIME)) < 0)
		(void)tracker_resync(t, RESYNC_MEMORY);
}

static void on_opened_member(const struct vf *vf, void *arg)
{
	add_opened(arg, &vf->addr);
}

void tracker_hint_group_node(struct tracker *t, int32_t group, enum node_news news)
{
	const struct uevent_subject subject = {
		.target = UEVENT_TARGET_GROUP,
		.group = group,
		.hint.cause = { .source = CAUSE_INOTIFY,
				.received_usec = clock_usec(CLOCK_BOOTTIME) },
	};

	switch (news) {
	case NODE_CAME_OR_WENT:
		hint_group(t, &subject);
		break;
	case NODE_OPENED_OR_CLOSED:
		registry_each(t->registry, group, on_opened_member, t);
		break;
	}
}

void tracker_hint_device_node(struct tracker *t, const char *name, enum node_news news)
{
	struct vf *vf = NULL;
	struct dirty_entry entry = { .what = DIRTY_NODES, .hint.cause.source = CAUSE_INOTIFY };
	uint64_t now = clock_usec(CLOCK_BOOTTIME);
	size_t place = 0;

	while ((vf = registry_next_near(t->registry, vf ? &vf->addr : NULL, &place)))
		if (vf->vfio_device && strcmp(text_str(vf->vfio_device), name) == 0)
			break;
	if (!vf)
		return;
	entry.addr = vf->addr;
	entry.hint.cause.received_usec = now;
	if (news == NODE_OPENED_OR_CLOSED)
		add_opened(t, &vf->addr);
	else
		tracker_mark(t, &entry, now);
}

void tracker_hint_vf_count(struct tracker *t, const struct pci_addr *addr)
{
	add_opened(t, addr);
}

void tracker_hint_listened(struct tracker *t, const struct pci_addr *addr, uint64_t due_usec)
{
	const struct dirty_entry entry = {
		.addr = *addr,
		.what = DIRTY_FUNCTION,
		.hint.cause.source = CAUSE_TIMER,
	};

	tracker_mark(t, &entry, due_usec);
}

void tracker_hint_all_nodes(struct tracker *t)
{
	const struct dirty_entry like = { .what = DIRTY_NODES, .hint.cause.source = CAUSE_INOTIFY };

	tracker_mark_all(t, &like, clock_usec(CLOCK_BOOTTIME));
}
