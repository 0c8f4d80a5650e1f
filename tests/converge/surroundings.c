/* SPDX-License-Identifier: Apache-2.0 */
#include "surroundings.h"

static void choose_filter(struct dice *d, char filter[static SUBSCRIBER_FILTER_MAX])
{
	static const char *const filters[] = {
		"{\"kinds\":[\"vf\"]}",
		"{\"kinds\":[\"pf\"]}",
		"{\"states\":[\"host\"]}",
		"{\"states\":[\"unbound\"]}",
		"{\"states\":[\"probing\",\"vfio_generic\"]}",
		"{\"states\":[\"vfio_generic\",\"vfio_variant\",\"vfio_vendor\"]}",
		"{\"states\":[\"probing\",\"unbinding\",\"stuck\"]}",
		"{\"readiness\":[\"ready\",\"degraded\"]}",
		"{\"readiness\":[\"blocked\",\"dangerous\",\"unknown\"],\"kinds\":[\"vf\",\"pci\"]}",
		"{\"physical_functions\":[\"0000:3b:00.0\"]}",
		"{\"drivers\":[\"igbvf\",\"vfio-pci\"]}",
		"{\"addresses\":[\"0000:3b:00.1\",\"0000:3b:10.0\",\"0000:c1:00.0\"]}",
		"{\"managed\":true}",
		"{\"resource_classes\":[\"CUSTOM_VF\"]}",
	};

	if (dice_chance(d, 60))
		(void)snprintf(filter, SUBSCRIBER_FILTER_MAX, "%s",
			       filters[dice_below(d, sizeof(filters) / sizeof(filters[0]))]);
}

static void choose_subscriber(struct dice *d, struct subscriber_plan *s)
{
	static const uint32_t rooms[] = { 1, 1, 3000, 262144 };
	static const uint32_t speeds[] = { 100, 1500, 3000, 1000000 };
	static const uint32_t idles[] = { 0, 30, 80, 95 };
	static const uint32_t reconnects[] = { 0, 3, 10, 30 };

	s->room = rooms[dice_below(d, 4)];
	s->speed = speeds[dice_below(d, 4)];
	s->idle = idles[dice_below(d, 4)];
	s->reconnect = reconnects[dice_below(d, 4)];
	s->odd = dice_chance(d, 30) ? 20 : 0;
	s->chaos = dice_next(d);
	choose_filter(d, s->filter);
}

/*
 * One whose queue is full at each reply and who goes in the midst of what it was sent: what is merged
 * for it, and where it goes on after that, is the hardest to get right.
 */
static void choose_restless(struct dice *d, struct subscriber_plan *s)
{
	static const char *const filters[] = {
		"{\"states\":[\"host\"]}",
		"{\"states\":[\"unbound\",\"probing\"]}",
		"{\"drivers\":[\"igbvf\",\"fence\"]}",
		"{\"drivers\":[\"vfio-pci\",\"test_vfio_pci\"]}",
	};

	s->room = 1;
	s->speed = dice_between(d, 1000, 4000);
	s->idle = dice_between(d, 70, 97);
	s->reconnect = dice_between(d, 20, 60);
	s->odd = 0;
	s->chaos = dice_next(d);
	(void)snprintf(s->filter, sizeof(s->filter), "%s", filters[dice_below(d, 4)]);
}

static void choose_specs(struct dice *d, struct plan *p)
{
	static const char *const specs[] = {
		"[{\"vendor_id\":\"8086\",\"product_id\":\"10ca\",\"resource_class\":\"VF\"}]",
		"[{\"vendor_id\":\"8086\",\"managed\":\"no\"},{\"vendor_id\":\"10de\"}]",
		"[{\"address\":\"0000:3b:*.*\",\"managed\":\"no\",\"resource_class\":\"VF\","
		"\"traits\":\"a,b\"}]",
		"[{\"vendor_id\":\"8086\",\"product_id\":\"10ca\",\"physical_network\":\"net\"},"
		"{\"vendor_id\":\"1234\",\"product_id\":\"5678\"}]",
	};

	if (dice_chance(d, 75))
		(void)snprintf(p->specs, sizeof(p->specs), "%s", specs[dice_below(d, 4)]);
}

void surroundings_choose(struct dice *d, struct plan *p)
{
	static const size_t histories[] = { 0, 4000, 40000, 1 << 22 };

	p->queue = dice_chance(d, 60) ? dice_between(d, 2, 20) : 0;
	p->history = histories[dice_below(d, 4)];
	p->udev_msec = dice_chance(d, 50) ? dice_below(d, 3000) : UINT32_MAX;
	p->files_a_turn = dice_chance(d, 60) ? dice_between(d, 1, 80) : 0;
	p->audit_sec = dice_chance(d, 30) ? dice_between(d, 2, 60) : 0;
	p->audit_mends = dice_chance(d, 60);
	p->deaf = dice_chance(d, 15);
	p->all_functions = dice_chance(d, 30);
	p->group_nodes = dice_chance(d, 50);
	choose_specs(d, p);
	p->subscriber_count = dice_between(d, 1, 4);
	for (size_t i = 0; i < p->subscriber_count; i++) {
		if (dice_chance(d, 40))
			choose_restless(d, &p->subscribers[i]);
		else
			choose_subscriber(d, &p->subscribers[i]);
	}
}
