/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a vendor's driver tells in a directory of its own below a function: files in the grammar of
 * nova.conf say which directory, which attributes, and which values mean "not usable yet". One
 * section is one rule; its name is for people only.
 */
#ifndef VFMON_VENDOR_RULES_H
#define VFMON_VENDOR_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "vfmon/cleanup.h"
#include "vfmon/spec_error.h"

/* More of them in all files together, or in one rule, are refused: each costs at every read. */
#define VENDOR_RULES_MAX 16
#define VENDOR_ATTRIBUTES_MAX 16
#define VENDOR_NAME_MAX 64
/* Of a value only the first line is shown, and so much of it. */
#define VENDOR_VALUE_MAX 128
#define VENDOR_PROBLEM_MAX 256

/* While the attribute has this value, a guest can not be given the function. */
struct vendor_unusable {
	char name[VENDOR_NAME_MAX];
	char value[VENDOR_VALUE_MAX];
	char *why; /* owned; "no vGPU type is set" */
};

struct vendor_rule {
	char directory[VENDOR_NAME_MAX];
	char attributes[VENDOR_ATTRIBUTES_MAX][VENDOR_NAME_MAX]; /* sorted */
	size_t attribute_count;
	struct vendor_unusable unusable[VENDOR_ATTRIBUTES_MAX];
	size_t unusable_count;
};

struct vendor_rules;

/* No rules yet. Returns 0 or -ENOMEM. */
int vendor_rules_new(struct vendor_rules **ret);

/* Takes NULL. Returns NULL. */
struct vendor_rules *vendor_rules_free(struct vendor_rules *r);

/* The same rules once more, for another thread. Returns 0 or -ENOMEM. */
int vendor_rules_copy(const struct vendor_rules *r, struct vendor_rules **ret);

/*
 * Adds the rules of one file. Returns 0; -EINVAL with *ret_error filled, and nothing of the file is
 * added; or -ENOMEM, the same.
 */
int vendor_rules_add(struct vendor_rules *r, const char *bytes, size_t len,
		     struct spec_error *ret_error);

/* In the order in which they were added; the first one whose directory a function has counts. */
size_t vendor_rules_count(const struct vendor_rules *r);
const struct vendor_rule *vendor_rules_get(const struct vendor_rules *r, size_t index);

/* Makes an attribute's text a value: its first line, without what would break one, cut to fit. */
void vendor_rule_value(const char *text, char ret[static VENDOR_VALUE_MAX]);

/*
 * Whether a value means that the function can not be used; then buf says why: "current_vgpu_type is
 * 0: no vGPU type is set".
 */
bool vendor_rule_is_unusable(const struct vendor_rule *rule, const char *name, const char *value,
			     char buf[static VENDOR_PROBLEM_MAX]);

DEFINE_CLEANUP(struct vendor_rules *, vendor_rules_free);

#endif
