/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/dirty.h"

#include <errno.h>
#include <stdlib.h>

#include "vfmon/addr_table.h"

struct node {
	struct dirty_entry entry; /* its address is the first member: see addr_table.h */
	uint64_t due_usec;
	uint64_t order; /* of the marking, so that equal times keep it */
	size_t heap_pos;
};

/* The same nodes twice: by address to be found, and as a binary heap by time. */
struct dirty {
	struct addr_table by_addr;
	struct node **heap;
	size_t heap_size;
	uint64_t next_order;
};

int dirty_new(struct dirty **ret)
{
	struct dirty *d = calloc(1, sizeof(*d));

	if (!d)
		return -ENOMEM;
	*ret = d;
	return 0;
}

struct dirty *dirty_free(struct dirty *d)
{
	if (!d)
		return NULL;
	for (size_t i = 0; i < d->by_addr.count; i++)
		free(d->by_addr.items[i]);
	addr_table_done(&d->by_addr);
	free(d->heap);
	free(d);
	return NULL;
}

static int is_earlier(const struct node *a, const struct node *b)
{
	return a->due_usec != b->due_usec ? a->due_usec < b->due_usec : a->order < b->order;
}

static void heap_put(struct dirty *d, size_t pos, struct node *n)
{
	d->heap[pos] = n;
	n->heap_pos = pos;
}

static void heap_up(struct dirty *d, struct node *n)
{
	size_t pos = n->heap_pos;

	for (; pos > 0 && is_earlier(n, d->heap[(pos - 1) / 2]); pos = (pos - 1) / 2)
		heap_put(d, pos, d->heap[(pos - 1) / 2]);
	heap_put(d, pos, n);
}

static void heap_down(struct dirty *d, struct node *n, size_t count)
{
	size_t pos = 0;

	for (size_t child = 1; child < count; child = 2 * pos + 1) {
		if (child + 1 < count && is_earlier(d->heap[child + 1], d->heap[child]))
			child++;
		if (!is_earlier(d->heap[child], n))
			break;
		heap_put(d, pos, d->heap[child]);
		pos = child;
	}
	heap_put(d, pos, n);
}

static int grow_heap(struct dirty *d)
{
	size_t size = d->heap_size ? d->heap_size * 2 : 64;
	struct node **heap;

	if (d->by_addr.count < d->heap_size)
		return 0;
	heap = reallocarray(d->heap, size, sizeof(struct node *));
	if (!heap)
		return -ENOMEM;
	d->heap = heap;
	d->heap_size = size;
	return 0;
}

static void merge(struct dirty_entry *into, const struct dirty_entry *from)
{
	uint32_t evidence = into->hint.evidence;

	if (from->what == DIRTY_FUNCTION)
		into->what = DIRTY_FUNCTION;
	if (from->hint.evidence & (EVIDENCE_BOUND | EVIDENCE_UNBOUND))
		evidence &= ~(uint32_t)(EVIDENCE_BOUND | EVIDENCE_UNBOUND);
	if (from->hint.cause.source != CAUSE_TIMER)
		into->hint.cause = from->hint.cause;
	into->hint.evidence = evidence | from->hint.evidence;
}

static int insert(struct dirty *d, const struct dirty_entry *entry, uint64_t due_usec)
{
	struct node *n;

	if (grow_heap(d) < 0)
		return -ENOMEM;
	n = malloc(sizeof(*n));
	if (!n)
		return -ENOMEM;
	*n = (struct node){ .entry = *entry, .due_usec = due_usec, .order = d->next_order++ };
	n->heap_pos = d->by_addr.count;
	if (addr_table_insert(&d->by_addr, n) < 0) {
		free(n);
		return -ENOMEM;
	}
	heap_up(d, n);
	return 0;
}

int dirty_mark(struct dirty *d, const struct dirty_entry *entry, uint64_t due_usec)
{
	struct node *n = addr_table_get(&d->by_addr, &entry->addr);

	if (!n)
		return insert(d, entry, due_usec);
	merge(&n->entry, entry);
	if (due_usec < n->due_usec) {
		n->due_usec = due_usec;
		n->order = d->next_order++;
		heap_up(d, n);
	}
	return 0;
}

static void remove_first(struct dirty *d)
{
	struct node *first = d->heap[0], *last = d->heap[d->by_addr.count - 1];

	addr_table_remove(&d->by_addr, &first->entry.addr);
	if (last != first)
		heap_down(d, last, d->by_addr.count);
	free(first);
}

size_t dirty_take(struct dirty *d, uint64_t now_usec, struct dirty_entry *ret, size_t max)
{
	size_t n = 0;

	while (n < max && d->by_addr.count > 0 && d->heap[0]->due_usec <= now_usec) {
		ret[n++] = d->heap[0]->entry;
		remove_first(d);
	}
	return n;
}

uint64_t dirty_next_usec(const struct dirty *d)
{
	return d->by_addr.count > 0 ? d->heap[0]->due_usec : UINT64_MAX;
}

size_t dirty_count(const struct dirty *d)
{
	return d->by_addr.count;
}

bool dirty_has(const struct dirty *d, const struct pci_addr *addr)
{
	return addr_table_get(&d->by_addr, addr) != NULL;
}
