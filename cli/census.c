/* SPDX-License-Identifier: Apache-2.0 */
#include "census.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "vfmon/cleanup.h"
#include "vfmon/keys.h"
#include "writer.h"

/* So many functions are named, the rest is a number. */
#define BAD_SHOWN 3

static struct census_entry *entry_free(struct census_entry *e)
{
	if (e) {
		free(e->class);
		free(e->note);
	}
	free(e);
	return NULL;
}

DEFINE_CLEANUP(struct census_entry *, entry_free);

void census_clear(struct census *c)
{
	for (size_t i = 0; i < c->entries.count; i++)
		entry_free(c->entries.items[i]);
	c->entries.count = 0;
}

void census_done(struct census *c)
{
	census_clear(c);
	addr_table_done(&c->entries);
	*c = (struct census){ 0 };
}

static int copy_text(const char *text, char **ret)
{
	*ret = text ? strdup(text) : NULL;
	return text && !*ret ? -ENOMEM : 0;
}

static int copy_note(const struct value *device, char **ret)
{
	cleanup_(writer_done) struct writer w = { 0 };

	if (!device_worst_reason(device))
		return 0;
	if (writer_open(&w) < 0)
		return -ENOMEM;
	device_print_reason(device, w.out);
	if (writer_close(&w) < 0)
		return -ENOMEM;
	return copy_text(w.text, ret);
}

static int entry_new(const struct value *device, int64_t sequence, struct census_entry **ret)
{
	cleanup_(entry_freep) struct census_entry *e = calloc(1, sizeof(*e));
	const char *address = value_text(device, KEY_ADDRESS);
	const char *kind = device_text(device, VF_FIELD_KIND);
	int readiness = vf_readiness_from_name(device_readiness(device));

	if (!e)
		return -ENOMEM;
	if (!address || pci_addr_parse(address, &e->addr) < 0)
		return -EBADMSG;
	e->sequence = sequence;
	e->kind = kind ? vf_kind_from_name(kind) : -1;
	e->readiness = readiness < 0 ? VF_READINESS_UNKNOWN : (enum vf_readiness)readiness;
	if (copy_text(device_text(device, VF_FIELD_RESOURCE_CLASS), &e->class) < 0 ||
	    copy_note(device, &e->note) < 0)
		return -ENOMEM;
	*ret = TAKE_PTR(e);
	return 0;
}

int census_put(struct census *c, const struct value *device, int64_t sequence)
{
	cleanup_(entry_freep) struct census_entry *e = NULL;
	const struct census_entry *old;
	int r = entry_new(device, sequence, &e);

	if (r < 0)
		return r;
	old = census_get(c, &e->addr);
	if (old && old->sequence > sequence)
		return 0;
	census_drop(c, &e->addr, sequence);
	r = addr_table_insert(&c->entries, e);
	if (r == 0)
		e = NULL;
	return r;
}

void census_drop(struct census *c, const struct pci_addr *addr, int64_t sequence)
{
	const struct census_entry *old = census_get(c, addr);

	if (old && old->sequence <= sequence)
		entry_free(addr_table_remove(&c->entries, addr));
}

const struct census_entry *census_get(const struct census *c, const struct pci_addr *addr)
{
	return addr_table_get(&c->entries, addr);
}

bool census_is_good(const struct census_entry *e, bool ready)
{
	return !ready || e->readiness == VF_READINESS_READY ||
	       e->readiness == VF_READINESS_DEGRADED;
}

static bool is_asked_for(const struct census_entry *e, const struct census_question *q)
{
	if (q->class && (!e->class || strcmp(e->class, q->class) != 0))
		return false;
	if (q->kinds && (e->kind < 0 || !(q->kinds & 1U << e->kind)))
		return false;
	return !q->tracked || e->readiness != VF_READINESS_UNTRACKED;
}

struct census_tally census_count(const struct census *c, const struct census_question *question)
{
	struct census_tally tally = { 0 };

	for (size_t i = 0; i < c->entries.count; i++) {
		const struct census_entry *e = c->entries.items[i];

		if (!is_asked_for(e, question))
			continue;
		tally.all++;
		tally.good += census_is_good(e, question->ready);
	}
	return tally;
}

void census_print_entry(const struct census_entry *e, FILE *out)
{
	fprintf(out, "%s", vf_readiness_name(e->readiness));
	if (e->note)
		fprintf(out, ": %s", e->note);
}

void census_print_bad(const struct census *c, const struct census_question *question, FILE *out)
{
	size_t found = 0;

	for (size_t i = 0; i < c->entries.count; i++) {
		const struct census_entry *e = c->entries.items[i];
		char addr[PCI_ADDR_TEXT_MAX];

		if (!is_asked_for(e, question) || census_is_good(e, question->ready) ||
		    found++ >= BAD_SHOWN)
			continue;
		fprintf(out, "%s%s ", found > 1 ? ", " : " (", pci_addr_format(&e->addr, addr));
		census_print_entry(e, out);
	}
	if (found > BAD_SHOWN)
		fprintf(out, " and %zu more", found - BAD_SHOWN);
	if (found)
		fprintf(out, ")");
}
