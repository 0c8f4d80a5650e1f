/* SPDX-License-Identifier: Apache-2.0 */
#include "opened.h"

#include <errno.h>
#include <stdlib.h>

/* After the event: libvirt and QEMU need some time from the group to the device. */
static const uint64_t after_usec[] = { 0, 200000, 1000000, 3000000 };
#define TIMES (sizeof(after_usec) / sizeof(after_usec[0]))

struct entry {
	struct pci_addr addr; /* first, see addr_table.h */
	uint64_t begun_usec;
	size_t next; /* of after_usec */
};

void opened_done(struct opened *o)
{
	for (size_t i = 0; i < o->all.count; i++)
		free(o->all.items[i]);
	addr_table_done(&o->all);
}

int opened_add(struct opened *o, const struct pci_addr *addr, uint64_t now_usec)
{
	struct entry *e = addr_table_get(&o->all, addr);

	if (!e) {
		e = calloc(1, sizeof(*e));
		if (!e)
			return -ENOMEM;
		e->addr = *addr;
		if (addr_table_insert(&o->all, e) < 0) {
			free(e);
			return -ENOMEM;
		}
	}
	e->begun_usec = now_usec;
	e->next = 0;
	return 0;
}

static uint64_t due_usec(const struct entry *e)
{
	return e->begun_usec + after_usec[e->next];
}

uint64_t opened_next_usec(const struct opened *o)
{
	uint64_t next = UINT64_MAX;

	for (size_t i = 0; i < o->all.count; i++)
		if (due_usec(o->all.items[i]) < next)
			next = due_usec(o->all.items[i]);
	return next;
}

void opened_each(struct opened *o, uint64_t now_usec, opened_fn fn, void *arg)
{
	for (size_t i = 0; i < o->all.count;) {
		struct entry *e = o->all.items[i];

		if (due_usec(e) > now_usec) {
			i++;
			continue;
		}
		fn(&e->addr, arg);
		do
			e->next++;
		while (e->next < TIMES && due_usec(e) <= now_usec);
		if (e->next < TIMES) {
			i++;
			continue;
		}
		(void)addr_table_remove(&o->all, &e->addr);
		free(e);
	}
}
