/* SPDX-License-Identifier: Apache-2.0 */
#include "perform.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "binding.h"

const char *perform_held_vf(const struct function *pf)
{
	for (unsigned n = 0; n < pf->num_vfs; n++)
		if (pf->vfs[n]->held)
			return pf->vfs[n]->name;
	return NULL;
}

/* The driver that a step names, if the kernel would try it on the step's function. */
static int find_probed(const struct host *h, const struct attempt *a, struct driver **ret)
{
	struct driver *d = host_find_driver(h, a->step->name);

	if (a->f->driver)
		return perform_refuse(a, 1, "has driver %s: unbind it first", a->f->driver->name);
	if (!d)
		return perform_refuse(a, 2, "there is no driver %s", a->step->name);
	if (!d->loaded)
		return perform_refuse(a, 2, "%s is not loaded: load %s first", d->name,
				      d->keys.module);
	if (!host_matches(a->f, d))
		return perform_refuse(a, 2, "%s does not match (ENODEV): override %s %s first",
				      d->name, a->f->name, d->name);
	if (!binding_can_probe(a->f))
		return perform_refuse(a, 1, "autoprobe is off for it (ENODEV)");
	*ret = d;
	return 0;
}

int perform_bind(struct host *h, const struct attempt *a)
{
	struct driver *d;

	return find_probed(h, a, &d) < 0 ? -EINVAL : binding_bind(h, a->f, d);
}

int perform_fail_probe(struct host *h, const struct attempt *a)
{
	struct driver *d;

	if (find_probed(h, a, &d) < 0)
		return -EINVAL;
	binding_begin(h, a->f, d);
	binding_fail(h, a->f);
	return 0;
}

int perform_slow_probe(struct host *h, const struct attempt *a)
{
	struct driver *d;

	if (find_probed(h, a, &d) < 0)
		return -EINVAL;
	binding_begin(h, a->f, d);
	a->f->held = true;
	return 0;
}

int perform_fail(struct host *h, const struct attempt *a)
{
	if (a->f->binding != BINDING_PROBING)
		return perform_refuse(a, 1, "no probe is under way: slow-probe begins one");
	a->f->held = false;
	binding_fail(h, a->f);
	return 0;
}

int perform_probe(struct host *h, const struct attempt *a)
{
	if (a->f->driver)
		return perform_refuse(a, 1, "has driver %s: unbind it first", a->f->driver->name);
	return binding_try(h, a->f);
}

/* What must hold for a driver to be taken off now. */
static int check_bound(const struct attempt *a)
{
	if (a->f->binding != BINDING_BOUND)
		return perform_refuse(a, 1, "is not bound to a driver");
	if (perform_held_vf(a->f))
		return perform_refuse(a, 1, "%s is held: release or close it first",
				      perform_held_vf(a->f));
	return 0;
}

int perform_unbind(struct host *h, const struct attempt *a)
{
	if (check_bound(a) < 0)
		return -EINVAL;
	binding_unbind(h, a->f);
	return 0;
}

int perform_stuck(struct host *h, const struct attempt *a)
{
	if (check_bound(a) < 0)
		return -EINVAL;
	a->f->held = true;
	binding_unbind(h, a->f);
	return 0;
}

int perform_release(struct host *h, const struct attempt *a)
{
	if (!a->f->held || a->f->binding == BINDING_BOUND)
		return perform_refuse(a, 1, "neither an unbind nor a probe of it is stuck");
	if (a->f->binding == BINDING_PROBING) {
		a->f->held = false;
		return binding_succeed(h, a->f);
	}
	binding_release(h, a->f);
	return 0;
}

/* The node that a VFIO user opens first: of the group, or of the device where there are such. */
static void open_node(struct host *h, const struct function *f)
{
	if (h->cdev && f->vfio >= 0)
		move_open(&h->moves, "dev/vfio/devices/vfio%d", f->vfio);
	else if (f->group >= 0)
		move_open(&h->moves, "dev/vfio/%d", f->group);
}

int perform_open(struct host *h, const struct attempt *a)
{
	if (!binding_is_vfio(a->f))
		return perform_refuse(a, 1, "is not bound to a VFIO driver");
	a->f->held = true;
	open_node(h, a->f);
	move_text(&h->moves, "1\n", "sys/%s/enable", a->f->path);
	return 0;
}

int perform_close(struct host *h, const struct attempt *a)
{
	if (!a->f->held || a->f->binding == BINDING_PROBING)
		return perform_refuse(a, 1, "is not open");
	binding_release(h, a->f);
	open_node(h, a->f);
	return 0;
}

int perform_override(struct host *h, const struct attempt *a)
{
	bool none = strcmp(a->step->name, "none") == 0;
	char text[STEP_NAME_MAX + 1];

	memcpy(a->f->override, none ? "" : a->step->name, none ? 1 : sizeof(a->f->override));
	(void)snprintf(text, sizeof(text), "%s\n", none ? "(null)" : a->step->name);
	move_write(&h->moves, text, "sys/%s/driver_override", a->f->path);
	return 0;
}
