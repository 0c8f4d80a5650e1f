/* SPDX-License-Identifier: Apache-2.0 */
#include "tracker.h"

#include <errno.h>
#include <stdlib.h>

#include "log.h"
#include "moment.h"
#include "tracker_internal.h"
#include "vfmon/cleanup.h"
#include "vfmon/dirty.h"
#include "vfmon/text.h"

#define RESYNC_INTERVAL_USEC 1000000ULL
#define BATCH 256
#define OBSERVATIONS_PER_CALL 512
/* More than that are better kept in the dirty set, where a function stands only once. */
#define WAITING_MAX 1024
/* Each answer of a busy reader wakes the loop; this is for one that does not answer. */
#define ROOM_AGAIN_USEC 1000000ULL

static void on_change(const struct change *change, void *arg)
{
	struct tracker *t = arg;

	t->ops.on_change(change, t->ops.arg);
	if (!audit_is_finding(t, change))
		return;
	t->status.audit_findings++;
	if (t->audit_ops.on_finding)
		t->audit_ops.on_finding(change, t->ops.arg);
}

static void on_names(struct vf *vf, void *arg)
{
	struct tracker *t = arg;

	if (t->ops.on_names)
		t->ops.on_names(vf, t->ops.arg);
}

static void on_again(const struct pci_addr *addr, uint64_t due_usec, void *arg)
{
	const struct dirty_entry entry = {
		.addr = *addr,
		.what = DIRTY_FUNCTION,
		.hint.cause.source = CAUSE_TIMER,
	};

	tracker_mark(arg, &entry, due_usec);
}

int tracker_new(const struct tracker_options *options, struct tracker **ret)
{
	struct tracker *t = calloc(1, sizeof(*t));
	struct registry_options registry_options = options->registry;
	struct registry_ops ops = { on_change, on_again, on_names, t };
	int r;

	if (!t)
		return -ENOMEM;
	t->ops = options->ops;
	t->audit_ops = options->audit_ops;
	t->audit.due_usec = UINT64_MAX;
	t->patience_usec = options->patience_usec;
	t->resync_due_usec = t->modules_due_usec = UINT64_MAX;
	r = text_pool_new(&t->pool);
	registry_options.pool = t->pool;
	if (r == 0)
		r = registry_new(&ops, &registry_options, &t->registry);
	if (r == 0)
		r = dirty_new(&t->dirty);
	if (r == 0)
		r = dirty_new(&t->parked);
	if (r == 0)
		r = reader_new(&options->reader, &t->reader);
	if (r < 0) {
		tracker_free(t);
		return r;
	}
	*ret = t;
	return 0;
}

struct tracker *tracker_free(struct tracker *t)
{
	if (!t)
		return NULL;
	reader_free(t->reader);
	opened_done(&t->opened);
	audit_done(&t->audit);
	dirty_free(t->dirty);
	dirty_free(t->parked);
	registry_free(t->registry);
	text_pool_free(t->pool);
	free(t);
	return NULL;
}

const struct registry *tracker_registry(const struct tracker *t)
{
	return t->registry;
}

struct text_pool *tracker_pool(const struct tracker *t)
{
	return t->pool;
}

int tracker_remember(struct tracker *t, struct vf *const *images, size_t count)
{
	return registry_remember(t->registry, images, count);
}

int tracker_fd(const struct tracker *t)
{
	return reader_fd(t->reader);
}

static int scan(struct tracker *t, enum cause_source source)
{
	const struct hint hint = {
		.cause.source = source,
		.evidence = t->missed ? EVIDENCE_MISSED : 0,
	};
	int r = reader_scan(t->reader, &hint);

	if (r < 0)
		return r;
	t->missed = false;
	t->scanning = true;
	t->last_scan_usec = clock_usec(CLOCK_BOOTTIME);
	audit_restart(&t->audit, t->last_scan_usec);
	return 0;
}

int tracker_start(struct tracker *t)
{
	return scan(t, CAUSE_SCAN);
}

/* With these nothing is lost that an event has told. */
static bool loses_events(enum resync_cause cause)
{
	return cause != RESYNC_READER && cause != RESYNC_RELOAD;
}

