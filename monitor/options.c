/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "log.h"
#include "vfmon/names.h"

enum option_id {
	OPTION_HELP = 'h',
	OPTION_CONFIG = 256,
	OPTION_NOVA_CONFIG,
	OPTION_NOVA_CONFIG_DIR,
	OPTION_SOCKET,
	OPTION_SYSFS_ROOT,
	OPTION_DEV_ROOT,
	OPTION_PROC_ROOT,
	OPTION_MODULES_ALIAS,
	OPTION_ALL_FUNCTIONS,
	OPTION_LOG_LEVEL,
	OPTION_VERSION
};

static const struct option known_options[] = {
	{ "config", required_argument, NULL, OPTION_CONFIG },
	{ "nova-config", required_argument, NULL, OPTION_NOVA_CONFIG },
	{ "nova-config-dir", required_argument, NULL, OPTION_NOVA_CONFIG_DIR },
	{ "socket", required_argument, NULL, OPTION_SOCKET },
	{ "sysfs-root", required_argument, NULL, OPTION_SYSFS_ROOT },
	{ "dev-root", required_argument, NULL, OPTION_DEV_ROOT },
	{ "proc-root", required_argument, NULL, OPTION_PROC_ROOT },
	{ "modules-alias", required_argument, NULL, OPTION_MODULES_ALIAS },
	{ "all-functions", no_argument, NULL, OPTION_ALL_FUNCTIONS },
	{ "log-level", required_argument, NULL, OPTION_LOG_LEVEL },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ 0 },
};

static const char help_text[] =
	"Usage: %s [OPTION]...\n"
	"Watch SR-IOV virtual functions and their drivers, and answer on a Varlink socket.\n"
	"\n"
	"      --config FILE          configuration (" VFMON_CONFIG_FILE ")\n"
	"      --nova-config FILE     a configuration file of nova-compute; may be repeated\n"
	"      --nova-config-dir DIR  a folder of such files; may be repeated\n"
	"      --socket PATH          listen here (" VFMON_SOCKET ")\n"
	"      --sysfs-root DIR       read this instead of " VFMON_SYSFS_ROOT "\n"
	"      --dev-root DIR         read this instead of " VFMON_DEV_ROOT "\n"
	"      --proc-root DIR        read this instead of " VFMON_PROC_ROOT "\n"
	"      --modules-alias FILE   read this instead of the running kernel's modules.alias\n"
	"      --all-functions        show every PCI function, not only PFs and their VFs\n"
	"      --log-level LEVEL      err, warning, info or debug\n"
	"      --version              show the version\n"
	"  -h, --help                 show this help\n"
	"\n"
	"It runs in the foreground; SIGHUP reads the configuration again, SIGUSR1 logs its state.\n"
	"See vfmond(8).\n";

static void options_init(struct options *options)
{
	*options = (struct options){
		.config = VFMON_CONFIG_FILE,
		.socket = VFMON_SOCKET,
		.sysfs_root = VFMON_SYSFS_ROOT,
		.dev_root = VFMON_DEV_ROOT,
		.proc_root = VFMON_PROC_ROOT,
		.log_level = -1,
	};
}

static int list_append(const char ***list, size_t *count, const char *text)
{
	const char **longer = reallocarray(*list, *count + 1, sizeof(**list));

	if (!longer)
		return -ENOMEM;
	longer[(*count)++] = text;
	*list = longer;
	return 0;
}

static int complain(const char *program)
{
	(void)fprintf(stderr, "Try '%s --help' for more information.\n", program);
	return -EINVAL;
}

static int take_log_level(struct options *options, const char *name)
{
	options->log_level = log_level_from_name(name);
	if (options->log_level >= 0)
		return 0;
	(void)fprintf(stderr, "%s: unknown log level '%s' (err, warning, info, debug)\n",
		      program_invocation_short_name, name);
	return -EINVAL;
}

/* An empty path can only be a variable that was not set in somebody's script. */
static int take_path(const char **path, const char *value)
{
	if (*value) {
		*path = value;
		return 0;
	}
	(void)fprintf(stderr, "%s: a path is empty\n", program_invocation_short_name);
	return -EINVAL;
}

/* Whoever asks for a text is told when it could not be written, for example to a full disk. */
static int shown(int written)
{
	return written < 0 || fflush(stdout) != 0 ? -EIO : OPTIONS_SHOWN;
}

/* Returns an options_action or -errno. */
static int take_option(struct options *options, enum option_id id, const char *value)
{
	switch (id) {
	case OPTION_CONFIG:
		options->config_given = true;
		return take_path(&options->config, value);
	case OPTION_NOVA_CONFIG:
		return list_append(&options->nova_configs, &options->nova_config_count, value);
	case OPTION_NOVA_CONFIG_DIR:
		return list_append(&options->nova_config_dirs, &options->nova_config_dir_count,
				   value);
	case OPTION_SOCKET:
		options->socket_given = true;
		return take_path(&options->socket, value);
	case OPTION_SYSFS_ROOT:
		return take_path(&options->sysfs_root, value);
	case OPTION_DEV_ROOT:
		return take_path(&options->dev_root, value);
	case OPTION_PROC_ROOT:
		return take_path(&options->proc_root, value);
	case OPTION_MODULES_ALIAS:
		return take_path(&options->modules_alias, value);
	case OPTION_ALL_FUNCTIONS:
		options->all_functions = true;
		return 0;
	case OPTION_LOG_LEVEL:
		return take_log_level(options, value);
	case OPTION_HELP:
		return shown(printf(help_text, program_invocation_short_name));
	case OPTION_VERSION:
		return shown(puts("vfmond " VFMON_VERSION));
	}
	return -EINVAL; /* getopt has said what is wrong */
}

int options_parse(int argc, char **argv, struct options *ret)
{
	int id, r;

	options_init(ret);
	optind = 0; /* also resets what glibc remembers of an earlier command line */
	while ((id = getopt_long(argc, argv, "h", known_options, NULL)) >= 0) {
		r = take_option(ret, (enum option_id)id, optarg);
		if (r == -EINVAL)
			return complain(argv[0]);
		if (r != OPTIONS_RUN)
			return r;
	}
	if (optind == argc)
		return OPTIONS_RUN;
	(void)fprintf(stderr, "%s: unexpected argument '%s'\n", program_invocation_short_name,
		      argv[optind]);
	return complain(argv[0]);
}

void options_done(struct options *options)
{
	free(options->nova_configs);
	free(options->nova_config_dirs);
	options->nova_configs = NULL;
	options->nova_config_dirs = NULL;
	options->nova_config_count = 0;
	options->nova_config_dir_count = 0;
}
