/* SPDX-License-Identifier: Apache-2.0 */
/* When a unit of systemd was started. */
#ifndef VFMON_CLI_UNIT_START_H
#define VFMON_CLI_UNIT_START_H

#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct unit_start {
	pid_t pid; /* its main process; 0: none */
	uint64_t monotonic_usec;
};

/*
 * Reads what "systemctl show" has written. Returns 0, or -ENOENT: there is no such unit, or it is
 * not active.
 */
int unit_start_parse(FILE *in, struct unit_start *ret);

/* Asks systemctl, without a shell. The same for the result, or another errno: it can not be asked. */
int unit_start_ask(const char *unit, struct unit_start *ret);

#endif
