/* SPDX-License-Identifier: Apache-2.0 */
#include "hearing.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "clockjump.h"
#include "daemon_state.h"
#include "inotifysrc.h"
#include "journal.h"
#include "log.h"
#include "loop.h"
#include "moment.h"
#include "nlsrc.h"
#include "sysfs_facts.h"
#include "tracker.h"
#include "udevsrc.h"
#include "vfmon/names.h"
#include "watchfiles.h"

/*
 * What waits in an inherited socket is old and the first scan tells more; but a storm has no end.
 * So many calls read more than the socket's 16 MiB hold.
 */
#define DRAIN_CALLS 128

/* Some milliseconds: clients wait that long in a storm. */
#define READS_BEFORE_WORK 16

static void on_uevent(const struct uevent_subject *subject, void *arg)
{
	struct daemon *d = arg;

	if (!d->draining)
		tracker_hint(d->tracker, subject);
}

static void on_udev(const struct uevent_subject *subject, void *arg)
{
	struct daemon *d = arg;
	uint64_t seqnum = subject->hint.cause.seqnum;

	/* The kernel's own message came first and had the function read; only nodes can be news. */
	if (d->uevents && seqnum && seqnum <= nlsrc_last_seqnum(d->uevents))
		tracker_hint_nodes(d->tracker, subject);
	else
		tracker_hint(d->tracker, subject);
}

static void on_loss(void *arg)
{
	struct daemon *d = arg;

	if (!d->draining && tracker_resync(d->tracker, RESYNC_OVERFLOW))
		journal_event(JOURNAL_RESYNC, NULL, "events were lost, everything is read again");
}

static void blind(struct daemon *d, int fd, const char *name, const char *why)
{
	const struct log_field fields[] = { { JOURNAL_FIELD("SOURCE"), name }, { NULL, NULL } };

	loop_remove_source(d->loop, fd);
	journal_event(JOURNAL_SOURCE_BLIND, fields, "%s is not heard any more: %s", name, why);
}

/*
 * Reads on while the queue has more: what an event says of time, that a probe has ended, must not be
 * older than the read that it leads to.
 */
static int read_uevents(struct daemon *d)
{
	int r = 1;

	for (int n = 0; n < READS_BEFORE_WORK && r > 0; n++)
		r = nlsrc_read_some(d->uevents);
	return r;
}

static void on_uevents_readable(void *arg)
{
	struct daemon *d = arg;

	if (read_uevents(d) < 0) {
		d->uevents_blind = "its socket failed";
		blind(d, nlsrc_fd(d->uevents), "uevent", d->uevents_blind);
	}
	daemon_send_due(d);
}

static void on_links_readable(void *arg)
{
	struct daemon *d = arg;

	if (nlsrc_read_some(d->links) < 0) {
		d->links_blind = "its socket failed";
		blind(d, nlsrc_fd(d->links), "netlink", d->links_blind);
	}
	daemon_send_due(d);
}

static void on_udev_readable(void *arg)
{
	struct daemon *d = arg;

	if (udevsrc_read_some(d->udev) < 0)
		blind(d, udevsrc_fd(d->udev), "udev", "its socket failed");
	daemon_send_due(d);
}

static void on_written(const struct pci_addr *addr, enum inotify_written what, void *arg)
{
	struct daemon *d = arg;
	const struct uevent_subject subject = {
		.target = UEVENT_TARGET_FUNCTION,
		.addr = *addr,
		.group = -1,
		.hint.cause = { .source = CAUSE_INOTIFY,
				.received_usec = clock_usec(CLOCK_BOOTTIME) },
	};

	tracker_hint(d->tracker, &subject);
	if (what == WRITTEN_VF_COUNT)
		tracker_hint_vf_count(d->tracker, addr);
}

static void on_group(int32_t group, enum node_news news, void *arg)
{
	struct daemon *d = arg;

	tracker_hint_group_node(d->tracker, group, news);
}

static void on_device(const char *name, enum node_news news, void *arg)
{
	struct daemon *d = arg;

	tracker_hint_device_node(d->tracker, name, news);
}

static void on_folder(void *arg)
{
	struct daemon *d = arg;

	tracker_hint_all_nodes(d->tracker);
}

