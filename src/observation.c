/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/observation.h"

#include <string.h>

static const char *const source_names[] = {
	[CAUSE_SCAN] = "scan",	     [CAUSE_UEVENT] = "uevent",	  [CAUSE_UDEV] = "udev",
	[CAUSE_INOTIFY] = "inotify", [CAUSE_NETLINK] = "netlink", [CAUSE_TIMER] = "timer",
	[CAUSE_AUDIT] = "audit",     [CAUSE_CONFIG] = "config",	  [CAUSE_RESYNC] = "resync",
};
_Static_assert(sizeof(source_names) / sizeof(source_names[0]) == CAUSE_COUNT, "a name for each");

static const char *const action_names[] = {
	[UEVENT_NONE] = NULL,	      [UEVENT_ADD] = "add",   [UEVENT_REMOVE] = "remove",
	[UEVENT_CHANGE] = "change",   [UEVENT_MOVE] = "move", [UEVENT_ONLINE] = "online",
	[UEVENT_OFFLINE] = "offline", [UEVENT_BIND] = "bind", [UEVENT_UNBIND] = "unbind",
};
_Static_assert(sizeof(action_names) / sizeof(action_names[0]) == UEVENT_ACTION_COUNT,
	       "a name for each");

void observation_init(struct observation *obs, enum observation_kind kind,
		      const struct pci_addr *addr)
{
	/* Without text[]: it is most of the structure, and only text_used bytes of it count. */
	memset(obs, 0, offsetof(struct observation, text));
	obs->kind = kind;
	if (addr)
		obs->addr = *addr;
	obs->numa_node = -1;
	obs->vf_index = -1;
	obs->total_vfs = -1;
	obs->num_vfs = -1;
	obs->iommu_group = -1;
	obs->drivers_autoprobe = -1;
	obs->in_use = -1;
}

char *observation_put(struct observation *obs, const char *s, size_t len)
{
	char *copy = obs->text + obs->text_used;

	if (len >= sizeof(obs->text) - obs->text_used)
		return NULL;
	memcpy(copy, s, len);
	copy[len] = '\0';
	obs->text_used += len + 1;
	return copy;
}

const char *cause_source_name(enum cause_source source)
{
	return source_names[source];
}

const char *cause_action_name(enum uevent_action action)
{
	return action_names[action];
}
