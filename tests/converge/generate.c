/* SPDX-License-Identifier: Apache-2.0 */
/* The plan of a seed: a host, what happens to it and to its events, who watches. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"
#include "surroundings.h"

/* How often another step is tried where the host refuses one. */
#define TRIES 12

struct generator {
	struct plan *plan;
	struct dice dice;
	/* A host that is only in memory says what the kernel would refuse. */
	struct host *host;
	uint32_t faults; /* how often something happens to events, in percent */
	bool drops;	 /* events may get lost without a word */
};

static int ignore_move(const struct move *move, void *arg)
{
	(void)move;
	(void)arg;
	return 0;
}

static void add_text(struct generator *g, const char *text)
{
	struct plan_line *line = &g->plan->lines[g->plan->line_count];

	if (g->plan->line_count == PLAN_LINES_MAX)
		return;
	(void)snprintf(line->text, sizeof(line->text), "%s", text);
	line->chaos = dice_next(&g->dice);
	g->plan->line_count++;
}

/* Adds a line that is not about the host. */
static void __attribute__((format(printf, 2, 3)))
add_other(struct generator *g, const char *format, ...)
{
	char text[PLAN_LINE_MAX];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	add_text(g, text);
}

/* Adds a line if the host would not refuse it. Returns whether it did. */
static bool __attribute__((format(printf, 2, 3))) add(struct generator *g, const char *format, ...)
{
	struct scenario_error error;
	char text[PLAN_LINE_MAX];
	struct step step;
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	const struct scenario_line line = { text, strlen(text), 1 };

	if (scenario_parse_line(&line, &step, &error) != 1)
		abort();
	if (host_perform(g->host, &step, &error) < 0)
		return false;
	add_text(g, text);
	return true;
}

/* ---- the host ---- */

static const char *const drivers[] = { "igb",	     "igbvf", "vfio-pci", "test_vfio_pci",
				       "other_vfio", "fence", "nvidia" };
#define DRIVERS (sizeof(drivers) / sizeof(drivers[0]))

static void add_drivers(struct generator *g)
{
	bool late = dice_chance(&g->dice, 20);

	add(g, "driver igb id 8086:10c9 id 8086:1521 net%s",
	    dice_chance(&g->dice, 20) ? " keeps-vfs" : "");
	add(g, "driver igbvf id 8086:10ca%s%s", dice_chance(&g->dice, 50) ? " net" : "",
	    dice_chance(&g->dice, 20) ? " unloaded" : "");
	add(g, "driver vfio-pci vfio generic%s", late ? " unloaded" : "");
	add(g, "driver test_vfio_pci vfio variant id 8086:10ca%s",
	    dice_chance(&g->dice, 20) ? " unloaded" : "");
	if (dice_chance(&g->dice, 60))
		add(g, "driver fence id 1af4:1041 id 1af4:1042");
	if (dice_chance(&g->dice, 50))
		add(g, "driver nvidia id 10de:2236 vfio vendor");
}

static const char *vf_group(struct generator *g)
{
	static const char *const groups[] = { "", "", " vf-group own", " vf-group same",
					      " vf-group none" };

	return groups[dice_below(&g->dice, 5)];
}

static bool add_pf(struct generator *g, const char *address)
{
	static const char *const places[] = { "", " offset 128 stride 2", " offset 8 stride 1",
					      " offset 2 stride 2" };
	static const char *const ids[] = { "8086:10c9", "8086:10c9", "1af4:1041", "10de:2236" };
	const char *id = ids[dice_below(&g->dice, 4)];

	return add(g, "pf %s %s total %u%s%s%s%s", address, id, dice_between(&g->dice, 2, 7),
		   strcmp(id, "8086:10c9") == 0 ? " vf-id 10ca" : "",
		   places[dice_below(&g->dice, 4)], vf_group(g),
		   dice_chance(&g->dice, 30) ? " numa 1" : "");
}

static const char *const pf_places[] = { "0000:3b:00.0", "0000:c1:00.0", "0000:65:10.0" };
#define PF_PLACES (sizeof(pf_places) / sizeof(pf_places[0]))
static const char *const device_places[] = { "0000:3c:00.0", "0000:3c:00.1", "0000:05:00.0" };
#define DEVICE_PLACES (sizeof(device_places) / sizeof(device_places[0]))

static bool add_device(struct generator *g, const char *address)
{
	static const char *const ids[] = { "8086:1521", "1af4:1042", "8086:10ca", "1234:5678" };
	static const char *const groups[] = { "",	  "",	       " group none",
					      " group 0", " group 40", " group 40" };

	return add(g, "device %s %s%s%s", address, ids[dice_below(&g->dice, 4)],
		   groups[dice_below(&g->dice, 6)],
		   dice_chance(&g->dice, 20) ? " class 060400" : "");
}