static void on_inotify_readable(void *arg)
{
	struct daemon *d = arg;

	if (inotifysrc_read_some(d->inotify) < 0) {
		d->inotify_blind = "its descriptor failed";
		blind(d, inotifysrc_fd(d->inotify), "inotify", d->inotify_blind);
	}
	daemon_send_due(d);
}

void hearing_follow(const struct observation *obs, void *arg)
{
	struct daemon *d = arg;

	if (!d->inotify || d->inotify_blind)
		return;
	if (obs->vendor_directory && !registry_get(tracker_registry(d->tracker), &obs->addr))
		return;
	if (inotifysrc_follow(d->inotify, obs))
		on_written(&obs->addr, WRITTEN_ATTRIBUTE, d);
}

static void open_inotify(struct daemon *d)
{
	const struct inotifysrc_options options = {
		.ops = { on_written, on_group, on_device, on_folder, on_loss, d },
		.sysfs_root = d->options->sysfs_root,
		.dev_root = d->options->dev_root,
	};

	if (inotifysrc_new(&options, &d->inotify) < 0)
		d->inotify_blind = "the kernel gives no inotify";
}

/* The file is replaced by another one, and its folder may not be there yet. */
static void watch_aliases(struct daemon *d)
{
	watchfiles_begin(d->aliases);
	if (watchfiles_add(d->aliases, d->alias_path) < 0)
		log_warning("no memory to listen to %s", d->alias_path);
	watchfiles_end(d->aliases);
}

/* Another modules.alias is to what was remembered of drivers what a module's load is. */
static void on_aliases(void *arg)
{
	struct daemon *d = arg;
	const struct uevent_subject subject = {
		.target = UEVENT_TARGET_MODULE,
		.group = -1,
		.hint.cause.source = CAUSE_INOTIFY,
	};
	int r = watchfiles_read(d->aliases);

	if (r < 0) {
		d->aliases_blind = "its descriptor failed";
		blind(d, watchfiles_fd(d->aliases), "inotify", d->aliases_blind);
	}
	if (r > 0) {
		watch_aliases(d);
		tracker_hint(d->tracker, &subject);
		daemon_send_due(d);
	}
}

/* Returns 0 or -ENOMEM. */
static int open_aliases(struct daemon *d)
{
	int r = sysfs_facts_alias_path(d->options->modules_alias, &d->alias_path);

	if (r == 0)
		r = watchfiles_new(&d->aliases);
	if (r == 0)
		watch_aliases(d);
	else if (r != -ENOMEM)
		d->aliases_blind = "the kernel gives no inotify";
	return r == -ENOMEM ? r : 0;
}

static void hint_disks(struct daemon *d)
{
	const struct uevent_subject subject = {
		.target = UEVENT_TARGET_DISKS,
		.group = -1,
		.hint.cause = { .source = CAUSE_INOTIFY,
				.received_usec = clock_usec(CLOCK_BOOTTIME) },
	};

	tracker_hint(d->tracker, &subject);
}

/* A mount or a swap area came or went; nothing needs to be read to be told of the next one. */
static void on_disk_use(void *arg)
{
	struct daemon *d = arg;

	hint_disks(d);
	daemon_send_due(d);
}

/* What was switched or plugged in the meantime need not have been told. */
static void on_clock_set(void *arg)
{
	struct daemon *d = arg;
	uint64_t usec = clockjump_read(d->clockjump);

	if (usec == 0)
		return;
	loop_on_resume(d->loop);
	if (tracker_resync(d->tracker, RESYNC_SUSPEND))
		journal_event(JOURNAL_RESYNC, NULL,
			      "the machine was suspended for %.1f s, everything is read again",
			      (double)usec / 1e6);
	daemon_send_due(d);
}

static uint64_t clock_of(clockid_t clock)
{
	return clock_usec(clock);
}