bool tracker_resync(struct tracker *t, enum resync_cause cause)
{
	uint64_t now = clock_usec(CLOCK_BOOTTIME);
	uint64_t earliest = t->last_scan_usec + RESYNC_INTERVAL_USEC;

	t->missed |= loses_events(cause);
	/* One rescan mends all that was lost before it begins. */
	if (t->resync_due_usec != UINT64_MAX)
		return false;
	t->status.resyncs[cause]++;
	t->resync_due_usec = now > earliest ? now : earliest;
	return true;
}

/* Drivers or modules came or went: what they are, and which is best for whom, is looked up again. */
static void look_at_modules(struct tracker *t, uint64_t now)
{
	const struct dirty_entry like = {
		.what = DIRTY_FUNCTION,
		.hint.cause.source = t->modules_source,
	};

	t->modules_due_usec = UINT64_MAX;
	if (reader_invalidate_modules(t->reader) < 0) {
		(void)tracker_resync(t, RESYNC_MEMORY);
		return;
	}
	tracker_mark_all(t, &like, now);
}

static void look_at_use(struct tracker *t, uint64_t now)
{
	struct hint hint;
	unsigned int parts = use_hints_take(&t->use, now, &hint);

	if (parts && reader_refresh_use(t->reader, parts, &hint) < 0)
		(void)tracker_resync(t, RESYNC_MEMORY);
}

static void run_resync(struct tracker *t)
{
	t->resync_due_usec = UINT64_MAX;
	if (reader_invalidate_all(t->reader) < 0 || scan(t, CAUSE_RESYNC) < 0)
		t->resync_due_usec = clock_usec(CLOCK_BOOTTIME) + RESYNC_INTERVAL_USEC;
}

/* What a timer finds while events are known to be lost is found because of that. */
static struct hint hint_of(const struct tracker *t, const struct dirty_entry *entry)
{
	struct hint hint = entry->hint;

	if (t->missed && hint.cause.source == CAUSE_TIMER) {
		hint.cause.source = CAUSE_RESYNC;
		hint.evidence |= EVIDENCE_MISSED;
	}
	return hint;
}

/* Requests that could not be queued are not lost: the rescan reads everything. */
static void submit(struct tracker *t, const struct dirty_entry *entries, size_t count)
{
	struct read_request requests[BATCH];

	for (size_t i = 0; i < count; i++)
		requests[i] = (struct read_request){
			.addr = entries[i].addr,
			.what = entries[i].what == DIRTY_NODES ? READ_NODES : READ_FUNCTION,
			.known_inode = registry_known_inode(t->registry, &entries[i].addr),
			.card_serial = registry_wants_card_serial(t->registry, &entries[i].addr),
			.hint = hint_of(t, &entries[i]),
		};
	if (reader_submit(t->reader, requests, count) < 0)
		(void)tracker_resync(t, RESYNC_MEMORY);
}

static bool reader_has_room(const struct tracker *t)
{
	return reader_waiting(t->reader) < WAITING_MAX;
}

void tracker_run(struct tracker *t)
{
	struct dirty_entry entries[BATCH];
	uint64_t now = clock_usec(CLOCK_BOOTTIME);
	size_t n;

	tracker_watch_reader(t);
	if (!reader_has_room(t))
		return;
	if (t->modules_due_usec <= now)
		look_at_modules(t, now);
	look_at_use(t, now);
	tracker_mark_opened(t, now);
	if (t->resync_due_usec <= now && !t->scanning)
		run_resync(t);
	while (reader_has_room(t) && (n = dirty_take(t->dirty, now, entries, BATCH)) > 0)
		submit(t, entries, n);
	audit_run(t, now);
}

void tracker_set_audit_interval(struct tracker *t, uint64_t interval_usec)
{
	audit_set_interval(&t->audit, interval_usec, clock_usec(CLOCK_BOOTTIME));
}

static void end_scan(struct tracker *t, const struct observation *obs, bool was_ready)
{
	t->scanning = false;
	/* What hangs there is read again when it comes back. */
	if (obs->error == ETIMEDOUT)
		return;
	if (obs->error) {
		log_warning(
			"the list of PCI functions can not be read (error %d), will read it again",
			obs->error);
		(void)tracker_resync(t, RESYNC_READER);
		return;
	}
	t->ops.on_scanned(!was_ready, t->ops.arg);
}

