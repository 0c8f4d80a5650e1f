/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/uevent.h"

#include <errno.h>
#include <string.h>

#include "vfmon/names.h"

/* If text begins with prefix, what follows it; else NULL. */
static const char *after(const char *text, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(text, prefix, len) == 0 ? text + len : NULL;
}

/* A decimal number that is the whole text; not strtoull(), which takes signs and blanks. */
static int parse_decimal(const char *text, uint64_t max, uint64_t *ret)
{
	uint64_t value = 0;

	if (!*text)
		return -EINVAL;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return -EINVAL;
		if (value > (max - (uint64_t)(*text - '0')) / 10)
			return -ERANGE;
		value = value * 10 + (uint64_t)(*text - '0');
	}
	*ret = value;
	return 0;
}

static int parse_action(const char *text, enum uevent_action *ret)
{
	for (enum uevent_action a = UEVENT_ADD; a < UEVENT_ACTION_COUNT; a++) {
		if (strcmp(text, cause_action_name(a)) == 0) {
			*ret = a;
			return 0;
		}
	}
	return -EOPNOTSUPP;
}

/* The texts of a message, none of them checked yet; NULL: not there. */
struct raw_uevent {
	const char *header;
	const char *action;
	const char *devpath;
	const char *subsystem;
	const char *seqnum;
	const char *synth_uuid;
};

/* The last one of a key counts: the kernel's own SEQNUM stands behind what an injector wrote. */
static void take_key(const char *text, struct raw_uevent *raw)
{
	static const struct {
		const char *key;
		size_t len, field;
	} keys[] = {
#define KEY(name, field) { name "=", sizeof(name), offsetof(struct raw_uevent, field) }
		KEY(UEVENT_KEY_ACTION, action),		KEY(UEVENT_KEY_DEVPATH, devpath),
		KEY(UEVENT_KEY_SUBSYSTEM, subsystem),	KEY(UEVENT_KEY_SEQNUM, seqnum),
		KEY(UEVENT_KEY_SYNTH_UUID, synth_uuid),
#undef KEY
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strncmp(text, keys[i].key, keys[i].len) != 0)
			continue;
		*(const char **)((char *)raw + keys[i].field) = text + keys[i].len;
		return;
	}
}

static int split(const char *message, size_t len, struct raw_uevent *ret)
{
	struct raw_uevent raw = { .header = message };
	const char *end = message + len;

	if (len == 0 || end[-1] != '\0')
		return -EBADMSG;
	for (const char *p = message + strlen(message) + 1; p < end; p += strlen(p) + 1)
		take_key(p, &raw);
	if (!raw.action || !raw.devpath || !raw.seqnum)
		return -EBADMSG;
	*ret = raw;
	return 0;
}

/* The header says "action@devpath" once more; a message that disagrees with itself is forged. */
static bool header_agrees(const struct raw_uevent *raw)
{
	const char *p = after(raw->header, raw->action);

	return p && *p == '@' && strcmp(p + 1, raw->devpath) == 0;
}

int uevent_parse(const char *message, size_t len, struct uevent *ret)
{
	struct raw_uevent raw;
	struct uevent event = { 0 };
	int r = split(message, len, &raw);

	if (r < 0)
		return r;
	if (!header_agrees(&raw) || raw.devpath[0] != '/')
		return -EBADMSG;
	if (parse_decimal(raw.seqnum, UINT64_MAX, &event.seqnum) < 0)
		return -EBADMSG;
	r = parse_action(raw.action, &event.action);
	if (r < 0)
		return r;
	event.devpath = raw.devpath;
	event.subsystem = raw.subsystem ? raw.subsystem : "";
	event.synthetic = raw.synth_uuid != NULL;
	*ret = event;
	return 0;
}

/* The function itself: its address is the last component. */
static void on_pci(const struct uevent *event, struct uevent_subject *subject)
{
	if (pci_addr_parse(strrchr(event->devpath, '/') + 1, &subject->addr) < 0)
		return;
	subject->target = UEVENT_TARGET_FUNCTION;
	if (event->synthetic)
		return;
	if (event->action == UEVENT_ADD)
		subject->hint.evidence = EVIDENCE_ADDED;
	else if (event->action == UEVENT_BIND)
		subject->hint.evidence = EVIDENCE_BOUND;
	else if (event->action == UEVENT_UNBIND)
		subject->hint.evidence = EVIDENCE_UNBOUND;
}

/* Something below a function, which is the deepest one: bridges stand above it in the path. */
static void on_child(const struct uevent *event, struct uevent_subject *subject)
{
	if (pci_addr_from_path(event->devpath, &subject->addr) == 0)
		subject->target = UEVENT_TARGET_FUNCTION;
}

static void on_vfio_group(const struct uevent *event, struct uevent_subject *subject)
{
	const char *name = after(event->devpath, DEVPATH_VFIO_GROUPS), *number;
	uint64_t group;

	if (!name)
		return;
	number = after(name, NOIOMMU_GROUP_PREFIX);
	if (parse_decimal(number ? number : name, INT32_MAX, &group) < 0)
		return;
	subject->target = UEVENT_TARGET_GROUP;
	subject->group = (int32_t)group;
}

static void on_driver(const struct uevent *event, struct uevent_subject *subject)
{
	if (after(event->devpath, DEVPATH_PCI_DRIVERS))
		subject->target = UEVENT_TARGET_MODULE;
}

static void on_module(const struct uevent *event, struct uevent_subject *subject)
{
	(void)event;
	subject->target = UEVENT_TARGET_MODULE;
}

/* Not only the function above it: a device mapper's has none, and is stacked on disks that have. */
static void on_block(const struct uevent *event, struct uevent_subject *subject)
{
	(void)event;
	subject->target = UEVENT_TARGET_DISKS;
}

static void on_vdpa(const struct uevent *event, struct uevent_subject *subject)
{
	(void)event;
	subject->target = UEVENT_TARGET_VDPA;
}

void uevent_subject(const struct uevent *event, struct uevent_subject *ret)
{
	/* What is not here is noise: "queues" alone is most of the traffic. */
	static const struct {
		const char *subsystem;
		void (*decide)(const struct uevent *event, struct uevent_subject *subject);
	} deciders[] = {
		{ SUBSYSTEM_PCI, on_pci },	  { SUBSYSTEM_VFIO_DEV, on_child },
		{ SUBSYSTEM_NET, on_child },	  { SUBSYSTEM_VFIO, on_vfio_group },
		{ SUBSYSTEM_DRIVERS, on_driver }, { SUBSYSTEM_MODULE, on_module },
		{ SUBSYSTEM_BLOCK, on_block },	  { SUBSYSTEM_VDPA, on_vdpa },
	};

	*ret = (struct uevent_subject){
		.target = UEVENT_TARGET_NOTHING,
		.group = -1,
		.hint.cause = { .source = CAUSE_UEVENT,
				.action = event->action,
				.seqnum = event->seqnum },
	};
	for (size_t i = 0; i < sizeof(deciders) / sizeof(deciders[0]); i++) {
		if (strcmp(event->subsystem, deciders[i].subsystem) == 0) {
			deciders[i].decide(event, ret);
			return;
		}
	}
}
