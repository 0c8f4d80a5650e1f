/* SPDX-License-Identifier: Apache-2.0 */
#include "sysfs_steps.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "vfmon/names.h"
#include "vfmon/vf.h"

#include "sysfs_facts.h"
#include "sysfs_net.h"
#include "sysfs_text.h"
#include "sysfs_use.h"
#include "sysfs_vendor.h"
#include "sysfs_vpd.h"

/* Keeps a text in the observation. */
static int put(struct sysfs_reading *rd, const char *text, char **field)
{
	*field = observation_put(rd->obs, text, strlen(text));
	return *field ? 0 : -E2BIG;
}

static int read_link_driver(struct sysfs_reading *rd)
{
	char name[SYSFS_NAME_MAX];
	int r = sysfs_file_link(rd->fd, SYSFS_DRIVER, name);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	return put(rd, name, &rd->obs->link_driver);
}

static void take_ids(const struct sysfs_uevent *u, struct observation *obs)
{
	obs->has_ids = u->has_ids;
	obs->vendor_id = u->vendor_id;
	obs->product_id = u->product_id;
	obs->has_subsystem = u->has_subsystem;
	obs->subsystem_vendor_id = u->subsystem_vendor_id;
	obs->subsystem_product_id = u->subsystem_product_id;
	obs->has_class = u->has_class;
	obs->class_code = u->class_code;
}

static int read_best(struct sysfs_reading *rd, const char *modalias)
{
	struct sysfs_best best;
	int r = sysfs_facts_best(rd->facts, modalias, &best);

	if (r < 0 || !best.module)
		return r;
	r = put(rd, best.module, &rd->obs->best_module);
	return r < 0 ? r : put(rd, best.driver, &rd->obs->best_driver);
}

/* The file that has the most in one read; without it a function is not there, or not any more. */
static int read_uevent(struct sysfs_reading *rd)
{
	struct observation *obs = rd->obs;
	struct sysfs_uevent u;
	int r = sysfs_file_read(rd->fd, SYSFS_UEVENT, rd->text);

	if (r < 0)
		return r;
	sysfs_text_uevent(rd->text, &u);
	if (u.driver && put(rd, u.driver, &obs->uevent_driver) < 0)
		return -E2BIG;
	obs->has_static = obs->inode != rd->known_inode;
	if (obs->has_static)
		take_ids(&u, obs);
	return u.modalias ? read_best(rd, u.modalias) : 0;
}

static int read_module(struct sysfs_reading *rd)
{
	const char *driver = rd->obs->link_driver ? rd->obs->link_driver : rd->obs->uevent_driver;
	struct sysfs_driver facts;
	int r;

	if (!driver)
		return 0;
	r = sysfs_facts_driver(rd->facts, driver, &facts);
	if (r < 0)
		return r;
	rd->obs->module_vfio = facts.vfio;
	rd->obs->module_holds_vfio_core = facts.holds_vfio_core;
	return facts.module ? put(rd, facts.module, &rd->obs->module) : 0;
}

static int read_numa_node(struct sysfs_reading *rd)
{
	int node = -1, r;

	if (!rd->obs->has_static)
		return 0;
	r = sysfs_file_number(rd->fd, SYSFS_NUMA_NODE, &node);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	rd->obs->numa_node = node < 0 ? -1 : node;
	return 0;
}

static int read_override(struct sysfs_reading *rd)
{
	int r = sysfs_file_read_line(rd->fd, SYSFS_DRIVER_OVERRIDE, rd->text);
	const char *driver;

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	driver = sysfs_text_override(rd->text);
	return driver ? put(rd, driver, &rd->obs->driver_override) : 0;
}

static int read_vfio_device(struct sysfs_reading *rd)
{
	char name[SYSFS_NAME_MAX];
	int r = sysfs_file_first(rd->fd, SYSFS_VFIO_DEV, sysfs_text_is_vfio_device, name);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	return put(rd, name, &rd->obs->vfio_device);
}

/*
 * A VFIO driver enables the function when somebody opens the device, and disables it at the close;
 * a driver of the host enables it at its probe, so that there the number says nothing.
 */
static int read_in_use(struct sysfs_reading *rd)
{
	int enabled, r;

	if (!rd->obs->vfio_device)
		return 0;
	r = sysfs_file_number(rd->fd, SYSFS_ENABLE, &enabled);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	rd->obs->in_use = enabled > 0;
	return 0;
}

static int read_interface(struct sysfs_reading *rd)
{
	char name[SYSFS_NAME_MAX], use[USE_TEXT_MAX];
	int r;

	if (!rd->obs->link_driver && !rd->obs->uevent_driver)
		return 0;
	r = sysfs_net_read(rd->fd, name, use);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	r = put(rd, name, &rd->obs->interface);
	return r < 0 || !use[0] ? r : put(rd, use, &rd->obs->host_use);
}

