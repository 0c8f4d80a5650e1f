/* SPDX-License-Identifier: Apache-2.0 */
#include "group.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int group_number(struct host *h, const struct function *f)
{
	if (f->keys.group == GROUP_OWN)
		return numbers_take(&h->group_numbers);
	if (numbers_reserve(&h->group_numbers, (size_t)f->keys.group) < 0)
		return -ENOMEM;
	return f->keys.group;
}

/* Makes room for a number in the table of groups. */
static int groups_grow(struct host *h, size_t number)
{
	size_t count = h->n_groups ? h->n_groups : 64;
	struct group *groups;

	while (count <= number)
		count *= 2;
	if (count <= h->n_groups)
		return 0;
	groups = realloc(h->groups, count * sizeof(*groups));
	if (!groups)
		return -ENOMEM;
	memset(groups + h->n_groups, 0, (count - h->n_groups) * sizeof(*groups));
	h->groups = groups;
	h->n_groups = count;
	return 0;
}

int group_join(struct host *h, struct function *f)
{
	char path[sizeof(f->path) + 4], group[64];
	int number;

	if (f->keys.group == GROUP_NONE)
		return 0;
	number = group_number(h, f);
	if (number < 0 || groups_grow(h, (size_t)number) < 0)
		return -ENOMEM;
	f->group = number;
	(void)snprintf(group, sizeof(group), "sys/kernel/iommu_groups/%d", number);
	(void)snprintf(path, sizeof(path), "sys/%s", f->path);
	if (h->groups[number].members++ == 0) {
		move_dir(&h->moves, "%s/devices", group);
		move_text(&h->moves, "DMA\n", "%s/type", group);
	}
	move_link(&h->moves, group, "%s/iommu_group", path);
	move_link(&h->moves, path, "%s/devices/%s", group, f->name);
	return 0;
}

void group_leave(struct host *h, struct function *f)
{
	if (f->group < 0)
		return;
	move_gone(&h->moves, "sys/kernel/iommu_groups/%d/devices/%s", f->group, f->name);
	move_gone(&h->moves, "sys/%s/iommu_group", f->path);
	if (--h->groups[f->group].members == 0) {
		move_gone(&h->moves, "sys/kernel/iommu_groups/%d", f->group);
		numbers_give(&h->group_numbers, f->group);
	}
	f->group = -1;
}

static void group_send(struct host *h, int number, const char *action)
{
	struct event e;
	char devpath[64];

	(void)snprintf(devpath, sizeof(devpath), "devices/virtual/vfio/%d", number);
	event_begin(&e, action, devpath, "vfio");
	event_add(&e, "MAJOR=240");
	event_add(&e, "MINOR=%d", number);
	event_add(&e, "DEVNAME=vfio/%d", number);
	move_event(&h->moves, &e);
}

void group_use(struct host *h, struct function *f)
{
	char path[64], text[32];
	int number = f->group;

	if (number < 0)
		return;
	f->uses_group_node = true;
	if (h->groups[number].users++ > 0)
		return;
	(void)snprintf(path, sizeof(path), "sys/devices/virtual/vfio/%d", number);
	(void)snprintf(text, sizeof(text), "240:%d\n", number);
	move_dir(&h->moves, "%s", path);
	move_text(&h->moves, text, "%s/dev", path);
	move_link(&h->moves, "sys/class/vfio", "%s/subsystem", path);
	move_link(&h->moves, path, "sys/class/vfio/%d", number);
	move_text(&h->moves, "", "dev/vfio/%d", number);
	group_send(h, number, "add");
}

void group_unuse(struct host *h, struct function *f)
{
	if (!f->uses_group_node)
		return;
	f->uses_group_node = false;
	if (--h->groups[f->group].users > 0)
		return;
	move_gone(&h->moves, "sys/class/vfio/%d", f->group);
	move_gone(&h->moves, "sys/devices/virtual/vfio/%d", f->group);
	move_gone(&h->moves, "dev/vfio/%d", f->group);
	group_send(h, f->group, "remove");
}
