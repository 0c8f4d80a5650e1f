/* SPDX-License-Identifier: Apache-2.0 */
#include "scan.h"

#include <errno.h>
#include <stdlib.h>

#include "../monitor/kernel.h"
#include "../monitor/sysfs.h"
#include "moment.h"
#include "options.h"
#include "vfmon/registry.h"
#include "vfmon/vf.h"

struct reading {
	struct sysfs *sysfs;
	struct registry *registry;
	struct observation obs; /* of the function that is read now */
};

static int open_all(const struct options *o, struct text_pool *pool, struct reading *rd)
{
	const struct registry_ops ops = { 0 };
	const struct registry_options options = {
		.pool = pool,
		.all_functions = true,
		.kernel_has_vfio_dev = kernel_has_vfio_dev(),
		.stuck_after_usec = UINT64_MAX / 2,
	};
	const struct sysfs_options sysfs = { o->sysfs_root, o->dev_root, o->modules_alias,
					     o->proc_root };
	int r = sysfs_new(&sysfs, &rd->sysfs);

	return r < 0 ? r : registry_new(&ops, &options, &rd->registry);
}

/* As the first scan of a daemon. */
static int read_all(struct reading *rd)
{
	const struct sysfs_want want = { 0 };
	const struct moment now = { moment_now_usec(), 1 };
	struct pci_addr *addrs = NULL;
	ssize_t count = sysfs_list(rd->sysfs, &addrs);
	int r = count < 0 ? (int)count : 0;

	for (ssize_t i = 0; r == 0 && i < count; i++) {
		sysfs_read_function(rd->sysfs, &addrs[i], &want, &rd->obs);
		r = registry_apply(rd->registry, &rd->obs, &now);
	}
	free(addrs);
	return r;
}

static int take_images(const struct registry *r, struct scan *ret)
{
	size_t count = registry_count(r), place = 0;
	struct scan s = { .images = calloc(count ? count : 1, sizeof(*s.images)) };
	struct vf *vf = NULL;

	if (!s.images)
		return -ENOMEM;
	while (s.count < count && (vf = registry_next_near(r, vf ? &vf->addr : NULL, &place)))
		s.images[s.count++] = vf_ref(vf);
	*ret = s;
	return 0;
}

int scan_read(const struct options *o, struct text_pool *pool, struct scan *ret)
{
	struct reading *rd = calloc(1, sizeof(*rd));
	int r = rd ? open_all(o, pool, rd) : -ENOMEM;

	if (r == 0)
		r = read_all(rd);
	if (r == 0)
		r = take_images(rd->registry, ret);
	if (rd) {
		registry_free(rd->registry);
		sysfs_free(rd->sysfs);
	}
	free(rd);
	return r;
}

void scan_done(struct scan *s)
{
	for (size_t i = 0; i < s->count; i++)
		vf_unref(s->images[i]);
	free(s->images);
	*s = (struct scan){ 0 };
}
