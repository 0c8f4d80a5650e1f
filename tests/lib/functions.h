/* SPDX-License-Identifier: Apache-2.0 */
/* Functions that entries of device_spec were asked about, for tests of what follows from that. */
#ifndef TESTS_FUNCTIONS_H
#define TESTS_FUNCTIONS_H

#include <stddef.h>

#include "vfmon/nova_config.h"
#include "vfmon/policy.h"

struct vf;

#define FUNCTIONS_MAX 16

struct functions {
	struct nova_config config;
	struct policy policy;
	struct vf *items[FUNCTIONS_MAX];
	size_t count;
};

/* A host named compute-1 with this one value of device_spec, followed as this Nova does. */
void functions_init(struct functions *f, version_t nova, const char *value);
void functions_done(struct functions *f);

/*
 * Adds a function 8086:154c: function 0 of slot 0 is a PF, other ones of its bus are its VFs; a bus
 * above 7f has plain ones only. Returns it; it may be changed before functions_match().
 */
struct vf *functions_add(struct functions *f, const char *address);

/* Adds several, addresses with blanks between, and lets the entries take them. */
void functions_add_all(struct functions *f, const char *addresses);

/* Asks the entries again about all. */
void functions_match(struct functions *f);

/* The array in the form that the core's functions take. */
const struct vf *const *functions_list(const struct functions *f);

#endif
