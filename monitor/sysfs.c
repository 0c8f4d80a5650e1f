/* SPDX-License-Identifier: Apache-2.0 */
#include "sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vfmon/cleanup.h"
#include "vfmon/names.h"
#include "vfmon/vendor_rules.h"

#include "sysfs_facts.h"
#include "sysfs_file.h"
#include "sysfs_steps.h"
#include "sysfs_use.h"
#include "sysfs_vpd.h"

/* How often a function that changes under our hands is read before the last answer is taken. */
#define ATTEMPTS 4

struct sysfs {
	int root_fd;
	int devices_fd; /* of the PCI bus; -1 as long as there is none */
	int dev_fd;	/* -1: there is none */
	struct sysfs_facts *facts;
	struct sysfs_use *use;
	struct vendor_rules *rules; /* NULL: none */
	struct sysfs_sriov sriov;
	struct sysfs_vpd vpd;
	char text[SYSFS_FILE_MAX]; /* of the file that is read now */
};

DEFINE_CLEANUP(struct sysfs *, sysfs_free);

int sysfs_new(const struct sysfs_options *options, struct sysfs **ret)
{
	cleanup_(sysfs_freep) struct sysfs *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	s->root_fd = s->devices_fd = s->dev_fd = -1;
	r = sysfs_file_open_dir(AT_FDCWD,
				options->sysfs_root ? options->sysfs_root : VFMON_SYSFS_ROOT);
	if (r < 0)
		return r;
	s->root_fd = r;
	s->dev_fd = sysfs_file_open_dir(AT_FDCWD,
					options->dev_root ? options->dev_root : VFMON_DEV_ROOT);
	r = sysfs_facts_new(s->root_fd, options->modules_alias, &s->facts);
	if (r == 0)
		r = sysfs_use_new(s->root_fd,
				  options->proc_root ? options->proc_root : VFMON_PROC_ROOT,
				  &s->use);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(s);
	return 0;
}

struct sysfs *sysfs_free(struct sysfs *s)
{
	if (!s)
		return NULL;
	sysfs_vpd_done(&s->vpd);
	vendor_rules_free(s->rules);
	sysfs_use_free(s->use);
	sysfs_facts_free(s->facts);
	sysfs_file_closep(&s->dev_fd);
	sysfs_file_closep(&s->devices_fd);
	sysfs_file_closep(&s->root_fd);
	free(s);
	return NULL;
}

void sysfs_invalidate(struct sysfs *s)
{
	sysfs_facts_invalidate(s->facts);
}

void sysfs_forget_use(struct sysfs *s)
{
	sysfs_use_invalidate(s->use);
}

int sysfs_refresh_use(struct sysfs *s, unsigned int parts, use_table_fn fn, void *arg)
{
	return sysfs_use_refresh(s->use, parts, fn, arg);
}

static const unsigned int use_parts[] = {
	[SYSFS_DISKS] = USE_DISKS,
	[SYSFS_ADDRESSES] = USE_ADDRESSES,
	[SYSFS_VDPA] = USE_VDPA,
};
_Static_assert(sizeof(use_parts) / sizeof(*use_parts) == SYSFS_COMMON_COUNT, "a part each");

enum sysfs_common sysfs_common_of_use(unsigned int part)
{
	enum sysfs_common what = SYSFS_DISKS;

	while (use_parts[what] != part)
		what++;
	return what;
}

bool sysfs_is_known(const struct sysfs *s, enum sysfs_common what)
{
	return what == SYSFS_ALIASES ? sysfs_facts_is_checked(s->facts)
				     : sysfs_use_is_known(s->use, use_parts[what]);
}

void sysfs_look_at(struct sysfs *s, enum sysfs_common what)
{
	if (what == SYSFS_ALIASES)
		sysfs_facts_check(s->facts);
	else
		sysfs_use_look(s->use, use_parts[what]);
}

void sysfs_do_without(struct sysfs *s, enum sysfs_common what)
{
	if (what == SYSFS_ALIASES)
		sysfs_facts_do_without(s->facts);
	else
		sysfs_use_do_without(s->use, use_parts[what]);
}

/* The PCI bus may be registered after our start, on hosts and in simulations. */
static int devices_fd(struct sysfs *s)
{
	int fd;

	if (s->devices_fd < 0) {
		fd = sysfs_file_open_dir(s->root_fd, SYSFS_PCI_DEVICES);
		if (fd < 0)
			return fd;
		s->devices_fd = fd;
	}
	return s->devices_fd;
}

typedef int (*steps_fn)(struct sysfs_reading *rd);

