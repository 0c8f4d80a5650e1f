/* SPDX-License-Identifier: Apache-2.0 */
#include "verbs.h"

#include <errno.h>
#include <inttypes.h>

#include "change.h"
#include "pager.h"
#include "vfmon/keys.h"
#include "vfmon/names.h"

#define LINES_DEFAULT 100

struct history {
	const struct options *options;
	const struct query *query;
	uint64_t shown;
	int64_t oldest_sequence;
};

static enum exit_status on_reply(const struct value *parameters, void *arg)
{
	struct history *h = arg;
	const struct options *o = h->options;
	const struct value *changes = value_member(parameters, KEY_CHANGES);

	if (!value_text(parameters, KEY_EPOCH))
		return query_failed(h->query, -EBADMSG);
	h->oldest_sequence = value_int(parameters, KEY_OLDEST_SEQUENCE, 0);
	for (size_t i = 0; i < value_count(changes); i++) {
		const struct value *change = value_at(changes, i);
		int r;

		if ((uint64_t)value_int(change, KEY_OBSERVED_USEC, 0) < o->since_usec)
			continue;
		h->shown++;
		r = o->json ? value_print(change, stdout)
			    : change_print(change, &o->terminal, stdout);
		if (r < 0)
			return query_no_memory();
		if (o->json)
			printf("\n");
	}
	return EXIT_STATUS_YES;
}

static void print_legend(const struct history *h)
{
	if (h->shown == 0)
		printf("No change was seen.\n");
	else
		printf("\n%" PRIu64 " change%s; the oldest that is kept is number %" PRId64 ".\n",
		       h->shown, h->shown == 1 ? "" : "s", h->oldest_sequence);
}

/* A count is the server's work; a time is not known to it, so all must come for that. */
static uint64_t limit(const struct options *o)
{
	if (o->lines)
		return o->lines;
	return o->since_usec ? 0 : LINES_DEFAULT;
}

enum exit_status verb_history(const struct options *o)
{
	cleanup_(query_close) struct query q = { 0 };
	struct history h = { .options = o, .query = &q };
	enum exit_status status = query_open(o, &q);
	struct json_text *call;
	pid_t pager;

	if (status != EXIT_STATUS_YES)
		return status;
	call = query_begin(&q, METHOD_GET_HISTORY);
	if (o->selection.lists[SELECTION_ADDRESSES].count) {
		json_text_key(call, KEY_ADDRESS);
		json_text_string(call, o->selection.lists[SELECTION_ADDRESSES].items[0]);
	}
	if (limit(o)) {
		json_text_key(call, KEY_LIMIT);
		json_text_int(call, (int64_t)limit(o));
	}
	pager = o->json ? 0 : pager_start(o);
	status = query_each(&q, on_reply, &h);
	if (status == EXIT_STATUS_YES && !o->json && !o->no_legend)
		print_legend(&h);
	pager_finish(pager);
	return status;
}
