/* SPDX-License-Identifier: Apache-2.0 */
/* Functions that are not read but told. */
#include <errno.h>
#include <stdlib.h>

#include "registry_internal.h"
#include "vfmon/cleanup.h"

DEFINE_CLEANUP(struct entry *, registry_entry_free);

static int adopt(struct registry *r, const struct vf *image, const struct moment *now)
{
	cleanup_(registry_entry_freep) struct entry *fresh = calloc(1, sizeof(*fresh));
	struct change about = { .cause.source = CAUSE_SCAN };
	struct entry *e = fresh;
	struct vf *copy;

	if (!fresh || vf_copy(image, &copy) < 0)
		return -ENOMEM;
	fresh->addr = image->addr;
	if (addr_table_insert(&r->entries, fresh) < 0) {
		vf_unref(copy);
		return -ENOMEM;
	}
	(void)TAKE_PTR(fresh);
	if (registry_join_family(r, e, copy) < 0) {
		vf_unref(copy);
		addr_table_remove(&r->entries, &e->addr);
		registry_entry_free(e);
		return -ENOMEM;
	}
	registry_set_image(r, e, copy, &about, now);
	return 0;
}

int registry_adopt(struct registry *r, struct vf *const *images, size_t count,
		   const struct moment *now)
{
	const struct registry_options options = r->options;
	int n = 0;

	for (size_t i = 0; n == 0 && i < count; i++)
		n = adopt(r, images[i], now);
	/* Each verdict may look at any other function, so that they come when all are there. */
	if (n == 0)
		n = registry_configure(r, &options, now);
	if (n == 0)
		r->ready = true;
	return n;
}
