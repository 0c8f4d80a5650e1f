/* SPDX-License-Identifier: Apache-2.0 */
#include "inotifysrc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "vfmon/cleanup.h"
#include "vfmon/names.h"
#include "vfmon/vf.h"

#include "sysfs_text.h"
#include "watched.h"

/* Each of some 32 bytes; so that clients are not starved by a storm. */
#define BUFFER_BYTES 8192
#define READS_PER_CALL 16

#define PATH_BYTES 4096

/* Sent after a write that succeeded; sysfs tells nothing of files and links that come and go. */
#define WRITE_EVENTS IN_MODIFY
#define NODE_EVENTS (IN_CREATE | IN_DELETE | IN_OPEN | IN_CLOSE)
#define COMING_EVENTS (IN_CREATE | IN_MOVED_TO)

#define NO_MORE_WATCHES "the kernel gives no more inotify watches (fs.inotify.max_user_watches)"

/* The folders of nodes. */
enum { FOLDER_GROUPS, FOLDER_DEVICES, FOLDER_COUNT };

static const char *const folder_names[FOLDER_COUNT] = { DEV_VFIO_GROUPS, DEV_VFIO_DEVICES };

/* A PF's number of VFs is never read, see kernel facts 6.1; that somebody has set it is news. */
static const struct {
	const char *name;
	enum inotify_written what;
} attributes[] = {
	{ SYSFS_DRIVER_OVERRIDE, WRITTEN_ATTRIBUTE },
	{ SYSFS_DRIVERS_AUTOPROBE, WRITTEN_ATTRIBUTE },
	{ SYSFS_NUM_VFS, WRITTEN_VF_COUNT },
};

struct inotifysrc {
	struct inotifysrc_ops ops;
	int fd;
	char *sysfs_root, *dev_root;
	struct watched_table watched;
	uint32_t round; /* of inotifysrc_renew() */
	int above;	/* of the folder in which that of groups comes; -1: not watched */
	int folders[FOLDER_COUNT]; /* the same */
	bool exhausted;		   /* the kernel gives no more watches */
	bool lossy;		   /* events were lost, and older ones still wait */
	struct source_status status;
};

DEFINE_CLEANUP(struct inotifysrc *, inotifysrc_free);

/* Returns its number, the same for a directory that is watched already, or -errno. */
static int add_watch(struct inotifysrc *s, const char *path, uint32_t events)
{
	int wd;

	if (s->exhausted)
		return -ENOSPC;
	wd = inotify_add_watch(s->fd, path, events | IN_ONLYDIR);
	if (wd >= 0)
		return wd;
	/* Whatever else is wrong is wrong with this path, which may just be going. */
	if (errno == ENOSPC || errno == ENOMEM) {
		s->exhausted = true;
		s->status.blind = NO_MORE_WATCHES;
		return -ENOSPC;
	}
	return -errno;
}

