/* SPDX-License-Identifier: Apache-2.0 */
#include "monitored.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../monitor/addr_dump.h"
#include "clock.h"
#include "failure.h"
#include "inbox.h"
#include "sources.h"
#include "turns.h"
#include "vfmon/device_spec.h"

/* As READ_AGAIN_USEC of attention.c. */
#define LISTENED_AFTER_USEC 100000ULL
/* More rounds than any run needs at one moment: somebody asks for a turn again and again. */
#define ROUNDS_MAX 10000
#define AUDIT_USEC 300000000ULL
#define AUDIT_ROUNDS 3
/* The last timer of anything is over by then. */
#define QUIET_AFTER_USEC 600000000ULL

int __wrap_addr_dump_read(struct addr_dump *ret);

/* The addresses of the machine that runs the test are not the simulated host's, which has none. */
int __wrap_addr_dump_read(struct addr_dump *ret)
{
	(void)ret;
	return 0;
}

/* As listen_to() of attention.c. */
static void listen_to(struct monitored *m, const struct vf *vf, uint64_t read_by_usec)
{
	if (inotifysrc_watch(m->inotify, &vf->addr, vf->generation) > 0)
		tracker_hint_listened(m->tracker, &vf->addr, read_by_usec);
}

static void on_change(const struct change *change, void *arg)
{
	struct monitored *m = arg;

	(void)history_append(m->history, change);
	if (m->options.on_change)
		m->options.on_change(change, m->options.arg);
	history_trim(m->history);
	if (change->kind == CHANGE_APPEARED)
		listen_to(m, change->device, clock_now_usec() + LISTENED_AFTER_USEC);
	else if (change->kind == CHANGE_DISAPPEARED)
		inotifysrc_forget(m->inotify, &change->addr);
}

static void on_names(struct vf *vf, void *arg)
{
	struct monitored *m = arg;

	tracker_name(m->tracker, vf, "Vendor", "Product");
}

static void on_read(const struct observation *obs, void *arg)
{
	struct monitored *m = arg;

	if (obs->vendor_directory && !registry_get(tracker_registry(m->tracker), &obs->addr))
		return;
	if (inotifysrc_follow(m->inotify, obs))
		sources_on_written(&obs->addr, WRITTEN_ATTRIBUTE, m);
}

static void on_scanned(bool is_first, void *arg)
{
	struct monitored *m = arg;
	const struct vf *vf = NULL;

	m->scanned = m->scanned || is_first;
	inotifysrc_renew(m->inotify);
	while ((vf = registry_next(tracker_registry(m->tracker), vf ? &vf->addr : NULL)))
		listen_to(m, vf, clock_now_usec());
}

static const struct policy *get_policy(void *arg)
{
	const struct monitored *m = arg;

	return &m->policy;
}

static void __attribute__((noreturn)) give_up(const char *what)
{
	(void)fprintf(stderr, "can not be made: %s\n", what);
	abort();
}

static void make_policy(struct monitored *m)
{
	const char *specs = m->options.specs;
	const struct spec_rules rules = { .nova = NOVA_NEWEST };
	const struct spec_value value = { .file = "nova.conf",
					  .line = 1,
					  .column = 1,
					  .text = specs,
					  .len = specs ? strlen(specs) : 0 };
	struct spec_error error;

	m->policy =
		(struct policy){ .config = &m->config, .nova = NOVA_NEWEST, .host_name = "host" };
	if (specs && (device_specs_new(&rules, &m->config.specs) < 0 ||
		      device_specs_add(m->config.specs, &value, &error) < 0))
		give_up(specs);
}

static void make_tracker(struct monitored *m)
{
	const struct world *w = m->world;
	const struct tracker_options options = {
		.ops = { on_change, on_names, on_read, on_scanned, m, NULL },
		.audit_ops = { sources_hear_all, NULL },
		.reader = { w->sysfs, w->dev, w->modules_alias, w->proc },
		.registry = { .policy = &m->policy,
			      .has_group_nodes = m->options.has_group_nodes,
			      .all_functions = m->options.all_functions,
			      .kernel_has_vfio_dev = true,
			      .stuck_after_usec = 10000000 },
	};

	turns_begin();
	if (tracker_new(&options, &m->tracker) < 0)
		give_up("tracker");
	(void)turns_let_read(0);
}

