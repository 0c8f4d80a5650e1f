/* SPDX-License-Identifier: Apache-2.0 */
#include "host.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "binding.h"
#include "driver.h"
#include "function.h"
#include "perform.h"
#include "sriov.h"
#include "uses.h"

int perform_refuse(const struct attempt *a, size_t argument, const char *format, ...)
{
	va_list args;

	a->error->line = a->step->line;
	a->error->column = a->step->column[argument];
	va_start(args, format);
	(void)vsnprintf(a->error->text, sizeof(a->error->text), format, args);
	va_end(args);
	return -EINVAL;
}

static int perform_driver(struct host *h, const struct attempt *a)
{
	int r;

	if (host_find_driver(h, a->step->name))
		return perform_refuse(a, 1, "there is a driver %s already", a->step->name);
	for (size_t n = 0; n < h->n_drivers; n++)
		if (strcmp(h->drivers[n]->keys.module, a->step->driver.module) == 0)
			return perform_refuse(a, 1, "module %s has a driver already",
					      a->step->driver.module);
	r = driver_add(h, a->step);
	if (r < 0 || a->step->driver.unloaded)
		return r;
	return driver_load(h, h->drivers[h->n_drivers - 1]);
}

/* Forgets what was taken out from this place: another card is put in. */
static void replace_removed(struct host *h, const struct pci_addr *addr)
{
	(void)function_free(function_list_take(&h->removed, addr));
}

static int perform_function(struct host *h, const struct attempt *a)
{
	struct function *f;
	int r;

	if (host_find(h, &a->step->addr))
		return perform_refuse(a, 1, "there is a function at this address already");
	if (a->step->function.has_below && !host_find(h, &a->step->function.below))
		return perform_refuse(a, 1, "there is no bridge where below says");
	replace_removed(h, &a->step->addr);
	r = function_new(h, a->step, &f);
	if (r < 0)
		return r;
	r = function_add(h, f);
	return r < 0 ? r : binding_try(h, f);
}

static int perform_cdev(struct host *h, const struct attempt *a)
{
	h->cdev = a->step->number != 0;
	return 0;
}

/* All VFs must fit behind the PF, at addresses that nobody has. */
static int check_room(const struct host *h, const struct attempt *a)
{
	struct pci_addr addr;
	char text[PCI_ADDR_TEXT_MAX];

	for (unsigned n = 0; n < a->step->number; n++) {
		if (function_vf_address(a->f, n, &addr) < 0)
			return perform_refuse(a, 2, "VF %u would be behind the last bus", n);
		if (host_find(h, &addr))
			return perform_refuse(a, 2, "VF %u would be %s, which is taken", n,
					      pci_addr_format(&addr, text));
	}
	return 0;
}

static int perform_vfs(struct host *h, const struct attempt *a)
{
	uint64_t count = a->step->number;

	if (a->f->kind != FUNCTION_PF)
		return perform_refuse(a, 1, "not a pf");
	if (count > a->f->keys.total_vfs)
		return perform_refuse(a, 2, "above total, which is %u (ERANGE)",
				      a->f->keys.total_vfs);
	if (!a->f->driver)
		return perform_refuse(a, 1, "has no driver that could make VFs (ENOENT)");
	if (perform_held_vf(a->f))
		return perform_refuse(a, 1, "%s is held: release or close it first",
				      perform_held_vf(a->f));
	if (count > 0 && a->f->num_vfs > 0)
		return perform_refuse(a, 2, "there are VFs already: vfs to 0 first (EBUSY)");
	if (check_room(h, a) < 0)
		return -EINVAL;
	if (count > 0)
		return sriov_enable(h, a->f, (unsigned)count);
	sriov_disable(h, a->f);
	sriov_write_count(h, a->f);
	return 0;
}

static int perform_autoprobe(struct host *h, const struct attempt *a)
{
	if (a->f->kind != FUNCTION_PF)
		return perform_refuse(a, 1, "not a pf");
	a->f->autoprobe = a->step->number != 0;
	move_write(&h->moves, a->f->autoprobe ? "1\n" : "0\n", "sys/%s/sriov_drivers_autoprobe",
		   a->f->path);
	return 0;
}

