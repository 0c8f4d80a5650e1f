/* SPDX-License-Identifier: Apache-2.0 */
#include "walk.h"

#include <errno.h>

#include "vfmon/filter.h"
#include "vfmon/wire.h"

struct vf *device_walk_peek(struct device_walk *w)
{
	const struct pci_addr *after = w->begun ? &w->last : NULL;
	struct vf *vf;

	w->next_hint = w->hint;
	do {
		vf = w->over == WALK_LISTED ? registry_next_near(w->registry, after, &w->next_hint)
					    : registry_next_vanished(w->registry, after);
		after = vf ? &vf->addr : NULL;
	} while (vf && !filter_matches(w->filter, vf));
	return vf;
}

void device_walk_pass(struct device_walk *w, const struct vf *vf)
{
	w->begun = true;
	w->last = vf->addr;
	w->hint = w->next_hint;
}

/* The first change behind after that is wanted; how many are left does not count here. */
static const struct change *next_change(const struct change_walk *w, uint64_t after)
{
	const struct change *c = history_after(w->history, after);

	while (c && w->has_addr && pci_addr_compare(&c->addr, &w->addr) != 0)
		c = history_after(w->history, c->sequence);
	return c && c->sequence <= w->newest ? c : NULL;
}

/* Passes so many that only as many are left as may come. */
static void skip_older(struct change_walk *w)
{
	uint64_t count = 0;

	for (const struct change *c = next_change(w, w->after); c; c = next_change(w, c->sequence))
		count++;
	for (; count > w->left; count--)
		w->after = next_change(w, w->after)->sequence;
}

int change_walk_init(struct change_walk *w, const struct history *history,
		     const struct wire_request *request)
{
	*w = (struct change_walk){
		.history = history,
		.has_addr = request->address != NULL,
		.after = request->after.value,
		.newest = UINT64_MAX,
		.left = request->limit.given ? request->limit.value : UINT64_MAX,
	};
	if (request->address && pci_addr_parse(request->address, &w->addr) < 0)
		return -EINVAL;
	if (history_count(history) > 0)
		w->newest = history_oldest(history) + history_count(history) - 1;
	if (!request->after.given)
		skip_older(w);
	return 0;
}

const struct change *change_walk_peek(const struct change_walk *w)
{
	return w->left > 0 ? next_change(w, w->after) : NULL;
}

void change_walk_pass(struct change_walk *w, const struct change *change)
{
	w->after = change->sequence;
	w->left--;
}
