/* SPDX-License-Identifier: Apache-2.0 */
#include "verbs.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "belief.h"
#include "moment.h"
#include "nova_process.h"
#include "pager.h"
#include "staleness.h"
#include "unit_start.h"
#include "vfmon/conf_names.h"
#include "vfmon/keys.h"
#include "vfmon/names.h"
#include "vfmon/vf.h"

#define UNIT_DEFAULT "nova-compute.service"

/* How its start was found. */
enum origin { ORIGIN_NOWHERE, ORIGIN_PROCESS, ORIGIN_UNIT, ORIGIN_TOLD };

static const char *const origin_names[] = {
	[ORIGIN_NOWHERE] = NULL,
	[ORIGIN_PROCESS] = "process",
	[ORIGIN_UNIT] = "unit",
	[ORIGIN_TOLD] = "option",
};

static const char *const what_names[] = {
	[STALENESS_NOTHING] = "nothing",
	[STALENESS_NOT_SEEN] = "not_seen",
	[STALENESS_CHANGED] = "changed",
	[STALENESS_GONE] = "gone",
};

struct nova {
	const struct options *options;
	struct query query;
	enum origin origin;
	pid_t pid; /* 0: not known */
	struct staleness_time started;
	struct belief belief;
	struct reply status;
};

static void nova_done(struct nova *n)
{
	reply_done(&n->status);
	belief_done(&n->belief);
	query_close(&n->query);
}

static void set_start(struct nova *n, enum origin origin, pid_t pid, uint64_t boottime_usec)
{
	uint64_t since_boot = moment_boottime_usec();
	uint64_t age = since_boot > boottime_usec ? since_boot - boottime_usec : 0;

	n->origin = origin;
	n->pid = pid;
	n->started.boottime_usec = boottime_usec;
	n->started.usec = moment_now_usec() - age;
}

/* systemd tells CLOCK_MONOTONIC, which stands still while a host sleeps. */
static int ask_unit(struct nova *n, const char *unit)
{
	struct unit_start start;
	int r = unit_start_ask(unit, &start);

	if (r == 0)
		set_start(n, ORIGIN_UNIT, start.pid,
			  start.monotonic_usec + moment_boottime_usec() - moment_monotonic_usec());
	return r;
}

static void find_start(struct nova *n)
{
	const struct options *o = n->options;
	struct nova_process process;

	if (o->since_usec) {
		n->origin = ORIGIN_TOLD;
		n->started.usec = o->since_usec;
	} else if (o->unit) {
		(void)ask_unit(n, o->unit);
	} else if (nova_process_find(VFMON_PROC_ROOT, &process) == 0) {
		set_start(n, ORIGIN_PROCESS, process.pid, process.boottime_usec);
	} else {
		(void)ask_unit(n, UNIT_DEFAULT);
	}
}

static enum exit_status on_devices(const struct value *parameters, void *arg)
{
	struct nova *n = arg;

	if (belief_add_devices(&n->belief, &n->started, value_member(parameters, KEY_DEVICES)) < 0)
		return query_no_memory();
	return EXIT_STATUS_YES;
}

static enum exit_status gather(struct nova *n)
{
	enum exit_status status;

	(void)query_begin(&n->query, METHOD_GET_STATUS);
	status = query_one(&n->query, &n->status);
	if (status != EXIT_STATUS_YES || n->origin == ORIGIN_NOWHERE)
		return status;
	if (!value_is_object(value_member(n->status.parameters, KEY_STATUS)))
		return query_failed(&n->query, -EBADMSG);
	(void)query_begin(&n->query, METHOD_LIST_DEVICES);
	status = query_each(&n->query, on_devices, n);
	if (status != EXIT_STATUS_YES)
		return status;
	(void)query_begin(&n->query, METHOD_LIST_VANISHED_DEVICES);
	status = query_each(&n->query, on_devices, n);
	if (status != EXIT_STATUS_YES)
		return status;
	if (belief_add_files(&n->belief, &n->started,
			     value_member(n->status.parameters, KEY_STATUS)) < 0)
		return query_no_memory();
	return EXIT_STATUS_YES;
}

static size_t shown(const struct nova *n)
{
	uint64_t lines = n->options->lines;

	return lines && lines < n->belief.count ? (size_t)lines : n->belief.count;
}

