/* SPDX-License-Identifier: Apache-2.0 */
#include "tracker_audit.h"

#include <errno.h>
#include <stdlib.h>

#include "moment.h"
#include "tracker_internal.h"

/* A millisecond of reading at most, which an event may come to wait for; then a pause. */
#define STEP 8
#define STEP_USEC 10000ULL
/* While there is something else to do. */
#define BUSY_USEC 500000ULL
/* An event can come a moment after what it tells of. */
#define CONFIRM_AFTER_USEC 1000000ULL
/* A link that has stood for 10 s counts as bound (see binding.c), and its bind should have come. */
#define PROBE_OVER_AFTER_USEC 12000000ULL
/* A reader that does not answer: another round may. */
#define ANSWER_WITHIN_USEC 60000000ULL

struct suspect {
	struct pci_addr addr; /* first, see addr_table.h */
	uint64_t since_usec;
	uint64_t not_before_usec; /* when it is read again */
};

static const struct hint audit_hint = { .cause.source = CAUSE_AUDIT };

static void forget_all(struct audit *a)
{
	for (size_t i = 0; i < a->suspects.count; i++)
		free(a->suspects.items[i]);
	addr_table_done(&a->suspects);
}

void audit_done(struct audit *a)
{
	forget_all(a);
}

void audit_restart(struct audit *a, uint64_t now_usec)
{
	forget_all(a);
	a->stage = AUDIT_IDLE;
	a->outstanding = 0;
	a->due_usec = a->interval_usec ? now_usec + a->interval_usec : UINT64_MAX;
}

void audit_set_interval(struct audit *a, uint64_t interval_usec, uint64_t now_usec)
{
	if (a->interval_usec == interval_usec)
		return;
	a->interval_usec = interval_usec;
	audit_restart(a, now_usec);
}

void audit_forget(struct audit *a, const struct pci_addr *addr)
{
	free(addr_table_remove(&a->suspects, addr));
}

/* Without memory it is not suspected in this round. */
static void suspect(struct audit *a, const struct pci_addr *addr, uint64_t now_usec)
{
	struct suspect *s;

	if (addr_table_get(&a->suspects, addr))
		return;
	s = calloc(1, sizeof(*s));
	if (!s)
		return;
	s->addr = *addr;
	s->since_usec = now_usec;
	s->not_before_usec = now_usec + CONFIRM_AFTER_USEC;
	if (addr_table_insert(&a->suspects, s) < 0)
		free(s);
}

static bool nothing_else_waits(struct tracker *t, uint64_t now_usec)
{
	return registry_is_ready(t->registry) && !t->scanning && t->resync_due_usec == UINT64_MAX &&
	       t->modules_due_usec == UINT64_MAX && dirty_next_usec(t->dirty) > now_usec &&
	       use_hints_next_usec(&t->use) > now_usec && reader_waiting(t->reader) == 0;
}

/* Everything that an event would have the reader remember anew is looked up anew. */
static int ask_for_new(struct tracker *t)
{
	size_t count = registry_known_count(t->registry), n = 0, place = 0;
	struct pci_addr *known = calloc(count ? count : 1, sizeof(*known));
	int r = known ? reader_invalidate_all(t->reader) : -ENOMEM;

	if (r < 0) {
		free(known);
		return r;
	}
	while (n < count &&
	       registry_next_known(t->registry, n ? &known[n - 1] : NULL, &place, &known[n]))
		n++;
	return reader_find_new(t->reader, known, n, &audit_hint);
}

static int submit(struct tracker *t, const struct pci_addr *addrs, size_t count)
{
	struct read_request requests[STEP];

	for (size_t i = 0; i < count; i++)
		requests[i] = (struct read_request){ .addr = addrs[i],
						     .what = READ_FUNCTION,
						     .hint = audit_hint };
	if (count > 0 && reader_submit(t->reader, requests, count) < 0)
		return -ENOMEM;
	t->audit.outstanding = count;
	return 0;
}

static int look(struct tracker *t)
{
	struct audit *a = &t->audit;
	struct pci_addr addrs[STEP];
	size_t n = 0;

	while (n < STEP && registry_next_known(t->registry, a->has_cursor ? &a->cursor : NULL,
					       &a->place, &addrs[n])) {
		a->cursor = addrs[n++];
		a->has_cursor = true;
	}
	return submit(t, addrs, n);
}

static bool every_event_is_heard(const struct tracker *t)
{
	return !t->audit_ops.hear_all || t->audit_ops.hear_all(t->ops.arg);
}

/* Reads those again of which no event has come. Sets when the next ones are due. */
static int confirm(struct tracker *t, uint64_t now_usec, uint64_t *ret_next_usec)
{
	struct audit *a = &t->audit;
	struct pci_addr addrs[STEP];
	size_t n = 0, i = 0;

	*ret_next_usec = UINT64_MAX;
	(void)every_event_is_heard(t);
	while (i < a->suspects.count) {
		struct suspect *s = a->suspects.items[i];

		if (dirty_has(t->dirty, &s->addr)) {
			audit_forget(a, &s->addr);
			continue;
		}
		i++;
		if (s->not_before_usec > now_usec) {
			if (s->not_before_usec < *ret_next_usec)
				*ret_next_usec = s->not_before_usec;
		} else if (n < STEP) {
			addrs[n++] = s->addr;
		}
	}
	return submit(t, addrs, n);
}

