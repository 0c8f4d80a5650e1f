/* SPDX-License-Identifier: Apache-2.0 */
#include "novaplaces.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "novafiles.h"
#include "wholefile.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define ALTERNATIVES 2

/*
 * oslo.config looks into the home folder of the service's user first, which nobody uses for it;
 * RDO's reads a file of the distribution before. Debian and Ubuntu name the second and the third on
 * the command line. Kolla's container gets its nova.conf from the host's folder.
 */
static const char *const usual_files[][ALTERNATIVES] = {
	{ "/usr/share/nova/nova-dist.conf", NULL },
	{ "/etc/nova/nova.conf", "/etc/nova.conf" },
	{ "/etc/nova/nova-compute.conf", "/etc/nova-compute.conf" },
	{ "/etc/kolla/nova-compute/nova.conf", NULL },
};
static const char *const usual_dirs[][ALTERNATIVES] = {
	{ "/etc/nova/nova.conf.d", "/etc/nova.conf.d" },
	{ "/etc/nova/nova-compute.conf.d", "/etc/nova-compute.conf.d" },
};

static void free_text(char **text)
{
	free(*text);
}

size_t novaplaces_count(enum novaplaces_of of)
{
	return of == NOVAPLACES_FILES ? COUNT(usual_files) : COUNT(usual_dirs);
}

static const char *usual(enum novaplaces_of of, size_t index, int alternative)
{
	return of == NOVAPLACES_FILES ? usual_files[index][alternative]
				      : usual_dirs[index][alternative];
}

static bool goes_up(const char *path)
{
	for (const char *s = path; (s = strstr(s, "..")); s += 2)
		if ((s == path || s[-1] == '/') && (s[2] == '/' || s[2] == '\0'))
			return true;
	return false;
}

int novafiles_copy_path(const char *copies, const char *path, char **ret)
{
	char *copy;

	if (path[0] != '/' || goes_up(path))
		return -EINVAL;
	if (asprintf(&copy, "%s%s", copies, path) < 0)
		return -ENOMEM;
	*ret = copy;
	return 0;
}

const char *novafiles_mark(int error, char buf[static NOVAFILES_MARK_MAX])
{
	(void)snprintf(buf, NOVAFILES_MARK_MAX, "%d %s", error, wholefile_reason(-error));
	return buf;
}

int novafiles_marked_error(const char *path)
{
	char target[NOVAFILES_MARK_MAX + 1] = "";
	ssize_t len = readlink(path, target, sizeof(target) - 1);
	char *end;
	long error;

	if (len <= 0)
		return 0;
	error = strtol(target, &end, 10);
	return *end == ' ' && error > 0 && error < 4096 ? (int)error : 0;
}

static int find_copy(const struct novafiles_options *o, const char *path, struct novaplace *ret)
{
	cleanup_(free_text) char *copy = NULL;
	struct stat st;
	int r = o->copies ? novafiles_copy_path(o->copies, path, &copy) : -EINVAL;

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	if (lstat(copy, &st) < 0)
		return 0;
	*ret = (struct novaplace){ .kind = NOVAPLACE_COPY, .path = TAKE_PTR(copy) };
	return 0;
}

static int find_original(const struct novafiles_options *o, const char *path, struct novaplace *ret)
{
	cleanup_(free_text) char *original = NULL;
	struct stat st;

	if (asprintf(&original, "%s%s", o->root, path) < 0) {
		original = NULL;
		return -ENOMEM;
	}
	if (stat(original, &st) < 0)
		ret->error = errno;
	if (ret->error == ENOENT || ret->error == ENOTDIR) {
		ret->error = ENOENT; /* the other one means that it is a file instead of a folder */
		return 0;
	}
	ret->kind = NOVAPLACE_ORIGINAL;
	ret->path = TAKE_PTR(original);
	return 0;
}

int novaplace_find(const struct novafiles_options *options, const char *path, struct novaplace *ret)
{
	struct novaplace place = { .kind = NOVAPLACE_NOWHERE };
	int r = find_copy(options, path, &place);

	if (r == 0 && place.kind == NOVAPLACE_NOWHERE)
		r = find_original(options, path, &place);
	if (r == 0)
		*ret = place;
	return r;
}

void novaplace_done(struct novaplace *place)
{
	free(place->path);
	place->path = NULL;
}

/*
 * Who may not look into a folder does not know what is in it; but where copies are made, what has
 * none is not there.
 */
static bool is_there(const struct novafiles_options *o, const struct novaplace *place)
{
	if (place->kind == NOVAPLACE_NOWHERE)
		return false;
	return !place->error || !o->copies || access(o->copies, F_OK) < 0;
}

int novaplaces_first(const struct novafiles_options *options, enum novaplaces_of of, size_t index,
		     const char **ret)
{
	for (int i = 0; i < ALTERNATIVES; i++) {
		const char *path = usual(of, index, i);
		struct novaplace place = { 0 };
		bool found;

		if (!path)
			break;
		if (novaplace_find(options, path, &place) < 0)
			return -ENOMEM;
		found = is_there(options, &place);
		novaplace_done(&place);
		if (!found)
			continue;
		*ret = path;
		return 0;
	}
	*ret = NULL;
	return 0;
}

/* A path's copy and its original. */
static int call_for(const struct novafiles_options *o, const char *path, novafiles_place_fn fn,
		    void *arg)
{
	cleanup_(free_text) char *copy = NULL, *original = NULL;
	int r = o->copies ? novafiles_copy_path(o->copies, path, &copy) : -EINVAL;

	if (r == -ENOMEM)
		return r;
	if (r == 0)
		r = fn(copy, arg);
	else
		r = 0;
	if (r < 0)
		return r;
	if (asprintf(&original, "%s%s", o->root, path) < 0) {
		original = NULL;
		return -ENOMEM;
	}
	return fn(original, arg);
}

static int each_of(const struct novafiles_options *o, enum novaplaces_of of, novafiles_place_fn fn,
		   void *arg)
{
	const struct config_paths *named = of == NOVAPLACES_FILES ? &o->files : &o->dirs;
	int r = 0;

	for (size_t i = 0; i < named->count && r >= 0; i++)
		r = call_for(o, named->items[i], fn, arg);
	if (named->count > 0)
		return r;
	for (size_t i = 0; i < novaplaces_count(of); i++)
		for (int k = 0; k < ALTERNATIVES && r >= 0 && usual(of, i, k); k++)
			r = call_for(o, usual(of, i, k), fn, arg);
	return r;
}

int novafiles_each_place(const struct novafiles_options *options, novafiles_place_fn fn, void *arg)
{
	int r = each_of(options, NOVAPLACES_FILES, fn, arg);

	if (r >= 0)
		r = each_of(options, NOVAPLACES_DIRS, fn, arg);
	return r < 0 ? r : 0;
}
