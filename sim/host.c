/* SPDX-License-Identifier: Apache-2.0 */
#include "host.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "function.h"

int host_new(move_fn fn, void *arg, struct host **ret)
{
	cleanup_(host_freep) struct host *h = calloc(1, sizeof(*h));

	if (!h)
		return -ENOMEM;
	h->moves = (struct moves){ .fn = fn, .arg = arg };
	h->cdev = true;
	/* lo is 1 */
	h->last_ifindex = 1;
	*ret = TAKE_PTR(h);
	return 0;
}

static void function_list_done(struct function_list *list)
{
	for (size_t n = 0; n < list->count; n++)
		(void)function_free(list->items[n]);
	free(list->items);
}

struct host *host_free(struct host *h)
{
	if (!h)
		return NULL;
	function_list_done(&h->functions);
	function_list_done(&h->removed);
	for (size_t n = 0; n < h->n_drivers; n++)
		free(h->drivers[n]);
	free(h->drivers);
	free(h->groups);
	numbers_done(&h->group_numbers);
	numbers_done(&h->vfio_numbers);
	numbers_done(&h->netdev_numbers);
	free(h);
	return NULL;
}

int host_build(struct host *h)
{
	static const char *const directories[] = {
		"sys/bus/pci/devices", "sys/bus/pci/drivers",	  "sys/bus/pci/slots",
		"sys/class/net",       "sys/class/vfio",	  "sys/class/vfio-dev",
		"sys/devices/virtual", "sys/kernel/iommu_groups", "sys/module",
		"dev/vfio/devices",
	};

	for (size_t n = 0; n < sizeof(directories) / sizeof(directories[0]); n++)
		move_dir(&h->moves, "%s", directories[n]);
	move_text(&h->moves, "1\n", "sys/bus/pci/drivers_autoprobe");
	move_text(&h->moves, "", "sys/bus/pci/uevent");
	move_text(&h->moves, "", "dev/vfio/vfio");
	move_text(&h->moves, "", "modules/modules.alias");
	return h->moves.error;
}

/* Where the address is or belongs. */
static size_t function_list_place(const struct function_list *list, const struct pci_addr *addr)
{
	size_t low = 0, high = list->count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (pci_addr_compare(&list->items[middle]->addr, addr) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool function_list_has_at(const struct function_list *list, size_t place,
				 const struct pci_addr *addr)
{
	return place < list->count && pci_addr_compare(&list->items[place]->addr, addr) == 0;
}

int function_list_insert(struct function_list *list, struct function *f)
{
	size_t room = list->room ? list->room * 2 : 64, place;
	struct function **items;

	if (list->count == list->room) {
		items = realloc(list->items, room * sizeof(*items));
		if (!items)
			return -ENOMEM;
		list->items = items;
		list->room = room;
	}
	place = function_list_place(list, &f->addr);
	memmove(list->items + place + 1, list->items + place,
		(list->count - place) * sizeof(*list->items));
	list->items[place] = f;
	list->count++;
	return 0;
}

struct function *function_list_find(const struct function_list *list, const struct pci_addr *addr)
{
	size_t place = function_list_place(list, addr);

	return function_list_has_at(list, place, addr) ? list->items[place] : NULL;
}

struct function *function_list_take(struct function_list *list, const struct pci_addr *addr)
{
	size_t place = function_list_place(list, addr);
	struct function *f;

	if (!function_list_has_at(list, place, addr))
		return NULL;
	f = list->items[place];
	list->count--;
	memmove(list->items + place, list->items + place + 1,
		(list->count - place) * sizeof(*list->items));
	return f;
}

struct function *host_find(const struct host *h, const struct pci_addr *addr)
{
	return function_list_find(&h->functions, addr);
}

struct driver *host_find_driver(const struct host *h, const char *name)
{
	for (size_t n = 0; n < h->n_drivers; n++)
		if (strcmp(h->drivers[n]->name, name) == 0)
			return h->drivers[n];
	return NULL;
}

bool host_matches(const struct function *f, const struct driver *d)
{
	if (!d->loaded)
		return false;
	/* With an override every driver of that name matches, whatever its ids. */
	if (f->override[0])
		return strcmp(f->override, d->name) == 0;
	/* The ids of the generic driver and of variants count only with an override. */
	if (d->keys.vfio == VFIO_GENERIC || d->keys.vfio == VFIO_VARIANT)
		return false;
	for (size_t n = 0; n < d->keys.n_ids; n++)
		if (d->keys.ids[n].vendor == f->keys.id.vendor &&
		    d->keys.ids[n].product == f->keys.id.product)
			return true;
	return false;
}

struct driver *host_match(const struct host *h, const struct function *f)
{
	for (size_t n = 0; n < h->n_drivers; n++)
		if (host_matches(f, h->drivers[n]))
			return h->drivers[n];
	return NULL;
}
