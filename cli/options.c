/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "moment.h"
#include "vfmon/cleanup.h"
#include "vfmon/names.h"
#include "writer.h"

/* How an option's value is taken. */
enum take {
	TAKE_FLAG,   /* sets the bool at .where */
	TAKE_TEXT,   /* sets the text at .where */
	TAKE_WANTED, /* adds to .field of the selection */
	TAKE_PARSED  /* by .parse */
};

/* One option: what getopt needs, what --help says, who takes it. */
struct option_line {
	const char *name;
	char letter;	   /* 0: none */
	const char *value; /* how its value is called; NULL: it has none */
	const char *help;
	unsigned int group; /* OPTIONS_*; 0: every verb takes it */
	enum take take;
	size_t where;
	enum selection_list_id field;
	/* Returns 0, -ENOMEM, or -EINVAL with the reason written to err. */
	int (*parse)(struct options *o, const char *value, FILE *err);
};

static int parse_lines(struct options *o, const char *value, FILE *err)
{
	char *end;
	uintmax_t lines;

	errno = 0;
	lines = strtoumax(value, &end, 10);
	if (errno || end == value || *end || *value == '-' || lines == 0 || lines > INT32_MAX) {
		fprintf(err, "'%s' is not a number of lines, 1 or more", value);
		return -EINVAL;
	}
	o->lines = lines;
	return 0;
}

static int parse_colour(struct options *o, const char *value, FILE *err)
{
	int when = value ? terminal_colours_from_name(value) : TERMINAL_COLOURS_ALWAYS;

	if (when < 0) {
		fprintf(err, "'%s' is not one of: auto, always, never", value);
		return when;
	}
	o->colours = (enum terminal_colours)when;
	return 0;
}

static int parse_timeout(struct options *o, const char *value, FILE *err)
{
	if (moment_parse_span(value, &o->timeout_usec) == 0 && o->timeout_usec)
		return 0;
	fprintf(err, "'%s' is not a time above 0, as in 30, 0.5 or 2min", value);
	return -EINVAL;
}

static int parse_since(struct options *o, const char *value, FILE *err)
{
	if (moment_parse(value, moment_now_usec(), &o->since_usec) == 0)
		return 0;
	fprintf(err, "'%s' is not a time, as in 14:02, '2026-11-23 14:02:11', yesterday or 10min",
		value);
	return -EINVAL;
}

static int parse_managed(struct options *o, const char *value, FILE *err)
{
	return selection_set_managed(&o->selection, value, err);
}

static void note_given(struct options *o, unsigned int group, const char *name)
{
	if (group & ~o->given)
		o->given_names[__builtin_ctz(group)] = name;
	o->given |= group;
}

/* The name of a class has no "=" in it, so that one option can mean both. */
static int parse_class(struct options *o, const char *value, FILE *err)
{
	if (strchr(value, '=')) {
		note_given(o, OPTIONS_CLASS_COUNT, "class with a COUNT");
		return demands_add_named(&o->demands, DEMAND_CLASS, value, err);
	}
	note_given(o, OPTIONS_CLASS, "class without =COUNT");
	return selection_add(&o->selection, SELECTION_CLASSES, value, err);
}

static int parse_count(struct options *o, const char *value, FILE *err)
{
	return demands_add_count(&o->demands, value, err);
}

static int parse_alias(struct options *o, const char *value, FILE *err)
{
	return demands_add_named(&o->demands, DEMAND_ALIAS, value, err);
}

static int add_path(struct config_paths *paths, const char *path)
{
	const char **items = reallocarray(paths->items, paths->count + 1, sizeof(*items));

	if (!items)
		return -ENOMEM;
	items[paths->count++] = path;
	paths->items = items;
	return 0;
}

int options_add_nova_config(struct options *o, const char *path)
{
	return add_path(&o->nova_configs, path);
}

static int parse_nova_config(struct options *o, const char *value, FILE *err)
{
	(void)err;
	return options_add_nova_config(o, value);
}

static int parse_nova_config_dir(struct options *o, const char *value, FILE *err)
{
	(void)err;
	return add_path(&o->nova_config_dirs, value);
}

static int parse_nova_version(struct options *o, const char *value, FILE *err)
{
	if (version_parse(value, &o->nova_version) == 0 && o->nova_version)
		return 0;
	fprintf(err, "'%s' is not a version of Nova, as in 31.0 or 31.3.1", value);
	return -EINVAL;
}

