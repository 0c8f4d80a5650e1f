/* SPDX-License-Identifier: Apache-2.0 */
#include "sysfs_facts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "vfmon/cleanup.h"
#include "vfmon/modalias.h"
#include "vfmon/names.h"

#include "sysfs_file.h"
#include "sysfs_text.h"

#define BUCKETS 64

/* A real one has 1.5 MiB. */
#define MODULES_ALIAS_MAX_BYTES (64 << 20)

/* Groups are numbered from 0 up and reused, so an array stays small; beyond, each is looked at. */
#define GROUPS_MAX (1 << 20)
#define GROUPS_STEP 256

enum group_fact { GROUP_NOT_KNOWN, GROUP_IOMMU, GROUP_NOIOMMU };

/* One answer: of a driver (module, vfio, holds) or of a modalias (module, driver). */
struct fact {
	struct fact *next;
	char *module;
	char *driver;
	enum module_vfio vfio;
	bool holds_vfio_core;
	char key[];
};

struct sysfs_facts {
	int sysfs_fd; /* borrowed */
	char *alias_path;
	struct stat alias_stat;		/* of the file that aliases was read from; all 0: none */
	struct modalias_table *aliases; /* NULL: it could not be read */
	bool checked;			/* alias_stat is up to date */
	struct fact *drivers[BUCKETS];
	struct fact *modaliases[BUCKETS];
	uint8_t *groups; /* enum group_fact of each */
	int32_t group_count;
};

DEFINE_CLEANUP(struct sysfs_facts *, sysfs_facts_free);
DEFINE_CLEANUP(char *, free);

int sysfs_facts_alias_path(const char *modules_alias, char **ret)
{
	struct utsname u;
	char *path;

	if (modules_alias) {
		path = strdup(modules_alias);
		if (!path)
			return -ENOMEM;
	} else if (uname(&u) < 0 ||
		   asprintf(&path, "%s/%s/modules.alias", VFMON_MODULES_DIR, u.release) < 0) {
		return -ENOMEM;
	}
	*ret = path;
	return 0;
}

int sysfs_facts_new(int sysfs_fd, const char *modules_alias, struct sysfs_facts **ret)
{
	cleanup_(sysfs_facts_freep) struct sysfs_facts *f = calloc(1, sizeof(*f));

	if (!f || sysfs_facts_alias_path(modules_alias, &f->alias_path) < 0)
		return -ENOMEM;
	f->sysfs_fd = sysfs_fd;
	*ret = TAKE_PTR(f);
	return 0;
}

static void forget(struct fact *table[static BUCKETS])
{
	for (size_t i = 0; i < BUCKETS; i++) {
		while (table[i]) {
			struct fact *fact = table[i];

			table[i] = fact->next;
			free(fact->module);
			free(fact->driver);
			free(fact);
		}
	}
}

void sysfs_facts_invalidate(struct sysfs_facts *f)
{
	forget(f->drivers);
	forget(f->modaliases);
	free(f->groups);
	f->groups = NULL;
	f->group_count = 0;
	f->checked = false;
}

struct sysfs_facts *sysfs_facts_free(struct sysfs_facts *f)
{
	if (!f)
		return NULL;
	sysfs_facts_invalidate(f);
	modalias_table_free(f->aliases);
	free(f->alias_path);
	free(f);
	return NULL;
}

