/* SPDX-License-Identifier: Apache-2.0 */
/* The command line. */
#ifndef VFMOND_OPTIONS_H
#define VFMOND_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

/* Texts belong to argv or are constants; what was not given has its default. */
struct options {
	const char *config;
	bool config_given; /* a missing file is then an error to be shown */
	const char *socket;
	bool socket_given; /* then a socket from systemd is not used */
	const char *sysfs_root;
	const char *dev_root;
	const char *proc_root;
	const char *modules_alias; /* NULL: that of the running kernel */
	const char **nova_configs;
	size_t nova_config_count;
	const char **nova_config_dirs;
	size_t nova_config_dir_count;
	bool all_functions;
	int log_level;	      /* enum log_level; -1: not given */
	bool accept_injected; /* take events that a process has sent; never by an option */
};

enum options_action {
	OPTIONS_RUN,
	OPTIONS_SHOWN /* help or version has been printed: nothing is left to do */
};

/*
 * Reads the command line; help and version go to standard output, what is wrong to standard error.
 * Returns an options_action, -EINVAL for a wrong command line, or another -errno. The caller ends
 * with options_done() in any case.
 */
int options_parse(int argc, char **argv, struct options *ret);

void options_done(struct options *options);

#endif
