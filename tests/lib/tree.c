/* SPDX-License-Identifier: Apache-2.0 */
#include "tree.h"

#include <err.h>
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vfmon/pci_addr.h"

#define OFFSET 128
#define STRIDE 2
#define FUNCTION_PATH "sys/devices/pci/%s"

struct tree {
	char root[64];
	char sysfs[80];
	char dev[80];
	char modules_alias[96];
	char proc[80];
};

/* "<root>/<format>" */
__attribute__((format(printf, 3, 0))) static void make_path(const struct tree *t, char *path,
							    const char *format, va_list args)
{
	int n = snprintf(path, PATH_MAX, "%s/", t->root);

	n += vsnprintf(path + n, PATH_MAX - (size_t)n, format, args);
	if (n >= PATH_MAX)
		errx(1, "tree: path too long");
}

__attribute__((format(printf, 3, 4))) static const char *at(const struct tree *t, char *path,
							    const char *format, ...)
{
	va_list args;

	va_start(args, format);
	make_path(t, path, format, args);
	va_end(args);
	return path;
}

/* Makes the folders above a path. */
static void make_parents(const char *path)
{
	char folder[PATH_MAX];

	for (const char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		(void)snprintf(folder, sizeof(folder), "%.*s", (int)(p - path), path);
		if (mkdir(folder, 0755) < 0 && errno != EEXIST)
			err(1, "tree: %s", folder);
	}
}

static void put_text(const char *path, const char *text)
{
	FILE *f;

	make_parents(path);
	f = fopen(path, "we");
	if (!f || fputs(text, f) < 0 || fclose(f) != 0)
		err(1, "tree: %s", path);
}

static void put_link(const char *path, const char *target)
{
	make_parents(path);
	if (unlink(path) < 0 && errno != ENOENT)
		err(1, "tree: %s", path);
	if (symlink(target, path) < 0)
		err(1, "tree: %s", path);
}

static void take_away(const char *path)
{
	if (unlink(path) < 0 && errno != ENOENT)
		err(1, "tree: %s", path);
}

static void put_folder(const char *path)
{
	make_parents(path);
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		err(1, "tree: %s", path);
}

static int on_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	if (remove(path) < 0)
		err(1, "tree: %s", path);
	return 0;
}

static void take_away_all(const char *path)
{
	if (nftw(path, on_entry, 16, FTW_DEPTH | FTW_PHYS) < 0 && errno != ENOENT)
		err(1, "tree: %s", path);
}

struct tree *tree_new(void)
{
	struct tree *t = calloc(1, sizeof(*t));
	const char *tmp = getenv("TMPDIR");
	char path[PATH_MAX];

