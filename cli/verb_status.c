/* SPDX-License-Identifier: Apache-2.0 */
#include "verbs.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "moment.h"
#include "pager.h"
#include "vfmon/keys.h"
#include "vfmon/names.h"
#include "vfmon/vf.h"

#define ORIGIN_DEFAULT "default"

static int64_t count_of(const struct value *counts, const char *name)
{
	for (size_t i = 0; i < value_count(counts); i++) {
		const char *n = value_text(value_at(counts, i), KEY_NAME);

		if (n && strcmp(n, name) == 0)
			return value_int(value_at(counts, i), KEY_COUNT, 0);
	}
	return 0;
}

/* "48,213" */
static void print_number(int64_t number)
{
	if (number >= 1000) {
		print_number(number / 1000);
		printf(",%03" PRId64, number % 1000);
	} else {
		printf("%" PRId64, number);
	}
}

/* Names with their counts, but those of 0. */
static void print_counts(const struct value *counts, const char *if_none)
{
	const char *between = "";

	for (size_t i = 0; i < value_count(counts); i++) {
		const char *name = value_text(value_at(counts, i), KEY_NAME);
		int64_t count = value_int(value_at(counts, i), KEY_COUNT, 0);

		if (!name || count == 0)
			continue;
		printf("%s", between);
		print_number(count);
		printf(" %s", name);
		between = ", ";
	}
	if (!*between)
		printf("%s", if_none);
}

static size_t count_blind(const struct value *sources)
{
	size_t blind = 0;

	for (size_t i = 0; i < value_count(sources); i++)
		blind += value_text(value_at(sources, i), KEY_BLIND) != NULL;
	return blind;
}

static void print_first_line(const struct value *status, const struct terminal *t)
{
	size_t blind = count_blind(value_member(status, KEY_SOURCES));
	const char *look = vf_readiness_name(blind ? VF_READINESS_BLOCKED : VF_READINESS_READY);
	const char *colour = terminal_colour(t, look);
	const char *version = value_text(status, KEY_VERSION);
	uint64_t started = (uint64_t)value_int(status, KEY_STARTED_USEC, 0);
	uint64_t now = moment_now_usec();
	char text[MOMENT_TEXT_MAX], span[MOMENT_TEXT_MAX];

	printf("%s%s%s vfmond %s, watching since %s (%s); ", colour ? colour : "",
	       terminal_mark(t, look), colour ? TERMINAL_PLAIN : "", version ? version : "-",
	       moment_format(started, text),
	       moment_format_span(now > started ? now - started : 0, span));
	if (blind)
		printf("%zu source%s not heard\n", blind, blind == 1 ? " is" : "s are");
	else
		printf("every source is heard\n");
}

static void print_functions(const struct value *status)
{
	const struct value *kinds = value_member(status, KEY_KINDS);
	int64_t pfs = count_of(kinds, vf_kind_name(VF_KIND_PF));
	int64_t vfs = count_of(kinds, vf_kind_name(VF_KIND_VF));
	int64_t others = count_of(kinds, vf_kind_name(VF_KIND_PCI));

	printf("  Functions  ");
	print_number(pfs);
	printf(" PF%s, ", pfs == 1 ? "" : "s");
	print_number(vfs);
	printf(" VF%s", vfs == 1 ? "" : "s");
	if (others)
		printf(", %" PRId64 " other%s", others, others == 1 ? "" : "s");
	if (pfs + vfs + others) {
		printf(": ");
		print_counts(value_member(status, KEY_READINESS), "-");
		printf("\n  Binding    ");
		print_counts(value_member(status, KEY_STATES), "-");
	}
	printf("\n");
}

static void print_silent(const struct value *status)
{
	const struct value *silent = value_member(status, KEY_NOT_ANSWERING);

	const char *not_read = value_text(status, KEY_NOT_READ);

	if (value_count(silent) > 0) {
		printf("  Stuck      sysfs does not answer for");
		for (size_t i = 0; i < value_count(silent); i++)
			printf("%s %s", i ? "," : "", value_text_at(silent, i));
		printf("\n");
	}
	if (not_read)
		printf("  Not read   %s\n", not_read);
}

static void print_audit(const struct value *status)
{
	int64_t last = value_int(status, KEY_LAST_AUDIT_USEC, 0);
	char text[MOMENT_TEXT_MAX];

	if (last > 0)
		printf("             last audit ended %s\n", moment_format((uint64_t)last, text));
	else
		printf("             no audit has ended yet\n");
}

