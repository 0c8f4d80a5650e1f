/* SPDX-License-Identifier: Apache-2.0 */
#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TREE_PATH_MAX 640
/* Where new files are made before they take their place, and old ones are kept aside. */
#define SPARE "spare"
#define SPARE_NEW SPARE "/new"

/* A file that was replaced by a FIFO which this process keeps open, so that readers wait. */
struct hung_file {
	struct hung_file *next;
	int fd;
	char path[];
};

int tree_init(struct tree *t, int fd)
{
	static const char *const folders[] = { "sys", "dev", "modules", SPARE };

	*t = (struct tree){ .fd = fd };
	for (size_t n = 0; n < sizeof(folders) / sizeof(folders[0]); n++)
		if (mkdirat(fd, folders[n], 0755) < 0)
			return -errno;
	return 0;
}

void tree_done(struct tree *t)
{
	struct hung_file *next;

	for (; t->hung; t->hung = next) {
		next = t->hung->next;
		(void)close(t->hung->fd);
		free(t->hung);
	}
}

static int make_directory(int fd, const char *path)
{
	char part[TREE_PATH_MAX];
	size_t len = strlen(path);

	if (mkdirat(fd, path, 0755) == 0 || errno == EEXIST)
		return 0;
	if (errno != ENOENT || len >= sizeof(part))
		return -errno;
	for (size_t n = 1; n <= len; n++) {
		if (path[n] != '/' && path[n] != '\0')
			continue;
		memcpy(part, path, n);
		part[n] = '\0';
		if (mkdirat(fd, part, 0755) < 0 && errno != EEXIST)
			return -errno;
	}
	return 0;
}