/* Something new or the old thing where something was, or may be. */
static bool add_function(struct generator *g)
{
	return dice_chance(&g->dice, 60)
		       ? add_pf(g, pf_places[dice_below(&g->dice, PF_PLACES)])
		       : add_device(g, device_places[dice_below(&g->dice, DEVICE_PLACES)]);
}

static void add_host(struct generator *g)
{
	uint32_t pfs = dice_between(&g->dice, 1, PF_PLACES);

	if (dice_chance(&g->dice, 20))
		add(g, "cdev off");
	add_drivers(g);
	for (uint32_t i = 0; i < pfs; i++)
		add_pf(g, pf_places[i]);
	for (uint32_t i = dice_below(&g->dice, DEVICE_PLACES + 1); i > 0; i--)
		add_device(g, device_places[i - 1]);
}

/* ---- what happens ---- */

static const struct function *any_function(struct generator *g)
{
	const struct function_list *all = &g->host->functions;

	return all->count > 0 ? all->items[dice_below(&g->dice, (uint32_t)all->count)] : NULL;
}

static const char *any_driver(struct generator *g, const struct function *f)
{
	/* Mostly one that the function would take. */
	for (size_t i = 0; i < g->host->n_drivers && dice_chance(&g->dice, 70); i++)
		if (host_matches(f, g->host->drivers[i]))
			return g->host->drivers[i]->name;
	return drivers[dice_below(&g->dice, DRIVERS)];
}

static bool add_vfs(struct generator *g)
{
	const char *pf = pf_places[dice_below(&g->dice, PF_PLACES)];

	if (dice_chance(&g->dice, 60) && add(g, "vfs %s %u", pf, dice_between(&g->dice, 1, 7)))
		return true;
	return add(g, "vfs %s 0", pf);
}

/* Off and on again, as quickly as it goes: addresses get new lives. */
static bool add_reuse(struct generator *g)
{
	const char *pf = pf_places[dice_below(&g->dice, PF_PLACES)];
	uint32_t count = dice_between(&g->dice, 1, 6);

	return add(g, "vfs %s 0", pf) && add(g, "vfs %s %u", pf, count) &&
	       (!dice_chance(&g->dice, 30) ||
		(add(g, "vfs %s 0", pf) && add(g, "vfs %s %u", pf, count)));
}

static bool add_to_driver(struct generator *g, const struct function *f)
{
	static const char *const steps[] = { "bind",	   "bind",  "bind",
					     "fail-probe", "probe", "slow-probe" };
	const char *step = steps[dice_below(&g->dice, 6)], *driver = any_driver(g, f);

	/* As driverctl does: an override first, and one that only then matches. */
	if (dice_chance(&g->dice, 50) && !f->driver && add(g, "override %s %s", f->name, driver))
		return strcmp(step, "probe") == 0 ? add(g, "probe %s", f->name)
						  : add(g, "%s %s %s", step, f->name, driver);
	return strcmp(step, "probe") == 0 ? add(g, "probe %s", f->name)
					  : add(g, "%s %s %s", step, f->name, driver);
}

/* To a VFIO driver, as libvirt does before a guest starts. */
static bool add_detach(struct generator *g, const struct function *f)
{
	const char *driver = drivers[dice_between(&g->dice, 2, 3)], *name = f->name;

	if (f->driver && !add(g, "unbind %s", name))
		return false;
	return add(g, "override %s %s", name, driver) && add(g, "bind %s %s", name, driver);
}

static bool add_module(struct generator *g)
{
	static const char *const modules[] = { "igbvf", "vfio_pci", "test_vfio_pci", "nvidia",
					       "other_vfio" };
	const char *module = modules[dice_below(&g->dice, 5)];

	if (dice_chance(&g->dice, 15))
		return add(g, "driver other_vfio vfio variant id 10de:2236 id 8086:10ca%s",
			   dice_chance(&g->dice, 50) ? " unloaded" : "");
	return add(g, "load %s", module) || add(g, "unload %s", module);
}

static bool add_use(struct generator *g, const struct function *f)
{
	/* Names are the whole host's. */
	unsigned int number = (unsigned int)g->plan->line_count;
	const char *name = f->name;

	switch (dice_below(&g->dice, 6)) {
	case 0:
		return f->disk[0] ? add(g, "disk %s none", name)
				  : add(g, "disk %s nvme%un1", name, number);
	case 1:
		return f->stacked[0] ? add(g, "stack %s none", name)
				     : add(g, "stack %s dm-%u", name, number);
	case 2:
		return f->vdpa[0] ? add(g, "vdpa %s none", name)
				  : add(g, "vdpa %s vdpa%u", name, number);
	case 3:
		return add(g, "master %s %s", name, dice_chance(&g->dice, 50) ? "br0" : "none");
	default:
		return add(g, "%s %s", f->held ? "close" : "open", name);
	}
}

