/* SPDX-License-Identifier: Apache-2.0 */
#include "scan.h"

#include <errno.h>
#include <stdlib.h>

#include "../monitor/kernel.h"
#include "moment.h"
#include "options.h"
#include "scan_process.h"
#include "vfmon/registry.h"
#include "vfmon/vf.h"

struct reading {
	struct registry *registry;
	struct scan_process process;
	struct observation obs; /* of the function that was read last */
};

static int open_all(const struct options *o, const struct scan_left_out *left_out,
		    struct text_pool *pool, struct reading *rd)
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
	int r = registry_new(&ops, &options, &rd->registry);

	return r < 0 ? r : scan_process_begin(&sysfs, left_out, &rd->obs, &rd->process);
}

/* As the first scan of a daemon. */
static int read_all(struct reading *rd, uint64_t patience_usec)
{
	const struct moment now = { moment_now_usec(), 1 };
	int r;

	while ((r = scan_process_next(&rd->process, patience_usec)) > 0) {
		r = registry_apply(rd->registry, &rd->obs, &now);
		if (r < 0)
			break;
	}
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

int scan_read(const struct options *o, const struct scan_left_out *left_out, uint64_t patience_usec,
	      struct text_pool *pool, struct scan *ret, struct scan_place *ret_place)
{
	struct reading *rd = calloc(1, sizeof(*rd));
	int r = -ENOMEM;

	if (!rd)
		return r;
	rd->process.fd = -1;
	r = open_all(o, left_out, pool, rd);
	if (r == 0)
		r = read_all(rd, patience_usec);
	if (r == 0)
		r = take_images(rd->registry, ret);
	if (r < 0)
		*ret_place = (struct scan_place){ rd->process.has_at, rd->process.at };
	scan_process_end(&rd->process, r == -ETIMEDOUT);
	registry_free(rd->registry);
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
