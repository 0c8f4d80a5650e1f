/* SPDX-License-Identifier: Apache-2.0 */
#include "verbs.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "change.h"
#include "columns.h"
#include "moment.h"
#include "summary.h"
#include "vfmon/keys.h"
#include "vfmon/names.h"

/* A snapshot up to this size is shown whole; above it would only scroll by. */
#define SHOWN_DEVICES 32
/* Bookmarks come after 30 s of silence: without three of them nobody is there any more. */
#define SILENCE_USEC (3 * BOOKMARK_AFTER_USEC)

struct watch {
	const struct options *options;
	struct query query;
	uint64_t end_usec; /* CLOCK_MONOTONIC; 0: none */
	struct columns columns;
	struct render_table *table; /* of the snapshot */
	struct summary summary;
	bool begun; /* the snapshot is complete */
	uint64_t changes;
};

static void watch_done(struct watch *w)
{
	w->table = render_table_free(w->table);
	query_close(&w->query);
}

static int print_snapshot(struct watch *w)
{
	const struct summary *s = &w->summary;
	int r = 0;

	if (w->options->no_legend)
		return 0;
	if (s->functions <= SHOWN_DEVICES)
		r = render_table_print(w->table, stdout);
	printf("%sWatching ", s->functions && s->functions <= SHOWN_DEVICES ? "\n" : "");
	summary_print_kinds(s, stdout);
	if (s->functions) {
		printf(" (");
		summary_print_readiness(s, stdout);
		printf(")");
	}
	printf("; every change is a line. Ctrl-C ends.\n");
	w->table = render_table_free(w->table);
	return r;
}

static int add_snapshot(struct watch *w, const struct value *devices)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < value_count(devices); i++) {
		summary_add(&w->summary, value_at(devices, i));
		if (w->summary.functions <= SHOWN_DEVICES)
			r = columns_add_row(&w->columns, &w->options->terminal,
					    value_at(devices, i), w->table);
	}
	return r;
}

static int print_for_people(struct watch *w, const struct value *parameters)
{
	const struct value *change = value_member(parameters, KEY_CHANGE);

	if (change)
		return change_print(change, &w->options->terminal, stdout);
	if (w->begun)
		return 0;
	if (add_snapshot(w, value_member(parameters, KEY_SNAPSHOT)) < 0)
		return -ENOMEM;
	if (value_bool(parameters, KEY_SNAPSHOT_COMPLETE) != 1)
		return 0;
	return print_snapshot(w);
}

static int print_for_programs(const struct value *parameters)
{
	int r = value_print(parameters, stdout);

	printf("\n");
	return r;
}

static enum exit_status on_reply(struct watch *w, const struct reply *reply)
{
	int r;

	if (reply->error)
		return query_explain(reply);
	r = w->options->json ? print_for_programs(reply->parameters)
			     : print_for_people(w, reply->parameters);
	if (value_bool(reply->parameters, KEY_SNAPSHOT_COMPLETE) == 1)
		w->begun = true;
	w->changes += value_member(reply->parameters, KEY_CHANGE) != NULL;
	(void)fflush(stdout); /* main() looks at the stream's error state */
	return r < 0 ? query_no_memory() : EXIT_STATUS_YES;
}

/* Before the snapshot was complete it is a question without an answer, as in any other verb. */
static enum exit_status ended(const struct watch *w, int error)
{
	if (!w->begun || (error != -ETIMEDOUT && error != -ECONNRESET))
		return query_failed(&w->query, error);
	if (error == -ECONNRESET) {
		fprintf(stderr, "vfmonctl: vfmond has gone away: systemctl status vfmond; then "
				"vfmonctl watch again\n");
		return EXIT_STATUS_NO_DAEMON;
	}
	if (w->end_usec && moment_monotonic_usec() >= w->end_usec)
		return EXIT_STATUS_YES;
	fprintf(stderr, "vfmonctl: vfmond has been silent for too long: systemctl status vfmond\n");
	return EXIT_STATUS_OTHER;
}

static uint64_t patience(const struct watch *w)
{
	uint64_t usec = w->begun ? SILENCE_USEC : w->query.timeout_usec;
	uint64_t now = moment_monotonic_usec();
	uint64_t left = w->end_usec > now ? w->end_usec - now : 0;

	return w->end_usec && left < usec ? left : usec;
}

static enum exit_status follow(struct watch *w)
{
	for (;;) {
		struct reply reply;
		enum exit_status status;
		int r = connection_receive(w->query.connection, patience(w), &reply);
		bool last;

		if (r < 0)
			return ended(w, r);
		status = on_reply(w, &reply);
		last = !reply.continues;
		reply_done(&reply);
		if (status != EXIT_STATUS_YES || last || ferror(stdout))
			return status;
		if (w->options->lines && w->changes >= w->options->lines)
			return EXIT_STATUS_YES;
	}
}

enum exit_status verb_watch(const struct options *o)
{
	cleanup_(watch_done) struct watch w = { .options = o };
	enum exit_status status;

	if (columns_parse(NULL, &w.columns, stderr) < 0 ||
	    columns_new_table(&w.columns, &o->terminal, true, &w.table) < 0)
		return query_no_memory();
	if (o->timeout_usec)
		w.end_usec = moment_monotonic_usec() + o->timeout_usec;
	status = query_open(o, &w.query);
	if (status != EXIT_STATUS_YES)
		return status;
	connection_set_reader(w.query.connection, STDOUT_FILENO);
	selection_write(&o->selection, query_begin(&w.query, METHOD_WATCH_DEVICES));
	status = query_send(&w.query, CONNECTION_MORE);
	return status == EXIT_STATUS_YES ? follow(&w) : status;
}
