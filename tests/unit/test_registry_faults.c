/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each allocation of the registry fails once, in everything that can happen to a host: what follows
 * is -ENOMEM and nothing else, and the rescan that is due then leaves the registry as one that had
 * memory all the time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/alloc.h"
#include "../lib/host.h"

#define SPECS "[{\"product_id\": \"10ca\", \"managed\": \"no\"}, {\"vendor_id\": \"1af4\"}]"
#define PLAIN "0000:3b:1f.0"

/* What is on the host, in the order of a scan. An address is absent where its item is not there. */
enum item { ITEM_PF, ITEM_VF0, ITEM_VF1, ITEM_PLAIN, ITEM_COUNT };

struct world {
	struct observation items[ITEM_COUNT];
	bool is_there[ITEM_COUNT];
};

struct step {
	const char *name;
	void (*play)(struct world *w);
	const char *gone; /* an address, if that is what is observed */
	enum item seen;	  /* else this one */
};

static void do_nothing(struct world *w)
{
	(void)w;
}

static void add_vf1(struct world *w)
{
	w->is_there[ITEM_VF1] = true;
}

static void unbind_pf(struct world *w)
{
	w->items[ITEM_PF].link_driver = w->items[ITEM_PF].uevent_driver = NULL;
	w->items[ITEM_PF].module = NULL;
	w->items[ITEM_PF].hint.evidence = EVIDENCE_UNBOUND;
}

static void drop_vf0(struct world *w)
{
	w->is_there[ITEM_VF0] = false;
}

static void reuse_vf1(struct world *w)
{
	w->items[ITEM_VF1].inode++;
	w->items[ITEM_VF1].product_id = 0x1234;
}

static void block_group(struct world *w)
{
	w->items[ITEM_PLAIN].iommu_group = w->items[ITEM_VF0].iommu_group;
	host_set_driver(&w->items[ITEM_PLAIN], "ahci");
}

static void name_interface(struct world *w)
{
	w->items[ITEM_PF].interface = observation_put(&w->items[ITEM_PF], "enp59s0",
						      strlen("enp59s0"));
}

static const struct step STEPS[] = {
	{ "the same again", do_nothing, NULL, ITEM_PF },
	{ "a VF comes", add_vf1, NULL, ITEM_VF1 },
	{ "a group gets a member that blocks it", block_group, NULL, ITEM_PLAIN },
	{ "the PF's interface gets a name", name_interface, NULL, ITEM_PF },
	{ "the PF loses its driver", unbind_pf, NULL, ITEM_PF },
	{ "an address is used again", reuse_vf1, NULL, ITEM_VF1 },
	{ "a VF goes", drop_vf0, HOST_VF0, ITEM_VF0 },
};

#define STEP_COUNT (sizeof(STEPS) / sizeof(STEPS[0]))

static void world_init(struct world *w)
{
	*w = (struct world){ .is_there = { true, true, false, true } };
	w->items[ITEM_PF] = host_bound_pf();
	w->items[ITEM_VF0] = host_good_vf(HOST_VF0, 0);
	w->items[ITEM_VF1] = host_good_vf(HOST_VF1, 1);
	w->items[ITEM_PLAIN] = host_plain(PLAIN);
	w->items[ITEM_PLAIN].vendor_id = 0x1af4;
	w->items[ITEM_PLAIN].iommu_group = 40;
}

static int apply(struct host *h, const struct observation *obs)
{
	h->now.realtime_usec++;
	h->now.boottime_usec++;
	return registry_apply(h->registry, obs, &h->now);
}

static int apply_border(struct host *h, enum observation_kind kind)
{
	const struct pci_addr none = { 0 };
	struct observation obs;

	observation_init(&obs, kind, &none);
	obs.hint.cause.source = CAUSE_RESYNC;
	return apply(h, &obs);
}

/* Returns the first error; goes on after it, as the daemon does. */
static int scan(struct host *h, const struct world *w)
{
	int r = apply_border(h, OBSERVATION_SCAN_BEGIN);

	for (size_t i = 0; i < ITEM_COUNT; i++) {
		int e = w->is_there[i] ? apply(h, &w->items[i]) : 0;

		r = r < 0 ? r : e;
	}
	if (r == 0)
		r = apply_border(h, OBSERVATION_SCAN_END);
	else
		(void)apply_border(h, OBSERVATION_SCAN_END);
	return r;
}

