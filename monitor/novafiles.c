/* SPDX-License-Identifier: Apache-2.0 */
#include "novafiles.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "novaplaces.h"
#include "wholefile.h"

/* One call's work. */
struct reading {
	const struct novafiles_options *options;
	struct novafiles *files;
};

/* The *.conf of one folder, by name. */
struct names {
	char **items;
	size_t count;
};

static void free_text(char **text)
{
	free(*text);
}

static void names_done(struct names *n)
{
	for (size_t i = 0; i < n->count; i++)
		free(n->items[i]);
	free(n->items);
}

/* What a nova_file only borrows belongs to novafiles. */
static void drop(const char *owned)
{
	free((char *)(uintptr_t)owned);
}

/* Appends a file; takes bytes. */
static int append(struct novafiles *n, const struct nova_file *file)
{
	struct nova_file *files = reallocarray(n->files, n->count + 1, sizeof(*files));
	char *path = strdup(file->path);

	if (files)
		n->files = files;
	if (!files || !path) {
		free(path);
		drop(file->bytes);
		return -ENOMEM;
	}
	files[n->count] = *file;
	files[n->count++].path = path;
	n->bytes += file->len;
	return 0;
}

static int append_error(struct novafiles *n, const char *path, int error)
{
	return append(n, &(struct nova_file){ .path = path, .error = error });
}

static int append_dir(struct novafiles *n, const char *path)
{
	char **dirs = reallocarray(n->dirs, n->dir_count + 1, sizeof(*dirs));

	if (!dirs)
		return -ENOMEM;
	n->dirs = dirs;
	dirs[n->dir_count] = strdup(path);
	return dirs[n->dir_count++] ? 0 : -ENOMEM;
}

/* Fills a file from where it is. What can not be read is no failure but -ENOMEM. */
static int read_place(struct nova_file *file, const struct novaplace *place)
{
	bool is_copy = place->kind == NOVAPLACE_COPY;
	enum wholefile_links links = is_copy ? WHOLEFILE_NO_LINK : WHOLEFILE_FOLLOW;
	char *bytes = NULL;
	int r = place->error ? -place->error
			     : wholefile_read(place->path, links, &bytes, &file->len);

	if (r == -ENOMEM)
		return r;
	file->redacted = is_copy;
	file->bytes = bytes;
	if (r == -ELOOP && is_copy)
		file->error = novafiles_marked_error(place->path);
	if (r < 0 && file->error == 0)
		file->error = -r;
	return 0;
}

static int load_file(struct reading *r, const char *path)
{
	cleanup_(novaplace_done) struct novaplace place = { 0 };
	struct nova_file file = { .path = path };
	int error;

	if (r->files->count >= NOVAFILES_MAX)
		return 0;
	error = novaplace_find(r->options, path, &place);
	if (error == 0)
		error = read_place(&file, &place);
	if (error < 0)
		return error;
	if (r->files->bytes + file.len > NOVAFILES_MAX_BYTES) {
		drop(file.bytes);
		return append_error(r->files, path, EFBIG);
	}
	return append(r->files, &file);
}

static bool is_conf(const char *name)
{
	size_t len = strlen(name);

	return name[0] != '.' && len >= 5 && strcmp(name + len - 5, ".conf") == 0;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int names_add(struct names *n, const char *name)
{
	char **items = reallocarray(n->items, n->count + 1, sizeof(*items));

	if (!items)
		return -ENOMEM;
	n->items = items;
	items[n->count] = strdup(name);
	return items[n->count++] ? 0 : -ENOMEM;
}

static int list_folder(const char *path, int flags, struct names *ret)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | flags);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;
	int r = dir ? 0 : -errno;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return r;
	}
	while (r == 0 && (entry = readdir(dir)))
		if (is_conf(entry->d_name))
			r = names_add(ret, entry->d_name);
	closedir(dir);
	if (ret->count > 0)
		qsort(ret->items, ret->count, sizeof(*ret->items), compare_names);
	return r;
}