/* Makes a file that is not there yet. */
static int create_file(int fd, const char *path, const struct move *move)
{
	int file, r = 0;

	/* A device node appears without being opened, as whoever listens to opens must not be told. */
	if (move->size == 0)
		return mknodat(fd, path, S_IFREG | 0644, 0) < 0 ? -errno : 0;
	file = openat(fd, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (file < 0)
		return -errno;
	if (write(file, move->text, move->size) != (ssize_t)move->size)
		r = errno ? -errno : -EIO;
	(void)close(file);
	return r;
}

/* A reader sees the old text or the new one, and inotify has no modification of this name. */
static int set_text(struct tree *t, const struct move *move)
{
	int r = create_file(t->fd, move->path, move);

	if (r != -EEXIST)
		return r;
	r = create_file(t->fd, SPARE_NEW, move);
	if (r < 0)
		return r;
	return renameat(t->fd, SPARE_NEW, t->fd, move->path) < 0 ? -errno : 0;
}

/* FNV-1a: names a text, or a path, in the folder of spare files. */
static uint64_t hash(const char *text, size_t size)
{
	uint64_t value = 14695981039346656037u;

	for (size_t n = 0; n < size; n++)
		value = (value ^ (unsigned char)text[n]) * 1099511628211u;
	return value;
}

/* The same text is stored once, and linked wherever it stands: a page for all VFs of a kind. */
static int share_text(struct tree *t, const struct move *move)
{
	char spare[64];
	int r;

	(void)snprintf(spare, sizeof(spare), SPARE "/text-%016llx-%zu",
		       (unsigned long long)hash(move->text, move->size), move->size);
	if (linkat(t->fd, spare, t->fd, move->path, 0) == 0)
		return 0;
	if (errno != ENOENT)
		return -errno;
	r = create_file(t->fd, spare, move);
	if (r < 0 && r != -EEXIST)
		return r;
	return linkat(t->fd, spare, t->fd, move->path, 0) < 0 ? -errno : 0;
}

/* Writes as a person does: into the file that is there. */
static int write_text(struct tree *t, const struct move *move)
{
	struct stat st;
	int file, r = 0;

	/* Others share this text: it gets one of its own first. */
	if (fstatat(t->fd, move->path, &st, AT_SYMLINK_NOFOLLOW) < 0 || st.st_nlink > 1 ||
	    !S_ISREG(st.st_mode))
		r = set_text(t, move);
	if (r < 0)
		return r;
	file = openat(t->fd, move->path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (file < 0)
		return -errno;
	if (pwrite(file, move->text, move->size, 0) != (ssize_t)move->size)
		r = errno ? -errno : -EIO;
	if (r == 0 && fstat(file, &st) == 0 && st.st_size > (off_t)move->size &&
	    ftruncate(file, (off_t)move->size) < 0)
		r = -errno;
	(void)close(file);
	return r;
}

static int remove_all(int fd, const char *path);

static int remove_directory(int fd, const char *path)
{
	int folder = openat(fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *entries = folder < 0 ? NULL : fdopendir(folder);
	int r = entries ? 0 : -errno;

	if (!entries && folder >= 0)
		(void)close(folder);
	for (struct dirent *e; r == 0 && (e = readdir(entries));)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			r = remove_all(dirfd(entries), e->d_name);
	if (entries)
		(void)closedir(entries);
	if (r == 0 && unlinkat(fd, path, AT_REMOVEDIR) < 0)
		r = -errno;
	return r;
}

static int remove_all(int fd, const char *path)
{
	if (unlinkat(fd, path, 0) == 0 || errno == ENOENT)
		return 0;
	return errno == EISDIR ? remove_directory(fd, path) : -errno;
}

static void aside_name(const char *path, char ret[static 64])
{
	(void)snprintf(ret, 64, SPARE "/aside-%016llx",
		       (unsigned long long)hash(path, strlen(path)));
}

static int hang_file(struct tree *t, const struct move *move)
{
	struct hung_file *hung = malloc(sizeof(*hung) + strlen(move->path) + 1);
	char aside[64];

	if (!hung)
		return -ENOMEM;
	aside_name(move->path, aside);
	/* One may be left of a function that went while a file of it hung. */
	(void)unlinkat(t->fd, aside, 0);
	memcpy(hung->path, move->path, strlen(move->path) + 1);
	hung->fd = -1;
	if (linkat(t->fd, move->path, t->fd, aside, 0) == 0 &&
	    mkfifoat(t->fd, SPARE_NEW, 0644) == 0)
		hung->fd = openat(t->fd, SPARE_NEW, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (hung->fd < 0 || renameat(t->fd, SPARE_NEW, t->fd, move->path) < 0) {
		free(hung);
		return -errno;
	}
	hung->next = t->hung;
	t->hung = hung;
	return 0;
}

static int hide_file(struct tree *t, const struct move *move)
{
	char aside[64];

	aside_name(move->path, aside);
	return renameat(t->fd, move->path, t->fd, aside) < 0 ? -errno : 0;
}

/* Lets go the readers of a hung file: they get no text. */
static void end_hang(struct tree *t, const char *path)
{
	struct hung_file **at = &t->hung, *hung;

	while (*at && strcmp((*at)->path, path) != 0)
		at = &(*at)->next;
	hung = *at;
	if (!hung)
		return;
	*at = hung->next;
	(void)close(hung->fd);
	free(hung);
}

static int restore_file(struct tree *t, const struct move *move)
{
	char aside[64];
	int r = 0;

	aside_name(move->path, aside);
	if (renameat(t->fd, aside, t->fd, move->path) < 0)
		r = -errno;
	end_hang(t, move->path);
	return r;
}

static int open_file(struct tree *t, const struct move *move)
{
	int file = openat(t->fd, move->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (file < 0)
		return errno == ENOENT ? 0 : -errno;
	(void)close(file);
	return 0;
}

int tree_apply(struct tree *t, const struct move *move)
{
	switch (move->kind) {
	case MOVE_DIR:
		return make_directory(t->fd, move->path);
	case MOVE_TEXT:
		return set_text(t, move);
	case MOVE_SHARED:
		return share_text(t, move);
	case MOVE_WRITE:
		return write_text(t, move);
	case MOVE_OPEN:
		return open_file(t, move);
	case MOVE_LINK:
		return symlinkat(move->text, t->fd, move->path) < 0 ? -errno : 0;
	case MOVE_GONE:
		end_hang(t, move->path);
		return remove_all(t->fd, move->path);
	case MOVE_HANG:
		return hang_file(t, move);
	case MOVE_HIDE:
		return hide_file(t, move);
	case MOVE_RESTORE:
		return restore_file(t, move);
	case MOVE_EVENT:
		return 0;
	}
	return -EINVAL;
}

uint64_t tree_inode(const char *path, void *arg)
{
	const struct tree *t = arg;
	char full[TREE_PATH_MAX];
	struct stat st;

	(void)snprintf(full, sizeof(full), "sys/%s", path);
	return fstatat(t->fd, full, &st, AT_SYMLINK_NOFOLLOW) < 0 ? 0 : (uint64_t)st.st_ino;
}
