/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/addr_table.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static int compare_at(const struct addr_table *t, size_t pos, const struct pci_addr *addr)
{
	const struct pci_addr *first_member = t->items[pos];

	return pci_addr_compare(first_member, addr);
}

void addr_table_done(struct addr_table *t)
{
	free(t->items);
	*t = (struct addr_table){ 0 };
}

size_t addr_table_lower_bound(const struct addr_table *t, const struct pci_addr *addr)
{
	size_t low = 0, high = t->count;

	/* A scan comes in order: the place behind the last one is the usual one. */
	if (high > 0 && compare_at(t, high - 1, addr) < 0)
		return high;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_at(t, middle, addr) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void *addr_table_get(const struct addr_table *t, const struct pci_addr *addr)
{
	size_t pos = addr_table_lower_bound(t, addr);

	return pos < t->count && compare_at(t, pos, addr) == 0 ? t->items[pos] : NULL;
}

void *addr_table_next(const struct addr_table *t, const struct pci_addr *after)
{
	size_t hint = 0;

	return addr_table_next_near(t, after, &hint);
}

void *addr_table_next_near(const struct addr_table *t, const struct pci_addr *after, size_t *hint)
{
	size_t pos = 0;

	if (after) {
		bool is_right = *hint < t->count && compare_at(t, *hint, after) == 0;

		pos = is_right ? *hint : addr_table_lower_bound(t, after);
		if (pos < t->count && compare_at(t, pos, after) == 0)
			pos++;
	}
	*hint = pos;
	return pos < t->count ? t->items[pos] : NULL;
}

int addr_table_insert(struct addr_table *t, void *item)
{
	size_t pos = addr_table_lower_bound(t, item);

	if (t->count == t->size) {
		size_t size = t->size ? t->size * 2 : 64;
		void **items = reallocarray(t->items, size, sizeof(*items));

		if (!items)
			return -ENOMEM;
		t->items = items;
		t->size = size;
	}
	memmove(t->items + pos + 1, t->items + pos, (t->count - pos) * sizeof(*t->items));
	t->items[pos] = item;
	t->count++;
	return 0;
}

void *addr_table_remove(struct addr_table *t, const struct pci_addr *addr)
{
	size_t pos = addr_table_lower_bound(t, addr);
	void *item;

	if (pos == t->count || compare_at(t, pos, addr) != 0)
		return NULL;
	item = t->items[pos];
	t->count--;
	memmove(t->items + pos, t->items + pos + 1, (t->count - pos) * sizeof(*t->items));
	return item;
}
