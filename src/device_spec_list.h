/* SPDX-License-Identifier: Apache-2.0 */
/* The list of entries and what it hands out; a part of device_spec. */
#ifndef DEVICE_SPEC_LIST_H
#define DEVICE_SPEC_LIST_H

#include <stddef.h>
#include <stdint.h>

#include "device_spec_entry.h"
#include "vfmon/cleanup.h"
#include "vfmon/device_spec.h"
#include "vfmon/resource_class.h"

/* A file's name, shared by the list and all matches. */
struct source {
	unsigned int refs;
	char name[];
};

/* A match with what its texts belong to. */
struct held_match {
	struct spec_match match; /* the first member: the one is made of the other by a cast */
	struct held_match *next; /* of the same entry */
	uint16_t vendor_id;
	uint16_t product_id;
	struct spec_entry *entry;
	struct source *source;
	char default_class[RESOURCE_CLASS_DEFAULT_MAX];
};

/* An entry in its place in the list. */
struct slot {
	struct spec_entry *entry;
	struct source *source;
	unsigned int line;	 /* of the value */
	unsigned int entry_line; /* of the entry itself */
	unsigned int entry_column;
	struct held_match *matches; /* those that were asked for */
};

struct device_specs {
	struct spec_rules rules;
	struct slot *slots;
	size_t count;
};

/* Of a source; source_new() has NULL for no memory. */
struct source *source_new(const char *name);
struct source *source_ref(struct source *source);
struct source *source_unref(struct source *source);

DEFINE_CLEANUP(struct source *, source_unref);

#endif