void tracker_apply(struct tracker *t, const struct observation *obs)
{
	const struct moment now = moment_now();
	bool was_ready = registry_is_ready(t->registry);

	if (obs->kind == OBSERVATION_UNREADABLE)
		t->status.read_errors++;
	if (obs->kind == OBSERVATION_SILENT)
		tracker_park(t, obs);
	if (registry_apply(t->registry, obs, &now) < 0) {
		log_warning("no memory to follow a change, will read everything again");
		(void)tracker_resync(t, RESYNC_MEMORY);
	}
	if (obs->kind == OBSERVATION_FUNCTION && !obs->has_card_serial &&
	    registry_wants_card_serial(t->registry, &obs->addr))
		on_again(&obs->addr, now.boottime_usec, t);
	if (obs->kind < OBSERVATION_SCAN_BEGIN && t->ops.on_read)
		t->ops.on_read(obs, t->ops.arg);
	if (obs->kind == OBSERVATION_SCAN_END)
		end_scan(t, obs, was_ready);
}

static void fold(struct tracker *t, const struct observation *obs)
{
	struct observation known;
	uint32_t evidence;

	if (obs->hint.cause.source != CAUSE_AUDIT) {
		tracker_apply(t, obs);
	} else if (!audit_take(t, obs, &evidence)) {
		known = *obs; /* its texts stay those of the other */
		known.hint.evidence = evidence;
		tracker_apply(t, &known);
		audit_folded(t);
	}
}

void tracker_collect(struct tracker *t)
{
	const struct observation *obs;

	for (int n = 0; n < OBSERVATIONS_PER_CALL && reader_next(t->reader, &obs) > 0; n++)
		fold(t, obs);
	tracker_take_back(t);
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t tracker_next_usec(const struct tracker *t)
{
	uint64_t next = dirty_next_usec(t->dirty), reader = tracker_reader_due_usec(t);

	if (!reader_has_room(t))
		return least(reader, clock_usec(CLOCK_BOOTTIME) + ROOM_AGAIN_USEC);
	next = least(next, reader);
	if (t->modules_due_usec < next)
		next = t->modules_due_usec;
	next = least(next, use_hints_next_usec(&t->use));
	next = least(next, opened_next_usec(&t->opened));
	next = least(next, audit_next_usec(&t->audit));
	/* While a scan runs the next one waits for its end, which wakes the loop by itself. */
	if (t->resync_due_usec < next && !t->scanning)
		next = t->resync_due_usec;
	return next;
}

/* An entry may ask now for what was of no use before. */
static void ask_for_serials(struct tracker *t, uint64_t now_usec)
{
	struct vf *vf = NULL;

	while ((vf = registry_next(t->registry, vf ? &vf->addr : NULL)))
		if (!vf->card_serial && registry_wants_card_serial(t->registry, &vf->addr))
			on_again(&vf->addr, now_usec, t);
}

void tracker_configure(struct tracker *t, const struct registry_options *options)
{
	const struct moment now = moment_now();
	struct registry_options with_pool = *options;

	with_pool.pool = t->pool;
	if (registry_configure(t->registry, &with_pool, &now) < 0) {
		log_warning("no memory to judge every function again, will read everything");
		(void)tracker_resync(t, RESYNC_MEMORY);
	}
	ask_for_serials(t, now.boottime_usec);
}

int tracker_set_vendor_rules(struct tracker *t, struct vendor_rules *rules)
{
	return reader_set_vendor_rules(t->reader, rules);
}

void tracker_name(struct tracker *t, struct vf *vf, const char *vendor, const char *product)
{
	struct text *text;

	if (text_take(t->pool, vendor, &text) == 0) {
		text_unref(vf->vendor_name);
		vf->vendor_name = text;
	}
	if (text_take(t->pool, product, &text) == 0) {
		text_unref(vf->product_name);
		vf->product_name = text;
	}
}

void tracker_status(const struct tracker *t, struct tracker_status *ret)
{
	*ret = t->status;
	ret->reads = reader_reads(t->reader);
}
