/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/registry.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "registry_image.h"
#include "registry_internal.h"
#include "vfmon/cleanup.h"

/* A VF has no physfn at its add; its next event follows within this time. */
#define HOLD_USEC 100000ULL
#define UNREADABLE_AGAIN_USEC 1000000ULL
#define UNREADABLE_TRIES 5
#define UNREADABLE_SELDOM_USEC (30 * 1000000ULL)

/*
 * For how long a function has been silent is only told, so its age decides how often it is brought up
 * to date: each second at first, seldom in the end.
 */
#define SILENCE_AGAIN_USEC 1000000ULL
#define SILENCE_STEPS 10

DEFINE_CLEANUP(struct entry *, registry_entry_free);

int registry_new(const struct registry_ops *ops, const struct registry_options *options,
		 struct registry **ret)
{
	struct registry *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->ops = *ops;
	r->options = *options;
	*ret = r;
	return 0;
}

static void free_entries(struct addr_table *t)
{
	for (size_t i = 0; i < t->count; i++)
		registry_entry_free(t->items[i]);
	addr_table_done(t);
}

static void free_families(struct addr_table *t)
{
	for (size_t i = 0; i < t->count; i++)
		free(t->items[i]);
	addr_table_done(t);
}

struct registry *registry_free(struct registry *r)
{
	if (!r)
		return NULL;
	free_entries(&r->entries);
	free_entries(&r->vanished);
	free_entries(&r->remembered);
	free_families(&r->families);
	interfaces_done(&r->interfaces);
	iommu_groups_done(&r->groups);
	free(r);
	return NULL;
}

static int find_or_add(struct registry *r, const struct observation *obs, struct entry **ret)
{
	cleanup_(registry_entry_freep) struct entry *fresh = NULL;
	struct entry *e = addr_table_get(&r->entries, &obs->addr);

	if (!e) {
		fresh = calloc(1, sizeof(*fresh));
		if (!fresh)
			return -ENOMEM;
		fresh->addr = obs->addr;
		if (addr_table_insert(&r->entries, fresh) < 0)
			return -ENOMEM;
		e = TAKE_PTR(fresh);
	}
	*ret = e;
	return 0;
}

/* Whether a function of no known kind is still to be held back after this observation. */
static void hold_or_release(struct registry *r, struct entry *e, const struct vf *next,
			    const struct observation *obs, const struct moment *now)
{
	bool is_certain = next->kind != VF_KIND_PCI;
	bool by_event = obs->hint.cause.action != UEVENT_NONE;

	if (!is_certain && !e->vf && r->ready) {
		e->held_until_usec = now->boottime_usec + HOLD_USEC;
		registry_ask_again(r, &e->addr, e->held_until_usec);
	} else if (is_certain || by_event || now->boottime_usec >= e->held_until_usec) {
		e->held_until_usec = 0;
	} else {
		/* This read may have been the one that was asked for, only earlier. */
		registry_ask_again(r, &e->addr, e->held_until_usec);
	}
}

/* Drops an entry that never got an image. */
static int fail_entry(struct registry *r, struct entry *e)
{
	if (!e->vf) {
		registry_leave_family(r, e);
		registry_entry_free(addr_table_remove(&r->entries, &e->addr));
	}
	return -ENOMEM;
}

/* No event tells that it can be read again, as when descriptors or memory had run out. */
static uint64_t unreadable_again(struct entry *e, const struct moment *now)
{
	if (e->unreadable == UNREADABLE_TRIES)
		return now->boottime_usec + UNREADABLE_SELDOM_USEC;
	e->unreadable++;
	return now->boottime_usec + UNREADABLE_AGAIN_USEC;
}

/* The first scan found it, and could not read it: what is read now was so before. */
static bool is_unseen(const struct vf *vf)
{
	return !vf->generation && !vf->appeared_usec;
}

static int apply_present(struct registry *r, const struct observation *obs,
			 const struct moment *now)
{
	struct image_input in = { &r->options, obs, now, !r->ready };
	uint64_t again_usec = 0;
	struct entry *e;
	struct vf *next;
	int n;

	if (find_or_add(r, obs, &e) < 0)
		return -ENOMEM;
	in.first_scan |= e->vf && is_unseen(e->vf);
	e->scan = r->scan;
	if (obs->kind == OBSERVATION_UNREADABLE) {
		n = image_from_unreadable(&in, e->vf, &next);
		again_usec = unreadable_again(e, now);
	} else {
		n = image_from_function(&in, e->vf, &e->binding, &next, &again_usec);
		e->unreadable = 0;
	}
	if (n < 0)
		return fail_entry(r, e);
	hold_or_release(r, e, next, obs, now);
	if (again_usec)
		registry_ask_again(r, &e->addr, again_usec);
	n = registry_advance(r, e, next, obs, now);
	return n < 0 ? fail_entry(r, e) : 0;
}