/* Begins what the stage has to do. */
static int step(struct tracker *t, uint64_t now_usec)
{
	struct audit *a = &t->audit;
	uint64_t next_usec;
	int r = 0;

	switch (a->stage) {
	case AUDIT_IDLE:
		a->has_cursor = false;
		a->place = 0;
		a->stage = AUDIT_LISTING;
		r = ask_for_new(t);
		break;
	case AUDIT_LISTING:
		break;
	case AUDIT_LOOKING:
		r = look(t);
		if (r < 0 || a->outstanding > 0)
			break;
		a->stage = AUDIT_CONFIRMING;
		a->due_usec = now_usec;
		return 0;
	case AUDIT_CONFIRMING:
		r = confirm(t, now_usec, &next_usec);
		if (r < 0 || a->outstanding > 0)
			break;
		a->due_usec = next_usec;
		return 0;
	}
	a->due_usec = now_usec + ANSWER_WITHIN_USEC;
	return r;
}

static bool is_complete(const struct audit *a)
{
	return a->stage == AUDIT_CONFIRMING && a->outstanding == 0 && a->suspects.count == 0;
}

void audit_run(struct tracker *t, uint64_t now_usec)
{
	struct audit *a = &t->audit;
	bool in_vain = a->outstanding > 0 || a->stage == AUDIT_LISTING;

	if (a->due_usec > now_usec)
		return;
	if (!in_vain && !nothing_else_waits(t, now_usec)) {
		a->due_usec = now_usec + BUSY_USEC;
	} else if (in_vain || step(t, now_usec) < 0) {
		audit_restart(a, now_usec);
	} else if (is_complete(a)) {
		t->status.last_audit_usec = clock_usec(CLOCK_REALTIME);
		audit_restart(a, now_usec);
	}
}

uint64_t audit_next_usec(const struct audit *a)
{
	return a->due_usec;
}

static bool differs(const struct tracker *t, const struct observation *obs, struct comparison *ret)
{
	const struct moment now = moment_now();

	return registry_compare(t->registry, obs, &now, ret) == 0 && ret->fields != 0;
}

/* Returns whether it is of no more use: an event has come, or it is as it was. */
static bool is_refuted(struct tracker *t, const struct observation *obs, uint32_t *ret_evidence)
{
	struct audit *a = &t->audit;
	uint64_t now_usec = clock_usec(CLOCK_BOOTTIME);
	struct comparison c;
	struct suspect *s;

	/* The event of what this read saw may have come only just before it. */
	a->counts = every_event_is_heard(t);
	s = addr_table_get(&a->suspects, &obs->addr);
	if (!s || t->resync_due_usec != UINT64_MAX || t->scanning)
		return true;
	if (!differs(t, obs, &c)) {
		audit_forget(a, &obs->addr);
		return true;
	}
	*ret_evidence = 0;
	if (c.fields == UINT64_MAX || c.binding != VF_BINDING_PROBING)
		return false;
	if (now_usec < s->since_usec + PROBE_OVER_AFTER_USEC) {
		s->not_before_usec = s->since_usec + PROBE_OVER_AFTER_USEC;
		return true;
	}
	*ret_evidence = EVIDENCE_BOUND;
	return false;
}

static void note_answer(struct audit *a)
{
	if (a->outstanding > 0 && --a->outstanding == 0)
		a->due_usec = clock_usec(CLOCK_BOOTTIME) + STEP_USEC;
}

static bool take_read(struct tracker *t, const struct observation *obs, uint32_t *ret_evidence)
{
	struct audit *a = &t->audit;
	struct comparison c;

	switch (a->stage) {
	case AUDIT_IDLE: /* of a round that is over */
		return true;
	case AUDIT_LISTING:
	case AUDIT_LOOKING:
		if (differs(t, obs, &c))
			suspect(a, &obs->addr, clock_usec(CLOCK_BOOTTIME));
		break;
	case AUDIT_CONFIRMING:
		if (!is_refuted(t, obs, ret_evidence)) {
			a->judged = &obs->addr;
			return false;
		}
		break;
	}
	note_answer(a);
	return true;
}

bool audit_take(struct tracker *t, const struct observation *obs, uint32_t *ret_evidence)
{
	struct audit *a = &t->audit;

	if (obs->hint.cause.source != CAUSE_AUDIT)
		return false;
	if (obs->kind != OBSERVATION_LISTED)
		return take_read(t, obs, ret_evidence);
	if (a->stage == AUDIT_LISTING) {
		a->stage = AUDIT_LOOKING;
		a->due_usec = clock_usec(CLOCK_BOOTTIME) + STEP_USEC;
	}
	return true;
}

void audit_folded(struct tracker *t)
{
	struct audit *a = &t->audit;

	if (!a->judged)
		return;
	audit_forget(a, a->judged);
	a->judged = NULL;
	note_answer(a);
}

bool audit_is_finding(const struct tracker *t, const struct change *change)
{
	return t->audit.judged && t->audit.counts &&
	       pci_addr_compare(t->audit.judged, &change->addr) == 0 &&
	       use_hints_next_usec(&t->use) == UINT64_MAX && t->modules_due_usec == UINT64_MAX &&
	       registry_is_announced(change);
}
