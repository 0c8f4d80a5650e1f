/* SPDX-License-Identifier: Apache-2.0 */
#include "run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "inbox.h"
#include "truth.h"
#include "turns.h"

#define SUSPENDED_USEC 3600000000ULL
/* Some microseconds pass with each step, so that no two have the same time. */
#define STEP_USEC 10

struct run {
	const struct plan *plan;
	struct world world;
	struct monitored monitored;
	struct monitored_options options;
	struct subscriber subscribers[PLAN_SUBSCRIBERS_MAX];
	struct run_counts *counts;
	struct dice dice; /* of the line that is played */
	bool started;
	bool quiet; /* nobody gets a turn in between */
	bool rush;  /* nor while this line is played */
};

static void on_change(const struct change *change, void *arg)
{
	struct run *r = arg;

	r->counts->changes++;
	for (size_t i = 0; i < r->plan->subscriber_count; i++)
		subscriber_change(&r->subscribers[i], change);
}

/* Each by dice of its own, so that one less makes no difference for the others. */
static void let_subscribers(struct run *r)
{
	for (size_t i = 0; i < r->plan->subscriber_count; i++) {
		struct dice dice = dice_mixed(r->plan->subscribers[i].chaos, r->dice.state);

		subscriber_turn(&r->subscribers[i], &dice);
	}
}

static void after_move(void *arg)
{
	struct run *r = arg;

	if (r->quiet || r->rush)
		return;
	clock_set_usec(clock_now_usec() + STEP_USEC);
	monitored_turn(&r->monitored, &r->dice);
	r->counts->torn += r->monitored.in_read;
	if (dice_chance(&r->dice, 15))
		let_subscribers(r);
}

static void set_server(struct run *r, struct monitored *m)
{
	for (size_t i = 0; i < r->plan->subscriber_count; i++)
		subscriber_set_server(&r->subscribers[i], m);
}

static void start(struct run *r)
{
	r->world.listening = true;
	r->started = true;
	monitored_init(&r->monitored, &r->world, &r->options, dice_next(&r->dice));
	r->monitored.files_a_turn = r->plan->files_a_turn;
	set_server(r, &r->monitored);
}

static void count_up(struct run *r)
{
	struct tracker_status status;

	tracker_status(r->monitored.tracker, &status);
	for (size_t i = 0; i < RESYNC_COUNT; i++)
		r->counts->resyncs += status.resyncs[i];
}

static void stop(struct run *r)
{
	set_server(r, NULL);
	count_up(r);
	monitored_done(&r->monitored);
	r->started = false;
}

/* What was lost before is mended by the first scan. */
static void restart(struct run *r)
{
	stop(r);
	r->counts->restarts++;
	r->world.silent = false;
	start(r);
}

static void pass(struct run *r, const char *text)
{
	uint64_t msec = strtoull(text, NULL, 10), until = clock_now_usec() + msec * 1000;

	for (int n = 0; n < 4; n++) {
		monitored_pass(&r->monitored, until - msec * 250 * (uint64_t)(3 - n));
		let_subscribers(r);
		(void)dice_next(&r->dice);
	}
}

/* As hearing.c, which the kernel tells. */
static void suspend(struct run *r)
{
	clock_suspend(SUSPENDED_USEC);
	(void)tracker_resync(r->monitored.tracker, RESYNC_SUSPEND);
}

/* Lines that are this test's own. Returns whether it is one of them. */
static bool play_own(struct run *r, const char *text)
{
	/* Before there is a daemon, nothing happens but to the host. */
	bool is_own = strncmp(text, "#!", 2) == 0 ||
		      strncmp(text, PLAN_PAUSE, strlen(PLAN_PAUSE)) == 0;

	if (strcmp(text, PLAN_START) == 0 && !r->started)
		start(r);
	else if (!r->started)
		return is_own;
	else if (strcmp(text, PLAN_RESTART) == 0)
		restart(r);
	else if (strcmp(text, PLAN_SUSPEND) == 0)
		suspend(r);
	else if (strcmp(text, PLAN_OVERFLOW) == 0)
		(void)tracker_resync(r->monitored.tracker, RESYNC_OVERFLOW);
	else if (strncmp(text, PLAN_PAUSE, strlen(PLAN_PAUSE)) == 0)
		pass(r, text + strlen(PLAN_PAUSE));
	else
		return false;
	return true;
}