#define FLAG(member) .take = TAKE_FLAG, .where = offsetof(struct options, member)
#define TEXT(member) .take = TAKE_TEXT, .where = offsetof(struct options, member)
#define WANTED(list) .group = OPTIONS_SELECTION, .take = TAKE_WANTED, .field = list
#define PARSED(fn) .take = TAKE_PARSED, .parse = fn

static const struct option_line lines[] = {
	{ "readiness", 0, "STATE,...", "only functions of this readiness",
	  WANTED(SELECTION_READINESS) },
	{ "state", 0, "STATE,...", "only in this binding state", WANTED(SELECTION_STATES) },
	{ "kind", 0, "KIND,...", "only pf, vf or pci", .group = OPTIONS_KIND, .take = TAKE_WANTED,
	  .field = SELECTION_KINDS },
	{ "pf", 0, "ADDRESS,...", "only VFs of this PF", WANTED(SELECTION_PHYSICAL_FUNCTIONS) },
	{ "class", 0, "CLASS,...", "only of this resource class; wait: CLASS=COUNT",
	  PARSED(parse_class) },
	{ "driver", 0, "DRIVER,...", "only bound to this driver", WANTED(SELECTION_DRIVERS) },
	{ "managed", 0, "yes|no", "only those that device_spec says this of",
	  .group = OPTIONS_SELECTION, PARSED(parse_managed) },
	{ "since", 0, "TIME", "history, nova: from this time on (14:02, yesterday, 10min)",
	  .group = OPTIONS_SINCE, PARSED(parse_since) },
	{ "unit", 0, "UNIT", "nova: of systemd, that runs nova-compute", .group = OPTIONS_UNIT,
	  TEXT(unit) },
	{ "ready", 0, NULL, "wait: for functions that a guest can be given", .group = OPTIONS_WAIT,
	  FLAG(ready) },
	{ "count", 0, "N", "wait: for so many of them", .group = OPTIONS_WAIT,
	  PARSED(parse_count) },
	{ "alias", 0, "NAME=COUNT", "wait: for so many that this alias can get",
	  .group = OPTIONS_WAIT, PARSED(parse_alias) },
	{ "from", 0, "DUMP", "another host: what vfmonctl dump wrote there (-: standard input)",
	  .group = OPTIONS_FROM, TEXT(from) },
	{ "nova-config", 0, "FILE", "with --from: judge by this nova.conf; may stand several times",
	  .group = OPTIONS_FROM, PARSED(parse_nova_config) },
	{ "nova-config-dir", 0, "DIR", "the same for the *.conf of a folder", .group = OPTIONS_FROM,
	  PARSED(parse_nova_config_dir) },
	{ "nova-version", 0, "X.Y", "with --from: as this Nova decides", .group = OPTIONS_FROM,
	  PARSED(parse_nova_version) },
	{ "sysfs-root", 0, "DIR", "verify: where vfmond was told to find sysfs",
	  .group = OPTIONS_ROOTS, TEXT(sysfs_root) },
	{ "dev-root", 0, "DIR", "the same for /dev", .group = OPTIONS_ROOTS, TEXT(dev_root) },
	{ "proc-root", 0, "DIR", "the same for /proc", .group = OPTIONS_ROOTS, TEXT(proc_root) },
	{ "modules-alias", 0, "FILE", "the same for modules.alias", .group = OPTIONS_ROOTS,
	  TEXT(modules_alias) },
	{ "output", 'o', "COLUMNS", "list, alias: these columns; +COLUMNS adds to the usual ones",
	  .group = OPTIONS_COLUMNS, TEXT(columns) },
	{ "lines", 'n', "N", "at most N lines; watch ends after N changes", PARSED(parse_lines) },
	{ "timeout", 0, "SECONDS", "wait for vfmond no longer (10); watch, wait: end then",
	  PARSED(parse_timeout) },
	{ "json", 'J', NULL, "JSON, with the names of io.vfmon.Monitor", FLAG(json) },
	{ "no-legend", 0, NULL, "no headings and no summary", FLAG(no_legend) },
	{ "color", 0, "WHEN", "auto, always or never", PARSED(parse_colour) },
	{ "no-pager", 0, NULL, "do not show long output page by page", FLAG(no_pager) },
	{ "socket", 0, "PATH", "where vfmond listens", TEXT(socket) },
	{ "help", 'h', NULL, "this text", FLAG(help) },
	{ "version", 0, NULL, "the version", FLAG(version) },
};

