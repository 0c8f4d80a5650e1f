/* SPDX-License-Identifier: Apache-2.0 */
#include "verbs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "census.h"
#include "demand.h"
#include "follow.h"
#include "moment.h"
#include "progress.h"
#include "vfmon/keys.h"
#include "vfmon/names.h"
#include "writer.h"

/* How long an answer about an alias may take; then it is asked again with the next change. */
#define ALIAS_USEC (10 * 1000000ULL)
#define FOREVER_USEC UINT64_MAX

struct wait {
	const struct options *options;
	struct demands demands;
	struct census_question scope;
	struct follow follow;
	struct census *aliases; /* what each alias can get, by the index of its demand */
	bool *is_configured;	/* the same for whether there is such an alias */
	struct query alias_query;
	uint64_t end_usec; /* CLOCK_MONOTONIC */
	struct progress progress;
};

static void wait_done(struct wait *w)
{
	for (size_t i = 0; w->aliases && i < w->demands.count; i++)
		census_done(&w->aliases[i]);
	free(w->aliases);
	free(w->is_configured);
	follow_done(&w->follow);
	query_close(&w->alias_query);
	progress_done(&w->progress);
	demands_done(&w->demands);
}

static uint64_t left(const struct wait *w)
{
	uint64_t now = moment_monotonic_usec();

	if (w->end_usec == FOREVER_USEC)
		return FOREVER_USEC;
	return w->end_usec > now ? w->end_usec - now : 0;
}

/* With Placement where that decides. */
static int take_alias(struct wait *w, size_t index, const struct value *parameters)
{
	const struct value *placed = value_member(parameters, KEY_DEVICES_WITH_PLACEMENT);
	const struct value *devices = placed ? placed : value_member(parameters, KEY_DEVICES);
	int r = 0;

	w->is_configured[index] = true;
	for (size_t i = 0; r == 0 && i < value_count(devices); i++)
		r = census_put(&w->aliases[index], value_at(devices, i), 0);
	return r;
}

/* A connection of its own: the other one is busy with the watch. */
static int ask_alias(struct wait *w, size_t index, struct reply *ret)
{
	struct json_text *call;
	uint64_t usec = left(w) < ALIAS_USEC ? left(w) : ALIAS_USEC;
	int r = 0;

	if (!w->alias_query.connection)
		r = query_try_open(w->options, follow_texts(w->options), &w->alias_query);
	if (r < 0)
		return r;
	call = query_begin(&w->alias_query, METHOD_RESOLVE_ALIAS);
	json_text_key(call, KEY_NAME);
	json_text_string(call, w->demands.items[index].name);
	r = connection_send(w->alias_query.connection, CONNECTION_ONE_REPLY, usec);
	return r < 0 ? r : connection_receive(w->alias_query.connection, usec, ret);
}

/* No answer is no yes: the watch will notice too when the daemon has gone, and begin again. */
static enum exit_status update_alias(struct wait *w, size_t index)
{
	cleanup_(reply_done) struct reply reply = { 0 };
	int r;

	census_clear(&w->aliases[index]);
	w->is_configured[index] = false;
	r = ask_alias(w, index, &reply);
	if (r < 0) {
		query_close(&w->alias_query);
		return r == -ENOMEM ? query_no_memory() : EXIT_STATUS_YES;
	}
	if (reply.error && strcmp(reply.error, ERROR_NO_SUCH_ALIAS) == 0)
		return EXIT_STATUS_YES;
	if (reply.error)
		return follow_is_passing(&reply) ? EXIT_STATUS_YES : query_explain(&reply);
	r = take_alias(w, index, reply.parameters);
	if (r == -ENOMEM)
		return query_no_memory();
	return r < 0 ? query_failed(&w->alias_query, r) : EXIT_STATUS_YES;
}

static enum exit_status update_aliases(struct wait *w)
{
	enum exit_status status = EXIT_STATUS_YES;

	for (size_t i = 0; status == EXIT_STATUS_YES && i < w->demands.count; i++) {
		if (w->demands.items[i].kind == DEMAND_ALIAS)
			status = update_alias(w, i);
	}
	return status;
}

static const struct census *census_of(const struct wait *w, size_t index)
{
	return w->demands.items[index].kind == DEMAND_ALIAS ? &w->aliases[index]
							    : &w->follow.census;
}

static bool all_hold(const struct wait *w)
{
	for (size_t i = 0; i < w->demands.count; i++) {
		if (!demand_judge(&w->demands.items[i], census_of(w, i), &w->scope).holds)
			return false;
	}
	return true;
}

