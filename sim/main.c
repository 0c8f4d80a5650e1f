/* SPDX-License-Identifier: Apache-2.0 */
/* vfmond-sim: a simulated host with SR-IOV functions, for one command and without privilege. */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "play.h"

#ifndef VFMON_VERSION
#define VFMON_VERSION "unknown"
#endif

static const char usage[] =
	"Usage: vfmond-sim [OPTION]... SCENARIO -- COMMAND [ARGUMENT]...\n"
	"       vfmond-sim --check SCENARIO\n"
	"Run COMMAND on a simulated host with SR-IOV functions, on which SCENARIO is played.\n"
	"SCENARIO is a file, a FIFO, or - for standard input.\n"
	"\n"
	"  -m, --model=FILE     keep in FILE what the host is now, as JSON\n"
	"  -a, --ack=FILE       write a line to FILE when a step is done\n"
	"  -n, --notify         after the start of COMMAND wait until it says that it is ready\n"
	"  -w, --wait-for=PATH  after the start of COMMAND wait until PATH exists\n"
	"  -c, --check          only say whether SCENARIO is right\n"
	"  -h, --help           print this and exit\n"
	"      --version        print the version and exit\n"
	"\n"
	"Exit status: the command's; 1 if the host can not be made, 2 if the scenario or the\n"
	"command line is wrong. vfmond-sim(1) describes scenarios.\n";

static int refuse_usage(const char *text)
{
	(void)fprintf(stderr, "vfmond-sim: %s\nTry vfmond-sim --help.\n", text);
	return PLAY_STATUS_REFUSED;
}

/* Reads the options. Returns -1 to go on, or the exit status. */
static int parse_options(int argc, char **argv, struct play_options *options, bool *check)
{
	static const struct option known[] = {
		{ "model", required_argument, NULL, 'm' },
		{ "ack", required_argument, NULL, 'a' },
		{ "notify", no_argument, NULL, 'n' },
		{ "wait-for", required_argument, NULL, 'w' },
		{ "check", no_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "+m:a:nw:ch", known, NULL)) != -1) {
		switch (option) {
		case 'm':
			options->model = optarg;
			break;
		case 'a':
			options->ack = optarg;
			break;
		case 'n':
			options->notify = true;
			break;
		case 'w':
			options->wait_for = optarg;
			break;
		case 'c':
			*check = true;
			break;
		case 'h':
			return fputs(usage, stdout) < 0 ? PLAY_STATUS_FAILED : 0;
		case 'V':
			return puts("vfmond-sim " VFMON_VERSION) < 0 ? PLAY_STATUS_FAILED : 0;
		default:
			(void)fputs("Try vfmond-sim --help.\n", stderr);
			return PLAY_STATUS_REFUSED;
		}
	}
	return -1;
}

/* Takes SCENARIO -- COMMAND. Returns -1 to go on, or the exit status. */
static int parse_arguments(int argc, char **argv, struct play_options *options, bool check)
{
	int left = argc - optind;

	if (left == 0)
		return refuse_usage("a scenario is missing");
	options->scenario = argv[optind];
	if (check)
		return left == 1 ? -1 : refuse_usage("--check takes a scenario and nothing else");
	if (left < 3 || strcmp(argv[optind + 1], "--") != 0)
		return refuse_usage("behind the scenario must stand -- and a command");
	options->command = argv + optind + 2;
	return -1;
}

int main(int argc, char **argv)
{
	struct play_options options = { .scenario = NULL };
	struct source source;
	bool check = false;
	int status = parse_options(argc, argv, &options, &check), r;

	if (status < 0)
		status = parse_arguments(argc, argv, &options, check);
	if (status >= 0)
		return status;
	r = source_open(&source, options.scenario);
	if (r < 0) {
		(void)fprintf(stderr, "vfmond-sim: %s: %s\n", options.scenario, strerror(-r));
		return PLAY_STATUS_REFUSED;
	}
	if (check && !source.whole)
		status = refuse_usage("only a file can be checked");
	else if (play_check(&source, options.scenario) < 0)
		status = PLAY_STATUS_REFUSED;
	else
		status = check ? EXIT_SUCCESS : play_run(&source, &options);
	source_done(&source);
	return status;
}