static int load_names(struct reading *r, const char *folder, const struct names *names)
{
	int error = 0;

	for (size_t i = 0; i < names->count && error == 0; i++) {
		cleanup_(free_text) char *path = NULL;

		if (r->files->count >= NOVAFILES_MAX - 1)
			return append_error(r->files, folder, E2BIG);
		if (asprintf(&path, "%s/%s", folder, names->items[i]) < 0) {
			path = NULL;
			return -ENOMEM;
		}
		error = load_file(r, path);
	}
	return error;
}

static int load_dir(struct reading *r, const char *path)
{
	cleanup_(novaplace_done) struct novaplace place = { 0 };
	cleanup_(names_done) struct names names = { 0 };
	int error = novaplace_find(r->options, path, &place), marked;
	int flags = place.kind == NOVAPLACE_COPY ? O_NOFOLLOW : 0;

	if (error == 0)
		error = place.error ? -place.error : list_folder(place.path, flags, &names);
	if (error == -ENOMEM)
		return error;
	if (error < 0) {
		marked = place.kind == NOVAPLACE_COPY ? novafiles_marked_error(place.path) : 0;
		return append_error(r->files, path, marked ? marked : -error);
	}
	error = append_dir(r->files, path);
	return error < 0 ? error : load_names(r, path, &names);
}

typedef int (*load_fn)(struct reading *r, const char *path);

static int load_paths(struct reading *r, const struct config_paths *paths, load_fn load)
{
	int error = 0;

	for (size_t i = 0; i < paths->count && error == 0; i++)
		error = load(r, paths->items[i]);
	return error;
}

static int load_usual(struct reading *r, enum novaplaces_of of, load_fn load)
{
	const char *path;
	int error = 0;

	for (size_t i = 0; i < novaplaces_count(of) && error == 0; i++) {
		error = novaplaces_first(r->options, of, i, &path);
		if (error == 0 && path)
			error = load(r, path);
	}
	return error;
}

int novafiles_read(const struct novafiles_options *options, struct novafiles **ret)
{
	cleanup_(novafiles_freep) struct novafiles *n = calloc(1, sizeof(*n));
	struct reading r = { options, n };
	int error;

	if (!n)
		return -ENOMEM;
	if (options->files.count > 0)
		error = load_paths(&r, &options->files, load_file);
	else
		error = load_usual(&r, NOVAPLACES_FILES, load_file);
	n->first_of_dirs = n->count;
	if (error == 0 && options->dirs.count > 0)
		error = load_paths(&r, &options->dirs, load_dir);
	else if (error == 0)
		error = load_usual(&r, NOVAPLACES_DIRS, load_dir);
	if (error < 0)
		return error;
	*ret = TAKE_PTR(n);
	return 0;
}

struct novafiles *novafiles_free(struct novafiles *n)
{
	if (!n)
		return NULL;
	for (size_t i = 0; i < n->count; i++) {
		drop(n->files[i].path);
		drop(n->files[i].bytes);
	}
	for (size_t i = 0; i < n->dir_count; i++)
		free(n->dirs[i]);
	free(n->files);
	free(n->dirs);
	free(n);
	return NULL;
}

static bool is_same_file(const struct nova_file *a, const struct nova_file *b)
{
	return strcmp(a->path, b->path) == 0 && a->error == b->error &&
	       a->redacted == b->redacted && a->len == b->len &&
	       (a->len == 0 || memcmp(a->bytes, b->bytes, a->len) == 0);
}

bool novafiles_equal(const struct novafiles *a, const struct novafiles *b)
{
	if (a->count != b->count || a->dir_count != b->dir_count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!is_same_file(&a->files[i], &b->files[i]))
			return false;
	for (size_t i = 0; i < a->dir_count; i++)
		if (strcmp(a->dirs[i], b->dirs[i]) != 0)
			return false;
	return true;
}