static void print_missing(const struct wait *w, FILE *out)
{
	const char *between = "";

	if (!follow_is_complete(&w->follow)) {
		follow_print_trouble(&w->follow, out);
		return;
	}
	for (size_t i = 0; i < w->demands.count; i++) {
		const struct demand *d = &w->demands.items[i];
		const struct census *census = census_of(w, i);

		if (demand_judge(d, census, &w->scope).holds)
			continue;
		fprintf(out, "%s", between);
		between = "; ";
		if (d->kind == DEMAND_ALIAS && !w->is_configured[i])
			fprintf(out, "there is no alias %s", d->name);
		else
			demand_print(d, census, &w->scope, out);
	}
}

static enum exit_status show_missing(struct wait *w)
{
	cleanup_(writer_done) struct writer text = { 0 };

	if (!progress_is_shown(&w->progress))
		return EXIT_STATUS_YES;
	if (writer_open(&text) < 0)
		return query_no_memory();
	fprintf(text.out, "waiting: ");
	print_missing(w, text.out);
	if (writer_close(&text) < 0)
		return query_no_memory();
	progress_show(&w->progress, text.text);
	return EXIT_STATUS_YES;
}

static int print_json(const struct wait *w, bool holds)
{
	printf("{\"holds\":%s,\"demands\":[", holds ? "true" : "false");
	for (size_t i = 0; i < w->demands.count; i++) {
		const struct demand *d = &w->demands.items[i];
		struct outcome o = demand_judge(d, census_of(w, i), &w->scope);
		char addr[PCI_ADDR_TEXT_MAX];
		const char *name = d->kind == DEMAND_ADDRESS ? pci_addr_format(&d->addr, addr)
							     : d->name;

		printf("%s{\"" KEY_KIND "\":\"%s\",\"" KEY_NAME "\":", i ? "," : "",
		       demand_kind_name(d->kind));
		if (!name)
			printf("null");
		else if (value_print_text(name, stdout) < 0)
			return -ENOMEM;
		printf(",\"have\":%zu,\"want\":%zu}", o.have, o.want);
	}
	printf("]}\n");
	return 0;
}

static enum exit_status finish(struct wait *w, bool holds)
{
	progress_clear(&w->progress);
	if (!holds) {
		fprintf(stderr, "vfmonctl: waited in vain: ");
		print_missing(w, stderr);
		fprintf(stderr, "\n");
	}
	if (w->options->json && print_json(w, holds) < 0)
		return query_no_memory();
	return holds ? EXIT_STATUS_YES : EXIT_STATUS_NO;
}

static enum exit_status wait_for_all(struct wait *w)
{
	for (;;) {
		enum exit_status status = show_missing(w);
		bool news = false;

		if (status == EXIT_STATUS_YES)
			status = follow_step(&w->follow, left(w), &news);
		if (status == EXIT_STATUS_YES && news && follow_is_complete(&w->follow))
			status = update_aliases(w);
		if (status != EXIT_STATUS_YES) {
			progress_clear(&w->progress);
			return status;
		}
		if (follow_is_complete(&w->follow) && all_hold(w))
			return finish(w, true);
		if (left(w) == 0)
			return finish(w, false);
	}
}

/* Each address is a demand too. Where nothing is demanded, it is that something is there. */
static int collect_demands(struct wait *w)
{
	const struct options *o = w->options;
	const struct selection_list *addresses = &o->selection.lists[SELECTION_ADDRESSES];
	int r = demands_copy(&w->demands, &o->demands);

	for (size_t i = 0; r == 0 && i < addresses->count; i++) {
		struct pci_addr addr;

		/* As the selection has written it. */
		(void)pci_addr_parse(addresses->items[i], &addr);
		r = demands_add_address(&w->demands, &addr);
	}
	if (r < 0 || w->demands.count)
		return r;
	return o->ready ? demands_add_every(&w->demands)
			: demands_add_count(&w->demands, "1", stderr);
}

static void choose_kinds(struct wait *w)
{
	const struct selection_list *kinds = &w->options->selection.lists[SELECTION_KINDS];

	for (size_t i = 0; i < kinds->count; i++)
		w->scope.kinds |= 1U << vf_kind_from_name(kinds->items[i]);
	if (kinds->count == 0)
		w->scope.kinds = 1U << VF_KIND_VF;
	w->scope.ready = w->options->ready;
}

enum exit_status verb_wait(const struct options *o)
{
	cleanup_(wait_done) struct wait w = { .options = o, .end_usec = FOREVER_USEC };

	follow_init(&w.follow, o);
	progress_init(&w.progress, &o->terminal);
	if (collect_demands(&w) < 0)
		return query_no_memory();
	choose_kinds(&w);
	w.aliases = calloc(w.demands.count, sizeof(*w.aliases));
	w.is_configured = calloc(w.demands.count, sizeof(*w.is_configured));
	if (!w.aliases || !w.is_configured)
		return query_no_memory();
	if (o->timeout_usec)
		w.end_usec = moment_monotonic_usec() + o->timeout_usec;
	return wait_for_all(&w);
}
