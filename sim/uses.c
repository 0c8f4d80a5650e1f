/* SPDX-License-Identifier: Apache-2.0 */
#include "uses.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define USE_PATH_MAX (sizeof(((struct function *)NULL)->path) + 2 * STEP_NAME_MAX)
/* Of NVMe disks, on a usual kernel. */
#define DISK_MAJOR 259
/* The serial number is at most a step's name. */
#define VPD_BYTES (STEP_NAME_MAX + 16)

static bool is_none(const struct attempt *a)
{
	return strcmp(a->step->name, "none") == 0;
}

static int check_driver(const struct attempt *a)
{
	return a->f->driver && a->f->binding == BINDING_BOUND
		       ? 0
		       : perform_refuse(a, 1, "has no driver that could make it");
}

static void send(struct host *h, const char *action, const char *devpath, const char *subsystem)
{
	struct event e;

	event_begin(&e, action, devpath, subsystem);
	move_event(&h->moves, &e);
}

static void disk_path(const struct function *f, char path[static USE_PATH_MAX])
{
	(void)snprintf(path, USE_PATH_MAX, "sys/%s/block/%s", f->path, f->disk);
}

static void remove_disk(struct host *h, struct function *f)
{
	char path[USE_PATH_MAX];

	if (!f->disk[0])
		return;
	disk_path(f, path);
	move_gone(&h->moves, "sys/dev/block/%d:%d", DISK_MAJOR, f->disk_minor);
	move_gone(&h->moves, "sys/class/block/%s", f->disk);
	move_gone(&h->moves, "sys/%s/block", f->path);
	send(h, "remove", path + strlen("sys/"), "block");
	f->disk[0] = '\0';
}

int perform_disk(struct host *h, const struct attempt *a)
{
	struct function *f = a->f;
	char path[USE_PATH_MAX], number[32];

	if (is_none(a)) {
		remove_disk(h, f);
		return 0;
	}
	if (check_driver(a) < 0)
		return -EINVAL;
	if (f->disk[0])
		return perform_refuse(a, 2, "it has a disk %s already", f->disk);
	memcpy(f->disk, a->step->name, sizeof(f->disk));
	f->disk_minor = h->last_disk_minor++;
	disk_path(f, path);
	(void)snprintf(number, sizeof(number), "%d:%d\n", DISK_MAJOR, f->disk_minor);
	move_dir(&h->moves, "%s/holders", path);
	move_text(&h->moves, number, "%s/dev", path);
	move_dir(&h->moves, "sys/dev/block");
	move_dir(&h->moves, "sys/class/block");
	move_link(&h->moves, path, "sys/dev/block/%d:%d", DISK_MAJOR, f->disk_minor);
	move_link(&h->moves, path, "sys/class/block/%s", f->disk);
	send(h, "add", path + strlen("sys/"), "block");
	return 0;
}

/* The event is the device mapper's, of a path that has no function in it. */
int perform_stack(struct host *h, const struct attempt *a)
{
	const char *name = is_none(a) ? a->f->stacked : a->step->name;
	char path[USE_PATH_MAX], holder[USE_PATH_MAX];

	if (!a->f->disk[0])
		return perform_refuse(a, 1, "has no disk");
	if (!is_none(a) == (a->f->stacked[0] != '\0'))
		return perform_refuse(a, 2,
				      is_none(a) ? "nothing is stacked on its disk"
						 : "something is stacked on its disk");
	disk_path(a->f, path);
	(void)snprintf(holder, sizeof(holder), "sys/devices/virtual/block/%s", name);
	if (is_none(a)) {
		move_gone(&h->moves, "%s/holders/%s", path, name);
		move_gone(&h->moves, "%s", holder);
		send(h, "remove", holder + strlen("sys/"), "block");
		a->f->stacked[0] = '\0';
		return 0;
	}
	memcpy(a->f->stacked, a->step->name, sizeof(a->f->stacked));
	move_dir(&h->moves, "%s", holder);
	move_link(&h->moves, holder, "%s/holders/%s", path, name);
	send(h, "change", holder + strlen("sys/"), "block");
	return 0;
}

