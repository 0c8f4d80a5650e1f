/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/session.h"

#include <errno.h>
#include <stdlib.h>

#include "service_methods.h"
#include "stream.h"
#include "vfmon/frame.h"
#include "vfmon/names.h"
#include "vfmon/wire.h"
#include "watch.h"

struct session {
	struct service *service;
	struct frame in;
	struct json_text out;
	struct stream *stream; /* the list that is being sent; NULL: none */
	struct watch *watch;   /* the watch that runs; NULL: none */
	bool is_refused;
	uint64_t refused_limit;
	uint64_t calls;
	int feed_error; /* behind the calls that came whole */
	int error;	/* it is over */
	const char *why;
};

int session_new(struct service *service, struct session **ret)
{
	struct session *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->service = service;
	frame_init(&s->in, MAX_REQUEST_BYTES);
	json_text_init(&s->out);
	*ret = s;
	return 0;
}

struct session *session_free(struct session *s)
{
	if (!s)
		return NULL;
	watch_free(s->watch);
	stream_free(s->stream);
	json_text_done(&s->out);
	frame_done(&s->in);
	free(s);
	return NULL;
}

void session_refuse(struct session *s, uint64_t limit)
{
	s->is_refused = true;
	s->refused_limit = limit;
}

int session_feed(struct session *s, const char *bytes, size_t len)
{
	int r = s->feed_error;

	if (r == 0)
		r = frame_feed(&s->in, bytes, len);
	s->feed_error = r;
	return r;
}

/* Ends it; why is NULL for what has only one reason. */
static int fail(struct session *s, int error, const char *why)
{
	if (error == -ENOMEM)
		why = "no memory";
	else if (error == -EMSGSIZE)
		why = "a call longer than allowed";
	else if (error == -ENODATA)
		why = "the changes it was to get are not kept any more";
	s->error = error;
	s->why = why;
	if (error != -ENOMEM && error != -ENODATA && error != -EUSERS)
		s->service->malformed++;
	return error;
}

static int refuse(struct session *s, const struct wire_request *request)
{
	if (!request->oneway)
		wire_error_number(&s->out, ERROR_TOO_MANY_CLIENTS, KEY_LIMIT, s->refused_limit);
	(void)fail(s, -EUSERS, "one client too many"); /* told by the next step */
	return 0;
}

static int start_watch(struct session *s, struct wire_request *request)
{
	if (request->more)
		return watch_new(s->service, request, &s->watch);
	wire_error(&s->out, ERROR_EXPECTED_MORE, NULL, NULL);
	return 0;
}

static int answer(struct session *s, struct wire_request *request)
{
	if (s->is_refused)
		return refuse(s, request);
	/* No method has an effect, so that without a reply nothing is to be done. */
	if (request->oneway)
		return 0;
	if (request->verdict == WIRE_SERVE && request->method == WIRE_METHOD_WATCH_DEVICES)
		return start_watch(s, request);
	return service_methods_answer(s->service, request, &s->out, &s->stream);
}

static int step_call(struct session *s, const char *message, size_t len)
{
	struct wire_request request;
	const char *why = NULL;
	size_t start = s->out.len;
	int r;

	r = wire_request_parse(message, len, &request, &why);
	if (r < 0)
		return fail(s, r, why);
	r = answer(s, &request);
	wire_request_done(&request);
	if (r == 0)
		r = json_text_error(&s->out);
	if (r == 0)
		return 1;
	json_text_cut(&s->out, start);
	return fail(s, r, NULL);
}

static int step_stream(struct session *s)
{
	size_t start = s->out.len;
	int r = stream_step(s->stream, &s->out);

	if (r == 0)
		s->stream = stream_free(s->stream);
	if (json_text_error(&s->out) < 0)
		r = -ENOMEM;
	if (r >= 0)
		return 1;
	json_text_cut(&s->out, start);
	return fail(s, r, NULL);
}

static int step_watch(struct session *s)
{
	int r = watch_step(s->watch, &s->out);

	return r < 0 ? fail(s, r, NULL) : r;
}

int session_step(struct session *s)
{
	char *message;
	size_t len;
	int r;

	if (s->error < 0)
		return s->error;
	if (s->stream)
		return step_stream(s);
	if (s->watch)
		return step_watch(s);
	if (frame_take(&s->in, &message, &len) == 0)
		return s->feed_error < 0 ? fail(s, s->feed_error, NULL) : 0;
	s->calls++;
	r = step_call(s, message, len);
	frame_trim(&s->in);
	return r;
}

struct json_text *session_output(struct session *s)
{
	return &s->out;
}

const char *session_why(const struct session *s)
{
	return s->why;
}

uint64_t session_calls(const struct session *s)
{
	return s->calls;
}

bool session_has_begun(const struct session *s)
{
	return session_wants_input(s) && frame_has_part(&s->in);
}

bool session_wants_input(const struct session *s)
{
	return s->error == 0 && s->feed_error == 0 && !s->watch && !s->stream &&
	       !frame_has_message(&s->in);
}

bool session_is_watching(const struct session *s)
{
	return s->watch && s->error == 0;
}

enum session_delivery session_change(struct session *s, const struct change *change,
				     enum session_room room)
{
	return session_is_watching(s) ? watch_change(s->watch, change, room)
				      : SESSION_NOT_CONCERNED;
}

int session_change_reply(struct json_text *out, const struct change *change,
			 enum session_delivery delivery)
{
	struct wire_change_options options = {
		.matches = delivery == SESSION_SEND_MATCHING,
		.merged = 1,
	};
	size_t start = out->len;

	wire_reply_begin(out);
	json_text_key(out, KEY_CHANGE);
	wire_change(out, change, &options);
	wire_reply_end(out, WIRE_CONTINUES);
	if (json_text_error(out) < 0)
		json_text_cut(out, start);
	return json_text_error(out);
}

int session_bookmark(struct session *s)
{
	size_t start = s->out.len;

	if (!session_is_watching(s) || watch_bookmark(s->watch, &s->out) == 0)
		return 0;
	if (json_text_error(&s->out) == 0)
		return 1;
	json_text_cut(&s->out, start);
	return fail(s, -ENOMEM, NULL);
}
