/* SPDX-License-Identifier: Apache-2.0 */
/* What an earlier run of this boot knew of the functions, and what has become of them since. */
#include <errno.h>
#include <stdlib.h>

#include "registry_internal.h"
#include "vfmon/cleanup.h"

DEFINE_CLEANUP(struct entry *, registry_entry_free);

static int remember(struct registry *r, struct vf *image)
{
	cleanup_(registry_entry_freep) struct entry *e = calloc(1, sizeof(*e));
	struct addr_table *t = image->vanished_usec ? &r->vanished : &r->remembered;

	if (!e)
		return -ENOMEM;
	e->addr = image->addr;
	e->vf = vf_ref(image);
	if (addr_table_get(t, &e->addr))
		return 0;
	if (addr_table_insert(t, e) < 0)
		return -ENOMEM;
	(void)TAKE_PTR(e);
	return 0;
}

int registry_remember(struct registry *r, struct vf *const *images, size_t count)
{
	int failed = 0;

	r->has_memory = true;
	for (size_t i = 0; i < count; i++)
		if (remember(r, images[i]) < 0)
			failed = -ENOMEM;
	return failed;
}

void registry_recall(struct registry *r, struct vf *vf, const struct moment *now)
{
	cleanup_(registry_entry_freep) struct entry *e = NULL;

	if (r->ready || !r->has_memory)
		return;
	e = addr_table_remove(&r->remembered, &vf->addr);
	if (!e || e->vf->generation != vf->generation) {
		/* It came while nobody watched: by now at the latest. */
		vf->appeared_usec = now->realtime_usec;
		vf->appeared_boottime_usec = now->boottime_usec;
		return;
	}
	vf->appeared_usec = e->vf->appeared_usec;
	vf->appeared_boottime_usec = e->vf->appeared_boottime_usec;
	vf->attributes_changed_usec = e->vf->attributes_changed_usec;
	vf->attributes_changed_boottime_usec = e->vf->attributes_changed_boottime_usec;
	registry_note_attributes(vf_diff(e->vf, vf), e->vf, vf, now);
}

void registry_bury_unseen(struct registry *r, const struct moment *now)
{
	for (size_t i = 0; i < r->remembered.count; i++) {
		struct entry *e = r->remembered.items[i];

		/* One that has not answered yet is there all the same. */
		if (addr_table_get(&r->vanished, &e->addr) || addr_table_get(&r->entries, &e->addr))
			registry_entry_free(e);
		else
			registry_keep_vanished(r, e, now);
	}
	addr_table_done(&r->remembered);
	r->remembered = (struct addr_table){ 0 };
}
