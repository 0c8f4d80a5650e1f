/* SPDX-License-Identifier: Apache-2.0 */
#include "sysfs_vpd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vfmon/cleanup.h"
#include "vfmon/names.h"
#include "vfmon/vpd.h"

#include "sysfs_file.h"

struct known {
	struct pci_addr addr;	     /* first, see addr_table.h */
	uint64_t inode;		     /* of the life that it was read in */
	char serial[VPD_SERIAL_MAX]; /* "": none */
	bool is_parents;	     /* serial is that of its PF */
};

DEFINE_CLEANUP(void *, free);

void sysfs_vpd_done(struct sysfs_vpd *v)
{
	for (size_t i = 0; i < v->known.count; i++)
		free(v->known.items[i]);
	addr_table_done(&v->known);
}

static int open_vpd(int dir_fd, const char *path)
{
	return openat(dir_fd, path, O_RDONLY | O_CLOEXEC);
}

/* The kernel reads no more than what the data says is there. */
static int read_serial(int dir_fd, const char *path, char ret[static VPD_SERIAL_MAX])
{
	cleanup_(sysfs_file_closep) int fd = open_vpd(dir_fd, path);
	cleanup_(freep) void *bytes = fd < 0 ? NULL : malloc(VPD_MAX_BYTES);
	size_t len = 0;
	ssize_t n = 1;

	if (fd < 0)
		return -ENOENT;
	if (!bytes)
		return -ENOMEM;
	while (len < VPD_MAX_BYTES && n > 0) {
		n = read(fd, (char *)bytes + len, VPD_MAX_BYTES - len);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n > 0)
			len += (size_t)n;
	}
	return vpd_serial(bytes, len, ret);
}

static int read_known(struct known *known, int fd, const struct observation *obs)
{
	int r = read_serial(fd, SYSFS_VPD, known->serial);

	known->is_parents = r < 0 && r != -ENOMEM && obs->has_physical_function;
	if (known->is_parents)
		r = read_serial(fd, SYSFS_PHYSFN "/" SYSFS_VPD, known->serial);
	if (r < 0)
		known->serial[0] = '\0';
	known->inode = obs->inode;
	return r == -ENOMEM ? r : 0;
}

static int find_or_add(struct sysfs_vpd *v, const struct pci_addr *addr, struct known **ret)
{
	struct known *known = addr_table_get(&v->known, addr);

	if (!known) {
		known = calloc(1, sizeof(*known));
		if (!known)
			return -ENOMEM;
		known->addr = *addr;
		if (addr_table_insert(&v->known, known) < 0) {
			free(known);
			return -ENOMEM;
		}
	}
	*ret = known;
	return 0;
}

int sysfs_vpd_read(struct sysfs_vpd *v, int fd, struct observation *obs)
{
	struct known *known;
	int r = find_or_add(v, &obs->addr, &known);

	if (r == 0 && known->inode != obs->inode)
		r = read_known(known, fd, obs);
	if (r < 0)
		return r;
	obs->has_card_serial = true;
	/* Nova looks at the PF for a VF, not for what it calls vdpa. */
	if (!known->serial[0] || (known->is_parents && obs->is_vdpa))
		return 0;
	obs->card_serial = observation_put(obs, known->serial, strlen(known->serial));
	return obs->card_serial ? 0 : -E2BIG;
}
