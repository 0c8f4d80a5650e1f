/* SPDX-License-Identifier: Apache-2.0 */
/* A reader that hangs: when it is replaced, and what becomes of that in which it hangs. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "moment.h"
#include "tracker_internal.h"

/* When making a thread fails, it is tried again. */
#define REPLACE_AGAIN_USEC 1000000ULL

static uint64_t patience(const struct tracker *t, const struct reader_work *work)
{
	if (t->patience_usec)
		return t->patience_usec;
	if (work->place != READER_FUNCTION)
		return COMMON_PATIENCE_USEC;
	return work->card_serial ? SERIAL_PATIENCE_USEC : NOT_ANSWERING_AFTER_USEC;
}

/* How long the reader may still be at its work. */
static uint64_t patience_left(const struct tracker *t, const struct reader_work *work)
{
	uint64_t now = clock_usec(CLOCK_MONOTONIC), end = work->since_usec + patience(t, work);

	return end > now ? end - now : 0;
}

static bool is_stopped(const struct tracker *t, const struct reader_work *work)
{
	return t->stopped.number != 0 && work->number == t->stopped.number;
}

static void tell(struct tracker *t, enum reader_news news, const struct reader_work *work)
{
	if (t->ops.on_reader)
		t->ops.on_reader(news, work, t->ops.arg);
}

/* What the thread itself can not report. */
static void fold_silence(struct tracker *t, const struct reader_work *work)
{
	struct observation *obs = malloc(sizeof(*obs));

	if (!obs)
		return;
	observation_init(obs, OBSERVATION_SILENT, &work->addr);
	obs->hint.cause.source = CAUSE_TIMER;
	obs->silent_usec = clock_usec(CLOCK_MONOTONIC) - work->since_usec;
	tracker_apply(t, obs);
	free(obs);
}

static void stop(struct tracker *t, const struct reader_work *work, int error)
{
	bool is_news = !is_stopped(t, work);

	t->stopped = *work;
	t->replace_due_usec = error == -EBUSY ? UINT64_MAX
					      : clock_usec(CLOCK_BOOTTIME) + REPLACE_AGAIN_USEC;
	if (!is_news)
		return;
	if (work->place == READER_FUNCTION)
		fold_silence(t, work);
	tell(t, READER_STOPPED, work);
}

void tracker_watch_reader(struct tracker *t)
{
	struct reader_work work;
	int r;

	if (!reader_is_busy(t->reader, &work) || patience_left(t, &work) > 0)
		return;
	if (is_stopped(t, &work) && clock_usec(CLOCK_BOOTTIME) < t->replace_due_usec)
		return;
	r = reader_replace(t->reader, &work);
	if (r < 0)
		stop(t, &work, r);
	if (r <= 0)
		return;
	t->stopped.number = 0;
	tell(t, READER_REPLACED, &work);
	/* Events were not missed, but what the old thread had begun to compare. */
	(void)tracker_resync(t, RESYNC_READER);
}

uint64_t tracker_reader_due_usec(const struct tracker *t)
{
	uint64_t now = clock_usec(CLOCK_BOOTTIME);
	struct reader_work work;

	if (reader_is_busy(t->reader, &work))
		return is_stopped(t, &work) ? t->replace_due_usec : now + patience_left(t, &work);
	return reader_waiting(t->reader) > 0 ? now + NOT_ANSWERING_AFTER_USEC : UINT64_MAX;
}

/* Its newest cause counts, but not how long ago that was: the function is to blame for it. */
void tracker_park(struct tracker *t, const struct observation *obs)
{
	struct dirty_entry entry = { .addr = obs->addr, .what = DIRTY_FUNCTION, .hint = obs->hint };

	entry.hint.cause.received_usec = 0;
	if (entry.hint.cause.source == CAUSE_SCAN || entry.hint.cause.source == CAUSE_RESYNC ||
	    entry.hint.cause.source == CAUSE_AUDIT)
		entry.hint.cause.source = CAUSE_TIMER;
	if (dirty_mark(t->parked, &entry, 0) < 0)
		(void)tracker_resync(t, RESYNC_MEMORY);
}

/* All that waits is asked for: who is silent still is told to be so again. */
static void ask_for_parked(struct tracker *t)
{
	uint64_t now = clock_usec(CLOCK_BOOTTIME);
	struct dirty_entry entry;

	while (dirty_take(t->parked, 0, &entry, 1) > 0)
		tracker_mark(t, &entry, now);
}

static void look_again(struct tracker *t, const struct reader_work *work)
{
	switch (work->place) {
	case READER_FUNCTION:
		ask_for_parked(t);
		break;
	case READER_ALIASES:
		t->modules_due_usec = clock_usec(CLOCK_BOOTTIME);
		break;
	case READER_LIST:
	case READER_DISKS:
	case READER_ADDRESSES:
	case READER_VDPA:
	case READER_END:
	case READER_PLACE_COUNT:
		(void)tracker_resync(t, RESYNC_READER);
		break;
	}
}

/* One that could not be replaced may go on by itself. */
static void note_going_on(struct tracker *t)
{
	struct reader_work work;

	if (t->stopped.number == 0 || (reader_is_busy(t->reader, &work) && is_stopped(t, &work)))
		return;
	tell(t, READER_BACK, &t->stopped);
	t->stopped.number = 0;
	ask_for_parked(t);
}

/* With one less left behind, one that is stuck can be replaced. */
void tracker_take_back(struct tracker *t)
{
	struct reader_work work;

	note_going_on(t);

	while (reader_take_back(t->reader, &work)) {
		t->replace_due_usec = 0;
		look_again(t, &work);
		tell(t, READER_BACK, &work);
	}
}

static int compare(const void *a, const void *b)
{
	return pci_addr_compare(a, b);
}

size_t tracker_not_answering(const struct tracker *t, struct pci_addr ret[static NOT_ANSWERING_MAX])
{
	struct reader_work works[NOT_ANSWERING_MAX];
	size_t left = reader_left(t->reader, works), count = 0;

	if (reader_is_busy(t->reader, &works[left]) && patience_left(t, &works[left]) == 0)
		left++;
	for (size_t i = 0; i < left; i++)
		if (works[i].place == READER_FUNCTION)
			ret[count++] = works[i].addr;
	qsort(ret, count, sizeof(*ret), compare);
	return count;
}

static const char *const silent_places[READER_PLACE_COUNT] = {
	[READER_LIST] = "the list of PCI functions does not answer: no scan ends",
	[READER_ALIASES] = "modules.alias does not answer: no driver is known to be the best",
	[READER_DISKS] = "disks and mounts do not answer: the host's use of disks is not known",
	[READER_ADDRESSES] = "addresses do not answer: the host's use of interfaces is not known",
	[READER_VDPA] = "vdpa devices do not answer: they are not known",
};

const char *tracker_blind(const struct tracker *t)
{
	struct reader_work works[NOT_ANSWERING_MAX];
	size_t left = reader_left(t->reader, works);

	if (reader_is_busy(t->reader, &works[left]) && is_stopped(t, &works[left]))
		return "too many files do not answer: nothing is read until one does";
	for (size_t i = 0; i < left; i++)
		if (silent_places[works[i].place])
			return silent_places[works[i].place];
	return NULL;
}
