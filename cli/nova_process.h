/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the nova-compute that runs on this host, a container's too, and when it was started. */
#ifndef VFMON_CLI_NOVA_PROCESS_H
#define VFMON_CLI_NOVA_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct nova_process {
	pid_t pid;
	uint64_t boottime_usec; /* CLOCK_BOOTTIME of its start */
};

/*
 * Whether a command line, arguments that end in a NUL each, is that of nova-compute: the program
 * itself, or a Python that runs it. Not of one that only speaks of it.
 */
bool nova_process_is_command(const char *cmdline, size_t len);

/*
 * The number of clock ticks from boot to start in a text of /proc/PID/stat. Returns 0 or -EBADMSG.
 */
int nova_process_parse_stat(const char *stat, uint64_t *ret_ticks);

/*
 * The oldest that is found below proc_root: what it forks is younger. Returns 0, -ENOENT, or another
 * errno of reading the folder.
 */
int nova_process_find(const char *proc_root, struct nova_process *ret);

#endif