/*
 * A bind that was heard without the add before it was the old life's, and says nothing of a link of
 * the new one. The texts stay the observation's own.
 */
static int apply_next_life(struct registry *r, const struct observation *obs,
			   const struct moment *now)
{
	struct observation copy = *obs;

	if (!(copy.hint.evidence & EVIDENCE_ADDED))
		copy.hint.evidence &= ~(uint32_t)EVIDENCE_BOUND;
	return apply_present(r, &copy, now);
}

static int apply_function(struct registry *r, const struct observation *obs,
			  const struct moment *now)
{
	struct entry *e = addr_table_get(&r->entries, &obs->addr);

	/* Another inode: the address was given up and taken again, however fast. */
	if (e && obs->inode && e->vf->generation && e->vf->generation != obs->inode) {
		int n = registry_end_life(r, e, &obs->hint.cause, now);

		return n < 0 ? n : apply_next_life(r, obs, now);
	}
	return apply_present(r, obs, now);
}

/*
 * A read of it has not ended. It stays as it was last seen, whatever else the observation says; one
 * that was never seen is there, and no more is known of it.
 */
static int apply_silent(struct registry *r, const struct observation *obs, const struct moment *now)
{
	const struct image_input in = { &r->options, obs, now, !r->ready };
	uint64_t step = obs->silent_usec / SILENCE_STEPS;
	struct entry *e;
	struct vf *next;

	if (find_or_add(r, obs, &e) < 0)
		return -ENOMEM;
	e->scan = r->scan;
	if (image_from_silence(&in, e->vf, &next) < 0)
		return fail_entry(r, e);
	registry_ask_again(r, &e->addr,
			   now->boottime_usec +
				   (step > SILENCE_AGAIN_USEC ? step : SILENCE_AGAIN_USEC));
	return registry_advance(r, e, next, obs, now) < 0 ? fail_entry(r, e) : 0;
}

static int apply_nodes(struct registry *r, const struct observation *obs, const struct moment *now)
{
	const struct image_input in = { &r->options, obs, now, !r->ready };
	struct entry *e = addr_table_get(&r->entries, &obs->addr);
	struct vf *next;

	if (!e || e->vf->generation != obs->inode)
		return 0;
	if (image_from_nodes(&in, e->vf, &next) < 0)
		return -ENOMEM;
	return registry_advance(r, e, next, obs, now);
}

/* What the scan did not see, and no event has named since, is gone. */
static int end_scan(struct registry *r, const struct observation *obs, const struct moment *now)
{
	const struct pci_addr *after = NULL;
	struct pci_addr cursor;
	struct entry *e;
	int n = 0;

	while (!obs->error && (e = addr_table_next(&r->entries, after))) {
		cursor = e->addr;
		after = &cursor;
		if (e->scan != r->scan && registry_end_life(r, e, &obs->hint.cause, now) < 0)
			n = -ENOMEM;
	}
	if (!obs->error && !r->ready) {
		registry_bury_unseen(r, now);
		if (registry_judge_first_families(r, &obs->hint.cause, now) < 0)
			n = -ENOMEM;
		r->ready = true;
	}
	return n;
}

static int apply_gone(struct registry *r, const struct observation *obs, const struct moment *now)
{
	struct entry *e = addr_table_get(&r->entries, &obs->addr);

	if (!e || e->held_until_usec)
		registry_look_for_physical_function(r, &obs->addr, now);
	return e ? registry_end_life(r, e, &obs->hint.cause, now) : 0;
}

int registry_apply(struct registry *r, const struct observation *obs, const struct moment *now)
{
	switch (obs->kind) {
	case OBSERVATION_FUNCTION:
	case OBSERVATION_UNREADABLE:
		return apply_function(r, obs, now);
	case OBSERVATION_NODES:
		return apply_nodes(r, obs, now);
	case OBSERVATION_SILENT:
		return apply_silent(r, obs, now);
	case OBSERVATION_GONE:
		return apply_gone(r, obs, now);
	case OBSERVATION_SCAN_BEGIN:
		r->scan++;
		return 0;
	case OBSERVATION_SCAN_END:
		return end_scan(r, obs, now);
	case OBSERVATION_LISTED:
		break;
	}
	return 0;
}

int registry_configure(struct registry *r, const struct registry_options *options,
		       const struct moment *now)
{
	const struct cause cause = { .source = CAUSE_CONFIG };
	int failed = 0;

	r->options = *options;
	if (registry_note_interfaces(r) < 0 || registry_judge_all(r, true, &cause, now) < 0)
		failed = -ENOMEM;
	for (size_t i = 0; i < r->entries.count; i++) {
		const struct entry *e = r->entries.items[i];

		/* Whether it is stuck depends on the configuration too. */
		if (e->vf->binding == VF_BINDING_UNBINDING || e->vf->binding == VF_BINDING_STUCK)
			registry_ask_again(r, &e->addr, now->boottime_usec);
	}
	return failed;
}
