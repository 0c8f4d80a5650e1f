/* SPDX-License-Identifier: Apache-2.0 */
#include "udevsrc.h"

#include <errno.h>
#include <libudev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "moment.h"
#include "nlsock.h"
#include "vfmon/cleanup.h"
#include "vfmon/names.h"

/* So that clients are not starved by a storm. */
#define EVENTS_PER_CALL 64

/* "pci:v" and the like, and eight digits four times. */
#define MODALIAS_BYTES 64

struct udevsrc {
	struct udev *udev;
	struct udev_monitor *monitor; /* NULL: blind */
	struct udev_hwdb *hwdb;	      /* NULL: there is none */
	struct udevsrc_ops ops;
	bool lossy;	   /* events were lost, the queue is not empty yet */
	uint64_t now_usec; /* of this call of udevsrc_read_some() */
	struct source_status status;
};

DEFINE_CLEANUP(struct udevsrc *, udevsrc_free);
DEFINE_CLEANUP(struct udev_monitor *, udev_monitor_unref);
DEFINE_CLEANUP(struct udev_device *, udev_device_unref);

static int add_filters(struct udev_monitor *monitor)
{
	static const char *const subsystems[] = { SUBSYSTEM_PCI,      SUBSYSTEM_VFIO,
						  SUBSYSTEM_VFIO_DEV, SUBSYSTEM_NET,
						  SUBSYSTEM_BLOCK,    SUBSYSTEM_VDPA };
	int r;

	for (size_t i = 0; i < sizeof(subsystems) / sizeof(subsystems[0]); i++) {
		r = udev_monitor_filter_add_match_subsystem_devtype(monitor, subsystems[i], NULL);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Says why not, or NULL if it listens. */
static const char *listen_to_udev(struct udevsrc *s)
{
	cleanup_(udev_monitor_unrefp) struct udev_monitor *monitor = NULL;

	/* libudev would listen to nothing then, and not say so. */
	if (access(UDEV_CONTROL, F_OK) < 0)
		return "udevd is not running";
	monitor = udev_monitor_new_from_netlink(s->udev, "udev");
	if (!monitor)
		return "its socket could not be opened";
	if (add_filters(monitor) < 0 || udev_monitor_enable_receiving(monitor) < 0)
		return "its socket could not be set up";
	s->monitor = TAKE_PTR(monitor);
	return NULL;
}

int udevsrc_new(const struct udevsrc_ops *ops, struct udevsrc **ret)
{
	cleanup_(udevsrc_freep) struct udevsrc *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->ops = *ops;
	s->udev = udev_new();
	s->hwdb = s->udev ? udev_hwdb_new(s->udev) : NULL;
	s->status.blind = s->udev ? listen_to_udev(s) : "libudev can not be used";
	*ret = TAKE_PTR(s);
	return 0;
}

struct udevsrc *udevsrc_free(struct udevsrc *s)
{
	if (!s)
		return NULL;
	udev_monitor_unref(s->monitor);
	udev_hwdb_unref(s->hwdb);
	udev_unref(s->udev);
	free(s);
	return NULL;
}

int udevsrc_fd(const struct udevsrc *s)
{
	return s->monitor ? udev_monitor_get_fd(s->monitor) : -1;
}

/* What the event says of itself; false if it lacks something or has an action that is not known. */
static bool describe(struct udev_device *device, struct uevent *ret)
{
	const char *action = udev_device_get_action(device);
	const char *subsystem = udev_device_get_subsystem(device);
	struct uevent event = {
		.devpath = udev_device_get_devpath(device),
		.subsystem = subsystem ? subsystem : "",
		.seqnum = udev_device_get_seqnum(device),
		/* udevd can be so late that the event is history: never evidence. */
		.synthetic = true,
	};

	if (!action || !event.devpath)
		return false;
	for (enum uevent_action a = UEVENT_ADD; a < UEVENT_ACTION_COUNT; a++)
		if (strcmp(action, cause_action_name(a)) == 0)
			event.action = a;
	*ret = event;
	return event.action != UEVENT_NONE;
}

static void handle(struct udevsrc *s, struct udev_device *device)
{
	struct uevent_subject subject;
	struct uevent event;

	s->status.events++;
	if (!describe(device, &event)) {
		s->status.ignored++;
		return;
	}
	uevent_subject(&event, &subject);
	if (subject.target == UEVENT_TARGET_NOTHING) {
		s->status.ignored++;
		return;
	}
	subject.hint.cause.source = CAUSE_UDEV;
	subject.hint.cause.received_usec = s->now_usec;
	s->ops.on_subject(&subject, s->ops.arg);
}

static int on_drained(struct udevsrc *s)
{
	if (s->lossy) {
		s->lossy = false;
		s->ops.on_loss(s->ops.arg);
	}
	return 0;
}

/* Without a device errno says what it was; 1: read on, 0: nothing waits, else -errno. */
static int on_no_device(struct udevsrc *s, int error)
{
	switch (error) {
	case EAGAIN:
		return on_drained(s);
	case ENOBUFS:
		s->status.overflows++;
		s->lossy = true;
		return 1;
	case EBADF:
	case ENOTCONN:
	case ENOTSOCK:
		s->status.blind = "its socket failed";
		return -error;
	default:
		/* A message that libudev did not like; it is consumed. */
		s->status.rejected++;
		return 1;
	}
}

int udevsrc_read_some(struct udevsrc *s)
{
	int r = 1;

	if (!s->monitor)
		return -ENOTCONN;
	s->now_usec = clock_usec(CLOCK_BOOTTIME);
	for (int i = 0; i < EVENTS_PER_CALL && r > 0; i++) {
		cleanup_(udev_device_unrefp) struct udev_device *device = NULL;

		/* libudev sets errno only if it has something to say. */
		errno = 0;
		device = udev_monitor_receive_device(s->monitor);
		if (device)
			handle(s, device);
		else
			r = on_no_device(s, errno ? errno : EAGAIN);
	}
	return r;
}

void udevsrc_status(const struct udevsrc *s, struct source_status *ret)
{
	*ret = s->status;
	ret->lost = s->monitor ? nlsock_drops(udev_monitor_get_fd(s->monitor)) : 0;
}

/* The kernel's modalias without the class, which no entry of the database asks for. */
static void make_modalias(const struct udevsrc_ids *ids, char buf[static MODALIAS_BYTES])
{
	int n = snprintf(buf, MODALIAS_BYTES, "pci:v%08Xd%08X", ids->vendor_id, ids->product_id);

	if (ids->has_subsystem)
		(void)snprintf(buf + n, MODALIAS_BYTES - (size_t)n, "sv%08Xsd%08X",
			       ids->subsystem_vendor_id, ids->subsystem_product_id);
}

void udevsrc_names(struct udevsrc *s, const struct udevsrc_ids *ids, struct udevsrc_names *ret)
{
	char modalias[MODALIAS_BYTES];
	struct udev_list_entry *list, *entry;

	*ret = (struct udevsrc_names){ 0 };
	if (!s->hwdb)
		return;
	make_modalias(ids, modalias);
	list = udev_hwdb_get_properties_list_entry(s->hwdb, modalias, 0);
	entry = udev_list_entry_get_by_name(list, HWDB_VENDOR);
	if (entry)
		ret->vendor = udev_list_entry_get_value(entry);
	entry = udev_list_entry_get_by_name(list, HWDB_MODEL);
	if (entry)
		ret->product = udev_list_entry_get_value(entry);
}
