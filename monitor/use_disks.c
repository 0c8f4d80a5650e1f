/* SPDX-License-Identifier: Apache-2.0 */
#include "use_disks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vfmon/cleanup.h"
#include "vfmon/mounts.h"
#include "vfmon/names.h"

#include "sysfs_file.h"

/* A host with containers has some thousand mounts of some 200 bytes. */
#define PROC_FILE_MAX_BYTES (16 << 20)
#define PROC_FILE_FIRST_BYTES 16384

/* Long enough to tell which mount it is. */
#define POINT_TEXT_MAX 96

#define DEV_FOLDER "/dev/"

/* That a block device is mounted, or swapped to. */
struct used {
	char *key;   /* "259:3", or the kernel's name of it; owned */
	char *point; /* NULL: swap; owned */
};

struct useds {
	struct used *items;
	size_t count, room;
};

/* What one walk over the block devices needs. */
struct walk {
	int sysfs_fd;
	struct useds useds;
	struct use_table *table;
};

DEFINE_CLEANUP(char *, free);

static void useds_done(struct useds *u)
{
	for (size_t i = 0; i < u->count; i++) {
		free(u->items[i].key);
		free(u->items[i].point);
	}
	free(u->items);
}

static int useds_add(struct useds *u, const char *key, const char *point)
{
	struct used *grown;
	struct used one;
	size_t room;

	if (u->count == u->room) {
		room = u->room ? 2 * u->room : 64;
		grown = reallocarray(u->items, room, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		u->items = grown;
		u->room = room;
	}
	one.key = strdup(key);
	one.point = point ? strdup(point) : NULL;
	if (!one.key || (point && !one.point)) {
		free(one.key);
		free(one.point);
		return -ENOMEM;
	}
	u->items[u->count++] = one;
	return 0;
}

/* Reads all that a file of /proc has, in as few reads as can be: between two it may change. */
static int read_fd(int fd, char **ret)
{
	size_t size = PROC_FILE_FIRST_BYTES, len = 0;
	cleanup_(freep) char *text = malloc(size);
	char *grown;
	ssize_t n;

	if (!text)
		return -ENOMEM;
	while ((n = read(fd, text + len, size - len - 1)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		len += (size_t)n;
		if (size - len > 1)
			continue;
		if (size >= PROC_FILE_MAX_BYTES)
			break;
		grown = realloc(text, 2 * size);
		if (!grown)
			return -ENOMEM;
		text = grown;
		size *= 2;
	}
	text[len] = '\0';
	*ret = TAKE_PTR(text);
	return 0;
}

static int read_proc(const char *proc_root, const char *name, char **ret)
{
	cleanup_(sysfs_file_closep) int root = sysfs_file_open_dir(AT_FDCWD, proc_root);
	cleanup_(sysfs_file_closep) int fd = root < 0 ? -1
						      : openat(root, name, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : read_fd(fd, ret);
}

/* The last component of a path in /dev. */
static const char *device_name(const char *path)
{
	return strrchr(path, '/') + 1;
}

static int add_mount(struct useds *u, const struct mount_line *mount)
{
	char point[POINT_TEXT_MAX], source[SYSFS_NAME_MAX], key[32];

	(void)mounts_unescape(mount->point, mount->point_len, point, sizeof(point));
	if (mount->major != 0) {
		(void)snprintf(key, sizeof(key), "%u:%u", mount->major, mount->minor);
		return useds_add(u, key, point);
	}
	/* btrfs and others show a number of their own; but they tell which device it was. */
	(void)mounts_unescape(mount->source, mount->source_len, source, sizeof(source));
	if (strncmp(source, DEV_FOLDER, strlen(DEV_FOLDER)) != 0)
		return 0;
	return useds_add(u, device_name(source), point);
}

static int collect_mounts(struct useds *u, const char *proc_root)
{
	cleanup_(freep) char *text = NULL;
	struct mount_line mount;
	const char *at;
	int r = read_proc(proc_root, PROC_MOUNTINFO, &text);

	at = text;
	while (r == 0 && mounts_next(&at, &mount))
		r = add_mount(u, &mount);
	return r;
}

static int collect_swaps(struct useds *u, const char *proc_root)
{
	char path[SYSFS_NAME_MAX];
	cleanup_(freep) char *text = NULL;
	const char *at, *swap;
	size_t len;
	int r = read_proc(proc_root, PROC_SWAPS, &text);

	at = text;
	while (r == 0 && mounts_next_swap(&at, &swap, &len)) {
		(void)mounts_unescape(swap, len, path, sizeof(path));
		if (strchr(path, '/'))
			r = useds_add(u, device_name(path), NULL);
	}
	return r;
}

/* Of one device: mounts before swap, and then by name, so that the same one is always told. */
static int compare(const void *a, const void *b)
{
	const struct used *x = a, *y = b;
	int r = strcmp(x->key, y->key);

	if (r != 0 || (!x->point && !y->point))
		return r;
	return !x->point ? 1 : !y->point ? -1 : strcmp(x->point, y->point);
}

static const struct used *find(const struct useds *u, const char *key)
{
	size_t low = 0, high = u->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(u->items[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < u->count && strcmp(u->items[low].key, key) == 0 ? &u->items[low] : NULL;
}

static bool is_any(const char *name)
{
	(void)name;
	return true;
}

/* What the host does with a block device, or "" for nothing. number is "259:3". */
static void describe(const struct walk *w, const char *number, const char *name,
		     char text[static USE_TEXT_MAX])
{
	char path[2 * SYSFS_NAME_MAX], holder[SYSFS_NAME_MAX];
	const struct used *used = find(&w->useds, number);

	if (!used)
		used = find(&w->useds, name);
	text[0] = '\0';
	if (used && used->point) {
		(void)snprintf(text, USE_TEXT_MAX, "has its disk %.64s mounted on %s", name,
			       used->point);
		return;
	}
	if (used) {
		(void)snprintf(text, USE_TEXT_MAX, "uses its disk %.64s for swap", name);
		return;
	}
	(void)snprintf(path, sizeof(path), SYSFS_DEV_BLOCK "/%.64s/holders", number);
	if (sysfs_file_first(w->sysfs_fd, path, is_any, holder) == 0)
		(void)snprintf(text, USE_TEXT_MAX, "uses its disk %.64s through %.64s", name,
			       holder);
}

struct paths {
	const struct walk *walk;
	const char *subsystem;
	const char *text;
};

/* A controller of an NVMe subsystem is a link to where it is; all else there is no link. */
static int on_controller(const char *name, void *arg)
{
	const struct paths *paths = arg;
	char path[2 * SYSFS_NAME_MAX], target[SYSFS_TARGET_MAX];
	struct pci_addr addr;
	int n = snprintf(path, sizeof(path), "%s/%s", paths->subsystem, name);

	if (n >= (int)sizeof(path) || sysfs_file_target(paths->walk->sysfs_fd, path, target) < 0 ||
	    pci_addr_from_path(target, &addr) < 0)
		return 0;
	return use_table_add(paths->walk->table, &addr, paths->text);
}

/* With several paths to it a disk hangs below its subsystem, not below any function. */
static int add_of_subsystem(const struct walk *w, const char *target, const char *text)
{
	const char *found = strstr(target, SYSFS_NVME_SUBSYSTEMS "/"), *end;
	char folder[SYSFS_NAME_MAX];
	struct paths paths = { w, folder, text };
	int r;

	if (!found)
		return 0;
	end = strchrnul(found + strlen(SYSFS_NVME_SUBSYSTEMS "/"), '/');
	if (end - found >= (ptrdiff_t)sizeof(folder))
		return 0;
	memcpy(folder, found, (size_t)(end - found));
	folder[end - found] = '\0';
	r = sysfs_file_each(w->sysfs_fd, folder, on_controller, &paths);
	return r == -ENOENT ? 0 : r;
}

/* One block device, whole or a partition. */
static int on_block(const char *number, void *arg)
{
	const struct walk *w = arg;
	char path[2 * SYSFS_NAME_MAX], target[SYSFS_TARGET_MAX], text[USE_TEXT_MAX];
	struct pci_addr addr;
	bool of_function;

	(void)snprintf(path, sizeof(path), SYSFS_DEV_BLOCK "/%.255s", number);
	if (sysfs_file_target(w->sysfs_fd, path, target) < 0 || !strchr(target, '/'))
		return 0;
	of_function = pci_addr_from_path(target, &addr) == 0;
	/* Most of the others, of loops and of device mapper, are none of a function's. */
	if (!of_function && !strstr(target, SYSFS_NVME_SUBSYSTEMS "/"))
		return 0;
	describe(w, number, device_name(target), text);
	if (!text[0])
		return 0;
	return of_function ? use_table_add(w->table, &addr, text)
			   : add_of_subsystem(w, target, text);
}

int use_disks_collect(int sysfs_fd, const char *proc_root, struct use_table *t)
{
	struct walk w = { .sysfs_fd = sysfs_fd, .table = t };
	int r = collect_mounts(&w.useds, proc_root);

	/* Without one of the files the other and the holders still tell something. */
	if (r != -ENOMEM)
		r = collect_swaps(&w.useds, proc_root);
	if (r != -ENOMEM) {
		if (w.useds.count > 0)
			qsort(w.useds.items, w.useds.count, sizeof(*w.useds.items), compare);
		r = sysfs_file_each(sysfs_fd, SYSFS_DEV_BLOCK, on_block, &w);
	}
	useds_done(&w.useds);
	return r == -ENOENT ? 0 : r;
}
