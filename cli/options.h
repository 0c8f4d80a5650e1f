/* SPDX-License-Identifier: Apache-2.0 */
/* The command line. */
#ifndef VFMON_CLI_OPTIONS_H
#define VFMON_CLI_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "demand.h"
#include "selection.h"
#include "terminal.h"
#include "vfmon/config.h"
#include "vfmon/version.h"

/* Options that only some verbs take: for others they would change nothing, or not what is meant. */
enum {
	OPTIONS_SELECTION = 1 << 0,
	OPTIONS_COLUMNS = 1 << 1,
	OPTIONS_SINCE = 1 << 2,
	OPTIONS_KIND = 1 << 3,
	OPTIONS_CLASS = 1 << 4,	      /* --class=CLASS chooses */
	OPTIONS_CLASS_COUNT = 1 << 5, /* --class=CLASS=COUNT demands */
	OPTIONS_WAIT = 1 << 6,
	OPTIONS_UNIT = 1 << 7,
	OPTIONS_FROM = 1 << 8, /* another host, another configuration */
	OPTIONS_ROOTS = 1 << 9 /* where the host is to be read */
};
#define OPTIONS_GROUPS 10

struct options {
	bool help;
	bool version;
	const char *socket;
	bool json;
	bool no_legend;
	bool no_pager;
	enum terminal_colours colours;
	struct terminal terminal; /* filled by options_parse() too */
	const char *columns;	  /* as given; NULL: the default ones */
	uint64_t lines;		  /* 0: no limit */
	uint64_t timeout_usec;	  /* 0: not given */
	uint64_t since_usec;	  /* 0: not given */
	const char *unit;	  /* NULL: not given */
	const char *from;	  /* a dump, "-" is standard input; NULL: the daemon is asked */
	struct config_paths nova_configs; /* owned arrays */
	struct config_paths nova_config_dirs;
	version_t nova_version; /* 0: not given */
	const char *sysfs_root; /* NULL: not given, as the next three */
	const char *dev_root;
	const char *proc_root;
	const char *modules_alias;
	struct selection selection;
	struct demands demands;
	bool ready;				 /* what is demanded has to be ready */
	unsigned int given;			 /* OPTIONS_* */
	const char *given_names[OPTIONS_GROUPS]; /* the first option of each, as it may be called */
	char **args;				 /* what is no option: the verb, its arguments */
	int arg_count;
};

/* Reads the command line. Returns 0, -ENOMEM, or -EINVAL after it has said on stderr why. */
int options_parse(int argc, char **argv, struct options *ret);

/* Adds an address that stands there as an argument, not as an option. The same for the result. */
int options_add_address(struct options *o, const char *address);

/* Adds a file to --nova-config. Returns 0 or -ENOMEM. */
int options_add_nova_config(struct options *o, const char *path);

void options_done(struct options *o);

/* The lines of --help about options. */
void options_print_help(FILE *out);

#endif
