/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vfmond-nova-config: copies what may be seen of Nova's files of configuration to where vfmond, which
 * may not read them, looks. It is started by systemd whenever one of them changes, and ends.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "novacopy.h"
#include "novafiles.h"
#include "vfmon/config.h"
#include "vfmon/names.h"
#include "wholefile.h"

#define EXIT_USAGE 2

/* How often it begins again because a file has changed meanwhile. */
#define ROUNDS 10

static const char help_text[] =
	"Usage: vfmond-nova-config [OPTION]...\n"
	"Copy what vfmond may see of Nova's files of configuration: [pci] and some options.\n"
	"\n"
	"      --config FILE  vfmond's configuration, which may name the files (" VFMON_CONFIG_FILE
	")\n"
	"      --root DIR     look for Nova's files below this instead of /\n"
	"      --output DIR   put the copies here (" VFMON_NOVA_COPIES ")\n"
	"      --version      show the version\n"
	"  -h, --help         show this help\n"
	"\n"
	"See vfmond-nova-config(8).\n";

struct arguments {
	const char *config;
	const char *root;
	const char *output;
};

enum option_id {
	OPTION_HELP = 'h',
	OPTION_CONFIG = 256,
	OPTION_ROOT,
	OPTION_OUTPUT,
	OPTION_VERSION
};

static const struct option known_options[] = {
	{ "config", required_argument, NULL, OPTION_CONFIG },
	{ "root", required_argument, NULL, OPTION_ROOT },
	{ "output", required_argument, NULL, OPTION_OUTPUT },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ 0 },
};

static void free_text(char **text)
{
	free(*text);
}

static int show(const char *text)
{
	return fputs(text, stdout) < 0 || fflush(stdout) != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int complain(const char *what, const char *which)
{
	(void)fprintf(stderr,
		      "vfmond-nova-config: %s%s\n"
		      "Try 'vfmond-nova-config --help' for more information.\n",
		      what, which);
	return EXIT_USAGE;
}

/* Returns an exit status, or -1: go on. */
static int parse(int argc, char **argv, struct arguments *a)
{
	int id;

	while ((id = getopt_long(argc, argv, "h", known_options, NULL)) >= 0) {
		switch (id) {
		case OPTION_CONFIG:
			a->config = optarg;
			break;
		case OPTION_ROOT:
			a->root = optarg;
			break;
		case OPTION_OUTPUT:
			a->output = optarg;
			break;
		case OPTION_HELP:
			return show(help_text);
		case OPTION_VERSION:
			return show("vfmond-nova-config " VFMON_VERSION "\n");
		default:
			return complain("wrong command line", "");
		}
	}
	if (optind < argc)
		return complain("unexpected argument ", argv[optind]);
	return *a->config && *a->output ? -1 : complain("a path is empty", "");
}

/* A file that is not there, or is broken, names nothing, as for the daemon. */
static int read_config(const char *path, struct config **ret)
{
	cleanup_(free_text) char *bytes = NULL;
	size_t len = 0;
	int r = wholefile_read(path, WHOLEFILE_FOLLOW, &bytes, &len);

	if (r == -ENOMEM)
		return r;
	if (r < 0 && r != -ENOENT)
		(void)fprintf(stderr, "%s: %s; Nova's files are looked for in the usual places\n",
			      path, wholefile_reason(r));
	return config_parse(path, bytes, len, ret);
}

/*
 * systemd does not hear of what changes while this runs, so it looks again until nothing is new.
 */
static int copy_until_quiet(const struct novafiles_options *options, const char *output,
			    struct novacopy_result *ret)
{
	cleanup_(novafiles_freep) struct novafiles *files = NULL;
	size_t removed = 0;
	int r = novafiles_read(options, &files);

	for (int round = 0; r == 0 && round < ROUNDS; round++) {
		cleanup_(novafiles_freep) struct novafiles *now = NULL;
		bool quiet;

		r = novacopy_write(files, output, ret);
		removed += ret->removed;
		if (r == 0)
			r = novafiles_read(options, &now);
		if (r < 0)
			break;
		quiet = novafiles_equal(files, now);
		novafiles_free(files);
		files = TAKE_PTR(now);
		if (quiet)
			break;
	}
	ret->removed = removed;
	return r;
}

static int run(const struct arguments *a)
{
	cleanup_(config_freep) struct config *config = NULL;
	struct novafiles_options options = { .root = a->root };
	struct novacopy_result result = { 0 };
	int r = read_config(a->config, &config);

	if (r == 0) {
		options.files = config->nova_configs;
		options.dirs = config->nova_config_dirs;
		r = copy_until_quiet(&options, a->output, &result);
	}
	if (r < 0) {
		(void)fprintf(stderr, "the copies in %s are not complete: %s\n", a->output,
			      strerror(-r));
		return EXIT_FAILURE;
	}
	if (result.without)
		(void)fprintf(stderr, "%zu files have no copy, as \"..\" is in their path\n",
			      result.without);
	(void)printf("%s: %zu files copied without secrets, %zu unreadable, %zu removed\n",
		     a->output, result.copied, result.unreadable, result.removed);
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	struct arguments arguments = { VFMON_CONFIG_FILE, "", VFMON_NOVA_COPIES };
	int status = parse(argc, argv, &arguments);

	return status >= 0 ? status : run(&arguments);
}