static void play_line(struct run *r, const struct plan_line *line)
{
	r->dice = dice_mixed(line->chaos, 2);
	/* So that queues get full, and what comes and goes is never seen. */
	r->rush = dice_chance(&r->dice, 30);
	if (!play_own(r, line->text))
		(void)world_play(&r->world, line->text);
	r->rush = dice_chance(&r->dice, 20);
	if (!r->started)
		return;
	for (uint32_t n = dice_below(&r->dice, 6); n > 0 && !failure_is(); n--)
		after_move(r);
}

/* What no event tells of is found by the audit, or by a rescan if that is to be tried. */
static void mend(struct run *r)
{
	r->counts->silent++;
	if (r->plan->audit_mends) {
		r->counts->audited++;
		(void)monitored_audit(&r->monitored);
	} else {
		(void)tracker_resync(r->monitored.tracker, RESYNC_OVERFLOW);
		monitored_pass(&r->monitored, UINT64_MAX);
	}
}

/* All that was told is followed, so that the audit has nothing to say. */
static void check_audit(struct run *r)
{
	uint64_t sequence = registry_sequence(r->monitored.service.registry);
	uint64_t findings = monitored_audit(&r->monitored);

	if (findings > 0)
		fail("the audit has %llu findings", (unsigned long long)findings);
	if (registry_sequence(r->monitored.service.registry) != sequence)
		fail("the audit makes changes");
}

static void settle(struct run *r)
{
	if (!r->started)
		start(r);
	r->quiet = true;
	r->world.faults.drop = r->world.faults.delay = r->world.faults.duplicate = 0;
	world_flush(&r->world);
	tracker_set_audit_interval(r->monitored.tracker, 0);
	monitored_pass(&r->monitored, UINT64_MAX);
	if (r->world.silent && !failure_is())
		mend(r);
	else if (!failure_is() && r->plan->audit_mends)
		check_audit(r);
}

static void check(struct run *r)
{
	truth_check_registry(&r->monitored);
	for (size_t i = 0; i < r->plan->subscriber_count && !failure_is(); i++) {
		subscriber_drain(&r->subscribers[i]);
		truth_check_view(&r->monitored, &r->subscribers[i].view);
	}
	if (!failure_is())
		truth_check_fresh(&r->monitored);
}

static void tear_down(struct run *r)
{
	r->counts->runs++;
	r->counts->lost += inbox_lost();
	stop(r);
	for (size_t i = 0; i < r->plan->subscriber_count; i++) {
		r->counts->resumes += r->subscribers[i].resumes;
		r->counts->snapshots += r->subscribers[i].snapshots;
		r->counts->merged += r->subscribers[i].merged;
		subscriber_done(&r->subscribers[i]);
	}
	world_done(&r->world);
	inbox_reset(0);
}

void run_plan(const struct plan *p, const char *base, struct run_counts *counts)
{
	struct run r = { .plan = p, .counts = counts };

	clock_reset();
	inbox_reset(p->queue);
	turns_begin();
	world_init(&r.world, base);
	r.world.after_move = after_move;
	r.world.arg = &r;
	r.world.deaf = p->deaf;
	if (p->udev_msec != UINT32_MAX)
		r.world.udev_after_usec = p->udev_msec * 1000ULL;
	r.options = (struct monitored_options){
		.history_bytes = p->history,
		.all_functions = p->all_functions,
		.has_group_nodes = p->group_nodes,
		.specs = p->specs[0] ? p->specs : NULL,
		.audit_usec = p->audit_sec * 1000000ULL,
		.on_change = on_change,
		.arg = &r,
	};
	for (size_t i = 0; i < p->subscriber_count; i++)
		subscriber_init(&r.subscribers[i], &p->subscribers[i], (unsigned int)i);
	for (size_t i = 0; i < p->line_count && !failure_is(); i++)
		play_line(&r, &p->lines[i]);
	if (!failure_is())
		settle(&r);
	if (!failure_is())
		check(&r);
	if (!r.started)
		start(&r);
	tear_down(&r);
}