/* Opened before the first scan: what changes from then on is told. */
static void open_proc(struct daemon *d)
{
	static const char *const names[] = { PROC_MOUNTINFO, PROC_SWAPS };
	int root = open(d->options->proc_root, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		d->proc_fds[i] = openat(root, names[i], O_RDONLY | O_CLOEXEC);
	(void)close(root); /* only opened for the two */
}

int hearing_open(struct daemon *d)
{
	const struct nlsrc_ops ops = { on_uevent, on_loss, d };
	const struct udevsrc_ops udev_ops = { on_udev, on_loss, d };
	struct nlsrc_options options = {
		.ops = ops,
		.inherited_fd = d->sockets.kernel,
		.accept_injected = d->options->accept_injected,
	};

	d->draining = true;
	if (nlsrc_new_uevent(&options, &d->uevents) < 0)
		d->uevents_blind = "no socket for the kernel's events could be opened";
	else
		d->sockets.kernel = -1;
	options.inherited_fd = -1;
	if (nlsrc_new_link(&options, &d->links) < 0)
		d->links_blind = "no socket for rtnetlink could be opened";
	if (udevsrc_new(&udev_ops, &d->udev) < 0)
		return -ENOMEM;
	open_proc(d);
	open_inotify(d);
	if (clockjump_new(clock_of, &d->clockjump) < 0)
		log_warning("a suspension of the machine will not be noticed");
	if (open_aliases(d) < 0)
		return -ENOMEM;
	for (int n = 0; d->uevents && n < DRAIN_CALLS && nlsrc_read_some(d->uevents) > 0; n++)
		;
	d->draining = false;
	return 0;
}

int hearing_watch(struct daemon *d)
{
	struct loop *l = d->loop;
	int udev_fd = udevsrc_fd(d->udev);

	if (d->uevents && loop_add_source(l, nlsrc_fd(d->uevents), on_uevents_readable, d) < 0)
		return -ENOMEM;
	if (d->links && loop_add_source(l, nlsrc_fd(d->links), on_links_readable, d) < 0)
		return -ENOMEM;
	if (udev_fd >= 0 && loop_add_source(l, udev_fd, on_udev_readable, d) < 0)
		return -ENOMEM;
	if (d->inotify && loop_add_source(l, inotifysrc_fd(d->inotify), on_inotify_readable, d) < 0)
		return -ENOMEM;
	if (d->clockjump && loop_add_source(l, clockjump_fd(d->clockjump), on_clock_set, d) < 0)
		return -ENOMEM;
	if (d->aliases && loop_add_source(l, watchfiles_fd(d->aliases), on_aliases, d) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < sizeof(d->proc_fds) / sizeof(d->proc_fds[0]); i++)
		if (d->proc_fds[i] >= 0 &&
		    loop_add_notifier(l, d->proc_fds[i], on_disk_use, d) == -ENOMEM)
			return -ENOMEM;
	return 0;
}

/* What a poll of these files tells is told once only: whoever asks first has to heed it. */
static void hear_proc(struct daemon *d)
{
	for (size_t i = 0; i < sizeof(d->proc_fds) / sizeof(d->proc_fds[0]); i++) {
		struct pollfd p = { .fd = d->proc_fds[i], .events = POLLPRI };

		if (d->proc_fds[i] >= 0 && poll(&p, 1, 0) > 0 && p.revents & POLLPRI)
			hint_disks(d);
	}
}

bool hearing_hear_all(void *arg)
{
	struct daemon *d = arg;
	int uevents = 1, links = 1;

	hear_proc(d);
	if (d->uevents_blind || d->links_blind)
		return false;
	for (int n = 0; n < DRAIN_CALLS && (uevents > 0 || links > 0); n++) {
		uevents = nlsrc_read_some(d->uevents);
		links = nlsrc_read_some(d->links);
	}
	if (d->inotify)
		(void)inotifysrc_read_some(
			d->inotify); /* what it tells is no finding in any case */
	return uevents == 0 && links == 0;
}

void hearing_close(struct daemon *d)
{
	d->uevents = nlsrc_free(d->uevents);
	d->links = nlsrc_free(d->links);
	d->udev = udevsrc_free(d->udev);
	d->inotify = inotifysrc_free(d->inotify);
	d->clockjump = clockjump_free(d->clockjump);
	d->aliases = watchfiles_free(d->aliases);
	free(d->alias_path);
	for (size_t i = 0; i < sizeof(d->proc_fds) / sizeof(d->proc_fds[0]); i++)
		if (d->proc_fds[i] >= 0)
			(void)close(d->proc_fds[i]); /* only read from */
}