int perform_master(struct host *h, const struct attempt *a)
{
	char master[USE_PATH_MAX];

	if (a->f->netdev < 0)
		return perform_refuse(a, 1, "has no network interface");
	move_gone(&h->moves, "sys/%s/net/eth%d/master", a->f->path, a->f->netdev);
	if (is_none(a))
		return 0;
	(void)snprintf(master, sizeof(master), "sys/devices/virtual/net/%s", a->step->name);
	move_dir(&h->moves, "%s", master);
	move_link(&h->moves, master, "sys/%s/net/eth%d/master", a->f->path, a->f->netdev);
	return 0;
}

static void remove_vdpa(struct host *h, struct function *f)
{
	char devpath[USE_PATH_MAX];

	if (!f->vdpa[0])
		return;
	(void)snprintf(devpath, sizeof(devpath), "%s/%s", f->path, f->vdpa);
	move_gone(&h->moves, "sys/bus/vdpa/devices/%s", f->vdpa);
	move_gone(&h->moves, "sys/%s", devpath);
	send(h, "remove", devpath, "vdpa");
	f->vdpa[0] = '\0';
}

int perform_vdpa(struct host *h, const struct attempt *a)
{
	struct function *f = a->f;
	char path[USE_PATH_MAX];

	if (is_none(a)) {
		remove_vdpa(h, f);
		return 0;
	}
	if (check_driver(a) < 0)
		return -EINVAL;
	if (f->vdpa[0])
		return perform_refuse(a, 2, "it has a vdpa device %s already", f->vdpa);
	memcpy(f->vdpa, a->step->name, sizeof(f->vdpa));
	(void)snprintf(path, sizeof(path), "sys/%s/%s", f->path, f->vdpa);
	move_dir(&h->moves, "%s", path);
	move_dir(&h->moves, "sys/bus/vdpa/devices");
	move_link(&h->moves, "sys/bus/vdpa", "%s/subsystem", path);
	move_link(&h->moves, path, "sys/bus/vdpa/devices/%s", f->vdpa);
	send(h, "add", path + strlen("sys/"), "vdpa");
	return 0;
}

/* A read-only part with the serial number and the byte that makes the sum of all 0, and the end. */
static size_t make_vpd(const char *serial, char bytes[static VPD_BYTES])
{
	size_t len = strlen(serial), at = 0;
	unsigned char sum = 0;

	bytes[at++] = (char)0x90;
	bytes[at++] = (char)(len + 7);
	bytes[at++] = 0;
	memcpy(bytes + at, "SN", 2);
	bytes[at + 2] = (char)len;
	memcpy(bytes + at + 3, serial, len);
	at += 3 + len;
	memcpy(bytes + at, "RV\001", 3);
	at += 3;
	for (size_t n = 0; n < at; n++)
		sum = (unsigned char)(sum + (unsigned char)bytes[n]);
	bytes[at++] = (char)(unsigned char)-sum;
	bytes[at++] = 0x78;
	return at;
}

int perform_vpd(struct host *h, const struct attempt *a)
{
	char bytes[VPD_BYTES], path[USE_PATH_MAX];
	struct move move = { .kind = MOVE_TEXT, .path = path, .text = bytes };

	(void)snprintf(path, sizeof(path), "sys/%s/vpd", a->f->path);
	if (is_none(a)) {
		move_gone(&h->moves, "%s", path);
		return 0;
	}
	move.size = make_vpd(a->step->name, bytes);
	move_bytes(&h->moves, &move);
	return 0;
}

void uses_remove(struct host *h, struct function *f)
{
	remove_disk(h, f);
	remove_vdpa(h, f);
	f->stacked[0] = '\0';
}
