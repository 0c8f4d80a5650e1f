/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of a host as far as a condition looks at them, kept up with what comes in. */
#ifndef VFMON_CLI_CENSUS_H
#define VFMON_CLI_CENSUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "vfmon/addr_table.h"
#include "vfmon/pci_addr.h"
#include "vfmon/value.h"
#include "vfmon/vf.h"

struct census_entry {
	struct pci_addr addr; /* first, for the table */
	int64_t sequence;
	int kind; /* enum vf_kind; -1: one that this program does not know */
	enum vf_readiness readiness;
	char *class; /* NULL: none */
	char *note;  /* why it is not ready, in a few words; NULL: nothing to say */
};

/* All zero is empty. */
struct census {
	struct addr_table entries; /* of struct census_entry, owned */
};

/* What is asked for. */
struct census_question {
	const char *class;  /* NULL: any */
	unsigned int kinds; /* one bit for each enum vf_kind; 0: any */
	bool tracked;	    /* only those that a device_spec takes */
	bool ready;	    /* good is what is ready or degraded; else what is there */
};

struct census_tally {
	size_t all; /* that the question is about */
	size_t good;
};

void census_clear(struct census *c);

/* Frees what is in it; it is empty then. */
void census_done(struct census *c);

/*
 * A Device as it is at a sequence number; one that is older than what is known is dropped. Returns
 * 0, -EBADMSG for what is no Device, or -ENOMEM.
 */
int census_put(struct census *c, const struct value *device, int64_t sequence);

/* It is gone. Without effect if something newer is known. */
void census_drop(struct census *c, const struct pci_addr *addr, int64_t sequence);

/* NULL if it is not there. Borrowed. */
const struct census_entry *census_get(const struct census *c, const struct pci_addr *addr);

bool census_is_good(const struct census_entry *e, bool ready);

struct census_tally census_count(const struct census *c, const struct census_question *question);

/* Writes "blocked: it has no driver". */
void census_print_entry(const struct census_entry *e, FILE *out);

/* Writes " (ADDRESS why, ADDRESS why and 2 more)" about those that are not good; nothing if none. */
void census_print_bad(const struct census *c, const struct census_question *question, FILE *out);

#endif
