/* SPDX-License-Identifier: Apache-2.0 */
/* vfmonctl: what virtual functions this host has, what drives them, and every change of that. */
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "query.h"
#include "verbs.h"
#include "vfmon/names.h"

#define ANY_NUMBER (-1)

struct verb {
	const char *name;
	const char *arguments; /* for --help */
	const char *help;
	verb_fn run;	    /* NULL: help itself */
	unsigned int takes; /* OPTIONS_* */
	int least, most;    /* arguments */
	bool takes_names;   /* they are no addresses */
};

#define CHOOSING (OPTIONS_SELECTION | OPTIONS_KIND | OPTIONS_CLASS)
#define ONE_ARGUMENT .least = 1, .most = 1

static const struct verb verbs[] = {
	{ "list", "[ADDRESS...]", "the functions, what drives each, how ready it is", verb_list,
	  CHOOSING | OPTIONS_COLUMNS | OPTIONS_FROM, .most = ANY_NUMBER },
	{ "show", "ADDRESS", "all that is known of one function", verb_show, OPTIONS_FROM,
	  ONE_ARGUMENT },
	{ "watch", "[ADDRESS...]", "every change, as it happens", verb_watch, CHOOSING,
	  .most = ANY_NUMBER },
	{ "history", "[ADDRESS]", "the changes that were seen", verb_history, OPTIONS_SINCE,
	  .most = 1 },
	{ "status", "", "how vfmond itself is", .run = verb_status },
	{ "check", "[FILE...]", "what is wrong with the configuration", verb_check, OPTIONS_FROM,
	  .most = ANY_NUMBER, .takes_names = true },
	{ "xml", "ADDRESS", "the element of a guest that has it, as Nova writes it", verb_xml,
	  OPTIONS_FROM, ONE_ARGUMENT },
	{ "providers", "", "what nova-compute reports to Placement", verb_providers, OPTIONS_FROM,
	  .most = 0 },
	{ "alias", "NAME", "the functions that a flavor can get by this name", verb_alias,
	  OPTIONS_COLUMNS | OPTIONS_FROM, ONE_ARGUMENT, .takes_names = true },
	{ "wait", "[ADDRESS...]", "until functions are there, or ready", verb_wait,
	  OPTIONS_WAIT | OPTIONS_KIND | OPTIONS_CLASS_COUNT, .most = ANY_NUMBER },
	{ "nova", "", "what the nova-compute that runs does not know yet", verb_nova,
	  OPTIONS_SINCE | OPTIONS_UNIT, .most = 0 },
	{ "verify", "", "whether vfmond has the host as it is, by a scan of its own", verb_verify,
	  OPTIONS_ROOTS, .most = 0 },
	{ "dump", "", "everything as one JSON object, for a bug report", .run = verb_dump },
	{ "help", "", "this text", .run = NULL },
};

#define VERB_COUNT (sizeof(verbs) / sizeof(verbs[0]))

/* Verbs of the design that later releases have: a script learns that they are no typing errors. */
static const char *const later_verbs[] = {
	"metrics", "tree", "why", "holders", "diff", "compare", "record", "top", "graph",
};

static enum exit_status print_help(void)
{
	printf("vfmonctl [OPTION...] VERB\n\n"
	       "Shows the SR-IOV virtual functions of this host, what drives each of them, whether\n"
	       "a guest can be given it, and every change of that, as vfmond sees it.\n\n"
	       "Verbs:\n");
	for (size_t i = 0; i < VERB_COUNT; i++)
		printf("  %-9s %-19s %s\n", verbs[i].name, verbs[i].arguments, verbs[i].help);
	printf("\nOptions:\n");
	options_print_help(stdout);
	printf("\nAn ADDRESS is 0000:25:00.4, or 25:00.4 in domain 0000. Exit status: 0 yes, 1 no,\n"
	       "2 wrong usage, 3 vfmond is not running, 4 anything else. Manual: vfmonctl(1).\n");
	return EXIT_STATUS_YES;
}

