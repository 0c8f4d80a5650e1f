/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/status.h"

static const char *const source_names[] = {
	[SOURCE_UEVENT] = "uevent",
	[SOURCE_UDEV] = "udev",
	[SOURCE_INOTIFY] = "inotify",
	[SOURCE_NETLINK] = "netlink",
};

static const char *const cause_names[] = {
	[RESYNC_OVERFLOW] = "overflow", [RESYNC_MEMORY] = "memory",   [RESYNC_READER] = "reader",
	[RESYNC_RELOAD] = "reload",	[RESYNC_SUSPEND] = "suspend",
};

_Static_assert(sizeof(source_names) / sizeof(*source_names) == SOURCE_COUNT, "one has no name");
_Static_assert(sizeof(cause_names) / sizeof(*cause_names) == RESYNC_COUNT, "one has no name");

const char *source_name(enum source_id source)
{
	return source_names[source];
}

const char *resync_cause_name(enum resync_cause cause)
{
	return cause_names[cause];
}
