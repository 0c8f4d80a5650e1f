/* SPDX-License-Identifier: Apache-2.0 */
/* What the verb wait waits for: single demands, which all have to hold at the same time. */
#ifndef VFMON_CLI_DEMAND_H
#define VFMON_CLI_DEMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "census.h"
#include "vfmon/pci_addr.h"

enum demand_kind {
	DEMAND_ADDRESS, /* this function */
	DEMAND_CLASS,	/* so many of a resource class */
	DEMAND_ALIAS,	/* so many of what an alias can get */
	DEMAND_COUNT,	/* so many */
	DEMAND_EVERY	/* all that a device_spec takes, and at least one */
};

struct demand {
	enum demand_kind kind;
	struct pci_addr addr; /* DEMAND_ADDRESS */
	char *name;	      /* of class or alias, owned; else NULL */
	uint32_t count;
};

/* All zero is an empty list. */
struct demands {
	struct demand *items;
	size_t count;
};

void demands_done(struct demands *d);

/*
 * Adds one or several "NAME=COUNT" with commas between, of DEMAND_CLASS or DEMAND_ALIAS. Returns 0,
 * -ENOMEM, or -EINVAL: then it has written to err what is wrong.
 */
int demands_add_named(struct demands *d, enum demand_kind kind, const char *text, FILE *err);

/* Adds "COUNT", a number from 1. The same for the result. */
int demands_add_count(struct demands *d, const char *text, FILE *err);

/* Adds a copy of all of another list. Returns 0 or -ENOMEM. */
int demands_copy(struct demands *d, const struct demands *other);

/* Returns 0 or -ENOMEM. */
int demands_add_address(struct demands *d, const struct pci_addr *addr);
int demands_add_every(struct demands *d);

/* How far a demand is met. */
struct outcome {
	bool holds;
	size_t have;
	size_t want;
};

/*
 * What a demand comes to. An alias is judged by a census of what it can get, everything else by one
 * of the host. Of scope, kinds and ready are looked at; an address or an alias is of any kind.
 */
struct outcome demand_judge(const struct demand *d, const struct census *c,
			    const struct census_question *scope);

/* Writes how far it is, "CUSTOM_A16_16A 3 of 4 ready (0000:25:00.7 blocked: it has no driver)". */
void demand_print(const struct demand *d, const struct census *c,
		  const struct census_question *scope, FILE *out);

/* Its name for programs, "class". Borrowed, never NULL. */
const char *demand_kind_name(enum demand_kind kind);

#endif
