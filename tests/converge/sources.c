/* SPDX-License-Identifier: Apache-2.0 */
#include "sources.h"

#include <stdlib.h>

#include "clock.h"

/* As READS_BEFORE_WORK of hearing.c. */
#define READS_BEFORE_WORK 16

static void on_subject(const struct uevent_subject *subject, void *arg)
{
	struct monitored *m = arg;

	if (!m->draining)
		tracker_hint(m->tracker, subject);
}

static void on_loss(void *arg)
{
	struct monitored *m = arg;

	if (!m->draining)
		(void)tracker_resync(m->tracker, RESYNC_OVERFLOW);
}

void sources_on_written(const struct pci_addr *addr, enum inotify_written what, void *arg)
{
	struct monitored *m = arg;
	const struct uevent_subject subject = {
		.target = UEVENT_TARGET_FUNCTION,
		.addr = *addr,
		.group = -1,
		.hint.cause = { .source = CAUSE_INOTIFY, .received_usec = clock_now_usec() },
	};

	tracker_hint(m->tracker, &subject);
	if (what == WRITTEN_VF_COUNT)
		tracker_hint_vf_count(m->tracker, addr);
}

static void on_group(int32_t group, enum node_news news, void *arg)
{
	struct monitored *m = arg;

	tracker_hint_group_node(m->tracker, group, news);
}

static void on_device(const char *name, enum node_news news, void *arg)
{
	struct monitored *m = arg;

	tracker_hint_device_node(m->tracker, name, news);
}

static void on_folder(void *arg)
{
	struct monitored *m = arg;

	tracker_hint_all_nodes(m->tracker);
}

static void watch_aliases(struct monitored *m)
{
	watchfiles_begin(m->aliases);
	if (watchfiles_add(m->aliases, m->world->modules_alias) < 0)
		abort();
	watchfiles_end(m->aliases);
}

bool sources_read_aliases(struct monitored *m)
{
	const struct uevent_subject subject = {
		.target = UEVENT_TARGET_MODULE,
		.group = -1,
		.hint.cause.source = CAUSE_INOTIFY,
	};

	if (m->world->deaf || watchfiles_read(m->aliases) <= 0)
		return false;
	watch_aliases(m);
	tracker_hint(m->tracker, &subject);
	return true;
}

void sources_open(struct monitored *m)
{
	const struct nlsrc_options uevents = { .ops = { on_subject, on_loss, m },
					       .inherited_fd = -1 };
	const struct inotifysrc_options inotify = {
		.ops = { sources_on_written, on_group, on_device, on_folder, on_loss, m },
		.sysfs_root = m->world->sysfs,
		.dev_root = m->world->dev,
	};

	m->draining = true;
	if (nlsrc_new_uevent(&uevents, &m->uevents) < 0 ||
	    nlsrc_new_link(&uevents, &m->links) < 0 || inotifysrc_new(&inotify, &m->inotify) < 0 ||
	    watchfiles_new(&m->aliases) < 0)
		abort();
	watch_aliases(m);
	/* systemd has kept events meanwhile, which are older than the scan. */
	while (nlsrc_read_some(m->uevents) > 0)
		;
	m->draining = false;
}

bool sources_read_inotify(struct monitored *m)
{
	return !m->world->deaf && inotifysrc_read_some(m->inotify) > 0;
}

/* As hearing.c, which the audit asks before it believes what it has found. */
bool sources_hear_all(void *arg)
{
	struct monitored *m = arg;
	int r = 1;

	while (r > 0)
		r = nlsrc_read_some(m->uevents) + nlsrc_read_some(m->links);
	(void)sources_read_inotify(m);
	return r == 0;
}

void sources_close(struct monitored *m)
{
	nlsrc_free(m->uevents);
	nlsrc_free(m->links);
	inotifysrc_free(m->inotify);
	watchfiles_free(m->aliases);
}

void sources_read_uevents(struct monitored *m)
{
	for (int n = 0; n < READS_BEFORE_WORK && nlsrc_read_some(m->uevents) > 0; n++)
		;
}

/* As udevsrc and hearing.c: late, without evidence, and of no use if the kernel has told already. */
bool sources_read_udev(struct monitored *m)
{
	struct uevent_subject subject;
	struct udev_copy copy;
	struct uevent event;

	if (!world_take_copy(m->world, &copy))
		return false;
	if (uevent_parse(copy.text, copy.size, &event) < 0)
		return true;
	event.synthetic = true;
	uevent_subject(&event, &subject);
	subject.hint.cause.source = CAUSE_UDEV;
	subject.hint.cause.received_usec = clock_now_usec();
	if (subject.target == UEVENT_TARGET_NOTHING)
		return true;
	if (copy.seqnum <= nlsrc_last_seqnum(m->uevents))
		tracker_hint_nodes(m->tracker, &subject);
	else
		tracker_hint(m->tracker, &subject);
	return true;
}
