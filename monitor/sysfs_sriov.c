/* SPDX-License-Identifier: Apache-2.0 */
#include "sysfs_sriov.h"

#include <errno.h>
#include <string.h>

#include "vfmon/names.h"

#include "sysfs_file.h"

#define VIRTFN_PATH_BYTES (sizeof(SYSFS_PHYSFN "/" SYSFS_VIRTFN) + SYSFS_DIGITS_MAX)

/* Whether the PF's link number index leads to this VF: 1, 0 or -errno. */
static int is_virtfn(int fd, int32_t index, const struct pci_addr *vf)
{
	char path[VIRTFN_PATH_BYTES] = SYSFS_PHYSFN "/" SYSFS_VIRTFN, name[SYSFS_NAME_MAX];
	struct pci_addr addr;
	int r;

	if (index < 0)
		return 0;
	sysfs_text_put_number(path + strlen(path), (uint32_t)index);
	r = sysfs_file_link(fd, path, name);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	return pci_addr_parse(name, &addr) == 0 && pci_addr_compare(&addr, vf) == 0;
}

static int read_routing(int fd, struct sysfs_routing *ret)
{
	int offset, stride;
	int r = sysfs_file_number(fd, SYSFS_PHYSFN "/" SYSFS_SRIOV_OFFSET, &offset);

	if (r < 0)
		return r;
	r = sysfs_file_number(fd, SYSFS_PHYSFN "/" SYSFS_SRIOV_STRIDE, &stride);
	if (r < 0)
		return r;
	*ret = (struct sysfs_routing){ offset, stride };
	return 0;
}

struct search {
	int fd;
	struct observation *obs;
};

static int on_pf_entry(const char *name, void *arg)
{
	struct search *search = arg;
	int32_t index;
	int r;

	if (sysfs_text_virtfn(name, &index) < 0)
		return 0;
	r = is_virtfn(search->fd, index, &search->obs->addr);
	if (r == 1)
		search->obs->vf_index = index;
	return r;
}

/* Offset and stride may have changed since the VF was made; then only the links know. */
static int search_vf_index(int fd, struct observation *obs)
{
	struct search search = { fd, obs };
	int r = sysfs_file_each(fd, SYSFS_PHYSFN "/", on_pf_entry, &search);

	return r < 0 && r != -ENOENT ? r : 0;
}

/* The index that the routing gives, if the PF's link agrees: 1, 0 or -errno. */
static int try_routing(const struct sysfs_routing *routing, int fd, struct observation *obs)
{
	int32_t index = sysfs_text_vf_index(&obs->physical_function, &obs->addr, routing);
	int r = is_virtfn(fd, index, &obs->addr);

	if (r == 1)
		obs->vf_index = index;
	return r;
}

static int read_vf_index(struct sysfs_sriov *memory, int fd, struct observation *obs)
{
	int r;

	if (memory->routing.offset && pci_addr_compare(&memory->pf, &obs->physical_function) == 0) {
		r = try_routing(&memory->routing, fd, obs);
		if (r != 0)
			return r < 0 ? r : 0;
	}
	memory->routing.offset = 0;
	r = read_routing(fd, &memory->routing);
	if (r < 0 && r != -ENOENT && r != -EINVAL)
		return r;
	memory->pf = obs->physical_function;
	r = try_routing(&memory->routing, fd, obs);
	return r == 0 ? search_vf_index(fd, obs) : r < 0 ? r : 0;
}

static int on_own_entry(const char *name, void *arg)
{
	int32_t *count = arg, index;

	if (sysfs_text_virtfn(name, &index) == 0)
		(*count)++;
	return 0;
}

static int read_pf(int fd, struct observation *obs)
{
	int32_t count = 0;
	int r, total, autoprobe;

	r = sysfs_file_number(fd, SYSFS_TOTAL_VFS, &total);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	r = sysfs_file_number(fd, SYSFS_DRIVERS_AUTOPROBE, &autoprobe);
	if (r < 0 && r != -ENOENT)
		return r;
	if (r == 0)
		obs->drivers_autoprobe = autoprobe != 0;
	r = sysfs_file_each(fd, ".", on_own_entry, &count);
	if (r < 0)
		return r;
	obs->total_vfs = total;
	obs->num_vfs = count;
	return 0;
}

int sysfs_sriov_read(struct sysfs_sriov *memory, int fd, struct observation *obs)
{
	char name[SYSFS_NAME_MAX];
	int r = sysfs_file_link(fd, SYSFS_PHYSFN, name);

	if (r == -ENOENT)
		return read_pf(fd, obs);
	if (r < 0)
		return r;
	if (pci_addr_parse(name, &obs->physical_function) < 0)
		return -EINVAL;
	obs->has_physical_function = true;
	return obs->has_static ? read_vf_index(memory, fd, obs) : 0;
}