static int observe(struct host *h, const struct world *w, const struct step *step)
{
	struct observation obs = w->items[step->seen];

	if (step->gone) {
		observation_init(&obs, OBSERVATION_GONE, &w->items[step->seen].addr);
		obs.hint.cause.source = CAUSE_UEVENT;
		obs.hint.cause.action = UEVENT_REMOVE;
	}
	return apply(h, &obs);
}

/* A host after its first scan and the first steps. */
static void begin(struct host *h, struct world *w, size_t steps)
{
	host_init(h, NULL);
	host_configure(h, SPECS);
	world_init(w);
	assert_int_equal(scan(h, w), 0);
	for (size_t i = 0; i < steps; i++) {
		STEPS[i].play(w);
		assert_int_equal(observe(h, w, &STEPS[i]), 0);
	}
	(void)host_take_changes(h);
}

static const char *shown(const struct text *t)
{
	return t ? text_str(t) : "-";
}

/* What is listed, a line a function, without times and numbers of changes. Caller frees. */
static char *listed(const struct host *h)
{
	const struct vf *vf = NULL;
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	while ((vf = registry_next(h->registry, vf ? &vf->addr : NULL))) {
		char buf[PCI_ADDR_TEXT_MAX];

		fprintf(f, "%s kind %d id %x:%x inode %d pf %d index %d group %d of %d",
			pci_addr_format(&vf->addr, buf), vf->kind, vf->vendor_id, vf->product_id,
			(int)vf->generation, vf->has_physical_function, vf->vf_index,
			vf->iommu_group, vf->group ? (int)vf->group->count : 0);
		fprintf(f,
			" binding %d of %s in %s interface %s readiness %d for %x starts %d spec %d\n",
			vf->binding, shown(vf->driver), shown(vf->module), shown(vf->interface),
			vf->readiness, vf->reasons, vf->guest_starts, vf->spec != NULL);
	}
	assert_int_equal(fclose(f), 0);
	return text;
}

static void assert_same(const struct host *a, const struct host *b)
{
	char *mine = listed(a), *expected = listed(b);

	assert_string_equal(mine, expected);
	free(mine);
	free(expected);
}

typedef int (*deed_fn)(struct host *h, struct world *w, size_t step);

/* Returns whether one failed. */
static bool one_fails(deed_fn deed, size_t step, size_t n)
{
	struct host h, twin;
	struct world w, twin_world;
	bool failed;
	int r;

	begin(&h, &w, step);
	begin(&twin, &twin_world, step);
	assert_int_equal(deed(&twin, &twin_world, step), 0);
	alloc_fail_after(n);
	r = deed(&h, &w, step);
	failed = alloc_fail_never();
	assert_true(r == 0 || (r == -ENOMEM && failed));
	if (r == -ENOMEM)
		assert_int_equal(scan(&h, &w), 0);
	if (r == -ENOMEM)
		assert_int_equal(scan(&twin, &twin_world), 0);
	assert_same(&h, &twin);
	host_done(&h);
	host_done(&twin);
	return failed;
}

static void each_fails(deed_fn deed, size_t step)
{
	size_t n = 0;

	while (one_fails(deed, step, n))
		n++;
	assert_true(n > 0);
}

static int play(struct host *h, struct world *w, size_t step)
{
	STEPS[step].play(w);
	return observe(h, w, &STEPS[step]);
}

static void test_what_an_observation_had_no_memory_for_is_mended_by_a_rescan(void **state)
{
	(void)state;
	for (size_t i = 0; i < STEP_COUNT; i++)
		each_fails(play, i);
}

/* All that changed since the last one comes at once. */
static int rescan(struct host *h, struct world *w, size_t step)
{
	for (size_t i = step; i < STEP_COUNT; i++)
		STEPS[i].play(w);
	return scan(h, w);
}

static void test_what_a_rescan_had_no_memory_for_is_mended_by_the_next(void **state)
{
	(void)state;
	each_fails(rescan, 0);
	each_fails(rescan, 3);
}

/* Everything is judged again by other rules. */
static int configure(struct host *h, struct world *w, size_t step)
{
	(void)w;
	(void)step;
	h->config.report_in_placement = h->config.pci_in_placement = true;
	h->policy.nova = VERSION(31, 0, 0);
	return registry_configure(h->registry, &h->options, &h->now);
}

static void test_what_a_configuration_had_no_memory_for_is_mended_by_a_rescan(void **state)
{
	(void)state;
	each_fails(configure, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_an_observation_had_no_memory_for_is_mended_by_a_rescan),
		cmocka_unit_test(test_what_a_rescan_had_no_memory_for_is_mended_by_the_next),
		cmocka_unit_test(test_what_a_configuration_had_no_memory_for_is_mended_by_a_rescan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