static int perform_vf_id(struct host *h, const struct attempt *a)
{
	char text[16];

	if (a->f->kind != FUNCTION_PF || a->f->num_vfs > 0)
		return perform_refuse(a, 1, "not a pf without VFs");
	a->f->keys.vf_id = (uint16_t)a->step->number;
	(void)snprintf(text, sizeof(text), "%x\n", (unsigned)a->f->keys.vf_id);
	move_text(&h->moves, text, "sys/%s/sriov_vf_device", a->f->path);
	return 0;
}

static int find_module(const struct host *h, const struct attempt *a, struct driver **ret)
{
	for (size_t n = 0; n < h->n_drivers; n++) {
		if (strcmp(h->drivers[n]->keys.module, a->step->name) != 0)
			continue;
		*ret = h->drivers[n];
		return 0;
	}
	return perform_refuse(a, 1, "there is no module %s", a->step->name);
}

static int perform_load(struct host *h, const struct attempt *a)
{
	struct driver *d;

	if (find_module(h, a, &d) < 0)
		return -EINVAL;
	if (d->loaded)
		return perform_refuse(a, 1, "%s is loaded", a->step->name);
	return driver_load(h, d);
}

static int perform_unload(struct host *h, const struct attempt *a)
{
	struct driver *d;

	if (find_module(h, a, &d) < 0)
		return -EINVAL;
	if (!d->loaded)
		return perform_refuse(a, 1, "%s is not loaded", a->step->name);
	for (size_t n = 0; n < h->functions.count; n++)
		if (h->functions.items[n]->held)
			return perform_refuse(a, 1, "%s is held: release or close it first",
					      h->functions.items[n]->name);
	driver_unload(h, d);
	return 0;
}

static int perform_remove(struct host *h, const struct attempt *a)
{
	struct function *f = a->f;

	if (f->kind == FUNCTION_VF)
		return perform_refuse(a, 1, "a VF has no remove file: set vfs of its PF to 0");
	if (f->held || perform_held_vf(f))
		return perform_refuse(a, 1, "%s is held: release or close it first",
				      f->held ? f->name : perform_held_vf(f));
	if (f->driver)
		binding_unbind(h, f);
	if (f->num_vfs > 0)
		sriov_disable(h, f);
	function_remove(h, f);
	/* What was set in sysfs is gone with the directory. */
	f->override[0] = '\0';
	f->autoprobe = true;
	return function_list_insert(&h->removed, f);
}

static int perform_rescan(struct host *h, const struct attempt *a)
{
	size_t count = h->removed.count;
	int r = 0;

	(void)a;
	/* All are added before the first is probed. */
	for (size_t n = 0; n < count && r == 0; n++)
		r = function_add(h, h->removed.items[n]);
	for (size_t n = 0; n < count && r == 0; n++)
		r = binding_try(h, h->removed.items[n]);
	h->removed.count = 0;
	return r;
}

static int perform_write(struct host *h, const struct attempt *a)
{
	static const struct {
		const char *file;
		const char *step;
	} others[] = {
		{ "driver_override", "override" },
		{ "sriov_drivers_autoprobe", "autoprobe" },
		{ "sriov_numvfs", "vfs" },
		{ "uevent", "event" },
	};
	char text[STEP_TEXT_MAX + 1];

	/* The model follows these only by their own steps. */
	for (size_t n = 0; n < sizeof(others) / sizeof(others[0]); n++)
		if (strcmp(a->step->name, others[n].file) == 0)
			return perform_refuse(a, 2, "the step for this file is %s", others[n].step);
	if (strcmp(a->step->name, "numa_node") == 0)
		a->f->keys.numa_node = (int)strtol(a->step->text, NULL, 10);
	(void)snprintf(text, sizeof(text), "%s\n", a->step->text);
	move_write(&h->moves, text, "sys/%s/%s", a->f->path, a->step->name);
	return 0;
}

