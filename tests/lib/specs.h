/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of device_spec and functions to ask about, for tests; what must work fails the test. */
#ifndef TESTS_SPECS_H
#define TESTS_SPECS_H

#include <stdbool.h>
#include <stddef.h>

#include "vfmon/cleanup.h"
#include "vfmon/device_spec.h"

DEFINE_CLEANUP(struct device_specs *, device_specs_free);
DEFINE_CLEANUP(struct spec_match *, spec_match_unref);

/*
 * Function 0 of each device can have VFs; eth0 is the interface of 0000:25:00.0, eth4 that of its VF
 * 0000:25:00.4.
 */
extern const struct spec_host specs_host;

struct device_specs *specs_new(void);

struct device_specs *specs_new_for(const struct spec_rules *rules);

/* Adds one value that stands in line 3 of nova.conf, from column 15. As device_specs_add(). */
int specs_add(struct device_specs *specs, const char *text, struct spec_error *error);

/* The same for a value that must be taken. */
void specs_add_good(struct device_specs *specs, const char *text);

/*
 * A function 10de:25b6: function 0 is a PF, any other one is its VF and has the same product, as
 * NVIDIA's boards do.
 */
struct spec_subject specs_subject(const char *address);

/* What the entries say of it, with a reference for the caller; NULL: nothing. */
struct spec_match *specs_match(struct device_specs *specs, const char *address);

/* An entry, and whether it takes a function. */
struct specs_take {
	const char *entry;
	const char *address;
	bool takes;
};

void specs_check_takes(const struct specs_take *rows, size_t count);

/* An entry that is refused, the column in line 3, and a piece of the reason. */
struct specs_refusal {
	const char *entry;
	unsigned int column;
	const char *reason;
	const char *nova_class;
};

/* Whether one entry takes it. */
bool specs_take(const struct spec_rules *rules, const char *entry,
		const struct spec_subject *subject);

void specs_check_refused(const struct specs_refusal *rows, size_t count);

#endif