#define LINE_COUNT (sizeof(lines) / sizeof(lines[0]))
/* What getopt_long() returns for line i, above all letters. */
#define LINE_CODE(i) (256 + (int)(i))

void options_print_help(FILE *out)
{
	for (size_t i = 0; i < LINE_COUNT; i++) {
		const struct option_line *line = &lines[i];
		char left[40];

		(void)snprintf(left, sizeof(left), "%c%c%s--%s%s%s", line->letter ? '-' : ' ',
			       line->letter ? line->letter : ' ', line->letter ? ", " : "  ",
			       line->name, line->value ? "=" : "", line->value ? line->value : "");
		fprintf(out, "  %-28s %s\n", left, line->help);
	}
}

static void fill_getopt(struct option *ret_long, char *ret_short)
{
	for (size_t i = 0; i < LINE_COUNT; i++) {
		ret_long[i] = (struct option){ .name = lines[i].name,
					       .has_arg = lines[i].value ? required_argument
									 : no_argument,
					       .val = LINE_CODE(i) };
		if (lines[i].parse == parse_colour) /* as in ls: --color alone means always */
			ret_long[i].has_arg = optional_argument;
		if (!lines[i].letter)
			continue;
		*ret_short++ = lines[i].letter;
		if (lines[i].value)
			*ret_short++ = ':';
	}
	*ret_short = '\0';
}

static const struct option_line *line_of(int code)
{
	for (size_t i = 0; i < LINE_COUNT; i++) {
		if (code == LINE_CODE(i) || code == lines[i].letter)
			return &lines[i];
	}
	return NULL;
}

static int take_value(struct options *o, const struct option_line *line, const char *value,
		      FILE *err)
{
	char *member = (char *)o + line->where;

	switch (line->take) {
	case TAKE_FLAG:
		memcpy(member, &(bool){ true }, sizeof(bool));
		return 0;
	case TAKE_TEXT:
		memcpy(member, &value, sizeof(value));
		return 0;
	case TAKE_WANTED:
		return selection_add(&o->selection, line->field, value, err);
	case TAKE_PARSED:
		return line->parse(o, value, err);
	}
	return 0;
}

static int take_option(struct options *o, const struct option_line *line, const char *value)
{
	cleanup_(writer_done) struct writer reason = { 0 };
	int r;

	if (writer_open(&reason) < 0)
		return -ENOMEM;
	r = take_value(o, line, value, reason.out);
	if (writer_close(&reason) < 0)
		return -ENOMEM;
	if (r == -EINVAL)
		fprintf(stderr, "vfmonctl: --%s: %s\n", line->name, reason.text);
	note_given(o, line->group, line->name);
	return r;
}

int options_parse(int argc, char **argv, struct options *ret)
{
	struct option long_options[LINE_COUNT + 1] = { 0 };
	char short_options[2 * LINE_COUNT + 1];
	int code, r = 0;

	*ret = (struct options){ .socket = VFMON_SOCKET };
	fill_getopt(long_options, short_options);
	while (r == 0 &&
	       (code = getopt_long(argc, argv, short_options, long_options, NULL)) != -1) {
		const struct option_line *line = line_of(code);

		if (!line) /* getopt has said why */
			return -EINVAL;
		r = take_option(ret, line, optarg);
	}
	ret->args = argv + optind;
	ret->arg_count = argc - optind;
	terminal_init(&ret->terminal, ret->colours);
	return r;
}

int options_add_address(struct options *o, const char *address)
{
	cleanup_(writer_done) struct writer reason = { 0 };
	int r;

	if (writer_open(&reason) < 0)
		return -ENOMEM;
	r = selection_add(&o->selection, SELECTION_ADDRESSES, address, reason.out);
	if (writer_close(&reason) < 0)
		return -ENOMEM;
	if (r == -EINVAL)
		fprintf(stderr, "vfmonctl: %s\n", reason.text);
	return r;
}

void options_done(struct options *o)
{
	demands_done(&o->demands);
	free(o->nova_configs.items);
	free(o->nova_config_dirs.items);
	selection_done(&o->selection);
}
