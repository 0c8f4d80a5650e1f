/* SPDX-License-Identifier: Apache-2.0 */
/* Long output page by page, where standard output is a terminal. */
#ifndef VFMON_CLI_PAGER_H
#define VFMON_CLI_PAGER_H

#include <sys/types.h>

#include "options.h"

/*
 * Starts $PAGER, or less, behind standard output. Returns its process for pager_finish(), or 0 if
 * none is wanted (no terminal, --no-pager) or none can be had: then the output goes where it went.
 */
pid_t pager_start(const struct options *o);

/* Lets the pager show the rest and waits until the person leaves it; nothing for 0. */
void pager_finish(pid_t pager);

#endif
