/* SPDX-License-Identifier: Apache-2.0 */
#include "binding.h"

#include <stdio.h>

#include "children.h"
#include "function.h"
#include "group.h"
#include "sriov.h"

bool binding_is_vfio(const struct function *f)
{
	return f->vfio >= 0;
}

static void make_links(struct host *h, const struct function *f)
{
	char path[sizeof(f->path) + 4], driver[STEP_NAME_MAX + 32];

	(void)snprintf(path, sizeof(path), "sys/%s", f->path);
	(void)snprintf(driver, sizeof(driver), "sys/bus/pci/drivers/%s", f->driver->name);
	move_link(&h->moves, path, "%s/%s", driver, f->name);
	move_link(&h->moves, driver, "%s/driver", path);
}

static void remove_links(struct host *h, const struct function *f)
{
	move_gone(&h->moves, "sys/bus/pci/drivers/%s/%s", f->driver->name, f->name);
	move_gone(&h->moves, "sys/%s/driver", f->path);
}

static void set_enabled(struct host *h, const struct function *f, bool enabled)
{
	move_text(&h->moves, enabled ? "1\n" : "0\n", "sys/%s/enable", f->path);
}

void binding_begin(struct host *h, struct function *f, struct driver *d)
{
	f->driver = d;
	f->binding = BINDING_PROBING;
	/* The pointer first: the uevent file says DRIVER= before there is a link. */
	function_update_uevent(h, f);
	make_links(h, f);
}

int binding_succeed(struct host *h, struct function *f)
{
	int r = children_add(h, f);

	if (r < 0)
		return r;
	f->binding = BINDING_BOUND;
	/* VFIO enables a function when it is opened, a host driver in its probe. */
	if (!binding_is_vfio(f))
		set_enabled(h, f, true);
	function_send(h, f, "bind");
	return 0;
}

static void forget_driver(struct host *h, struct function *f)
{
	f->driver = NULL;
	f->binding = BINDING_UNBOUND;
	function_update_uevent(h, f);
}

void binding_fail(struct host *h, struct function *f)
{
	remove_links(h, f);
	forget_driver(h, f);
}

int binding_bind(struct host *h, struct function *f, struct driver *d)
{
	binding_begin(h, f, d);
	return binding_succeed(h, f);
}

bool binding_can_probe(const struct function *f)
{
	return f->kind != FUNCTION_VF || f->pf->autoprobe || f->override[0];
}

int binding_try(struct host *h, struct function *f)
{
	struct driver *d = host_match(h, f);

	if (!d)
		return 0;
	if (binding_can_probe(f))
		return binding_bind(h, f, d);
	/* The core has made the links before the PCI layer says no: they flicker. */
	binding_begin(h, f, d);
	binding_fail(h, f);
	return 0;
}

static void finish_unbind(struct host *h, struct function *f)
{
	group_unuse(h, f);
	set_enabled(h, f, false);
	forget_driver(h, f);
	function_send(h, f, "unbind");
}

void binding_unbind(struct host *h, struct function *f)
{
	remove_links(h, f);
	f->binding = BINDING_UNBINDING;
	if (f->num_vfs > 0 && !f->driver->keys.keeps_vfs)
		sriov_disable(h, f);
	children_remove(h, f);
	if (!f->held)
		finish_unbind(h, f);
}

void binding_release(struct host *h, struct function *f)
{
	f->held = false;
	if (f->binding == BINDING_UNBINDING)
		finish_unbind(h, f);
	else
		set_enabled(h, f, false);
}
