/* SPDX-License-Identifier: Apache-2.0 */
#include "watchfiles.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "log.h"
#include "vfmon/cleanup.h"

/* A writer that keeps its file open is heard when it closes it: half a file is of no use. */
#define MASK                                                                                       \
	(IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE | IN_ATTRIB |        \
	 IN_DELETE_SELF | IN_MOVE_SELF)

/* A folder or file that inotify watches. */
struct watched {
	int wd;
	bool wanted;   /* in the present set */
	bool is_place; /* one of the paths itself: all *.conf in it count */
	char **names;  /* what else in it counts */
	size_t count;
};

struct watchfiles {
	int fd;
	struct watched *all;
	size_t count;
	const char *blind; /* NULL: it hears everything */
	uint64_t events;
	uint64_t ignored;
	uint64_t overflows;
};

static void free_text(char **text)
{
	free(*text);
}

int watchfiles_new(struct watchfiles **ret)
{
	struct watchfiles *w = calloc(1, sizeof(*w));
	int r;

	if (!w)
		return -ENOMEM;
	w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (w->fd < 0) {
		r = -errno;
		free(w);
		return r;
	}
	*ret = w;
	return 0;
}

static void forget_names(struct watched *item)
{
	for (size_t i = 0; i < item->count; i++)
		free(item->names[i]);
	free(item->names);
	item->names = NULL;
	item->count = 0;
}

struct watchfiles *watchfiles_free(struct watchfiles *w)
{
	if (!w)
		return NULL;
	for (size_t i = 0; i < w->count; i++)
		forget_names(&w->all[i]);
	free(w->all);
	close(w->fd);
	free(w);
	return NULL;
}

int watchfiles_fd(const struct watchfiles *w)
{
	return w->fd;
}

static struct watched *find(const struct watchfiles *w, int wd)
{
	for (size_t i = 0; i < w->count; i++)
		if (w->all[i].wd == wd)
			return &w->all[i];
	return NULL;
}

/* The kernel gives the same number to the same folder, whatever path leads to it. */
static struct watched *find_or_add(struct watchfiles *w, int wd)
{
	struct watched *item = find(w, wd);

	if (!item) {
		item = reallocarray(w->all, w->count + 1, sizeof(*item));
		if (!item)
			return NULL;
		w->all = item;
		item = &w->all[w->count++];
		*item = (struct watched){ .wd = wd };
	}
	item->wanted = true;
	return item;
}

static bool has_name(const struct watched *item, const char *name)
{
	for (size_t i = 0; i < item->count; i++)
		if (strcmp(item->names[i], name) == 0)
			return true;
	return false;
}

static int add_name(struct watched *item, const char *name)
{
	char **names;

	if (has_name(item, name))
		return 0;
	names = reallocarray(item->names, item->count + 1, sizeof(*names));
	if (!names)
		return -ENOMEM;
	item->names = names;
	names[item->count] = strdup(name);
	if (!names[item->count])
		return -ENOMEM;
	item->count++;
	return 0;
}

void watchfiles_begin(struct watchfiles *w)
{
	w->blind = NULL;
	for (size_t i = 0; i < w->count; i++) {
		w->all[i].wanted = false;
		w->all[i].is_place = false;
		forget_names(&w->all[i]);
	}
}

/* Returns a number, -ENOENT: look above, or -ENOMEM of ours. */
static int watch(struct watchfiles *w, const char *path, uint32_t flags)
{
	int wd = inotify_add_watch(w->fd, path, MASK | flags);

	if (wd < 0 && (errno == ENOSPC || errno == ENOMEM))
		w->blind = "no more inotify watches (fs.inotify.max_user_watches)";
	return wd < 0 ? -ENOENT : wd;
}

/* Waits for a name in the nearest folder that can be watched. */
static int watch_above(struct watchfiles *w, const char *path)
{
	cleanup_(free_text) char *folder = strdup(path);
	struct watched *item;
	char *slash;
	int wd = -ENOENT;

	if (!folder)
		return -ENOMEM;
	while ((slash = strrchr(folder, '/'))) {
		const char *name = slash + 1;

		*slash = '\0';
		if (!*name)
			continue;
		wd = watch(w, slash == folder ? "/" : folder, IN_ONLYDIR);
		if (wd < 0)
			continue;
		item = find_or_add(w, wd);
		return item ? add_name(item, name) : -ENOMEM;
	}
	return 0;
}

int watchfiles_add(struct watchfiles *w, const char *path)
{
	int wd = watch(w, path, 0);
	struct watched *item;

	if (wd >= 0) {
		item = find_or_add(w, wd);
		if (!item)
			return -ENOMEM;
		item->is_place = true;
	}
	return watch_above(w, path);
}

void watchfiles_end(struct watchfiles *w)
{
	size_t kept = 0;

	for (size_t i = 0; i < w->count; i++) {
		if (w->all[i].wanted) {
			w->all[kept++] = w->all[i];
			continue;
		}
		(void)inotify_rm_watch(w->fd, w->all[i].wd); /* it may be gone by itself */
		forget_names(&w->all[i]);
	}
	w->count = kept;
}

static bool is_conf(const char *name)
{
	size_t len = strlen(name);

	return len >= 5 && strcmp(name + len - 5, ".conf") == 0;
}

static bool concerns(const struct watchfiles *w, const struct inotify_event *event)
{
	const struct watched *item = find(w, event->wd);

	if (!item)
		return false;
	if (event->len == 0)
		return item->is_place || (event->mask & (IN_DELETE_SELF | IN_MOVE_SELF));
	return has_name(item, event->name) || (item->is_place && is_conf(event->name));
}

static bool take_event(struct watchfiles *w, const struct inotify_event *event)
{
	bool counts;

	if (event->mask & IN_Q_OVERFLOW) {
		w->overflows++;
		return true;
	}
	if (event->mask & IN_IGNORED)
		return false;
	counts = concerns(w, event);
	log_trace(LOG_TOKEN_INOTIFY, "event %#x for '%s'%s", event->mask,
		  event->len ? event->name : "", counts ? "" : ", ignored");
	w->events++;
	if (!counts)
		w->ignored++;
	return counts;
}

int watchfiles_read(struct watchfiles *w)
{
	char buffer[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	bool changed = false;
	ssize_t n;

	while ((n = read(w->fd, buffer, sizeof(buffer))) > 0) {
		for (char *p = buffer; p < buffer + n;) {
			const struct inotify_event *event = (const struct inotify_event *)p;

			changed |= take_event(w, event);
			p += sizeof(*event) + event->len;
		}
	}
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		return -errno;
	return changed;
}

void watchfiles_status(const struct watchfiles *w, struct source_status *ret)
{
	ret->events += w->events;
	ret->ignored += w->ignored;
	ret->overflows += w->overflows;
	if (w->blind)
		ret->blind = w->blind;
}