static bool add_end(struct generator *g, const struct function *f)
{
	if (!f->held)
		return add(g, "%s %s", dice_chance(&g->dice, 70) ? "unbind" : "stuck", f->name);
	return add(g, "%s %s", dice_chance(&g->dice, 70) ? "release" : "fail", f->name);
}

static bool add_event(struct generator *g, const struct function *f)
{
	static const char *const actions[] = { "add", "remove", "change", "bind", "unbind" };

	if (dice_chance(&g->dice, 20))
		return add(g, "noise %u", dice_between(&g->dice, 1, 30));
	if (dice_chance(&g->dice, 30))
		return add(g, "burst %s %u", f->name, dice_between(&g->dice, 2, 30));
	return add(g, "event %s %s", actions[dice_below(&g->dice, 5)], f->name);
}

static bool add_plug(struct generator *g, const struct function *f)
{
	switch (dice_below(&g->dice, 3)) {
	case 0:
		return add(g, "remove %s", f->name);
	case 1:
		return g->host->removed.count > 0 && add(g, "rescan");
	default:
		return add_function(g);
	}
}

static bool try_step(struct generator *g)
{
	const struct function *f = any_function(g);

	if (!f)
		return add_function(g);
	switch (dice_below(&g->dice, 20)) {
	case 0:
	case 1:
	case 2:
		return add_vfs(g);
	case 3:
		return add_reuse(g);
	case 4:
	case 5:
	case 6:
	case 7:
		return add_to_driver(g, f);
	case 8:
	case 9:
		return add_detach(g, f);
	case 10:
	case 11:
	case 12:
		return add_end(g, f);
	case 13:
		return add_module(g);
	case 14:
	case 15:
		return add_use(g, f);
	case 16:
		return add_event(g, f);
	case 17:
		return add(g, "autoprobe %s %s", f->name, dice_chance(&g->dice, 50) ? "on" : "off");
	case 18:
		return add(g, "override %s %s", f->name,
			   dice_chance(&g->dice, 50) ? "none" : any_driver(g, f));
	default:
		return add_plug(g, f);
	}
}

static void add_fault(struct generator *g)
{
	switch (dice_below(&g->dice, 8)) {
	case 0:
	case 1:
		add_other(g, "duplicate %u", dice_between(&g->dice, 1, 8));
		break;
	case 2:
	case 3:
		add_other(g, "reorder %u", dice_between(&g->dice, 2, 12));
		break;
	case 4:
	case 5:
		add_other(g, "delay %ums %u", dice_between(&g->dice, 1, 15000),
			  dice_between(&g->dice, 1, 10));
		break;
	default:
		if (g->drops)
			add_other(g, "drop %u", dice_between(&g->dice, 1, 10));
		else
			add_other(g, PLAN_OVERFLOW);
		break;
	}
}

/* What happens between two steps. */
static void add_between(struct generator *g)
{
	static const uint32_t pauses_msec[] = { 1, 50, 99, 150, 301, 900, 2000, 9500, 11000 };

	if (dice_chance(&g->dice, g->faults))
		add_fault(g);
	if (dice_chance(&g->dice, 25))
		add_other(g, PLAN_PAUSE "%ums", pauses_msec[dice_below(&g->dice, 9)]);
	if (dice_chance(&g->dice, 1))
		add_other(g, PLAN_RESTART);
	if (dice_chance(&g->dice, 1))
		add_other(g, PLAN_SUSPEND);
}

static void add_steps(struct generator *g, uint32_t count)
{
	for (uint32_t n = 0; n < count; n++)
		for (int tries = 0; tries < TRIES && !try_step(g); tries++)
			;
}

void plan_generate(struct plan *p, uint64_t seed)
{
	struct generator g = { .plan = p, .dice = dice_mixed(seed, 1) };
	uint32_t steps;

	*p = (struct plan){ .seed = seed };
	if (host_new(ignore_move, NULL, &g.host) < 0)
		abort();
	surroundings_choose(&g.dice, p);
	g.faults = dice_below(&g.dice, 3) * 15;
	g.drops = dice_chance(&g.dice, 40);
	add_host(&g);
	add_steps(&g, dice_below(&g.dice, 6));
	add_other(&g, PLAN_START);
	steps = dice_between(&g.dice, 3, 45);
	for (uint32_t n = 0; n < steps; n++) {
		add_between(&g);
		add_steps(&g, 1);
	}
	host_free(g.host);
}
