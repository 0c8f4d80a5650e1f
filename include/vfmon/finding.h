/* SPDX-License-Identifier: Apache-2.0 */
/* What is to be known about the configuration: the Finding of the interface, and lists of them. */
#ifndef VFMON_FINDING_H
#define VFMON_FINDING_H

#include <stdbool.h>
#include <stddef.h>

#include "vfmon/pci_addr.h"

enum finding_level {
	FINDING_REFUSED,    /* Nova does not start */
	FINDING_WRONG,	    /* it starts, and ignores the value or something breaks */
	FINDING_SUSPICIOUS, /* legal, and probably not what was meant */
	FINDING_LEVEL_COUNT
};

/* Enum name, code on the wire. */
#define FINDING_CODES(X)                                                                           \
	X(FILE_ERROR, "file_error")                                                                \
	X(SYNTAX_ERROR, "syntax_error")                                                            \
	X(VALUE_ERROR, "value_error")                                                              \
	X(DUPLICATE_SPEC, "duplicate_spec")                                                        \
	X(SHADOWED_SPEC, "shadowed_spec")                                                          \
	X(SPEC_MATCHES_NOTHING, "spec_matches_nothing")                                            \
	X(UNKNOWN_KEY, "unknown_key")                                                              \
	X(MATCHES_EVERYTHING, "matches_everything")                                                \
	X(INVALID_RESOURCE_CLASS, "invalid_resource_class")                                        \
	X(INVALID_TRAIT, "invalid_trait")                                                          \
	X(PF_AND_VF, "pf_and_vf")                                                                  \
	X(MIXED_RESOURCE_CLASSES, "mixed_resource_classes")                                        \
	X(MIXED_TRAITS, "mixed_traits")                                                            \
	X(MIXED_MANAGED, "mixed_managed")                                                          \
	X(MIXED_TAGS, "mixed_tags")                                                                \
	X(DEVNAME_PITFALL, "devname_pitfall")                                                      \
	X(REMOTE_MANAGED_PITFALL, "remote_managed_pitfall")                                        \
	X(MANAGED_IGNORED_FOR_NETWORK, "managed_ignored_for_network")                              \
	X(ALIAS_MATCHES_NOTHING, "alias_matches_nothing")                                          \
	X(ALIAS_CAPABILITY_TYPE, "alias_capability_type")                                          \
	X(MIXED_OPTION_NAMES, "mixed_option_names")                                                \
	X(LIVE_MIGRATABLE_NEEDS, "live_migratable_needs")                                          \
	X(MDEV_TYPES_AND_SPECS, "mdev_types_and_specs")                                            \
	X(OWN_SPECS_IGNORED, "own_specs_ignored")                                                  \
	X(SOURCE_BLIND, "source_blind")

enum finding_code {
#define FINDING_CODE_ENUM(name, text) FINDING_##name,
	FINDING_CODES(FINDING_CODE_ENUM)
#undef FINDING_CODE_ENUM
		FINDING_CODE_COUNT
};

struct finding {
	enum finding_level level;
	enum finding_code code;
	char *message;	     /* a sentence; it never quotes a line that may hold a secret */
	char *remedy;	     /* what to do; NULL: nothing can be said */
	char *file;	     /* NULL: about no file */
	unsigned int line;   /* from 1; 0: none */
	unsigned int column; /* from 1, in characters; 0: none */
	int spec_index;	     /* as spec_match.index; -1: none */
	struct pci_addr *devices;
	size_t device_count;
	size_t order; /* among those that are alike to findings_sort() */
};

/* All zero is an empty list. */
struct findings {
	struct finding *items;
	size_t count;
};

/* Where a finding is. All texts are borrowed. */
struct finding_place {
	const char *file; /* NULL: about no file */
	unsigned int line;
	unsigned int column;
	int spec_index; /* -1: none */
};

/* What a finding is, and what to do about it; remedy is borrowed and may be NULL. */
struct finding_kind {
	enum finding_level level;
	enum finding_code code;
	const char *remedy;
};

/* Appends a finding with copies of its texts. Returns 0 or -ENOMEM, with the list as it was. */
int findings_add(struct findings *list, const struct finding_kind *kind,
		 const struct finding_place *place, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Adds a function to the last finding of the list. Returns 0 or -ENOMEM. */
int findings_concern(struct findings *list, const struct pci_addr *addr);

/* Appends copies of all of another list. Returns 0 or -ENOMEM. */
int findings_copy(struct findings *list, const struct findings *other);

/* Sorts by level, file, line, column; stable. */
void findings_sort(struct findings *list);

/* Frees what is in it; it is empty then. */
void findings_done(struct findings *list);

/* Names on the wire. Borrowed, never NULL. */
const char *finding_level_name(enum finding_level level);
const char *finding_code_name(enum finding_code code);

#endif
