/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration as the daemon uses it: read at the start, on a signal and when files change. */
#ifndef VFMOND_RELOAD_H
#define VFMOND_RELOAD_H

#include "vfmon/registry.h"

struct daemon;

/* Reads everything. Returns 0 or -ENOMEM. */
int reload_open(struct daemon *d);

/* From now on the loop hears of changes of Nova's files and of SIGHUP. Returns 0 or -ENOMEM. */
int reload_watch(struct daemon *d);

void reload_close(struct daemon *d);

/* What the registry decides by. */
struct registry_options reload_registry_options(const struct daemon *d);

/* Gives the settings to whoever is there to use them. */
void reload_apply(struct daemon *d);

#endif