static int watch_dev(struct inotifysrc *s, const char *name, uint32_t events)
{
	char path[PATH_BYTES];

	if (snprintf(path, sizeof(path), "%s/%s", s->dev_root, name) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	return add_watch(s, path, events);
}

/*
 * Each folder comes in the one above: there it is listened to first, so that none comes unheard.
 * Returns whether there is one that was not there before.
 */
static bool watch_folders(struct inotifysrc *s)
{
	bool has_come = false;

	if (s->folders[FOLDER_GROUPS] < 0)
		s->above = watch_dev(s, ".", COMING_EVENTS);
	for (int i = 0; i < FOLDER_COUNT; i++) {
		if (s->folders[i] >= 0)
			continue;
		s->folders[i] = watch_dev(s, folder_names[i], NODE_EVENTS);
		has_come |= s->folders[i] >= 0;
	}
	/* Much else comes there. */
	if (s->folders[FOLDER_GROUPS] >= 0 && s->above >= 0) {
		(void)inotify_rm_watch(s->fd, s->above); /* it was there a moment ago */
		s->above = -1;
	}
	return has_come;
}

int inotifysrc_new(const struct inotifysrc_options *options, struct inotifysrc **ret)
{
	cleanup_(inotifysrc_freep) struct inotifysrc *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->ops = options->ops;
	s->above = s->folders[FOLDER_GROUPS] = s->folders[FOLDER_DEVICES] = -1;
	s->sysfs_root = strdup(options->sysfs_root);
	s->dev_root = strdup(options->dev_root);
	s->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (s->fd < 0)
		return -errno;
	if (!s->sysfs_root || !s->dev_root)
		return -ENOMEM;
	(void)watch_folders(s); /* what is in them is read by the first scan */
	*ret = TAKE_PTR(s);
	return 0;
}

struct inotifysrc *inotifysrc_free(struct inotifysrc *s)
{
	if (!s)
		return NULL;
	watched_done(&s->watched);
	if (s->fd >= 0)
		(void)close(s->fd); /* only read from */
	free(s->sysfs_root);
	free(s->dev_root);
	free(s);
	return NULL;
}

int inotifysrc_fd(const struct inotifysrc *s)
{
	return s->fd;
}

static void give_up(struct inotifysrc *s, struct watched *w)
{
	/* sysfs keeps the watch of a directory that is gone; elsewhere the kernel may have dropped it. */
	(void)inotify_rm_watch(s->fd, w->wd);
	watched_remove(&s->watched, w);
}

static int remember(struct inotifysrc *s, const struct watched *w)
{
	struct watched *other = watched_find(&s->watched, w->wd);

	/* The directory is this function's now. */
	if (other)
		watched_remove(&s->watched, other);
	if (watched_add(&s->watched, w) == 0)
		return 1;
	(void)inotify_rm_watch(s->fd, w->wd); /* it was just added */
	return -ENOMEM;
}

/* As inotifysrc_watch(), for a directory below the function's: "" for its own. */
static int listen_to(struct inotifysrc *s, struct watched wanted, const char *directory)
{
	struct watched *w = watched_get(&s->watched, wanted.kind, &wanted.addr);
	char path[PATH_BYTES], addr[PCI_ADDR_TEXT_MAX];

	if (w && w->inode != wanted.inode) {
		give_up(s, w);
		w = NULL;
	}
	/* That there are no more watches takes nothing from those that are there. */
	if (w && (w->round == s->round || s->exhausted))
		return 0;
	if (snprintf(path, sizeof(path), "%s/" SYSFS_PCI_DEVICES "/%s/%s", s->sysfs_root,
		     pci_addr_format(&wanted.addr, addr), directory) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	wanted.round = s->round;
	wanted.wd = add_watch(s, path, WRITE_EVENTS);
	if (w && w->wd == wanted.wd) {
		w->round = s->round;
		return 0;
	}
	if (w)
		give_up(s, w);
	return wanted.wd < 0 ? wanted.wd : remember(s, &wanted);
}

int inotifysrc_watch(struct inotifysrc *s, const struct pci_addr *addr, uint64_t inode)
{
	return listen_to(s, (struct watched){ .addr = *addr, .kind = WATCHED_OWN, .inode = inode },
			 "");
}

static void forget(struct inotifysrc *s, enum watched_kind kind, const struct pci_addr *addr)
{
	struct watched *w = watched_get(&s->watched, kind, addr);

	if (w)
		give_up(s, w);
}

bool inotifysrc_follow(struct inotifysrc *s, const struct observation *obs)
{
	const struct watched wanted = { .addr = obs->addr,
					.kind = WATCHED_VENDOR,
					.inode = obs->vendor_inode };

	if (obs->kind == OBSERVATION_NODES || obs->kind == OBSERVATION_UNREADABLE ||
	    obs->kind == OBSERVATION_SILENT)
		return false;
	if (obs->vendor_directory)
		return listen_to(s, wanted, obs->vendor_directory) > 0;
	forget(s, WATCHED_VENDOR, &obs->addr);
	return false;
}

void inotifysrc_forget(struct inotifysrc *s, const struct pci_addr *addr)
{
	forget(s, WATCHED_OWN, addr);
	forget(s, WATCHED_VENDOR, addr);
}

void inotifysrc_renew(struct inotifysrc *s)
{
	s->round++;
	if (s->exhausted)
		s->status.blind = NULL;
	s->exhausted = false;
	/* A folder that is still the same has the same number again. */
	for (int i = 0; i < FOLDER_COUNT; i++)
		if (s->folders[i] >= 0)
			s->folders[i] = watch_dev(s, folder_names[i], NODE_EVENTS);
	if (s->folders[FOLDER_GROUPS] < 0 || s->folders[FOLDER_DEVICES] < 0)
		(void)watch_folders(s); /* whoever renews has read everything */
}

static void on_group_name(struct inotifysrc *s, const char *name, enum node_news news)
{
	size_t prefix = strlen(NOIOMMU_GROUP_PREFIX);
	int32_t group;

	if (strncmp(name, NOIOMMU_GROUP_PREFIX, prefix) == 0)
		name += prefix;
	if (sysfs_text_number(name, &group) == 0 && group >= 0)
		s->ops.on_group(group, news, s->ops.arg);
	else
		s->status.ignored++;
}

static void on_node(struct inotifysrc *s, const struct inotify_event *e)
{
	enum node_news news = e->mask & (IN_CREATE | IN_DELETE) ? NODE_CAME_OR_WENT
								: NODE_OPENED_OR_CLOSED;

	if (e->len == 0 || e->mask & IN_ISDIR)
		s->status.ignored++;
	else if (e->wd == s->folders[FOLDER_GROUPS])
		on_group_name(s, e->name, news);
	else
		s->ops.on_device(e->name, news, s->ops.arg);
}

/* Whether a folder of nodes may have come. */
static bool is_coming(const struct inotifysrc *s, const struct inotify_event *e)
{
	return e->mask & IN_ISDIR && e->mask & COMING_EVENTS &&
	       (e->wd == s->above || e->wd == s->folders[FOLDER_GROUPS]);
}

static void on_coming(struct inotifysrc *s)
{
	if (watch_folders(s))
		s->ops.on_folder(s->ops.arg);
	else
		s->status.ignored++;
}

/* The kernel has taken the watch away, as what it was on is gone. */
static void on_ignored(struct inotifysrc *s, int wd)
{
	struct watched *w = watched_find(&s->watched, wd);

	if (w)
		watched_remove(&s->watched, w);
	for (size_t i = 0; i < FOLDER_COUNT; i++) {
		if (s->folders[i] != wd)
			continue;
		s->folders[i] = -1;
		/* It may have come again meanwhile. */
		if (watch_folders(s))
			s->ops.on_folder(s->ops.arg);
	}
}

static void on_write(struct inotifysrc *s, const struct watched *w, const struct inotify_event *e)
{
	if (w->kind == WATCHED_VENDOR) {
		s->ops.on_written(&w->addr, WRITTEN_ATTRIBUTE, s->ops.arg);
		return;
	}
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		if (e->len == 0 || strcmp(e->name, attributes[i].name) != 0)
			continue;
		s->ops.on_written(&w->addr, attributes[i].what, s->ops.arg);
		return;
	}
	s->status.ignored++;
}

static void handle(struct inotifysrc *s, const struct inotify_event *e)
{
	struct watched *w = watched_find(&s->watched, e->wd);

	s->status.events++;
	if (e->mask & IN_Q_OVERFLOW) {
		s->status.overflows++;
		s->lossy = true;
	} else if (e->mask & IN_IGNORED) {
		on_ignored(s, e->wd);
	} else if (w) {
		on_write(s, w, e);
	} else if (is_coming(s, e)) {
		on_coming(s);
	} else if (e->wd == s->folders[FOLDER_GROUPS] || e->wd == s->folders[FOLDER_DEVICES]) {
		on_node(s, e);
	} else {
		s->status.ignored++;
	}
}

static int on_drained(struct inotifysrc *s)
{
	if (s->lossy) {
		s->lossy = false;
		s->ops.on_loss(s->ops.arg);
	}
	return 0;
}

int inotifysrc_read_some(struct inotifysrc *s)
{
	_Alignas(struct inotify_event) char buffer[BUFFER_BYTES];
	const struct inotify_event *e;
	ssize_t n;

	for (int i = 0; i < READS_PER_CALL; i++) {
		n = read(s->fd, buffer, sizeof(buffer));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return on_drained(s);
		if (n <= 0) {
			s->status.blind = "its descriptor failed";
			return n < 0 ? -errno : -EIO;
		}
		for (ssize_t at = 0; at < n; at += (ssize_t)(sizeof(*e) + e->len)) {
			e = (const void *)(buffer + at);
			handle(s, e);
		}
	}
	return 1;
}

void inotifysrc_status(const struct inotifysrc *s, struct source_status *ret)
{
	ret->used = true;
	ret->events += s->status.events;
	ret->ignored += s->status.ignored;
	ret->overflows += s->status.overflows;
	if (s->status.blind)
		ret->blind = s->status.blind;
}