static size_t read_all(int fd, char *to, size_t size)
{
	size_t len = 0;

	while (len < size) {
		ssize_t n = read(fd, to + len, size - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	return len;
}

/* Not malloc() for the text: 1.5 MiB would stay in the heap. Not the file mapped: it may shrink. */
static int load_aliases(int fd, size_t size, struct modalias_table **ret)
{
	char *text;
	int r;

	if (size == 0)
		return modalias_table_new("", 0, ret);
	if (size > MODULES_ALIAS_MAX_BYTES)
		return -EFBIG;
	text = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (text == MAP_FAILED)
		return -errno;
	r = modalias_table_new(text, read_all(fd, text, size), ret);
	(void)munmap(text, size); /* cannot fail on what mmap() gave */
	return r;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* depmod replaces the file, and nothing tells us; what was read of the old one is worth nothing. */
void sysfs_facts_check(struct sysfs_facts *f)
{
	cleanup_(sysfs_file_closep) int fd = open(f->alias_path, O_RDONLY | O_CLOEXEC);
	struct stat now = { 0 };

	f->checked = true;
	if (fd < 0 && sysfs_file_is_shortage(-errno))
		return;
	if (fd >= 0 && fstat(fd, &now) < 0)
		now = (struct stat){ 0 };
	if (same_file(&now, &f->alias_stat))
		return;
	sysfs_facts_invalidate(f);
	f->checked = true;
	f->aliases = modalias_table_free(f->aliases);
	f->alias_stat = (struct stat){ 0 };
	if (fd >= 0 && load_aliases(fd, (size_t)now.st_size, &f->aliases) == 0)
		f->alias_stat = now;
}

bool sysfs_facts_is_checked(const struct sysfs_facts *f)
{
	return f->checked;
}

void sysfs_facts_do_without(struct sysfs_facts *f)
{
	f->checked = true;
}

/* FNV-1a */
static struct fact **bucket_of(struct fact *table[static BUCKETS], const char *key)
{
	uint32_t hash = 2166136261u;

	for (; *key; key++)
		hash = (hash ^ (uint8_t)*key) * 16777619u;
	return &table[hash % BUCKETS];
}

static const struct fact *find(struct fact *table[static BUCKETS], const char *key)
{
	struct fact *fact = *bucket_of(table, key);

	while (fact && strcmp(fact->key, key) != 0)
		fact = fact->next;
	return fact;
}

static int add(struct fact *table[static BUCKETS], const char *key, struct fact **ret)
{
	struct fact **bucket = bucket_of(table, key);
	struct fact *fact = calloc(1, sizeof(*fact) + strlen(key) + 1);

	if (!fact)
		return -ENOMEM;
	memcpy(fact->key, key, strlen(key) + 1);
	fact->next = *bucket;
	*bucket = fact;
	*ret = fact;
	return 0;
}

/* "<folder>/<name>/<leaf>" below sysfs. Names are single components, so the length is bounded. */
#define PATH_BYTES (2 * SYSFS_NAME_MAX)

static bool make_path(char path[static PATH_BYTES], const char *folder, const char *name,
		      const char *leaf)
{
	int n = snprintf(path, PATH_BYTES, "%s/%s%s", folder, name, leaf);

	return n > 0 && n < PATH_BYTES && !strchr(name, '/');
}

static int holds_vfio_core(struct sysfs_facts *f, const char *module)
{
	char path[PATH_BYTES];

	if (!make_path(path, SYSFS_VFIO_HOLDERS, module, ""))
		return -EINVAL;
	return sysfs_file_exists(f->sysfs_fd, path);
}

static int add_driver(struct sysfs_facts *f, const char *driver, const char *module)
{
	int holds = holds_vfio_core(f, module);
	cleanup_(freep) char *copy = strdup(module);
	struct fact *fact;

	if (!copy)
		return -ENOMEM;
	if (holds < 0)
		return holds;
	if (add(f->drivers, driver, &fact) < 0)
		return -ENOMEM;
	fact->module = TAKE_PTR(copy);
	fact->holds_vfio_core = holds;
	if (f->aliases)
		fact->vfio = modalias_module_vfio(f->aliases, module);
	return 0;
}

int sysfs_facts_driver(struct sysfs_facts *f, const char *driver, struct sysfs_driver *ret)
{
	const struct fact *fact;
	char path[PATH_BYTES], module[SYSFS_NAME_MAX];
	int r;

	if (!f->checked)
		sysfs_facts_check(f);
	fact = find(f->drivers, driver);
	if (!fact) {
		if (!make_path(path, SYSFS_PCI_DRIVERS, driver, "/" SYSFS_DRIVER_MODULE))
			return -EINVAL;
		r = sysfs_file_link(f->sysfs_fd, path, module);
		if (r == -ENOENT) {
			/* Not remembered: at the first bind after a load it comes a moment later. */
			*ret = (struct sysfs_driver){ 0 };
			return 0;
		}
		r = r < 0 ? r : add_driver(f, driver, module);
		if (r < 0)
			return r;
		fact = find(f->drivers, driver);
	}
	*ret = (struct sysfs_driver){ fact->module, fact->vfio, fact->holds_vfio_core };
	return 0;
}

static bool is_pci_driver(const char *name)
{
	return strncmp(name, SYSFS_MODULE_DRIVER_PREFIX, strlen(SYSFS_MODULE_DRIVER_PREFIX)) == 0;
}

/* The driver that the module has registered; while it is not loaded, its own name stands for it. */
static int driver_of_module(struct sysfs_facts *f, const char *module, char **ret)
{
	char path[PATH_BYTES], name[SYSFS_NAME_MAX];
	int r;

	if (!make_path(path, SYSFS_MODULE, module, "/" SYSFS_MODULE_DRIVERS))
		return -EINVAL;
	r = sysfs_file_first(f->sysfs_fd, path, is_pci_driver, name);
	if (r < 0 && r != -ENOENT)
		return r;
	*ret = strdup(r < 0 ? module : name + strlen(SYSFS_MODULE_DRIVER_PREFIX));
	return *ret ? 0 : -ENOMEM;
}

static int add_best(struct sysfs_facts *f, const char *modalias)
{
	const char *module = f->aliases ? modalias_best(f->aliases, modalias) : NULL;
	cleanup_(freep) char *module_copy = NULL;
	cleanup_(freep) char *driver = NULL;
	struct fact *fact;
	int r;

	/* A driver that is built in has no line there; libvirt takes the generic one then. */
	if (f->aliases && !module)
		module = VFIO_PCI_MODULE;
	if (module) {
		module_copy = strdup(module);
		if (!module_copy)
			return -ENOMEM;
		r = driver_of_module(f, module, &driver);
		if (r < 0)
			return r;
	}
	if (add(f->modaliases, modalias, &fact) < 0)
		return -ENOMEM;
	fact->module = TAKE_PTR(module_copy);
	fact->driver = TAKE_PTR(driver);
	return 0;
}

int sysfs_facts_best(struct sysfs_facts *f, const char *modalias, struct sysfs_best *ret)
{
	const struct fact *fact;
	int r;

	if (!f->checked)
		sysfs_facts_check(f);
	fact = find(f->modaliases, modalias);
	if (!fact) {
		r = add_best(f, modalias);
		if (r < 0)
			return r;
		fact = find(f->modaliases, modalias);
	}
	*ret = (struct sysfs_best){ fact->module, fact->driver };
	return 0;
}

static int read_noiommu(struct sysfs_facts *f, int32_t group)
{
	char path[PATH_BYTES], number[SYSFS_DIGITS_MAX], text[SYSFS_FILE_MAX];
	int r;

	sysfs_text_put_number(number, (uint32_t)group);
	if (!make_path(path, SYSFS_IOMMU_GROUPS, number, "/" SYSFS_GROUP_NAME))
		return -EINVAL;
	r = sysfs_file_read_line(f->sysfs_fd, path, text);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	*strchrnul(text, '\n') = '\0';
	return strcmp(text, SYSFS_GROUP_NAME_NOIOMMU) == 0;
}

static int make_room(struct sysfs_facts *f, int32_t group)
{
	int32_t count = (group / GROUPS_STEP + 1) * GROUPS_STEP;
	uint8_t *groups;

	if (group < f->group_count)
		return 0;
	groups = realloc(f->groups, (size_t)count);
	if (!groups)
		return -ENOMEM;
	memset(groups + f->group_count, GROUP_NOT_KNOWN, (size_t)(count - f->group_count));
	f->groups = groups;
	f->group_count = count;
	return 0;
}

int sysfs_facts_noiommu(struct sysfs_facts *f, int32_t group)
{
	int noiommu;

	if (group >= GROUPS_MAX)
		return read_noiommu(f, group);
	if (make_room(f, group) < 0)
		return -ENOMEM;
	if (f->groups[group] == GROUP_NOT_KNOWN) {
		noiommu = read_noiommu(f, group);
		if (noiommu < 0)
			return noiommu;
		f->groups[group] = noiommu ? GROUP_NOIOMMU : GROUP_IOMMU;
	}
	return f->groups[group] == GROUP_NOIOMMU;
}