void monitored_init(struct monitored *m, struct world *w, const struct monitored_options *options,
		    uint64_t epoch)
{
	*m = (struct monitored){ .world = w, .options = *options };
	(void)snprintf(m->epoch, sizeof(m->epoch), "epoch-%llx", (unsigned long long)epoch);
	make_policy(m);
	if (history_new(options->history_bytes, &m->history) < 0)
		give_up("history");
	sources_open(m);
	make_tracker(m);
	m->service = (struct service){
		.registry = tracker_registry(m->tracker),
		.history = m->history,
		.epoch = m->epoch,
		.get_policy = get_policy,
		.arg = m,
	};
	tracker_set_audit_interval(m->tracker, options->audit_usec);
	if (tracker_start(m->tracker) < 0)
		give_up("first scan");
}

void monitored_done(struct monitored *m)
{
	if (m->in_read)
		m->in_read = turns_let_read(0);
	turns_end();
	history_free(m->history);
	tracker_free(m->tracker);
	sources_close(m);
	device_specs_free(m->config.specs);
}

void monitored_turn(struct monitored *m, struct dice *dice)
{
	/* Somebody else has the processor. */
	if (dice_chance(dice, 40))
		return;
	if (dice_chance(dice, 60))
		sources_read_uevents(m);
	if (dice_chance(dice, 30))
		(void)sources_read_udev(m);
	if (dice_chance(dice, 50))
		(void)sources_read_inotify(m);
	if (dice_chance(dice, 30))
		(void)nlsrc_read_some(m->links);
	if (dice_chance(dice, 20))
		(void)sources_read_aliases(m);
	if (dice_chance(dice, 80))
		tracker_run(m->tracker);
	/* Also where it has nothing to do: it waits for its turn only at a file. */
	m->in_read = turns_let_read(m->files_a_turn ? dice_between(dice, 1, m->files_a_turn) : 0);
	if (dice_chance(dice, 80))
		tracker_collect(m->tracker);
}

/* Returns whether there was anything to do. */
static bool do_round(struct monitored *m)
{
	uint64_t now = clock_now_usec();
	struct tracker_status before, after;
	bool busy = inbox_count(INBOX_UEVENT) > 0 || inbox_count(INBOX_LINK) > 0 || m->in_read;

	world_release(m->world);
	busy |= inbox_count(INBOX_UEVENT) > 0;
	sources_read_uevents(m);
	(void)nlsrc_read_some(m->links);
	busy |= sources_read_udev(m);
	busy |= sources_read_inotify(m);
	busy |= sources_read_aliases(m);
	busy |= tracker_next_usec(m->tracker) <= now;
	tracker_status(m->tracker, &before);
	tracker_run(m->tracker);
	m->in_read = turns_let_read(0);
	tracker_collect(m->tracker);
	tracker_status(m->tracker, &after);
	return busy || after.reads != before.reads;
}

void monitored_catch_up(struct monitored *m)
{
	int n = 0;

	/* The last round of all must find nothing: what the reader said last can ask for more. */
	for (int quiet = 0; quiet < 2 && n < ROUNDS_MAX && !failure_is(); n++)
		quiet = do_round(m) ? 0 : quiet + 1;
	if (n == ROUNDS_MAX)
		fail("there is always something to do at the same moment");
}

void monitored_pass(struct monitored *m, uint64_t until_usec)
{
	uint64_t limit = clock_now_usec() + QUIET_AFTER_USEC, next, late;

	for (;;) {
		monitored_catch_up(m);
		next = tracker_next_usec(m->tracker);
		late = world_next_usec(m->world);
		next = late < next ? late : next;
		if (failure_is() || next > until_usec || next == UINT64_MAX)
			break;
		if (until_usec == UINT64_MAX && next > limit) {
			fail("a timer runs though nothing is pending");
			break;
		}
		clock_set_usec(next);
	}
	if (until_usec != UINT64_MAX)
		clock_set_usec(until_usec);
}

uint64_t monitored_audit(struct monitored *m)
{
	struct tracker_status before, after;

	tracker_status(m->tracker, &before);
	tracker_set_audit_interval(m->tracker, AUDIT_USEC);
	monitored_pass(m, clock_now_usec() + AUDIT_ROUNDS * AUDIT_USEC);
	tracker_set_audit_interval(m->tracker, 0);
	monitored_pass(m, UINT64_MAX);
	tracker_status(m->tracker, &after);
	return after.audit_findings - before.audit_findings;
}
