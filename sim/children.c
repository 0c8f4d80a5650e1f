/* SPDX-License-Identifier: Apache-2.0 */
#include "children.h"

#include <errno.h>
#include <stdio.h>

#include "group.h"
#include "uses.h"

#define CHILD_PATH_MAX (sizeof(((struct function *)NULL)->path) + 64)

static void vfio_send(struct host *h, const struct function *f, const char *action)
{
	char devpath[CHILD_PATH_MAX];
	struct event e;

	(void)snprintf(devpath, sizeof(devpath), "%s/vfio-dev/vfio%d", f->path, f->vfio);
	event_begin(&e, action, devpath, "vfio-dev");
	if (h->cdev) {
		event_add(&e, "MAJOR=511");
		event_add(&e, "MINOR=%d", f->vfio);
		event_add(&e, "DEVNAME=vfio/devices/vfio%d", f->vfio);
	}
	move_event(&h->moves, &e);
}

static int vfio_add(struct host *h, struct function *f)
{
	char path[CHILD_PATH_MAX], text[32];

	f->vfio = numbers_take(&h->vfio_numbers);
	if (f->vfio < 0)
		return -ENOMEM;
	group_use(h, f);
	(void)snprintf(path, sizeof(path), "sys/%s/vfio-dev/vfio%d", f->path, f->vfio);
	move_dir(&h->moves, "%s", path);
	move_link(&h->moves, "sys/class/vfio-dev", "%s/subsystem", path);
	move_link(&h->moves, path, "sys/class/vfio-dev/vfio%d", f->vfio);
	if (h->cdev) {
		(void)snprintf(text, sizeof(text), "511:%d\n", f->vfio);
		move_text(&h->moves, text, "%s/dev", path);
		move_text(&h->moves, "", "dev/vfio/devices/vfio%d", f->vfio);
	}
	vfio_send(h, f, "add");
	return 0;
}

static void vfio_remove(struct host *h, struct function *f)
{
	if (f->vfio < 0)
		return;
	move_gone(&h->moves, "dev/vfio/devices/vfio%d", f->vfio);
	move_gone(&h->moves, "sys/class/vfio-dev/vfio%d", f->vfio);
	move_gone(&h->moves, "sys/%s/vfio-dev", f->path);
	vfio_send(h, f, "remove");
	numbers_give(&h->vfio_numbers, f->vfio);
	f->vfio = -1;
}

/* One event for the interface, and one for each of its two queues. */
static void netdev_send(struct host *h, const struct function *f, const char *action,
			const char *queue)
{
	char devpath[CHILD_PATH_MAX];
	struct event e;

	(void)snprintf(devpath, sizeof(devpath), "%s/net/eth%d%s%s", f->path, f->netdev,
		       queue ? "/queues/" : "", queue ? queue : "");
	event_begin(&e, action, devpath, queue ? "queues" : "net");
	if (!queue) {
		event_add(&e, "INTERFACE=eth%d", f->netdev);
		event_add(&e, "IFINDEX=%d", f->ifindex);
	}
	move_event(&h->moves, &e);
}

static int netdev_add(struct host *h, struct function *f)
{
	char path[CHILD_PATH_MAX], text[32];

	f->netdev = numbers_take(&h->netdev_numbers);
	if (f->netdev < 0)
		return -ENOMEM;
	f->ifindex = ++h->last_ifindex;
	(void)snprintf(path, sizeof(path), "sys/%s/net/eth%d", f->path, f->netdev);
	(void)snprintf(text, sizeof(text), "%d\n", f->ifindex);
	move_dir(&h->moves, "%s/queues/rx-0", path);
	move_dir(&h->moves, "%s/queues/tx-0", path);
	move_text(&h->moves, text, "%s/ifindex", path);
	move_link(&h->moves, "sys/class/net", "%s/subsystem", path);
	move_link(&h->moves, path, "sys/class/net/eth%d", f->netdev);
	netdev_send(h, f, "add", NULL);
	netdev_send(h, f, "add", "rx-0");
	netdev_send(h, f, "add", "tx-0");
	return 0;
}

static void netdev_remove(struct host *h, struct function *f)
{
	if (f->netdev < 0)
		return;
	netdev_send(h, f, "remove", "tx-0");
	netdev_send(h, f, "remove", "rx-0");
	move_gone(&h->moves, "sys/class/net/eth%d", f->netdev);
	move_gone(&h->moves, "sys/%s/net", f->path);
	netdev_send(h, f, "remove", NULL);
	numbers_give(&h->netdev_numbers, f->netdev);
	f->netdev = -1;
}

/* A vendor's driver has a directory of its own name, where the vGPU type is set. */
static void vendor_add(struct host *h, const struct function *f)
{
	move_dir(&h->moves, "sys/%s/%s", f->path, f->driver->name);
	move_text(&h->moves, "0\n", "sys/%s/%s/current_vgpu_type", f->path, f->driver->name);
	move_text(&h->moves, "ID    : vGPU Name\n1145  : SIM-1B\n1146  : SIM-2B\n",
		  "sys/%s/%s/creatable_vgpu_types", f->path, f->driver->name);
}

int children_add(struct host *h, struct function *f)
{
	const struct driver_keys *keys = &f->driver->keys;
	/* A vendor's driver has the PF too, but only its VFs become VFIO devices. */
	bool vfio = keys->vfio != VFIO_NONE &&
		    (keys->vfio != VFIO_VENDOR || f->kind == FUNCTION_VF);
	int r;

	if (vfio && keys->vfio == VFIO_VENDOR)
		vendor_add(h, f);
	if (vfio) {
		r = vfio_add(h, f);
		if (r < 0)
			return r;
	}
	return keys->net ? netdev_add(h, f) : 0;
}

void children_remove(struct host *h, struct function *f)
{
	uses_remove(h, f);
	netdev_remove(h, f);
	if (f->vfio >= 0 && f->driver->keys.vfio == VFIO_VENDOR)
		move_gone(&h->moves, "sys/%s/%s", f->path, f->driver->name);
	vfio_remove(h, f);
}
