/* SPDX-License-Identifier: Apache-2.0 */
#include "inotifysrc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "vfmon/addr_table.h"
#include "vfmon/cleanup.h"
#include "vfmon/names.h"
#include "vfmon/vf.h"

#include "sysfs_text.h"

/* Each of some 32 bytes; so that clients are not starved by a storm. */
#define BUFFER_BYTES 8192
#define READS_PER_CALL 16

#define BUCKETS 1024
#define PATH_BYTES 4096

#define NODE_EVENTS (IN_CREATE | IN_DELETE | IN_OPEN | IN_CLOSE)

/* A function whose vendor directory is watched. */
struct watched {
	struct pci_addr addr; /* first, see addr_table.h */
	uint64_t inode;	      /* of the directory */
	int wd;
	struct watched *next; /* of the same bucket */
};

/* The folders of nodes; -1: not watched. */
enum { FOLDER_GROUPS, FOLDER_DEVICES, FOLDER_COUNT };

struct inotifysrc {
	struct inotifysrc_ops ops;
	int fd;
	char *sysfs_root, *dev_root;
	struct addr_table by_addr;
	struct watched *by_wd[BUCKETS];
	int folders[FOLDER_COUNT];
	bool lossy; /* events were lost, and older ones still wait */
	struct source_status status;
};

DEFINE_CLEANUP(struct inotifysrc *, inotifysrc_free);

int inotifysrc_new(const struct inotifysrc_options *options, struct inotifysrc **ret)
{
	cleanup_(inotifysrc_freep) struct inotifysrc *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->ops = options->ops;
	s->folders[FOLDER_GROUPS] = s->folders[FOLDER_DEVICES] = -1;
	s->sysfs_root = strdup(options->sysfs_root);
	s->dev_root = strdup(options->dev_root);
	s->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (s->fd < 0)
		return -errno;
	if (!s->sysfs_root || !s->dev_root)
		return -ENOMEM;
	*ret = TAKE_PTR(s);
	return 0;
}

struct inotifysrc *inotifysrc_free(struct inotifysrc *s)
{
	if (!s)
		return NULL;
	for (size_t i = 0; i < s->by_addr.count; i++)
		free(s->by_addr.items[i]);
	addr_table_done(&s->by_addr);
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

static struct watched **bucket_of(struct inotifysrc *s, int wd)
{
	return &s->by_wd[(unsigned int)wd % BUCKETS];
}

static struct watched *find(struct inotifysrc *s, int wd)
{
	struct watched *w = *bucket_of(s, wd);

	while (w && w->wd != wd)
		w = w->next;
	return w;
}

static void forget(struct inotifysrc *s, struct watched *w)
{
	struct watched **at = bucket_of(s, w->wd);

	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	(void)addr_table_remove(&s->by_addr, &w->addr);
	free(w);
}

static int remember(struct inotifysrc *s, const struct observation *obs, int wd)
{
	struct watched *w = calloc(1, sizeof(*w));

	if (!w)
		return -ENOMEM;
	*w = (struct watched){ obs->addr, obs->vendor_inode, wd, NULL };
	if (addr_table_insert(&s->by_addr, w) < 0) {
		free(w);
		return -ENOMEM;
	}
	w->next = *bucket_of(s, wd);
	*bucket_of(s, wd) = w;
	return 0;
}

static int add_watch(struct inotifysrc *s, const char *path, uint32_t events)
{
	int wd = inotify_add_watch(s->fd, path, events | IN_ONLYDIR);

	/* Whatever else is wrong is wrong with this path, which may just be going. */
	if (wd < 0 && (errno == ENOSPC || errno == ENOMEM))
		s->status.blind = "the kernel gives no more inotify watches";
	return wd;
}

static bool watch_vendor(struct inotifysrc *s, const struct observation *obs)
{
	char path[PATH_BYTES], addr[PCI_ADDR_TEXT_MAX];
	struct watched *other;
	int wd;

	if (snprintf(path, sizeof(path), "%s/" SYSFS_PCI_DEVICES "/%s/%s", s->sysfs_root,
		     pci_addr_format(&obs->addr, addr), obs->vendor_directory) >= (int)sizeof(path))
		return false;
	wd = add_watch(s, path, IN_MODIFY);
	if (wd < 0)
		return false;
	/* One that is watched already has the same number again. */
	other = find(s, wd);
	if (other)
		forget(s, other);
	if (remember(s, obs, wd) == 0)
		return true;
	(void)inotify_rm_watch(s->fd, wd); /* it was just added */
	return false;
}

/* Those in which there are nodes of these kinds (VF_NODE_*). */
static void watch_nodes(struct inotifysrc *s, uint8_t nodes)
{
	static const struct {
		const char *name;
		uint8_t nodes;
	} folders[FOLDER_COUNT] = {
		[FOLDER_GROUPS] = { DEV_VFIO_GROUPS, VF_NODE_GROUP | VF_NODE_NOIOMMU_GROUP },
		[FOLDER_DEVICES] = { DEV_VFIO_DEVICES, VF_NODE_CDEV },
	};
	char path[PATH_BYTES];

	for (size_t i = 0; i < FOLDER_COUNT; i++)
		if (s->folders[i] < 0 && nodes & folders[i].nodes &&
		    snprintf(path, sizeof(path), "%s/%s", s->dev_root, folders[i].name) <
			    (int)sizeof(path))
			s->folders[i] = add_watch(s, path, NODE_EVENTS);
}

bool inotifysrc_follow(struct inotifysrc *s, const struct observation *obs)
{
	struct watched *w = addr_table_get(&s->by_addr, &obs->addr);

	watch_nodes(s, obs->nodes);
	if (obs->kind == OBSERVATION_NODES || obs->kind == OBSERVATION_UNREADABLE)
		return false;
	if (w && w->inode == obs->vendor_inode)
		return false;
	if (w) {
		(void)inotify_rm_watch(s->fd, w->wd); /* the kernel may have done so */
		forget(s, w);
	}
	return obs->vendor_directory && watch_vendor(s, obs);
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

/* The kernel has taken the watch away, as what it was on is gone. */
static void on_ignored(struct inotifysrc *s, int wd)
{
	struct watched *w = find(s, wd);

	for (size_t i = 0; i < FOLDER_COUNT; i++)
		if (s->folders[i] == wd)
			s->folders[i] = -1;
	if (w)
		forget(s, w);
}

static void handle(struct inotifysrc *s, const struct inotify_event *e)
{
	struct watched *w = find(s, e->wd);

	s->status.events++;
	if (e->mask & IN_Q_OVERFLOW) {
		s->status.overflows++;
		s->lossy = true;
	} else if (e->mask & IN_IGNORED) {
		on_ignored(s, e->wd);
	} else if (w) {
		s->ops.on_vendor(&w->addr, s->ops.arg);
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