	if (!t)
		err(1, "tree");
	(void)snprintf(t->root, sizeof(t->root), "%.40s/vfmon-tree-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(t->root))
		err(1, "tree: %s", t->root);
	(void)snprintf(t->sysfs, sizeof(t->sysfs), "%s/sys", t->root);
	(void)snprintf(t->dev, sizeof(t->dev), "%s/dev", t->root);
	(void)snprintf(t->modules_alias, sizeof(t->modules_alias), "%s/modules.alias", t->root);
	(void)snprintf(t->proc, sizeof(t->proc), "%s/proc", t->root);
	put_folder(at(t, path, "proc"));
	put_folder(at(t, path, "sys/bus/pci/devices"));
	put_folder(at(t, path, "dev"));
	return t;
}

void tree_free(struct tree *t)
{
	if (!t)
		return;
	take_away_all(t->root);
	free(t);
}

const char *tree_sysfs(const struct tree *t)
{
	return t->sysfs;
}

const char *tree_dev(const struct tree *t)
{
	return t->dev;
}

const char *tree_modules_alias(const struct tree *t)
{
	return t->modules_alias;
}

const char *tree_proc(const struct tree *t)
{
	return t->proc;
}

static void put_uevent(struct tree *t, const char *addr, const char *driver)
{
	char path[PATH_MAX], text[512];
	bool vf = access(at(t, path, FUNCTION_PATH "/physfn", addr), F_OK) == 0;

	(void)snprintf(text, sizeof(text),
		       "%s%s%sPCI_CLASS=20000\nPCI_ID=8086:%s\nPCI_SUBSYS_ID=8086:A03C\n"
		       "PCI_SLOT_NAME=%s\n"
		       "MODALIAS=pci:v00008086d0000%ssv00008086sd0000A03Cbc02sc00i00\n",
		       driver ? "DRIVER=" : "", driver ? driver : "", driver ? "\n" : "",
		       vf ? "10CA" : "10C9", addr, vf ? "10CA" : "10C9");
	put_text(at(t, path, FUNCTION_PATH "/uevent", addr), text);
}

void tree_add_function(struct tree *t, const char *addr)
{
	char path[PATH_MAX], target[PATH_MAX];

	(void)snprintf(target, sizeof(target), "../../../devices/pci/%s", addr);
	put_text(at(t, path, FUNCTION_PATH "/numa_node", addr), "1\n");
	put_text(at(t, path, FUNCTION_PATH "/driver_override", addr), "(null)\n");
	put_uevent(t, addr, NULL);
	put_link(at(t, path, "sys/bus/pci/devices/%s", addr), target);
}

static void put_number(struct tree *t, const char *addr, const char *name, int value)
{
	char path[PATH_MAX], text[16];

	(void)snprintf(text, sizeof(text), "%d\n", value);
	put_text(at(t, path, FUNCTION_PATH "/%s", addr, name), text);
}

void tree_add_pf(struct tree *t, const char *addr, int total_vfs)
{
	tree_add_function(t, addr);
	put_number(t, addr, "sriov_totalvfs", total_vfs);
	put_number(t, addr, "sriov_offset", OFFSET);
	put_number(t, addr, "sriov_stride", STRIDE);
	put_number(t, addr, "sriov_drivers_autoprobe", 1);
	/* Nobody may read it: the kernel makes the reader wait for the PF's device lock. */
	tree_make_blocking(t, addr, "sriov_numvfs");
}

const char *tree_vf(const char *pf, int index)
{
	static char text[PCI_ADDR_TEXT_MAX];
	struct pci_addr a;
	int id;

	if (pci_addr_parse(pf, &a) < 0)
		errx(1, "tree: %s is no address", pf);
	id = (a.bus << 8 | a.slot << 3 | a.func) + OFFSET + index * STRIDE;
	a.bus = (uint8_t)(id >> 8);
	a.slot = (uint8_t)(id >> 3 & 0x1f);
	a.func = (uint8_t)(id & 7);
	return pci_addr_format(&a, text);
}

static void add_vf(struct tree *t, const char *pf, int index)
{
	const char *vf = tree_vf(pf, index);
	char path[PATH_MAX], target[PATH_MAX];

	(void)snprintf(target, sizeof(target), "../%s", vf);
	put_link(at(t, path, FUNCTION_PATH "/virtfn%d", pf, index), target);
	(void)snprintf(target, sizeof(target), "../%s", pf);
	put_link(at(t, path, FUNCTION_PATH "/physfn", vf), target);
	tree_add_function(t, vf);
}

void tree_set_vfs(struct tree *t, const char *pf, int count)
{
	char path[PATH_MAX];
	int now = 0;

	while (access(at(t, path, FUNCTION_PATH "/virtfn%d", pf, now), F_OK) == 0)
		now++;
	for (; now < count; now++)
		add_vf(t, pf, now);
	for (; now > count; now--) {
		take_away(at(t, path, FUNCTION_PATH "/virtfn%d", pf, now - 1));
		tree_remove(t, tree_vf(pf, now - 1));
	}
}

void tree_remove(struct tree *t, const char *addr)
{
	char path[PATH_MAX];

	take_away(at(t, path, "sys/bus/pci/devices/%s", addr));
	take_away_all(at(t, path, FUNCTION_PATH, addr));
}

void tree_add_driver(struct tree *t, const char *driver, const char *module)
{
	char path[PATH_MAX], target[PATH_MAX];

	put_folder(at(t, path, "sys/bus/pci/drivers/%s", driver));
	if (!module)
		return;
	(void)snprintf(target, sizeof(target), "../../../../module/%s", module);
	put_link(at(t, path, "sys/bus/pci/drivers/%s/module", driver), target);
	(void)snprintf(target, sizeof(target), "../../../bus/pci/drivers/%s", driver);
	put_link(at(t, path, "sys/module/%s/drivers/pci:%s", module, driver), target);
}

void tree_bind(struct tree *t, const char *addr, const char *driver)
{
	char path[PATH_MAX], target[PATH_MAX];

	(void)snprintf(target, sizeof(target), "../../../bus/pci/drivers/%s", driver);
	put_link(at(t, path, FUNCTION_PATH "/driver", addr), target);
	put_uevent(t, addr, driver);
}

void tree_unbind(struct tree *t, const char *addr)
{
	tree_remove_link(t, addr);
	put_uevent(t, addr, NULL);
}

void tree_remove_link(struct tree *t, const char *addr)
{
	char path[PATH_MAX];

	take_away(at(t, path, FUNCTION_PATH "/driver", addr));
}

void tree_set_override(struct tree *t, const char *addr, const char *text)
{
	char path[PATH_MAX];

	put_text(at(t, path, FUNCTION_PATH "/driver_override", addr), text);
}

void tree_set_group(struct tree *t, const char *addr, int group)
{
	char path[PATH_MAX], target[PATH_MAX];

	put_folder(at(t, path, "sys/kernel/iommu_groups/%d", group));
	(void)snprintf(target, sizeof(target), "../../../kernel/iommu_groups/%d", group);
	put_link(at(t, path, FUNCTION_PATH "/iommu_group", addr), target);
}

void tree_add_vfio_device(struct tree *t, const char *addr, const char *name)
{
	char path[PATH_MAX];

	put_folder(at(t, path, FUNCTION_PATH "/vfio-dev/%s", addr, name));
}

void tree_add_interface(struct tree *t, const char *addr, const char *name)
{
	char path[PATH_MAX];

	put_folder(at(t, path, FUNCTION_PATH "/net/%s", addr, name));
}

void tree_add_node(struct tree *t, const char *path_in_dev)
{
	char path[PATH_MAX];

	put_text(at(t, path, "dev/%s", path_in_dev), "");
}

void tree_set_aliases(struct tree *t, const char *text)
{
	char path[PATH_MAX], next[PATH_MAX];

	/* As depmod does it: another file takes the place of the old one. */
	put_text(at(t, next, "modules.alias.new"), text);
	if (rename(next, at(t, path, "modules.alias")) < 0)
		err(1, "tree: %s", path);
}

void tree_link(struct tree *t, const char *path_in_sysfs, const char *target)
{
	char path[PATH_MAX], full[PATH_MAX];

	put_link(at(t, path, "sys/%s", path_in_sysfs), at(t, full, "sys/%s", target));
}

void tree_add_disk(struct tree *t, const char *number, const char *path_in_sysfs)
{
	char path[PATH_MAX], link[128];

	put_folder(at(t, path, "sys/%s/holders", path_in_sysfs));
	(void)snprintf(link, sizeof(link), "dev/block/%.100s", number);
	tree_link(t, link, path_in_sysfs);
}

void tree_write_proc(struct tree *t, const char *path_in_proc, const char *text)
{
	char path[PATH_MAX];

	put_text(at(t, path, "proc/%s", path_in_proc), text);
}

void tree_write(struct tree *t, const char *path_in_sysfs, const char *text)
{
	char path[PATH_MAX];

	at(t, path, "sys/%s", path_in_sysfs);
	if (text)
		put_text(path, text);
	else
		take_away(path);
}

void tree_make_blocking(struct tree *t, const char *addr, const char *name)
{
	char path[PATH_MAX];

	at(t, path, FUNCTION_PATH "/%s", addr, name);
	take_away(path);
	if (mkfifo(path, 0600) < 0)
		err(1, "tree: %s", path);
}