/* The three steps that only change what a reader of a file meets. */
static int perform_file(struct host *h, const struct attempt *a)
{
	char path[sizeof(a->f->path) + STEP_NAME_MAX + 8];
	struct move move = { .kind = MOVE_RESTORE, .path = path };

	if (a->step->kind != STEP_RESTORE)
		move.kind = a->step->kind == STEP_HANG ? MOVE_HANG : MOVE_HIDE;
	(void)snprintf(path, sizeof(path), "sys/%s/%s", a->f->path, a->step->name);
	move_bytes(&h->moves, &move);
	return 0;
}

static int perform_event(struct host *h, const struct attempt *a)
{
	function_send_synthetic(h, a->f, a->step->name);
	return 0;
}

static int perform_burst(struct host *h, const struct attempt *a)
{
	for (uint64_t n = 0; n < a->step->number; n++)
		function_send_synthetic(h, a->f, "change");
	return 0;
}

static int perform_noise(struct host *h, const struct attempt *a)
{
	char devpath[64];
	struct event e;

	for (uint64_t n = 0; n < a->step->number; n++) {
		(void)snprintf(devpath, sizeof(devpath), "devices/virtual/net/noise0/queues/rx-%u",
			       (unsigned)n);
		event_begin(&e, "add", devpath, "queues");
		move_event(&h->moves, &e);
	}
	return 0;
}

static const struct {
	int (*perform)(struct host *h, const struct attempt *a);
	/* the step's address must name a function that is there */
	bool needs_function;
	bool changes_host;
} performers[STEP_KIND_MAX_] = {
	[STEP_DRIVER] = { perform_driver, false, true },
	[STEP_PF] = { perform_function, false, true },
	[STEP_DEVICE] = { perform_function, false, true },
	[STEP_CDEV] = { perform_cdev, false, true },
	[STEP_VFS] = { perform_vfs, true, true },
	[STEP_AUTOPROBE] = { perform_autoprobe, true, true },
	[STEP_VF_ID] = { perform_vf_id, true, true },
	[STEP_BIND] = { perform_bind, true, true },
	[STEP_UNBIND] = { perform_unbind, true, true },
	[STEP_PROBE] = { perform_probe, true, true },
	[STEP_OVERRIDE] = { perform_override, true, true },
	[STEP_FAIL_PROBE] = { perform_fail_probe, true, true },
	[STEP_SLOW_PROBE] = { perform_slow_probe, true, true },
	[STEP_FAIL] = { perform_fail, true, true },
	[STEP_STUCK] = { perform_stuck, true, true },
	[STEP_RELEASE] = { perform_release, true, true },
	[STEP_OPEN] = { perform_open, true, true },
	[STEP_CLOSE] = { perform_close, true, true },
	[STEP_DISK] = { perform_disk, true, true },
	[STEP_STACK] = { perform_stack, true, true },
	[STEP_MASTER] = { perform_master, true, true },
	[STEP_VDPA] = { perform_vdpa, true, true },
	[STEP_VPD] = { perform_vpd, true, true },
	[STEP_LOAD] = { perform_load, false, true },
	[STEP_UNLOAD] = { perform_unload, false, true },
	[STEP_REMOVE] = { perform_remove, true, true },
	[STEP_RESCAN] = { perform_rescan, false, true },
	[STEP_WRITE] = { perform_write, true, true },
	[STEP_HANG] = { perform_file, true, true },
	[STEP_HIDE] = { perform_file, true, true },
	[STEP_RESTORE] = { perform_file, true, true },
	[STEP_EVENT] = { perform_event, true, false },
	[STEP_BURST] = { perform_burst, true, false },
	[STEP_NOISE] = { perform_noise, false, false },
};

bool host_is_changed_by(enum step_kind kind)
{
	return performers[kind].changes_host;
}

int host_perform(struct host *h, const struct step *step, struct scenario_error *ret_error)
{
	struct attempt a = { .step = step, .error = ret_error };
	int r;

	if (!performers[step->kind].perform)
		return 0;
	if (performers[step->kind].needs_function) {
		a.f = host_find(h, &step->addr);
		if (!a.f)
			return perform_refuse(&a, step->kind == STEP_EVENT ? 2 : 1,
					      "there is no function at this address now");
	}
	r = performers[step->kind].perform(h, &a);
	return r < 0 ? r : h->moves.error;
}
