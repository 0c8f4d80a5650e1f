/* SPDX-License-Identifier: Apache-2.0 */
/* One entry of device_spec; a part of device_spec. */
#ifndef DEVICE_SPEC_ENTRY_H
#define DEVICE_SPEC_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vfmon/cleanup.h"
#include "vfmon/pyjson.h"
#include "vfmon/pytext.h"

struct arena;
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
};

/* What is wrong in a value; the offset is that of the value's text. */
struct spec_fault {
	size_t offset;
	char reason[256];
};

/* What is left of an entry once it is parsed; counted, never changed. */
struct spec_entry {
	unsigned int refs;
	struct arena *arena; /* of all below */
	int32_t vendor_id;
	int32_t product_id;
	struct spec_address address;
	bool managed;
	bool managed_effective;
	const char *resource_class; /* NULL: the default of the ids */
	const char **traits;
	size_t trait_count;
	struct spec_tag *tags;
	size_t tag_count;
};

/* Fills *fault and returns -EINVAL. */
int spec_fault_set(struct spec_fault *fault, size_t offset, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* A field that may be "*" or a number up to max; property is its name in messages. */
struct spec_field {
	const char *property;
	int32_t max;
	size_t offset;
};

/* Returns 0 or -EINVAL. */
int spec_field_parse(const struct spec_field *field, struct pytext text, struct spec_fault *fault,
		     int32_t *ret);

/* The address of an entry, NULL for none. Returns 0 or -EINVAL. */
int spec_address_parse(const struct pyjson *value, struct spec_fault *fault,
		       struct spec_address *ret);

/* Returns 0, -EINVAL with *fault filled, or -ENOMEM. */
int spec_entry_parse(const struct pyjson *object, struct spec_fault *fault,
		     struct spec_entry **ret);

/* Whether the entry takes a function. */
bool spec_entry_takes(const struct spec_entry *entry, const struct spec_subject *subject);

struct spec_entry *spec_entry_ref(struct spec_entry *entry);

/* Takes NULL. Returns NULL. */
struct spec_entry *spec_entry_unref(struct spec_entry *entry);

DEFINE_CLEANUP(struct spec_entry *, spec_entry_unref);

#endif
