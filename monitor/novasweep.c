/* SPDX-License-Identifier: Apache-2.0 */
#include "novasweep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "novafiles.h"
#include "vfmon/pytext.h"

struct sweep {
	const struct novafiles *files; /* NULL: nothing is to stay */
	size_t *removed;
	int error; /* the last one */
};

/* The next name of a path, without "/" and "./" before it; its length is 0 at the end. */
static struct pytext next_name(const char **path)
{
	const char *s = *path;

	while (*s == '/' || (s[0] == '.' && (s[1] == '/' || s[1] == '\0')))
		s++;
	*path = strchrnul(s, '/');
	return (struct pytext){ s, *path };
}

/* Whether a path is this one, or a folder that leads to it. An operator may have written "//". */
static bool leads_to(const char *path, const char *wanted)
{
	struct pytext a = next_name(&path), b = next_name(&wanted);

	while (a.start < a.end) {
		size_t len = (size_t)(a.end - a.start);

		if ((size_t)(b.end - b.start) != len || memcmp(a.start, b.start, len) != 0)
			return false;
		a = next_name(&path);
		b = next_name(&wanted);
	}
	return true;
}

static bool stays(const struct sweep *s, const char *path)
{
	if (!s->files)
		return false;
	for (size_t i = 0; i < s->files->count; i++) {
		const struct nova_file *file = &s->files->files[i];

		if (file->error != ENOENT && leads_to(path, file->path))
			return true;
	}
	for (size_t i = 0; i < s->files->dir_count; i++)
		if (leads_to(path, s->files->dirs[i]))
			return true;
	return false;
}

static void walk(struct sweep *s, DIR *dir, const char *above);

static void walk_folder(struct sweep *s, int parent, const char *name, const char *path)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;

	if (dir) {
		walk(s, dir, path);
		closedir(dir);
	} else if (fd >= 0) {
		close(fd);
	}
}

static void remove_entry(struct sweep *s, int parent, const char *name, const char *path)
{
	if (unlinkat(parent, name, 0) == 0) {
		*s->removed += 1;
		return;
	}
	if (errno == EISDIR || errno == EPERM) {
		walk_folder(s, parent, name, path);
		if (unlinkat(parent, name, AT_REMOVEDIR) == 0)
			return;
	}
	s->error = -errno;
}

static void walk(struct sweep *s, DIR *dir, const char *above)
{
	struct dirent *entry;
	char *path;

	while ((entry = readdir(dir))) {
		const char *name = entry->d_name;

		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			continue;
		if (asprintf(&path, "%s/%s", above, name) < 0) {
			s->error = -ENOMEM;
			return;
		}
		if (stays(s, path))
			walk_folder(s, dirfd(dir), name, path);
		else
			remove_entry(s, dirfd(dir), name, path);
		free(path);
	}
}

int novasweep_run(int folder, const struct novafiles *files, size_t *removed)
{
	struct sweep s = { .files = files, .removed = removed };

	walk_folder(&s, folder, ".", "");
	return s.error;
}

int novasweep_remove(int folder, const char *name)
{
	size_t removed = 0;
	struct sweep s = { .removed = &removed };

	remove_entry(&s, folder, name, name);
	return s.error;
}
