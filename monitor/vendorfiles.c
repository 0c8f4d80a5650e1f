/* SPDX-License-Identifier: Apache-2.0 */
#include "vendorfiles.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "tracker.h"
#include "vfmon/memtext.h"
#include "vfmon/names.h"
#include "vfmon/vendor_rules.h"
#include "wholefile.h"

#define SUFFIX ".conf"
/* Of one folder; what is more are not rules for so many vendors. */
#define FILES_MAX 64

struct names {
	char *items[2 * FILES_MAX];
	size_t count;
};

/* One load. */
struct loading {
	char *folders[2]; /* the administrator's first */
	struct names names;
	struct vendor_rules *rules;
	FILE *read; /* everything, for the comparison */
};

DEFINE_CLEANUP(char *, free);

static bool is_rules_file(const char *name)
{
	size_t len = strlen(name);

	return name[0] != '.' && len > strlen(SUFFIX) &&
	       strcmp(name + len - strlen(SUFFIX), SUFFIX) == 0;
}

static bool has_name(const struct names *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->items[i], name) == 0)
			return true;
	return false;
}

static int list_folder(struct names *names, const char *folder)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	size_t most = names->count + FILES_MAX;
	int r = 0;

	/* That there is no such folder is the usual case. */
	if (!dir)
		return errno == ENOMEM ? -ENOMEM : 0;
	while (r == 0 && names->count < most && (entry = readdir(dir))) {
		if (!is_rules_file(entry->d_name) || has_name(names, entry->d_name))
			continue;
		names->items[names->count] = strdup(entry->d_name);
		if (names->items[names->count])
			names->count++;
		else
			r = -ENOMEM;
	}
	(void)closedir(dir); /* only read from */
	return r;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int add_file(struct loading *l, const char *path, const char *bytes, size_t len)
{
	struct spec_error error;
	int r = vendor_rules_add(l->rules, bytes, len, &error);

	(void)fprintf(l->read, "%s\n%zu\n", path, len);
	(void)fwrite(bytes, 1, len, l->read);
	if (r != -EINVAL)
		return r;
	log_warning("%s:%u:%u: %s; nothing of this file is used", path, error.line, error.column,
		    error.reason);
	return 0;
}

/* The administrator's file of that name if there is one, else the package's. */
static int load_file(struct loading *l, const char *name)
{
	cleanup_(freep) char *bytes = NULL;
	char path[4096];
	size_t len = 0;
	int r = -ENOENT;

	for (size_t i = 0; i < 2 && r == -ENOENT; i++) {
		if (!l->folders[i] ||
		    snprintf(path, sizeof(path), "%s/%s", l->folders[i], name) >= (int)sizeof(path))
			continue;
		r = wholefile_read(path, WHOLEFILE_FOLLOW, &bytes, &len);
	}
	if (r == 0)
		return add_file(l, path, bytes, len);
	if (r == -ENOMEM)
		return r;
	/* A link to /dev/null says that the package's file is not wanted. */
	if (r != -ENOENT && r != -EMEDIUMTYPE)
		log_warning("%s is left out: %s", path, wholefile_reason(r));
	return 0;
}

static int load(struct loading *l)
{
	int r = vendor_rules_new(&l->rules);

	for (size_t i = 0; i < 2 && r == 0; i++)
		r = l->folders[i] ? list_folder(&l->names, l->folders[i]) : 0;
	if (l->names.count > 0)
		qsort(l->names.items, l->names.count, sizeof(l->names.items[0]), compare);
	for (size_t i = 0; i < l->names.count && r == 0; i++)
		r = load_file(l, l->names.items[i]);
	return r;
}

static void loading_done(struct loading *l)
{
	for (size_t i = 0; i < l->names.count; i++)
		free(l->names.items[i]);
	free(l->folders[0]);
	free(l->folders[1]);
	vendor_rules_free(l->rules);
}

/* "/etc/vfmond/vendor.d" for "/etc/vfmond/vfmond.conf". */
static char *folder_beside(const char *config)
{
	const char *slash = strrchr(config, '/');
	char *folder;

	return asprintf(&folder, "%.*s" VENDOR_FOLDER, slash ? (int)(slash + 1 - config) : 0,
			config) < 0
		       ? NULL
		       : folder;
}

int vendorfiles_load(struct vendorfiles *v, const char *config, struct vendor_rules **ret)
{
	struct loading l = { .folders = { folder_beside(config), strdup(VFMON_VENDOR_DIR) } };
	struct memtext text = { 0 };
	int r = -ENOMEM;

	l.read = memtext_open(&text);
	if (l.read && l.folders[0] && l.folders[1])
		r = load(&l);
	if (l.read && memtext_close(l.read, &text) < 0)
		r = -ENOMEM;
	if (r == 0 && (!v->read || strcmp(v->read, text.bytes) != 0)) {
		free(v->read);
		v->read = TAKE_PTR(text.bytes);
		*ret = TAKE_PTR(l.rules);
		r = 1;
	}
	free(text.bytes);
	loading_done(&l);
	return r;
}

int vendorfiles_apply(struct vendorfiles *v, const char *config, struct tracker *tracker)
{
	struct vendor_rules *rules;
	int r = vendorfiles_load(v, config, &rules), e = 0;

	if (r > 0)
		e = tracker_set_vendor_rules(tracker, rules);
	if (e < 0)
		vendorfiles_done(v); /* they are not in force: the next call tries again */
	if (r < 0 || e < 0)
		log_warning("no memory to read the rules for vendors' directories");
	return e < 0 ? e : r;
}

void vendorfiles_done(struct vendorfiles *v)
{
	free(v->read);
	v->read = NULL;
}
