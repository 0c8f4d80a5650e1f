/* SPDX-License-Identifier: Apache-2.0 */
#include "subscriber.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "failure.h"
#include "vfmon/names.h"

#define REQUEST_MAX (SUBSCRIBER_FILTER_MAX + 300)

void subscriber_init(struct subscriber *s, const struct subscriber_plan *plan, unsigned int number)
{
	*s = (struct subscriber){ .plan = plan };
	(void)snprintf(s->name, sizeof(s->name), "subscriber %u", number);
	if (plan->filter[0])
		s->filter = json_tokener_parse(plan->filter);
	view_init(&s->view, s->name, s->filter);
}

static void hang_up(struct subscriber *s)
{
	s->session = session_free(s->session);
	s->queue_size = s->input_size = 0;
	/* Half of a snapshot is nothing to go on from. */
	if (s->in_snapshot)
		s->has_place = false;
	s->in_snapshot = false;
}

void subscriber_done(struct subscriber *s)
{
	hang_up(s);
	view_done(&s->view);
	json_object_put(s->filter);
	free(s->queue);
	free(s->input);
}

void subscriber_set_server(struct subscriber *s, struct monitored *m)
{
	hang_up(s);
	s->server = m;
}

static void append(char **bytes, size_t *size, size_t *room, const char *more, size_t len)
{
	if (*size + len > *room) {
		*room = (*size + len) * 2;
		*bytes = realloc(*bytes, *room);
		if (!*bytes)
			abort();
	}
	memcpy(*bytes + *size, more, len);
	*size += len;
}

static void enqueue(struct subscriber *s, struct json_text *text)
{
	append(&s->queue, &s->queue_size, &s->queue_room, text->data, text->len);
	json_text_clear(text);
}

static bool is_full(const struct subscriber *s)
{
	return s->queue_size >= s->plan->room;
}

/* As answer() of client.c. */
static void serve(struct subscriber *s)
{
	const struct registry *registry = s->server->service.registry;
	struct json_text *out;
	int r = 1;

	while (r > 0 && !is_full(s)) {
		r = session_step(s->session);
		out = session_output(s->session);
		/* The last part of a snapshot shows nothing newer than this. */
		if (out->len > 0 && memmem(out->data, out->len, "\"snapshot_complete\"", 19))
			s->view.blurred = registry_sequence(registry);
		if (out->len > 0)
			enqueue(s, out);
	}
	if (r < 0)
		fail("%s: its session has ended: %s", s->name, session_why(s->session));
}

enum way { WAY_RESUME, WAY_FRESH, WAY_OTHER_EPOCH, WAY_FUTURE };

static enum way choose_way(const struct subscriber *s, struct dice *dice)
{
	if (!s->has_place)
		return WAY_FRESH;
	return dice_chance(dice, s->plan->odd) ? (enum way)dice_between(dice, WAY_FRESH, WAY_FUTURE)
					       : WAY_RESUME;
}

/* Whether the daemon has all that came after the place, by its own account of what it keeps. */
static bool is_kept(const struct subscriber *s)
{
	uint64_t newest = registry_sequence(s->server->service.registry);
	uint64_t oldest = history_oldest(s->server->history);

	if (strcmp(s->epoch, s->server->epoch) != 0 || s->sequence > newest)
		return false;
	return s->sequence == newest || (oldest > 0 && s->sequence + 1 >= oldest);
}

static void print_request(struct subscriber *s, enum way way, char text[static REQUEST_MAX])
{
	const char *filter = s->plan->filter;
	char place[128] = "";

	s->asked_sequence = s->sequence + (way == WAY_FUTURE ? 1000000 : 0);
	if (way != WAY_FRESH)
		(void)snprintf(place, sizeof(place), "%s\"epoch\":\"%s\",\"sequence\":%llu",
			       filter[0] ? "," : "", way == WAY_OTHER_EPOCH ? "odd" : s->epoch,
			       (unsigned long long)s->asked_sequence);
	(void)snprintf(text, REQUEST_MAX,
		       "{\"method\":\"%s." METHOD_WATCH_DEVICES
		       "\",\"more\":true,\"parameters\":{%s%s%s}}",
		       IFACE_MONITOR, filter[0] ? "\"filter\":" : "", filter, place);
}

static void connect_again(struct subscriber *s, struct dice *dice)
{
	enum way way = choose_way(s, dice);
	char request[REQUEST_MAX];
	size_t len, half;

	print_request(s, way, request);
	if (getenv("CONVERGE_TRACE"))
		(void)printf("%s asks: %s\n", s->name, request);
	s->asked = way == WAY_RESUME;
	s->must_resume = s->asked && is_kept(s);
	s->answered = s->in_snapshot = false;
	/* What was merged had the place of its last change: others of before may not have been told. */
	if (s->stored)
		s->view.blurred = registry_sequence(s->server->service.registry);
	s->stored = false;
	if (session_new(&s->server->service, &s->session) < 0)
		abort();
	len = strlen(request) + 1;
	half = dice_below(dice, (uint32_t)len);
	(void)session_feed(s->session, request, half);
	serve(s);
	(void)session_feed(s->session, request + half, len - half);
	serve(s);
}

static void note_place(struct subscriber *s, const char *epoch, uint64_t sequence)
{
	s->has_place = true;
	if (epoch)
		(void)snprintf(s->epoch, sizeof(s->epoch), "%s", epoch);
	s->sequence = sequence;
}

