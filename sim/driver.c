/* SPDX-License-Identifier: Apache-2.0 */
#include "driver.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "binding.h"

/* The lines of one driver in modules.alias. */
static void print_aliases(FILE *file, const struct driver *d)
{
	const char *prefix = d->keys.vfio == VFIO_VARIANT ? "vfio_pci" : "pci";

	if (d->keys.vfio == VFIO_GENERIC)
		(void)fprintf(file, "alias vfio_pci:v*d*sv*sd*bc*sc*i* %s\n", d->keys.module);
	for (size_t n = 0; n < d->keys.n_ids; n++)
		(void)fprintf(file, "alias %s:v%08Xd%08Xsv*sd*bc*sc*i* %s\n", prefix,
			      (unsigned)d->keys.ids[n].vendor, (unsigned)d->keys.ids[n].product,
			      d->keys.module);
}

static int write_modules_alias(struct host *h)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		return -ENOMEM;
	(void)fputs("# Aliases extracted from modules themselves.\n", file);
	for (size_t n = 0; n < h->n_drivers; n++)
		print_aliases(file, h->drivers[n]);
	if (fclose(file) != 0) {
		free(text);
		return -ENOMEM;
	}
	move_text(&h->moves, text, "modules/modules.alias");
	free(text);
	return 0;
}

int driver_add(struct host *h, const struct step *step)
{
	struct driver **drivers;
	struct driver *d = calloc(1, sizeof(*d));

	if (!d)
		return -ENOMEM;
	drivers = realloc(h->drivers, (h->n_drivers + 1) * sizeof(*drivers));
	if (!drivers) {
		free(d);
		return -ENOMEM;
	}
	h->drivers = drivers;
	h->drivers[h->n_drivers++] = d;
	memcpy(d->name, step->name, sizeof(d->name));
	d->keys = step->driver;
	return write_modules_alias(h);
}

static void driver_send(struct host *h, const char *action, const char *path, const char *subsystem)
{
	struct event e;

	event_begin(&e, action, path, subsystem);
	move_event(&h->moves, &e);
}

static bool uses_vfio_core(const struct driver *d)
{
	return d->keys.vfio == VFIO_GENERIC || d->keys.vfio == VFIO_VARIANT;
}

static void add_module(struct host *h, const struct driver *d)
{
	char module[STEP_NAME_MAX + 16];

	(void)snprintf(module, sizeof(module), "sys/module/%s", d->keys.module);
	move_dir(&h->moves, "%s/drivers", module);
	move_text(&h->moves, "live\n", "%s/initstate", module);
	if (uses_vfio_core(d)) {
		move_dir(&h->moves, "sys/module/vfio_pci_core/holders");
		move_link(&h->moves, module, "sys/module/vfio_pci_core/holders/%s", d->keys.module);
	}
	driver_send(h, "add", module + strlen("sys/"), "module");
}

/* What comes only after the driver was tried on all functions. */
static void add_driver_files(struct host *h, const struct driver *d)
{
	char driver[STEP_NAME_MAX + 32], module[STEP_NAME_MAX + 16];

	(void)snprintf(driver, sizeof(driver), "sys/bus/pci/drivers/%s", d->name);
	(void)snprintf(module, sizeof(module), "sys/module/%s", d->keys.module);
	move_link(&h->moves, module, "%s/module", driver);
	move_link(&h->moves, driver, "%s/drivers/pci:%s", module, d->name);
	move_text(&h->moves, "", "%s/bind", driver);
	move_text(&h->moves, "", "%s/unbind", driver);
	driver_send(h, "add", driver + strlen("sys/"), "drivers");
}

int driver_load(struct host *h, struct driver *d)
{
	struct function *f;
	int r;

	d->loaded = true;
	add_module(h, d);
	move_dir(&h->moves, "sys/bus/pci/drivers/%s", d->name);
	for (size_t n = 0; n < h->functions.count; n++) {
		f = h->functions.items[n];
		if (f->driver || !host_matches(f, d))
			continue;
		r = binding_try(h, f);
		if (r < 0)
			return r;
	}
	add_driver_files(h, d);
	return 0;
}

void driver_unload(struct host *h, struct driver *d)
{
	char driver[STEP_NAME_MAX + 32], module[STEP_NAME_MAX + 16];

	(void)snprintf(driver, sizeof(driver), "sys/bus/pci/drivers/%s", d->name);
	d->loaded = false;
	move_gone(&h->moves, "%s/bind", driver);
	move_gone(&h->moves, "%s/unbind", driver);
	/* Backwards, as VFs go when their PF's driver goes. */
	for (size_t n = h->functions.count; n-- > 0;)
		if (n < h->functions.count && h->functions.items[n]->driver == d)
			binding_unbind(h, h->functions.items[n]);
	move_gone(&h->moves, "sys/module/%s/drivers/pci:%s", d->keys.module, d->name);
	move_gone(&h->moves, "%s/module", driver);
	driver_send(h, "remove", driver + strlen("sys/"), "drivers");
	move_gone(&h->moves, "%s", driver);
	if (uses_vfio_core(d))
		move_gone(&h->moves, "sys/module/vfio_pci_core/holders/%s", d->keys.module);
	(void)snprintf(module, sizeof(module), "sys/module/%s", d->keys.module);
	driver_send(h, "remove", module + strlen("sys/"), "module");
	move_gone(&h->moves, "%s", module);
}