/* As GetStatus has it; a word that is a boolean becomes one. */
static int print_setting(const struct nova *n, const char *name)
{
	const struct value *settings = value_member(value_member(n->status.parameters, KEY_STATUS),
						    KEY_SETTINGS);
	const char *value = NULL;

	for (size_t i = 0; i < value_count(settings); i++) {
		const char *its = value_text(value_at(settings, i), KEY_NAME);

		if (its && strcmp(its, name) == 0)
			value = value_text(value_at(settings, i), KEY_VALUE);
	}
	printf(",\"%s\":", name);
	if (!value)
		printf("null");
	else if (strcasecmp(value, "true") == 0 || strcasecmp(value, "yes") == 0)
		printf("true");
	else if (strcasecmp(value, "false") == 0 || strcasecmp(value, "no") == 0)
		printf("false");
	else
		return value_print_text(value, stdout);
	return 0;
}

static int print_errors_json(const struct nova *n, bool files)
{
	const char *between = "";

	for (size_t i = 0; i < shown(n); i++) {
		const struct belief_error *e = &n->belief.errors[i];

		if (e->is_file != files)
			continue;
		printf("%s{\"%s\":", between, files ? KEY_PATH : KEY_ADDRESS);
		if (value_print_text(e->name, stdout) < 0)
			return -ENOMEM;
		printf(",\"what\":\"%s\",\"uncertain\":%s,\"" KEY_SINCE_USEC "\":%" PRIu64 "}",
		       what_names[e->verdict.what],
		       e->verdict.how == STALENESS_UNCERTAIN ? "true" : "false",
		       e->verdict.since.usec);
		between = ",";
	}
	return 0;
}

static const char *due_text(const struct nova *n)
{
	if (n->origin == ORIGIN_NOWHERE || (n->belief.count && !n->belief.certain))
		return "null";
	return n->belief.certain ? "true" : "false";
}

/* 0 is not known. */
static void print_number_json(const char *name, uint64_t number)
{
	if (number)
		printf(",\"%s\":%" PRIu64, name, number);
	else
		printf(",\"%s\":null", name);
}

static int print_json(const struct nova *n)
{
	static const char *const settings[] = { CONF_REPORT_IN_PLACEMENT, CONF_PCI_IN_PLACEMENT,
						CONF_VIRT_TYPE };
	int r;

	printf("{\"restart_due\":%s,\"found_by\":", due_text(n));
	if (n->origin == ORIGIN_NOWHERE)
		printf("null");
	else
		printf("\"%s\"", origin_names[n->origin]);
	print_number_json("pid", (uint64_t)n->pid);
	print_number_json(KEY_STARTED_USEC, n->started.usec);
	printf(",\"functions\":[");
	r = print_errors_json(n, false);
	printf("],\"files\":[");
	if (r == 0)
		r = print_errors_json(n, true);
	printf("]");
	for (size_t i = 0; r == 0 && i < sizeof(settings) / sizeof(settings[0]); i++)
		r = print_setting(n, settings[i]);
	printf("}\n");
	return r;
}

static void print_start(const struct nova *n)
{
	char text[MOMENT_TEXT_MAX];

	printf("nova-compute");
	if (n->origin == ORIGIN_UNIT)
		printf(" (%s)", n->options->unit ? n->options->unit : UNIT_DEFAULT);
	else if (n->origin == ORIGIN_PROCESS)
		printf(" (process %jd)", (intmax_t)n->pid);
	printf(", %s %s", n->origin == ORIGIN_TOLD ? "if it was started" : "started",
	       moment_format(n->started.usec, text));
}

static void print_answer(const struct nova *n)
{
	const struct terminal *t = &n->options->terminal;
	enum vf_readiness look = n->belief.certain ? VF_READINESS_BLOCKED
				 : n->belief.count ? VF_READINESS_DEGRADED
						   : VF_READINESS_READY;
	const char *colour = terminal_colour(t, vf_readiness_name(look));

	printf("%s%s%s ", colour ? colour : "", terminal_mark(t, vf_readiness_name(look)),
	       colour ? TERMINAL_PLAIN : "");
	printf("%s: ", n->belief.certain ? "restart due"
		       : n->belief.count ? "restart may be due"
					 : "up to date");
	print_start(n);
	printf("\n");
}

