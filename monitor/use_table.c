/* SPDX-License-Identifier: Apache-2.0 */
#include "use_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void use_table_done(struct use_table *t)
{
	for (size_t i = 0; i < t->count; i++)
		free(t->items[i].text);
	free(t->items);
	*t = (struct use_table){ 0 };
}

int use_table_add(struct use_table *t, const struct pci_addr *addr, const char *text)
{
	struct use *grown;
	size_t room;
	char *copy;

	if (t->count == t->room) {
		room = t->room ? 2 * t->room : 16;
		grown = reallocarray(t->items, room, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		t->items = grown;
		t->room = room;
	}
	copy = strndup(text, USE_TEXT_MAX - 1);
	if (!copy)
		return -ENOMEM;
	t->items[t->count++] = (struct use){ *addr, copy };
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct use *x = a, *y = b;
	int r = pci_addr_compare(&x->addr, &y->addr);

	return r != 0 ? r : strcmp(x->text, y->text);
}

void use_table_sort(struct use_table *t)
{
	size_t kept = 0;

	if (t->count > 0)
		qsort(t->items, t->count, sizeof(*t->items), compare);
	for (size_t i = 0; i < t->count; i++) {
		if (kept > 0 && pci_addr_compare(&t->items[kept - 1].addr, &t->items[i].addr) == 0)
			free(t->items[i].text);
		else
			t->items[kept++] = t->items[i];
	}
	t->count = kept;
}

static int compare_addr(const void *key, const void *item)
{
	return pci_addr_compare(key, &((const struct use *)item)->addr);
}

const char *use_table_get(const struct use_table *t, const struct pci_addr *addr)
{
	const struct use *use;

	if (t->count == 0)
		return NULL;
	use = bsearch(addr, t->items, t->count, sizeof(*t->items), compare_addr);
	return use ? use->text : NULL;
}

void use_table_compare(const struct use_table *a, const struct use_table *b, use_table_fn fn,
		       void *arg)
{
	size_t i = 0, j = 0;

	while (i < a->count || j < b->count) {
		int r = i == a->count	? 1
			: j == b->count ? -1
					: pci_addr_compare(&a->items[i].addr, &b->items[j].addr);

		if (r < 0)
			fn(&a->items[i++].addr, arg);
		else if (r > 0)
			fn(&b->items[j++].addr, arg);
		else if (strcmp(a->items[i++].text, b->items[j++].text) != 0)
			fn(&a->items[i - 1].addr, arg);
	}
}
