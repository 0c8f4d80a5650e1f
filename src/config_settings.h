/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of [vfmond] that have one value; a part of config. */
#ifndef CONFIG_SETTINGS_H
#define CONFIG_SETTINGS_H

#include <stdbool.h>

struct config;
struct nova_conf_value;

/* The file that is being read. */
struct config_reading {
	struct config *config;
	const char *path;
	const struct nova_conf_value *value; /* the present one */
};

/* Something at the present value, or at its name, is wrong; the rest goes on. */
void config_complain(const struct config_reading *r, unsigned int column, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

void config_set_defaults(struct config *config);

/* Puts the present value into force, or says why not. Returns false: it is another key's. */
bool config_take_setting(const struct config_reading *r);

#endif
