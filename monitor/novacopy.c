/* SPDX-License-Identifier: Apache-2.0 */
#include "novacopy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "novafiles.h"
#include "novasweep.h"
#include "vfmon/redaction.h"
#include "wholefile.h"

/* Not a name that anybody reads: it is no *.conf. */
#define UNFINISHED ".vfmond-unfinished"

#define FOLDER_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

/* A folder below the one for copies, and the last name of a path in it. */
struct slot {
	int fd;
	const char *name;
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static void slot_done(struct slot *slot)
{
	close_fd(&slot->fd);
}

static void free_text(char **text)
{
	free(*text);
}

/* A folder of that name; whatever else has the name gives way. */
static int enter(int parent, const char *name)
{
	int fd = openat(parent, name, FOLDER_FLAGS);

	if (fd >= 0)
		return fd;
	if (errno == ENOTDIR || errno == ELOOP)
		(void)unlinkat(parent, name, 0); /* mkdirat() tells */
	else if (errno != ENOENT)
		return -errno;
	if (mkdirat(parent, name, 0755) < 0)
		return -errno;
	fd = openat(parent, name, FOLDER_FLAGS);
	return fd < 0 ? -errno : fd;
}

/* Makes the folders that lead to a path's last name. */
static int slot_open(int folder, char *path, struct slot *ret)
{
	char *name = path, *slash;
	int fd = enter(folder, "."), next;

	while (fd >= 0 && (slash = strchr(name, '/'))) {
		*slash = '\0';
		next = enter(fd, *name ? name : ".");
		close(fd);
		fd = next;
		name = slash + 1;
	}
	if (fd < 0)
		return fd;
	ret->fd = fd;
	ret->name = name;
	return 0;
}

static bool is_same(const struct slot *slot, const char *bytes, size_t len)
{
	cleanup_(close_fd) int fd = openat(slot->fd, slot->name,
					   O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	cleanup_(free_text) char *there = NULL;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || (st.st_mode & 0777) != 0644 ||
	    st.st_size != (off_t)len)
		return false;
	there = malloc(len + 1);
	return there && read(fd, there, len + 1) == (ssize_t)len && memcmp(there, bytes, len) == 0;
}

static int put_in_place(const struct slot *slot)
{
	if (renameat(slot->fd, UNFINISHED, slot->fd, slot->name) == 0)
		return 0;
	if (errno != EISDIR)
		return -errno;
	(void)novasweep_remove(slot->fd, slot->name); /* renameat() tells */
	return renameat(slot->fd, UNFINISHED, slot->fd, slot->name) < 0 ? -errno : 0;
}

static int write_copy(const struct slot *slot, const char *bytes, size_t len)
{
	cleanup_(close_fd) int fd = -1;
	int r;

	if (is_same(slot, bytes, len))
		return 0;
	(void)unlinkat(slot->fd, UNFINISHED, 0); /* of a run that was killed */
	fd = openat(slot->fd, UNFINISHED, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    0644);
	if (fd < 0)
		return -errno;
	r = wholefile_write(fd, bytes, len);
	if (r == 0 && fchmod(fd, 0644) < 0) /* whatever the umask is */
		r = -errno;
	if (r == 0)
		r = put_in_place(slot);
	if (r < 0)
		(void)unlinkat(slot->fd, UNFINISHED, 0);
	return r;
}

static int write_mark(const struct slot *slot, int error)
{
	char mark[NOVAFILES_MARK_MAX], there[NOVAFILES_MARK_MAX] = "";

	novafiles_mark(error, mark);
	if (readlinkat(slot->fd, slot->name, there, sizeof(there) - 1) > 0 &&
	    strcmp(there, mark) == 0)
		return 0;
	(void)unlinkat(slot->fd, UNFINISHED, 0);
	if (symlinkat(mark, slot->fd, UNFINISHED) < 0)
		return -errno;
	return put_in_place(slot);
}

static int write_file(const struct slot *slot, const struct nova_file *file,
		      struct novacopy_result *result)
{
	cleanup_(free_text) char *copy = NULL;
	int error = file->error, r;
	size_t len;

	if (!error) {
		r = redaction_make(file->bytes, file->len, &copy, &len);
		if (r == -ENOMEM)
			return r;
		error = -r;
	}
	r = error ? write_mark(slot, error) : write_copy(slot, copy, len);
	if (r == 0)
		*(error ? &result->unreadable : &result->copied) += 1;
	return r;
}

/* A file that is not there leaves nothing, so that the daemon looks at the original, and finds it so. */
static int take_file(int folder, const struct nova_file *file, struct novacopy_result *result)
{
	cleanup_(free_text) char *path = NULL;
	cleanup_(slot_done) struct slot slot = { .fd = -1 };
	int r;

	if (file->error == ENOENT)
		return 0;
	r = novafiles_copy_path("", file->path, &path);
	if (r == -EINVAL) {
		result->without++;
		return 0;
	}
	if (r == 0)
		r = slot_open(folder, path, &slot);
	return r < 0 ? r : write_file(&slot, file, result);
}

static int take_dir(int folder, const char *dir)
{
	cleanup_(free_text) char *path = NULL, *with_name = NULL;
	cleanup_(slot_done) struct slot slot = { .fd = -1 };
	int r = novafiles_copy_path("", dir, &path);

	if (r < 0)
		return r == -EINVAL ? 0 : r;
	if (asprintf(&with_name, "%s/", path) < 0) {
		with_name = NULL;
		return -ENOMEM;
	}
	return slot_open(folder, with_name, &slot);
}

static int open_folder(const char *folder)
{
	int fd;

	if (mkdir(folder, 0755) < 0 && errno != EEXIST)
		return -errno;
	fd = open(folder, FOLDER_FLAGS);
	return fd < 0 ? -errno : fd;
}

int novacopy_write(const struct novafiles *files, const char *folder, struct novacopy_result *ret)
{
	cleanup_(close_fd) int fd = open_folder(folder);
	struct novacopy_result result = { 0 };
	int error = 0, r;

	if (fd < 0)
		return fd;
	for (size_t i = 0; i < files->dir_count; i++) {
		r = take_dir(fd, files->dirs[i]);
		error = r < 0 ? r : error;
	}
	for (size_t i = 0; i < files->count; i++) {
		r = take_file(fd, &files->files[i], &result);
		error = r < 0 ? r : error;
	}
	r = novasweep_run(fd, files, &result.removed);
	error = r < 0 ? r : error;
	*ret = result;
	return error;
}
