/* SPDX-License-Identifier: Apache-2.0 */
#include "identity.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "daemon_state.h"
#include "kernel.h"
#include "log.h"
#include "tracker.h"
#include "udevsrc.h"
#include "vfmon/names.h"
#include "vfmon/text.h"

static void read_boot_id(const char *proc_root, char ret[static ID_TEXT_MAX])
{
	char path[4096];
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", proc_root, PROC_BOOT_ID);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, ret, ID_TEXT_MAX - 1);
		close(fd);
	}
	ret[n > 0 ? n : 0] = '\0';
	ret[strcspn(ret, "\n")] = '\0';
	if (!*ret)
		log_warning(
			"%s can not be read: lives of functions can not be told apart over boots",
			path);
}

static void make_epoch(char ret[static ID_TEXT_MAX])
{
	unsigned char bytes[16];

	/* Never blocks once the kernel's pool is ready, and it is by the time of any service. */
	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		memset(bytes, 0, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(ret + 2 * i, 3, "%02x", bytes[i]);
}

void identity_read(struct daemon *d)
{
	d->network_namespace = kernel_network_namespace();
	read_boot_id(d->options->proc_root, d->boot_id);
	make_epoch(d->epoch);
}

void identity_name(struct udevsrc *udev, struct tracker *tracker, struct vf *vf)
{
	const struct udevsrc_ids ids = {
		.vendor_id = vf->vendor_id,
		.product_id = vf->product_id,
		.has_subsystem = vf->has_subsystem,
		.subsystem_vendor_id = vf->subsystem_vendor_id,
		.subsystem_product_id = vf->subsystem_product_id,
	};
	struct udevsrc_names names;

	if (!vf->has_ids)
		return;
	udevsrc_names(udev, &ids, &names);
	tracker_name(tracker, vf, names.vendor, names.product);
}