static void print_events(const struct value *status)
{
	const struct value *sources = value_member(status, KEY_SOURCES);
	int64_t lost = 0, overflows = 0, rejected = 0;

	printf("  Events     ");
	for (size_t i = 0; i < value_count(sources); i++) {
		const struct value *source = value_at(sources, i);
		const char *name = value_text(source, KEY_NAME);

		printf("%s", i ? ", " : "");
		print_number(value_int(source, KEY_EVENTS, 0));
		printf(" %s", name ? name : "-");
		lost += value_int(source, KEY_LOST, 0);
		overflows += value_int(source, KEY_OVERFLOWS, 0);
		rejected += value_int(source, KEY_REJECTED, 0);
	}
	printf("; ");
	print_number(lost);
	printf(" lost in ");
	print_number(overflows);
	printf(" overflow%s, ", overflows == 1 ? "" : "s");
	print_number(rejected);
	printf(" rejected, ");
	print_number(value_int(status, KEY_AUDIT_FINDINGS, 0));
	printf(" found by audit\n");
	print_audit(status);
	for (size_t i = 0; i < value_count(sources); i++) {
		const struct value *source = value_at(sources, i);

		if (value_text(source, KEY_BLIND))
			printf("             %s is blind: %s\n", value_text(source, KEY_NAME),
			       value_text(source, KEY_BLIND));
	}
}

static void print_work(const struct value *status)
{
	int64_t p50 = value_int(status, KEY_LATENCY_P50_USEC, -1);
	int64_t p99 = value_int(status, KEY_LATENCY_P99_USEC, -1);

	printf("  Work       ");
	print_number(value_int(status, KEY_READS, 0));
	printf(" reads, ");
	print_number(value_int(status, KEY_READ_ERRORS, 0));
	printf(" failed; rescans: ");
	print_counts(value_member(status, KEY_RESYNCS), "none");
	if (p50 >= 0 && p99 >= 0)
		printf("; event to change %.1f ms, 99%% within %.1f ms", (double)p50 / 1000,
		       (double)p99 / 1000);
	printf("\n");
}

static void print_state_file(const struct value *status)
{
	const char *error = value_text(status, KEY_STATE_FILE_ERROR);

	if (error)
		printf("  State      %s; what vanishes is not known after a restart\n", error);
}

static void print_clients(const struct value *status)
{
	printf("  Clients    ");
	print_number(value_int(status, KEY_CLIENTS, 0));
	printf(" now, ");
	print_number(value_int(status, KEY_CLIENTS_DROPPED, 0));
	printf(" dropped, ");
	print_number(value_int(status, KEY_CHANGES_MERGED, 0));
	printf(" changes merged for slow ones\n");
}

static void print_history(const struct value *status)
{
	int64_t oldest = value_int(status, KEY_OLDEST_SEQUENCE, 0);

	printf("  History    ");
	if (oldest > 0) {
		printf("changes ");
		print_number(oldest);
		printf(" to ");
		print_number(value_int(status, KEY_SEQUENCE, 0));
		printf(" are kept\n");
	} else {
		printf("no change since the start\n");
	}
}

static void print_config(const struct value *status)
{
	const struct value *files = value_member(status, KEY_CONFIG_FILES);
	const struct value *settings = value_member(status, KEY_SETTINGS);
	const char *head = "Config";

	for (size_t i = 0; i < value_count(files); i++, head = "") {
		const struct value *file = value_at(files, i);
		const char *path = value_text(file, KEY_PATH);
		const char *error = value_text(file, KEY_ERROR);
		int64_t loaded = value_int(file, KEY_LOADED_USEC, 0);
		char text[MOMENT_TEXT_MAX];

		printf("  %-10s %s", head, path ? path : "-");
		if (loaded > 0)
			printf(", read %s", moment_format((uint64_t)loaded, text));
		printf("\n");
		if (error)
			printf("             %s\n", error);
	}
	head = "Settings";
	for (size_t i = 0; i < value_count(settings); i++) {
		const char *origin = value_text(value_at(settings, i), KEY_ORIGIN);
		const char *name = value_text(value_at(settings, i), KEY_NAME);
		const char *value = value_text(value_at(settings, i), KEY_VALUE);

		if (!origin || !name || strcmp(origin, ORIGIN_DEFAULT) == 0)
			continue;
		printf("  %-10s %s = %s (%s)\n", head, name, value ? value : "", origin);
		head = "";
	}
}

static void print_status(const struct value *status, const struct options *o)
{
	static void (*const parts[])(const struct value *status) = {
		print_functions, print_silent,	   print_events,  print_work,
		print_history,	 print_state_file, print_clients, print_config,
	};

	print_first_line(status, &o->terminal);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		parts[i](status);
}

enum exit_status verb_status(const struct options *o)
{
	cleanup_(query_close) struct query q = { 0 };
	cleanup_(reply_done) struct reply reply = { 0 };
	enum exit_status status = query_open(o, &q);
	pid_t pager;

	if (status != EXIT_STATUS_YES)
		return status;
	(void)query_begin(&q, METHOD_GET_STATUS);
	status = query_one(&q, &reply);
	if (status != EXIT_STATUS_YES)
		return status;
	if (!value_is_object(value_member(reply.parameters, KEY_STATUS)))
		return query_failed(&q, -EBADMSG);
	if (o->json) {
		if (value_print(reply.parameters, stdout) < 0)
			return query_no_memory();
		printf("\n");
		return EXIT_STATUS_YES;
	}
	pager = pager_start(o);
	print_status(value_member(reply.parameters, KEY_STATUS), o);
	pager_finish(pager);
	return EXIT_STATUS_YES;
}
