/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nova's [pci] device_spec: which entry takes a function, and what it says of it. Follows
 * nova/pci/devspec.py and nova/pci/whitelist.py of Nova 31.0.0.
 */
#ifndef VFMON_DEVICE_SPEC_H
#define VFMON_DEVICE_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vfmon/pci_addr.h"
#include "vfmon/spec_error.h"

struct device_specs;

struct spec_tag {
	const char *name;
	const char *value; /* a value that is no string as its JSON text */
};

/*
 * What the entry that takes a function says of it. Shared by all functions with the same ids that
 * the entry takes; counted, never changed; lives longer than the configuration it came from.
 */
struct spec_match {
	unsigned int refs;
	unsigned int index; /* number of the entry, from 0, in Nova's order */
	unsigned int line;  /* first line of the value, from 1 */
	const char *file;
	bool managed;		    /* as the entry says; true where it does not */
	bool managed_effective;	    /* as the guest's XML will say */
	const char *resource_class; /* normalised; the default from the ids where none is given */
	const char *const *traits;  /* normalised, sorted, without those that Nova adds */
	size_t trait_count;
	const struct spec_tag *tags; /* all but vendor_id, product_id, address and devname */
	size_t tag_count;
};

/* One more reference; takes NULL. Returns match. */
struct spec_match *spec_match_ref(struct spec_match *match);

/* Gives a reference back, the last one frees; takes NULL. Returns NULL. */
struct spec_match *spec_match_unref(struct spec_match *match);

/* Whether two matches say the same of a function; takes NULL. */
bool spec_match_equal(const struct spec_match *a, const struct spec_match *b);

/* One occurrence of the option. */
struct spec_value {
	const char *file;
	unsigned int line;   /* of its first character */
	unsigned int column; /* the same */
	const char *text;    /* continuation lines joined by a newline */
	size_t len;
	/* Column of each line of text, as in struct nova_conf_value; NULL: column, then all 1. */
	const unsigned int *columns;
};

/* An empty list. Returns 0 or -ENOMEM. */
int device_specs_new(struct device_specs **ret);

/* Takes NULL. Returns NULL. */
struct device_specs *device_specs_free(struct device_specs *specs);

/*
 * Adds the entries of one value behind those that are there. Returns 0, -ENOMEM, or -EINVAL with
 * *ret_error filled and the list as it was: Nova refuses to start with such a value.
 */
int device_specs_add(struct device_specs *specs, const struct spec_value *value,
		     struct spec_error *ret_error);

size_t device_specs_count(const struct device_specs *specs);

/* What matching needs to know of a function. */
struct spec_subject {
	struct pci_addr addr;
	uint16_t vendor_id;
	uint16_t product_id;
	bool has_parent; /* a VF: parent is its PF */
	struct pci_addr parent;
};

/*
 * What the first entry that takes the function says of it, with a reference for the caller; NULL if
 * none does. Returns 0 or -ENOMEM.
 */
int device_specs_match(struct device_specs *specs, const struct spec_subject *subject,
		       struct spec_match **ret);

#endif
