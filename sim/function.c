/* SPDX-License-Identifier: Apache-2.0 */
#include "function.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attributes.h"
#include "group.h"

static struct function *function_alloc(const struct pci_addr *addr, enum function_kind kind)
{
	struct function *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->addr = *addr;
	f->kind = kind;
	f->group = f->vfio = f->netdev = -1;
	f->autoprobe = true;
	pci_addr_format(addr, f->name);
	return f;
}

/* Puts the function below a parent's directory. */
static int function_place(struct function *f, const char *parent, size_t len)
{
	if (snprintf(f->path, sizeof(f->path), "%.*s/%s", (int)len, parent, f->name) >=
	    (int)sizeof(f->path))
		return -ENAMETOOLONG;
	return 0;
}

int function_new(const struct host *h, const struct step *step, struct function **ret)
{
	cleanup_(function_freep) struct function *f = NULL;
	const struct function *bridge = NULL;
	char root[64];
	int r;

	f = function_alloc(&step->addr, step->kind == STEP_PF ? FUNCTION_PF : FUNCTION_PLAIN);
	if (!f)
		return -ENOMEM;
	f->keys = step->function;
	if (f->keys.has_below)
		bridge = host_find(h, &f->keys.below);
	(void)snprintf(root, sizeof(root), "devices/pci%04x:%02x", f->addr.domain, f->addr.bus);
	r = bridge ? function_place(f, bridge->path, strlen(bridge->path))
		   : function_place(f, root, strlen(root));
	if (r < 0)
		return r;
	if (f->keys.total_vfs > 0) {
		f->vfs = calloc(f->keys.total_vfs, sizeof(struct function *));
		if (!f->vfs)
			return -ENOMEM;
	}
	*ret = TAKE_PTR(f);
	return 0;
}

int function_vf_address(const struct function *pf, unsigned index, struct pci_addr *ret)
{
	uint64_t id = (uint64_t)pf->addr.bus << 8 | (uint64_t)pf->addr.slot << 3 | pf->addr.func;

	id += pf->keys.offset + (uint64_t)pf->keys.stride * index;
	if (id > UINT16_MAX)
		return -ERANGE;
	*ret = (struct pci_addr){ .domain = pf->addr.domain,
				  .bus = (uint8_t)(id >> 8),
				  .slot = (uint8_t)(id >> 3 & 0x1f),
				  .func = (uint8_t)(id & 7) };
	return 0;
}

int function_new_vf(struct function *pf, unsigned index, struct function **ret)
{
	cleanup_(function_freep) struct function *f = NULL;
	struct pci_addr addr;
	int r = function_vf_address(pf, index, &addr);

	if (r < 0)
		return r;
	f = function_alloc(&addr, FUNCTION_VF);
	if (!f)
		return -ENOMEM;
	f->keys = pf->keys;
	f->keys.id.product = pf->keys.vf_id;
	f->keys.total_vfs = 0;
	f->pf = pf;
	f->index = index;
	if (pf->keys.vf_group == VF_GROUP_SAME)
		f->keys.group = pf->group < 0 ? GROUP_NONE : pf->group;
	else
		f->keys.group = pf->keys.vf_group == VF_GROUP_NONE ? GROUP_NONE : GROUP_OWN;
	/* VFs are siblings of their PF, on whatever bus their numbers are. */
	r = function_place(f, pf->path, strlen(pf->path) - strlen(pf->name) - 1);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(f);
	return 0;
}

struct function *function_free(struct function *f)
{
	if (!f)
		return NULL;
	free(f->vfs);
	free(f);
	return NULL;
}

/* The keys that the PCI bus adds to every event, and that the uevent file has. */
static void add_keys(struct event *e, const struct function *f, const char *action)
{
	char modalias[MODALIAS_MAX];

	if (f->driver)
		event_add(e, "DRIVER=%s", f->driver->name);
	event_add(e, "PCI_CLASS=%04X", f->keys.class);
	event_add(e, "PCI_ID=%04X:%04X", f->keys.id.vendor, f->keys.id.product);
	event_add(e, "PCI_SUBSYS_ID=%04X:%04X", f->keys.subsystem.vendor,
		  f->keys.subsystem.product);
	event_add(e, "PCI_SLOT_NAME=%s", f->name);
	/* The kernel takes it out of unbind, so that udev loads no module for it. */
	if (strcmp(action, "unbind") != 0)
		event_add(e, "MODALIAS=%s", attributes_modalias(f, modalias));
}

void function_update_uevent(struct host *h, const struct function *f)
{
	struct event e = { .size = 0 };

	add_keys(&e, f, "");
	for (size_t n = 0; n < e.size; n++)
		if (e.text[n] == '\0')
			e.text[n] = '\n';
	e.text[e.size] = '\0';
	move_text(&h->moves, e.text, "sys/%s/uevent", f->path);
}

void function_send(struct host *h, const struct function *f, const char *action)
{
	struct event e;

	event_begin(&e, action, f->path, "pci");
	add_keys(&e, f, action);
	move_event(&h->moves, &e);
}

void function_send_synthetic(struct host *h, const struct function *f, const char *action)
{
	struct event e;

	event_begin(&e, action, f->path, "pci");
	event_add(&e, "SYNTH_UUID=0");
	add_keys(&e, f, action);
	move_event(&h->moves, &e);
}

static void link_into_bus(struct host *h, const struct function *f)
{
	char path[sizeof(f->path) + 4];

	(void)snprintf(path, sizeof(path), "sys/%s", f->path);
	move_link(&h->moves, "sys/bus/pci", "%s/subsystem", path);
	move_link(&h->moves, path, "sys/bus/pci/devices/%s", f->name);
}

int function_add(struct host *h, struct function *f)
{
	int r = function_list_insert(&h->functions, f);

	if (r < 0) {
		(void)function_free(f);
		return r;
	}
	move_dir(&h->moves, "sys/%s", f->path);
	attributes_add(h, f);
	function_update_uevent(h, f);
	link_into_bus(h, f);
	r = group_join(h, f);
	if (r < 0)
		return r;
	function_send(h, f, "add");
	return 0;
}

void function_remove(struct host *h, struct function *f)
{
	move_gone(&h->moves, "sys/bus/pci/devices/%s", f->name);
	attributes_remove(h, f);
	group_leave(h, f);
	function_send(h, f, "remove");
	/* The emptied directory outlives the event. */
	move_gone(&h->moves, "sys/%s", f->path);
	(void)function_list_take(&h->functions, &f->addr);
}