/* Whether the daemon goes on from the place, or begins anew. */
static void on_first_reply(struct subscriber *s, struct json_object *reply)
{
	bool snapshot = json_get(reply, "snapshot") != NULL;

	s->answered = true;
	if (s->must_resume && snapshot)
		fail("%s: all since %llu is kept, and still there is a snapshot", s->name,
		     (unsigned long long)s->asked_sequence);
	if (!s->must_resume && !snapshot)
		fail("%s: no snapshot though the place is not known", s->name);
	s->resumes += !snapshot;
	s->snapshots += snapshot;
	s->in_snapshot = snapshot;
	if (snapshot) {
		s->has_place = false;
		view_clear(&s->view);
	} else if ((uint64_t)json_number(reply, "sequence") != s->asked_sequence ||
		   strcmp(json_string(reply, "epoch"), s->epoch) != 0 ||
		   json_get(reply, "change")) {
		fail("%s: asked for %s %llu, which is confirmed as %s", s->name, s->epoch,
		     (unsigned long long)s->asked_sequence, json_object_to_json_string(reply));
	}
}

static void on_snapshot_part(struct subscriber *s, struct json_object *reply)
{
	struct json_object *part = json_get(reply, "snapshot");

	if (!part) {
		fail("%s: a part of the snapshot is missing", s->name);
		return;
	}
	view_fold_snapshot(&s->view, part);
	if (json_object_get_boolean(json_get(reply, "snapshot_complete"))) {
		s->in_snapshot = false;
		s->view.last = (uint64_t)json_number(reply, "sequence");
		note_place(s, json_string(reply, "epoch"), s->view.last);
	}
}

static void on_reply(struct subscriber *s, struct json_object *reply)
{
	struct json_object *change = json_get(reply, "change");

	if (!s->answered)
		on_first_reply(s, reply);
	if (s->in_snapshot) {
		on_snapshot_part(s, reply);
	} else if (json_get(reply, "snapshot")) {
		fail("%s: a snapshot in between", s->name);
	} else if (change) {
		view_fold_change(&s->view, change);
		s->merged += json_number(change, "merged") > 1;
		note_place(s, NULL, s->view.last);
	} else if ((uint64_t)json_number(reply, "sequence") < s->sequence) {
		fail("%s: a bookmark leads back", s->name);
	} else {
		note_place(s, json_string(reply, "epoch"),
			   (uint64_t)json_number(reply, "sequence"));
	}
}

static void on_message(struct subscriber *s, const char *text)
{
	struct json_object *message = json_tokener_parse(text);

	if (getenv("CONVERGE_TRACE"))
		(void)printf("%s: %s\n", s->name, text);
	if (!message || !json_object_get_boolean(json_get(message, "continues")))
		fail("%s: this is no reply of a watch: %s", s->name, text);
	else
		on_reply(s, json_get(message, "parameters"));
	json_object_put(message);
}

/* Takes bytes out of the queue, and from these each message that is whole. */
static void read_bytes(struct subscriber *s, size_t len)
{
	char *end;

	len = len < s->queue_size ? len : s->queue_size;
	append(&s->input, &s->input_size, &s->input_room, s->queue, len);
	memmove(s->queue, s->queue + len, s->queue_size - len);
	s->queue_size -= len;
	while (s->input_size > 0 && (end = memchr(s->input, '\0', s->input_size)) &&
	       !failure_is()) {
		size_t used = (size_t)(end - s->input) + 1;

		on_message(s, s->input);
		memmove(s->input, s->input + used, s->input_size - used);
		s->input_size -= used;
	}
}

void subscriber_change(struct subscriber *s, const struct change *change)
{
	enum session_delivery delivery;
	struct json_text text;

	if (!s->session)
		return;
	s->stored = s->stored || is_full(s) || history_trim_below(s->server->history) > 0;
	delivery = session_change(s->session, change, is_full(s) ? SESSION_FULL : SESSION_ROOM);
	if (delivery == SESSION_NOT_CONCERNED)
		return;
	json_text_init(&text);
	if (session_change_reply(&text, change, delivery) < 0)
		abort();
	enqueue(s, &text);
	json_text_done(&text);
}

static void bookmark(struct subscriber *s)
{
	if (session_bookmark(s->session) > 0)
		enqueue(s, session_output(s->session));
}

void subscriber_turn(struct subscriber *s, struct dice *dice)
{
	if (!s->server || !s->server->scanned)
		return;
	if (!s->session)
		connect_again(s, dice);
	if (dice_chance(dice, s->plan->idle))
		return;
	read_bytes(s, dice_between(dice, 1, s->plan->speed));
	/* Best in the midst of what was sent. */
	if (dice_chance(dice, s->queue_size > 0 ? s->plan->reconnect : s->plan->reconnect / 4)) {
		hang_up(s);
		return;
	}
	/* As libevent does below the low mark; sooner is of no harm. */
	if (s->queue_size < s->plan->room / 4 || dice_chance(dice, 30))
		serve(s);
	if (dice_chance(dice, 3) && s->queue_size == 0)
		bookmark(s);
}

void subscriber_drain(struct subscriber *s)
{
	struct dice dice = dice_mixed(s->plan->chaos, 0);
	size_t before;

	if (!s->session)
		connect_again(s, &dice);
	do {
		read_bytes(s, s->queue_size);
		before = s->queue_size;
		serve(s);
	} while (!failure_is() && s->queue_size > before);
}
