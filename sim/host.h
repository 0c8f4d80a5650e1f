/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The model: what the simulated host is now. It is the independent truth for tests, so it shares
 * nothing with the daemon's own. Pure: what it does is handed out as moves.
 */
#ifndef VFMOND_SIM_HOST_H
#define VFMOND_SIM_HOST_H

#include "move.h"
#include "numbers.h"
#include "scenario.h"
#include "vfmon/cleanup.h"

enum function_kind {
	FUNCTION_PF,
	FUNCTION_VF,
	FUNCTION_PLAIN,
};

enum binding {
	BINDING_UNBOUND,
	BINDING_PROBING,
	BINDING_BOUND,
	BINDING_UNBINDING,
};

struct driver {
	char name[STEP_NAME_MAX];
	struct driver_keys keys;
	bool loaded;
};

/* One function; its place in sysfs is "devices/..." without a slash in front. */
struct function {
	struct pci_addr addr;
	char name[PCI_ADDR_TEXT_MAX];
	char path[256];
	enum function_kind kind;
	struct function_keys keys;

	/* a VF's, borrowed */
	struct function *pf;
	unsigned index;

	/* a PF's; vfs is owned, what it points to is in the host's list */
	struct function **vfs;
	unsigned num_vfs;
	bool autoprobe;

	/* set from the moment a probe begins until an unbind has ended; borrowed */
	struct driver *driver;
	enum binding binding;
	char override[STEP_NAME_MAX];
	/* somebody has it, so that an unbind waits */
	bool held;

	/* -1: none */
	int group;
	int vfio;
	int netdev;
	int ifindex;
	/* it counts among the users of its group's node */
	bool uses_group_node;

	/* "": none */
	char disk[STEP_NAME_MAX];
	char stacked[STEP_NAME_MAX];
	char vdpa[STEP_NAME_MAX];
	int disk_minor;
};

/* Functions, owned, in the order of their addresses. */
struct function_list {
	struct function **items;
	size_t count;
	size_t room;
};

struct group {
	unsigned members;
	unsigned users;
};

struct host {
	struct moves moves;
	struct function_list functions;
	/* taken out by `remove`, until `rescan` */
	struct function_list removed;
	struct driver **drivers;
	size_t n_drivers;
	/* by number */
	struct group *groups;
	size_t n_groups;
	struct numbers group_numbers;
	struct numbers vfio_numbers;
	struct numbers netdev_numbers;
	int last_ifindex;
	int last_disk_minor;
	/* whether the kernel makes /dev/vfio/devices/vfioN */
	bool cdev;
};

/* A host without functions, whose moves go to fn. Returns 0 or -ENOMEM; the caller frees. */
int host_new(move_fn fn, void *arg, struct host **ret);
struct host *host_free(struct host *h);
DEFINE_CLEANUP(struct host *, host_free);

/* Makes the directories that every host has. Returns 0 or -errno. */
int host_build(struct host *h);

/*
 * Plays one step in the kernel's own order. Returns 0; -EINVAL with *ret_error filled if the
 * kernel would refuse it or the host has no such thing, and then nothing was done; or -errno of a
 * move.
 */
int host_perform(struct host *h, const struct step *step, struct scenario_error *ret_error);

/* Whether a step changes the host (and not only its events, or the play). */
bool host_is_changed_by(enum step_kind kind);

struct function *host_find(const struct host *h, const struct pci_addr *addr);
struct driver *host_find_driver(const struct host *h, const char *name);

/* The loaded driver that the kernel would try on this function now, or NULL. */
struct driver *host_match(const struct host *h, const struct function *f);

/* Whether the kernel would let this driver have this function. */
bool host_matches(const struct function *f, const struct driver *d);

/* Each returns 0 or -ENOMEM; the list takes the function. */
int function_list_insert(struct function_list *list, struct function *f);
struct function *function_list_find(const struct function_list *list, const struct pci_addr *addr);
/* Gives the function back to the caller; NULL if it is not in the list. */
struct function *function_list_take(struct function_list *list, const struct pci_addr *addr);

#endif
