/* SPDX-License-Identifier: Apache-2.0 */
#include "watched.h"

#include <errno.h>
#include <stdlib.h>

void watched_done(struct watched_table *t)
{
	for (int kind = 0; kind < WATCHED_KINDS; kind++) {
		for (size_t i = 0; i < t->by_addr[kind].count; i++)
			free(t->by_addr[kind].items[i]);
		addr_table_done(&t->by_addr[kind]);
	}
}

static size_t bucket_of(int wd)
{
	return (unsigned int)wd % WATCHED_BUCKETS;
}

struct watched *watched_find(const struct watched_table *t, int wd)
{
	struct watched *w = t->by_wd[bucket_of(wd)];

	while (w && w->wd != wd)
		w = w->next;
	return w;
}

struct watched *watched_get(const struct watched_table *t, enum watched_kind kind,
			    const struct pci_addr *addr)
{
	return addr_table_get(&t->by_addr[kind], addr);
}

int watched_add(struct watched_table *t, const struct watched *w)
{
	struct watched **bucket = &t->by_wd[bucket_of(w->wd)];
	struct watched *copy = malloc(sizeof(*copy));

	if (!copy)
		return -ENOMEM;
	*copy = *w;
	if (addr_table_insert(&t->by_addr[w->kind], copy) < 0) {
		free(copy);
		return -ENOMEM;
	}
	copy->next = *bucket;
	*bucket = copy;
	return 0;
}

void watched_remove(struct watched_table *t, struct watched *w)
{
	struct watched **at = &t->by_wd[bucket_of(w->wd)];

	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	(void)addr_table_remove(&t->by_addr[w->kind], &w->addr);
	free(w);
}