/* What a guest or nobody has is used by no one on the host. */
static int read_host_use(struct sysfs_reading *rd)
{
	static const unsigned int parts[] = { USE_ADDRESSES, USE_DISKS };
	struct observation *obs = rd->obs;
	const char *text = NULL;

	if (!obs->link_driver || obs->vfio_device)
		return 0;
	obs->is_vdpa = sysfs_use_get(rd->use, USE_VDPA, &obs->addr) != NULL;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && !text && !obs->host_use; i++)
		text = sysfs_use_get(rd->use, parts[i], &obs->addr);
	return text ? put(rd, text, &obs->host_use) : 0;
}

static int read_vendor(struct sysfs_reading *rd)
{
	if (!rd->obs->link_driver)
		return 0;
	return sysfs_vendor_read(rd->rules, rd->fd, rd->text, rd->obs);
}

/* Behind read_sriov(), which tells whether there is a PF. */
static int read_vpd(struct sysfs_reading *rd)
{
	return rd->vpd ? sysfs_vpd_read(rd->vpd, rd->fd, rd->obs) : 0;
}

static int read_sriov(struct sysfs_reading *rd)
{
	return sysfs_sriov_read(rd->sriov, rd->fd, rd->obs);
}

static int read_group(struct sysfs_reading *rd)
{
	char name[SYSFS_NAME_MAX];
	int r = sysfs_file_link(rd->fd, SYSFS_IOMMU_GROUP, name);
	int32_t group;

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	r = sysfs_text_number(name, &group);
	if (r < 0 || group < 0)
		return -EINVAL;
	r = sysfs_facts_noiommu(rd->facts, group);
	if (r < 0)
		return r;
	rd->obs->iommu_group = group;
	rd->obs->iommu_group_noiommu = r;
	return 0;
}

/* Adds the node's bit if dev_root has folder/name. */
static int look_for_node(struct sysfs_reading *rd, const char *folder, const char *name,
			 uint8_t bit)
{
	char path[SYSFS_NAME_MAX + sizeof(DEV_VFIO_DEVICES "/")];
	size_t folder_len = strlen(folder);
	int r;

	memcpy(path, folder, folder_len);
	path[folder_len] = '/';
	memcpy(path + folder_len + 1, name, strlen(name) + 1);
	r = sysfs_file_exists(rd->dev_fd, path);
	if (r == 1)
		rd->obs->nodes |= bit;
	return r < 0 ? r : 0;
}

/* Of the group whatever its driver is: another member may have made the node, or a stuck one. */
static int look_for_nodes(struct sysfs_reading *rd)
{
	char name[sizeof(NOIOMMU_GROUP_PREFIX) + SYSFS_DIGITS_MAX] = NOIOMMU_GROUP_PREFIX;
	const struct observation *obs = rd->obs;
	bool noiommu = obs->iommu_group_noiommu;
	int r = 0;

	if (rd->dev_fd < 0)
		return 0;
	if (obs->iommu_group >= 0) {
		sysfs_text_put_number(name + (noiommu ? strlen(name) : 0),
				      (uint32_t)obs->iommu_group);
		r = look_for_node(rd, DEV_VFIO_GROUPS, name,
				  noiommu ? VF_NODE_NOIOMMU_GROUP : VF_NODE_GROUP);
	}
	if (r == 0 && obs->vfio_device)
		r = look_for_node(rd, DEV_VFIO_DEVICES, obs->vfio_device, VF_NODE_CDEV);
	return r;
}

/* The link once more: if it moved, what was read in between may be of either driver. */
static int check_link(struct sysfs_reading *rd)
{
	const char *before = rd->obs->link_driver;
	char name[SYSFS_NAME_MAX];
	int r = sysfs_file_link(rd->fd, SYSFS_DRIVER, name);

	if (r < 0 && r != -ENOENT)
		return r;
	if (r == -ENOENT)
		return before ? SYSFS_STEPS_MOVED : 0;
	return before && strcmp(before, name) == 0 ? 0 : SYSFS_STEPS_MOVED;
}

typedef int (*read_step_fn)(struct sysfs_reading *rd);

static const read_step_fn function_steps[] = {
	read_link_driver, read_uevent,	  read_override,  read_vfio_device,
	read_sriov,	  read_group,	  read_numa_node, read_module,
	read_interface,	  look_for_nodes, read_in_use,	  read_host_use,
	read_vendor,	  read_vpd,	  check_link,	  NULL,
};

static const read_step_fn nodes_steps[] = { read_vfio_device, read_group, look_for_nodes, NULL };

static int read_steps(struct sysfs_reading *rd, const read_step_fn *steps)
{
	struct stat st;
	int r = 0;

	if (fstat(rd->fd, &st) < 0)
		return -errno;
	rd->obs->inode = st.st_ino;
	for (; *steps && r == 0; steps++)
		r = (*steps)(rd);
	return r;
}

int sysfs_steps_function(struct sysfs_reading *rd)
{
	return read_steps(rd, function_steps);
}

int sysfs_steps_nodes(struct sysfs_reading *rd)
{
	return read_steps(rd, nodes_steps);
}
