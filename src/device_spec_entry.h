/* SPDX-License-Identifier: Apache-2.0 */
/* One entry of device_spec; a part of device_spec. */
#ifndef DEVICE_SPEC_ENTRY_H
#define DEVICE_SPEC_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spec_fault.h"
#include "vfmon/cleanup.h"
#include "vfmon/pci_addr.h"
#include "vfmon/pyjson.h"
#include "vfmon/pytext.h"

struct arena;
struct spec_host;
struct spec_patterns;
struct spec_rules;
struct spec_subject;
struct spec_tag;

/* What a field is when it is no number. */
enum {
	SPEC_ANY = -1,
	SPEC_NEVER = -2 /* a negative number: Nova takes it, and it equals nothing */
};

struct spec_address {
	int32_t domain;
	int32_t bus;
	int32_t slot;
	int32_t func;
	struct spec_patterns *patterns; /* the form with regular expressions; NULL: the other */
	/* If all fields are hexadecimal digits: the name that Nova looks for in sysfs; else NULL. */
	const char *name;
};

/* What is left of an entry once it is parsed; counted, never changed. */
struct spec_entry {
	unsigned int refs;
	struct arena *arena; /* of all below */
	int32_t vendor_id;
	int32_t product_id;
	struct spec_address address;
	const char *devname; /* NULL: none, then address counts */
	bool remote_managed;
	const char *remote_managed_text; /* the tag as it was written; NULL: none */
	bool remote_managed_is_text;
	bool managed;
	bool managed_is_set;
	bool managed_effective;
	const char *physical_network; /* as text; NULL: none or null */
	bool has_physical_network;    /* a true one */
	bool has_resource_class;
	bool resource_class_is_text;
	bool traits_are_text;
	bool has_structured_tag;
	const char *resource_class; /* NULL: the default of the ids */
	const char **traits;
	size_t trait_count;
	struct spec_tag *tags;
	size_t tag_count;
};

/* A field that may be "*" or a number up to max; property is its name in messages. */
struct spec_field {
	const char *property;
	int32_t max;
	size_t offset;
};

/* Returns 0 or -EINVAL. */
int spec_field_parse(const struct spec_field *field, struct pytext text, struct spec_fault *fault,
		     int32_t *ret);

/* Whether a field takes a value. */
bool spec_field_takes(int32_t field, uint32_t value);

/* Any address. */
void spec_address_init(struct spec_address *a);

/* The address of an entry, NULL for none. Returns 0, -EINVAL or -ENOMEM. */
int spec_address_parse(struct arena *arena, const struct pyjson *value, struct spec_fault *fault,
		       struct spec_address *ret);

/* Whether it takes this one address. */
bool spec_address_takes(const struct spec_address *a, const struct pci_addr *addr);

/* Whether nothing is asked. */
bool spec_address_is_any(const struct spec_address *a);

bool spec_address_equal(const struct spec_address *a, const struct spec_address *b);

/* Frees what is not the arena's. */
void spec_address_done(struct spec_address *a);

/*
 * The four patterns of an address with regular expressions. Returns 0, -EINVAL with *fault filled, or
 * -ENOMEM; spec_patterns_free() frees, takes NULL, returns NULL.
 */
int spec_patterns_parse(const struct pyjson *object, struct spec_fault *fault,
			struct spec_patterns **ret);
struct spec_patterns *spec_patterns_free(struct spec_patterns *patterns);

bool spec_patterns_take(struct spec_patterns *patterns, const struct pci_addr *addr);
bool spec_patterns_are_any(const struct spec_patterns *patterns);
bool spec_patterns_equal(const struct spec_patterns *a, const struct spec_patterns *b);

/* As spec_address.name. The caller frees *ret, which may be NULL. Returns 0 or -ENOMEM. */
int spec_patterns_name(const struct spec_patterns *patterns, char **ret);

/* Returns 0, -EINVAL with *fault filled, or -ENOMEM. */
int spec_entry_parse(const struct spec_rules *rules, const struct pyjson *object,
		     struct spec_fault *fault, struct spec_entry **ret);

/* Whether the entry takes a function, and whether it does but for a missing card serial number. */
bool spec_entry_takes(const struct spec_entry *entry, const struct spec_host *host,
		      const struct spec_subject *subject);
bool spec_entry_fits(const struct spec_entry *entry, const struct spec_host *host,
		     const struct spec_subject *subject);

/* Whether this entry makes Nova refuse to start on the host: as device_specs_refused(). */
const char *spec_entry_refused(const struct spec_entry *entry, const struct spec_host *host,
			       const char **ret_class);

struct spec_entry *spec_entry_ref(struct spec_entry *entry);

/* Takes NULL. Returns NULL. */
struct spec_entry *spec_entry_unref(struct spec_entry *entry);

DEFINE_CLEANUP(struct spec_entry *, spec_entry_unref);
DEFINE_CLEANUP(struct spec_patterns *, spec_patterns_free);

#endif