static void print_error(const struct belief_error *e)
{
	static const char *const words[] = {
		[STALENESS_NOTHING] = "",
		[STALENESS_NOT_SEEN] = "not seen: here since",
		[STALENESS_CHANGED] = "changed",
		[STALENESS_GONE] = "still offered: gone since",
	};
	char text[MOMENT_TEXT_MAX];

	printf("  %-14s %s %s%s\n", e->name, words[e->verdict.what],
	       moment_format(e->verdict.since.usec, text),
	       e->verdict.how == STALENESS_UNCERTAIN
		       ? e->is_file && e->verdict.what == STALENESS_CHANGED
				 ? "; uncertain whether it was read before that"
				 : "; uncertain whether Nova had looked before that"
		       : "");
}

/* What can not be known is said, or the answer would promise too much. */
static void print_limits(const struct nova *n)
{
	const struct value *status = value_member(n->status.parameters, KEY_STATUS);
	uint64_t watching = (uint64_t)value_int(status, KEY_STARTED_USEC, 0);
	char text[MOMENT_TEXT_MAX];

	if (n->belief.unreadable)
		printf("  %zu file%s of its configuration can not be looked at by this user\n",
		       n->belief.unreadable, n->belief.unreadable == 1 ? "" : "s");
	if (watching > n->started.usec)
		printf("  vfmond itself was started %s: what came and went before that is known "
		       "only if it ran in this boot before\n",
		       moment_format(watching, text));
}

/* A restart with files that Nova refuses would end what now runs. */
static void print_remedy(const struct nova *n)
{
	const struct options *o = n->options;

	if (n->belief.refused)
		printf("  do not restart it yet: it would not start with its files as they are\n"
		       "  %s vfmonctl check\n",
		       terminal_arrow(&o->terminal));
	else if (n->belief.count)
		printf("  %s systemctl restart %s%s\n", terminal_arrow(&o->terminal),
		       o->unit ? o->unit : UNIT_DEFAULT,
		       n->origin == ORIGIN_UNIT ? "" : ", or its container");
}

static void print_page(const struct nova *n)
{
	const struct options *o = n->options;
	pid_t pager = pager_start(o);

	print_answer(n);
	for (size_t i = 0; i < shown(n); i++)
		print_error(&n->belief.errors[i]);
	if (!o->no_legend) {
		if (shown(n) < n->belief.count)
			printf("  and %zu more\n", n->belief.count - shown(n));
		print_limits(n);
		print_remedy(n);
	}
	pager_finish(pager);
}

static enum exit_status say_not_found(const struct nova *n)
{
	const struct options *o = n->options;

	if (o->json && print_json(n) < 0)
		return query_no_memory();
	if (o->unit)
		fprintf(stderr,
			"vfmonctl: %s is not active, or systemctl can not be asked: "
			"systemctl status %s\n",
			o->unit, o->unit);
	else
		fprintf(stderr, "vfmonctl: no nova-compute runs on this host: --unit=UNIT or "
				"--since=TIME says when it was started\n");
	return EXIT_STATUS_OTHER;
}

enum exit_status verb_nova(const struct options *o)
{
	cleanup_(nova_done) struct nova n = { .options = o };
	enum exit_status status;

	if (o->unit && o->since_usec) {
		fprintf(stderr, "vfmonctl: nova takes --unit or --since, not both\n");
		return EXIT_STATUS_USAGE;
	}
	if (o->since_usec > moment_now_usec()) {
		fprintf(stderr, "vfmonctl: --since: nova-compute was not started in the future\n");
		return EXIT_STATUS_USAGE;
	}
	status = query_open(o, &n.query);
	if (status != EXIT_STATUS_YES)
		return status;
	find_start(&n);
	status = gather(&n);
	if (status != EXIT_STATUS_YES)
		return status;
	if (n.origin == ORIGIN_NOWHERE)
		return say_not_found(&n);
	if (!o->json)
		print_page(&n);
	else if (print_json(&n) < 0)
		return query_no_memory();
	return n.belief.count ? EXIT_STATUS_NO : EXIT_STATUS_YES;
}