/* One attempt, from opening the folder to closing it. */
static int attempt(struct sysfs *s, struct sysfs_reading *rd, steps_fn steps)
{
	char name[PCI_ADDR_TEXT_MAX];
	int bus_fd = devices_fd(s), r;

	rd->fd = bus_fd < 0 ? bus_fd
			    : sysfs_file_open_dir(bus_fd, pci_addr_format(&rd->obs->addr, name));
	if (rd->fd < 0)
		return rd->fd;
	r = steps(rd);
	(void)close(rd->fd); /* only read from */
	return r;
}

/* Nothing but which function and why not. */
static void fail(struct observation *obs, int r)
{
	uint64_t inode = obs->inode;
	struct pci_addr addr = obs->addr;

	observation_init(obs, r == -ENOENT ? OBSERVATION_GONE : OBSERVATION_UNREADABLE, &addr);
	if (r == -ENOENT)
		return;
	obs->inode = inode;
	obs->error = -r;
}

/*
 * ENOENT at the end is "gone" even if the folder is still there: on removal the uevent file goes a
 * moment before it, with no event after that; a function that is only coming has its add to come.
 */
static void read_with(struct sysfs *s, struct sysfs_reading *rd, steps_fn steps)
{
	const enum observation_kind kind = rd->obs->kind;
	const struct pci_addr addr = rd->obs->addr;
	int r = attempt(s, rd, steps);

	for (int n = 1; n < ATTEMPTS; n++) {
		if (r != SYSFS_STEPS_MOVED && (r != -ENOENT || rd->fd < 0))
			break;
		observation_init(rd->obs, kind, &addr);
		r = attempt(s, rd, steps);
	}
	/* If it never stood still the last answer is a true one, and an event or a timer follows. */
	if (r < 0)
		fail(rd->obs, r);
}

void sysfs_set_vendor_rules(struct sysfs *s, struct vendor_rules *rules)
{
	vendor_rules_free(s->rules);
	s->rules = rules;
}

static struct sysfs_reading make_reading(struct sysfs *s, struct observation *obs)
{
	return (struct sysfs_reading){
		.fd = -1,
		.dev_fd = s->dev_fd,
		.facts = s->facts,
		.use = s->use,
		.rules = s->rules,
		.sriov = &s->sriov,
		.text = s->text,
		.obs = obs,
	};
}

void sysfs_read_function(struct sysfs *s, const struct pci_addr *addr,
			 const struct sysfs_want *want, struct observation *ret)
{
	struct sysfs_reading rd = make_reading(s, ret);

	rd.known_inode = want->known_inode;
	rd.vpd = want->card_serial ? &s->vpd : NULL;
	observation_init(ret, OBSERVATION_FUNCTION, addr);
	read_with(s, &rd, sysfs_steps_function);
}

void sysfs_read_nodes(struct sysfs *s, const struct pci_addr *addr, struct observation *ret)
{
	struct sysfs_reading rd = make_reading(s, ret);

	observation_init(ret, OBSERVATION_NODES, addr);
	read_with(s, &rd, sysfs_steps_nodes);
}

struct list {
	struct pci_addr *addrs;
	size_t count, room;
};

static int on_function(const char *name, void *arg)
{
	struct list *list = arg;
	struct pci_addr *grown;
	size_t room;

	if (list->count == list->room) {
		room = list->room ? 2 * list->room : 256;
		grown = reallocarray(list->addrs, room, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		list->addrs = grown;
		list->room = room;
	}
	/* Whatever else stands there is not a function. */
	if (pci_addr_parse(name, &list->addrs[list->count]) == 0)
		list->count++;
	return 0;
}

static int compare(const void *a, const void *b)
{
	return pci_addr_compare(a, b);
}

ssize_t sysfs_list(struct sysfs *s, struct pci_addr **ret)
{
	struct list list = { 0 };
	int r = sysfs_file_each(s->root_fd, SYSFS_PCI_DEVICES, on_function, &list);

	/* A host without a PCI bus has no functions; that is no error. */
	if (r < 0 && r != -ENOENT) {
		free(list.addrs);
		return r;
	}
	if (list.count > 0)
		qsort(list.addrs, list.count, sizeof(*list.addrs), compare);
	*ret = list.addrs;
	return (ssize_t)list.count;
}

int sysfs_exists(struct sysfs *s, const struct pci_addr *addr)
{
	char name[PCI_ADDR_TEXT_MAX];
	int bus_fd = devices_fd(s);

	return bus_fd < 0 ? bus_fd : sysfs_file_exists(bus_fd, pci_addr_format(addr, name));
}