static enum exit_status usage(void)
{
	fprintf(stderr, "vfmonctl --help lists verbs and options.\n");
	return EXIT_STATUS_USAGE;
}

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < VERB_COUNT; i++) {
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	}
	for (size_t i = 0; i < sizeof(later_verbs) / sizeof(later_verbs[0]); i++) {
		if (strcmp(later_verbs[i], name) != 0)
			continue;
		fprintf(stderr, "vfmonctl: %s: not in this release\n", name);
		return NULL;
	}
	fprintf(stderr, "vfmonctl: there is no verb '%s'\n", name);
	return NULL;
}

/* An option that the verb would not heed is refused: its output would not be what was asked. */
static int check_options(const struct verb *verb, const struct options *o)
{
	unsigned int wrong = o->given & ~verb->takes;

	if (wrong == 0)
		return 0;
	fprintf(stderr, "vfmonctl: %s does not take --%s\n", verb->name,
		o->given_names[__builtin_ctz(wrong)]);
	return -EINVAL;
}

/* Another configuration needs a host that it is to judge. */
static int check_from(const struct verb *verb, const struct options *o)
{
	size_t configs = o->nova_configs.count + o->nova_config_dirs.count;
	bool needs_config = verb->run == verb_check || verb->run == verb_alias;

	if (!(o->given & OPTIONS_FROM))
		return 0;
	if (!o->from && verb->run != verb_check) {
		fprintf(stderr, "vfmonctl: --%s goes with --from=DUMP\n",
			o->given_names[__builtin_ctz(OPTIONS_FROM)]);
		return -EINVAL;
	}
	if (!o->from && configs == 0) {
		fprintf(stderr, "vfmonctl: --nova-version goes with FILE, or with --from=DUMP\n");
		return -EINVAL;
	}
	if (needs_config && configs == 0) {
		fprintf(stderr, "vfmonctl: a dump has no configuration in it: --from needs "
				"--nova-config=FILE\n");
		return -EINVAL;
	}
	return 0;
}

/* What stands behind a verb: addresses, names, or what check is to judge. */
static int take_argument(const struct verb *verb, struct options *o, const char *argument)
{
	if (verb->run == verb_check)
		return options_add_nova_config(o, argument);
	return verb->takes_names ? 0 : options_add_address(o, argument);
}

static int check_arguments(const struct verb *verb, struct options *o)
{
	int count = o->arg_count - 1;
	int r = 0;

	if (count < verb->least || (verb->most != ANY_NUMBER && count > verb->most)) {
		fprintf(stderr, "vfmonctl: usage: vfmonctl %s%s%s\n", verb->name,
			*verb->arguments ? " " : "", verb->arguments);
		return -EINVAL;
	}
	for (int i = 1; r == 0 && i < o->arg_count; i++)
		r = take_argument(verb, o, o->args[i]);
	return r < 0 ? r : check_from(verb, o);
}

static enum exit_status run(struct options *o)
{
	const struct verb *verb;
	int r;

	if (o->help)
		return print_help();
	if (o->version) {
		printf("vfmonctl " VFMON_VERSION "\n");
		return EXIT_STATUS_YES;
	}
	if (o->arg_count == 0) {
		fprintf(stderr, "vfmonctl: which verb?\n");
		return usage();
	}
	verb = find_verb(o->args[0]);
	if (!verb || check_options(verb, o) < 0)
		return usage();
	r = check_arguments(verb, o);
	if (r < 0)
		return r == -ENOMEM ? query_no_memory() : usage();
	return verb->run ? verb->run(o) : print_help();
}

/* What was written must have arrived, or the status would say yes to a full disk. */
static enum exit_status finish_output(enum exit_status status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	if (errno != EPIPE)
		fprintf(stderr, "vfmonctl: can not write: %s\n", strerror(errno));
	return status == EXIT_STATUS_YES ? EXIT_STATUS_OTHER : status;
}

int main(int argc, char **argv)
{
	cleanup_(options_done) struct options options;
	enum exit_status status;
	int r;

	/* A reader that has enough ends this program quietly, also where a service ignored it. */
	(void)signal(SIGPIPE, SIG_DFL);
	(void)setlocale(LC_ALL, "");
	r = options_parse(argc, argv, &options);
	if (r < 0)
		status = r == -ENOMEM ? query_no_memory() : usage();
	else
		status = run(&options);
	return finish_output(status);
}
