/* SPDX-License-Identifier: Apache-2.0 */
#include "pending.h"

#include <errno.h>
#include <stdlib.h>

#define FIRST_SIZE 16

/* No entry. */
#define NONE UINT32_MAX

/* A hash table with chains; entries are named by their number, so that the array can move. */
struct pending {
	struct pending_entry *entries;
	uint32_t *buckets; /* as many as entries */
	uint32_t size;	   /* a power of two, or 0 */
	uint32_t count;
	uint32_t unused; /* first of the entries that are not in use */
	uint32_t oldest, newest;
};

static void reset(struct pending *p)
{
	*p = (struct pending){ .unused = NONE, .oldest = NONE, .newest = NONE };
}

int pending_new(struct pending **ret)
{
	struct pending *p = malloc(sizeof(*p));

	if (!p)
		return -ENOMEM;
	reset(p);
	*ret = p;
	return 0;
}

static void release(struct pending *p)
{
	for (uint32_t i = p->oldest; i != NONE; i = p->entries[i].newer)
		vf_unref(p->entries[i].previous);
	free(p->entries);
	free(p->buckets);
	reset(p);
}

struct pending *pending_free(struct pending *p)
{
	if (!p)
		return NULL;
	release(p);
	free(p);
	return NULL;
}

/* The functions of a card lie side by side: mixes so that each gets its own bucket. */
static uint32_t *bucket_of(const struct pending *p, const struct pci_addr *addr)
{
	uint64_t key = (uint64_t)addr->domain << 16 | (uint32_t)addr->bus << 8 |
		       (uint32_t)addr->slot << 3 | addr->func;

	return &p->buckets[(key * 0x9e3779b97f4a7c15ULL >> 32) & (p->size - 1)];
}

static uint32_t find(const struct pending *p, const struct pci_addr *addr)
{
	uint32_t i = p->size > 0 ? *bucket_of(p, addr) : NONE;

	while (i != NONE && pci_addr_compare(&p->entries[i].addr, addr) != 0)
		i = p->entries[i].chain;
	return i;
}

static void link_bucket(struct pending *p, uint32_t i)
{
	uint32_t *bucket = bucket_of(p, &p->entries[i].addr);

	p->entries[i].chain = *bucket;
	*bucket = i;
}

static void unlink_bucket(struct pending *p, uint32_t i)
{
	uint32_t *at = bucket_of(p, &p->entries[i].addr);

	while (*at != i)
		at = &p->entries[*at].chain;
	*at = p->entries[i].chain;
}

static void link_newest(struct pending *p, uint32_t i)
{
	p->entries[i].older = p->newest;
	p->entries[i].newer = NONE;
	if (p->newest != NONE)
		p->entries[p->newest].newer = i;
	else
		p->oldest = i;
	p->newest = i;
}

static void unlink_order(struct pending *p, uint32_t i)
{
	const struct pending_entry *e = &p->entries[i];

	if (e->older != NONE)
		p->entries[e->older].newer = e->newer;
	else
		p->oldest = e->newer;
	if (e->newer != NONE)
		p->entries[e->newer].older = e->older;
	else
		p->newest = e->older;
}

/* Doubles both arrays; called only when every entry is in use. */
static int grow(struct pending *p)
{
	uint32_t size = p->size ? p->size * 2 : FIRST_SIZE;
	struct pending_entry *entries;
	uint32_t *buckets;

	entries = reallocarray(p->entries, size, sizeof(*entries));
	if (!entries)
		return -ENOMEM;
	p->entries = entries;
	buckets = reallocarray(p->buckets, size, sizeof(*buckets));
	if (!buckets)
		return -ENOMEM;
	p->buckets = buckets;
	for (uint32_t i = size; i-- > p->size;) {
		entries[i].chain = p->unused;
		p->unused = i;
	}
	p->size = size;
	for (uint32_t i = 0; i < size; i++)
		buckets[i] = NONE;
	for (uint32_t i = p->oldest; i != NONE; i = entries[i].newer)
		link_bucket(p, i);
	return 0;
}

static int add_entry(struct pending *p, const struct change *change)
{
	uint32_t i;

	if (p->unused == NONE && grow(p) < 0)
		return -ENOMEM;
	i = p->unused;
	p->unused = p->entries[i].chain;
	p->entries[i] = (struct pending_entry){
		.addr = change->addr,
		.appeared = change->kind == CHANGE_APPEARED,
		.merged = 1,
		.fields = change->fields,
		.previous = vf_ref(change->previous),
	};
	link_bucket(p, i);
	link_newest(p, i);
	p->count++;
	return 0;
}

int pending_add(struct pending *p, const struct change *change)
{
	uint32_t i = find(p, &change->addr);
	struct pending_entry *e;

	if (i == NONE)
		return add_entry(p, change);
	e = &p->entries[i];
	e->appeared = e->appeared || change->kind == CHANGE_APPEARED;
	e->merged++;
	e->fields |= change->fields;
	e->previous = vf_unref(e->previous);
	unlink_order(p, i);
	link_newest(p, i);
	return 1;
}

bool pending_has(const struct pending *p, const struct pci_addr *addr)
{
	return find(p, addr) != NONE;
}

const struct pending_entry *pending_first(const struct pending *p)
{
	return p->oldest != NONE ? &p->entries[p->oldest] : NULL;
}

void pending_drop_first(struct pending *p)
{
	uint32_t i = p->oldest;

	if (i == NONE)
		return;
	unlink_bucket(p, i);
	unlink_order(p, i);
	vf_unref(p->entries[i].previous);
	p->entries[i].chain = p->unused;
	p->unused = i;
	if (--p->count == 0)
		release(p);
}

size_t pending_count(const struct pending *p)
{
	return p->count;
}
