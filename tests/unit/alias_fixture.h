/* SPDX-License-Identifier: Apache-2.0 */
/* Aliases for tests; what must work fails the test. */
#ifndef ALIAS_FIXTURE_H
#define ALIAS_FIXTURE_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/specs.h"
#include "vfmon/alias.h"
#include "vfmon/vf.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

DEFINE_CLEANUP(struct aliases *, aliases_free);

#define NOVA(x, y, z) (&(const struct alias_rules){ .nova = VERSION(x, y, z) })
#define NOVA_PLACED(x, y, z)                                                                       \
	(&(const struct alias_rules){ .nova = VERSION(x, y, z), .pci_in_placement = true })

static inline struct aliases *new_for(const struct alias_rules *rules)
{
	struct aliases *aliases = NULL;

	assert_int_equal(aliases_new(rules, &aliases), 0);
	return aliases;
}

/* The value stands in line 3 from column 9. */
static inline int add(struct aliases *aliases, const char *text, struct spec_error *error)
{
	const struct spec_value value = {
		.file = "nova.conf", .line = 3, .column = 9, .text = text, .len = strlen(text)
	};

	return aliases_add(aliases, &value, error);
}

static inline void add_good(struct aliases *aliases, const char *text)
{
	struct spec_error error;

	if (add(aliases, text, &error) != 0)
		fail_msg("%s: %u:%u %s", text, error.line, error.column, error.reason);
}

/* A function, its kind, and the entry that takes it (of the newest Nova). */
struct device {
	struct vf vf;
	struct device_specs *specs;
};

static inline void device_done(struct device *d)
{
	spec_match_unref(d->vf.spec);
	device_specs_free(d->specs);
}

static inline struct device device_of(enum vf_kind kind, const char *entry)
{
	static const struct spec_rules rules = { .nova = NOVA_NEWEST, .report_in_placement = true };
	struct device d = { .vf = { .kind = (uint8_t)kind,
				    .has_ids = true,
				    .vendor_id = 0x10de,
				    .product_id = 0x25b6,
				    .total_vfs = kind == VF_KIND_PF ? 4 : -1 },
			    .specs = specs_new_for(&rules) };
	struct spec_subject subject = { .vendor_id = 0x10de,
					.product_id = 0x25b6,
					.card_serial = "1" };

	if (!entry)
		return d;
	specs_add_good(d.specs, entry);
	assert_int_equal(device_specs_match(d.specs, NULL, &subject, &d.vf.spec), 0);
	assert_non_null(d.vf.spec);
	return d;
}

#endif
