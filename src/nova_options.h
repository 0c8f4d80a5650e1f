/* SPDX-License-Identifier: Apache-2.0 */
/* The options of nova.conf that are looked at, under all their names; a part of nova_config. */
#ifndef NOVA_OPTIONS_H
#define NOVA_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "vfmon/nova_conf.h"
#include "vfmon/pytext.h"

enum nova_option {
	NOVA_DEVICE_SPEC,
	NOVA_ALIAS,
	NOVA_REPORT_IN_PLACEMENT,
	NOVA_PCI_IN_PLACEMENT,
	NOVA_VIRT_TYPE,
	NOVA_UPDATE_INTERVAL,
	NOVA_MDEV_TYPES,
	NOVA_OPTION_COUNT
};

/* One assignment of such an option. */
struct nova_assignment {
	enum nova_option option;
	unsigned int age; /* of the name: 0 is the present one, the oldest has the highest */
	size_t file;	  /* number of the file, in Nova's order */
	size_t index;	  /* of the assignment in it */
	const struct nova_conf_value *value;
};

/* Which option it is an assignment of: sets option and age. Returns false if of none. */
bool nova_option_find(const struct nova_conf_value *value, struct nova_assignment *ret);

/*
 * The option that a "$name" in a value of an option of that group means. Returns false if it is none
 * of those that are looked at, which Nova may know all the same.
 */
bool nova_option_resolve(enum nova_option user, struct pytext name, enum nova_option *ret);

/* The name of the option in that section which is written much alike; NULL: none is. */
const char *nova_option_like(const char *name);

/* Section and present name. Static. */
const char *nova_option_section(enum nova_option option);
const char *nova_option_name(enum nova_option option);

/* As oslo.config's types.Boolean: true, 1, on, yes, false, 0, off, no in any case. */
bool nova_option_boolean(struct pytext text, bool *ret);

#endif
