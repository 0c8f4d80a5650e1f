/* SPDX-License-Identifier: Apache-2.0 */
#include "stream.h"

#include <errno.h>
#include <stdlib.h>

#include "vfmon/cleanup.h"
#include "vfmon/filter.h"
#include "vfmon/names.h"
#include "vfmon/session.h"
#include "vfmon/wire.h"

/* A step ends behind the reply that passes this. */
#define STEP_BYTES (32u << 10)

/* What differs between the lists. */
struct stream_ops {
	const char *key;
	/* Looks for the next element, which write_next() then writes and passes. */
	bool (*find_next)(struct stream *s);
	void (*write_next)(struct stream *s, struct json_text *out);
	/* What a reply has besides the list. */
	void (*write_rest)(const struct stream *s, struct json_text *out);
};

struct stream {
	const struct stream_ops *ops;
	struct service *service;
	struct filter *filter;
	struct device_walk devices;
	struct change_walk changes;
	struct vf *device;	     /* that was found, in the same step */
	const struct change *change; /* the same */
	struct json_text tail;	     /* of each reply but the last */
	uint64_t sequence;	     /* when it began: so that a watch can go on from there */
	bool in_parts;		     /* one element a reply; else all in one, over several steps */
	bool has_begun;		     /* the one reply */
};

static bool find_device(struct stream *s)
{
	s->device = device_walk_peek(&s->devices);
	return s->device != NULL;
}

static void write_device(struct stream *s, struct json_text *out)
{
	wire_device_kept(out, s->device);
	device_walk_pass(&s->devices, s->device);
}

static void write_place(const struct stream *s, struct json_text *out)
{
	wire_member_text(out, KEY_EPOCH, s->service->epoch);
	wire_member_uint(out, KEY_SEQUENCE, s->sequence);
}

static void write_nothing(const struct stream *s, struct json_text *out)
{
	(void)s;
	(void)out;
}

static bool find_change(struct stream *s)
{
	s->change = change_walk_peek(&s->changes);
	return s->change != NULL;
}

static void write_change(struct stream *s, struct json_text *out)
{
	static const struct wire_change_options as_it_is = { .matches = true, .merged = 1 };

	wire_change(out, s->change, &as_it_is);
	change_walk_pass(&s->changes, s->change);
}

static void write_extent(const struct stream *s, struct json_text *out)
{
	wire_member_text(out, KEY_EPOCH, s->service->epoch);
	wire_member_uint(out, KEY_OLDEST_SEQUENCE, history_oldest(s->service->history));
}

static const struct stream_ops listed_ops = { KEY_DEVICES, find_device, write_device, write_place };
static const struct stream_ops vanished_ops = { KEY_DEVICES, find_device, write_device,
						write_nothing };
static const struct stream_ops history_ops = { KEY_CHANGES, find_change, write_change,
					       write_extent };

static int stream_new(struct service *service, struct wire_request *request, struct stream **ret)
{
	struct stream *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->service = service;
	s->filter = TAKE_PTR(request->filter);
	s->sequence = registry_sequence(service->registry);
	s->in_parts = request->more;
	*ret = s;
	return 0;
}

int stream_devices_new(struct service *service, struct wire_request *request, enum walk_over over,
		       struct stream **ret)
{
	struct stream *s;

	if (stream_new(service, request, &s) < 0)
		return -ENOMEM;
	s->ops = over == WALK_LISTED ? &listed_ops : &vanished_ops;
	s->devices = (struct device_walk){
		.registry = service->registry,
		.filter = s->filter,
		.over = over,
	};
	*ret = s;
	return 0;
}

int stream_history_new(struct service *service, struct wire_request *request, struct stream **ret)
{
	struct stream *s;
	int r;

	if (stream_new(service, request, &s) < 0)
		return -ENOMEM;
	s->ops = &history_ops;
	r = change_walk_init(&s->changes, service->history, request);
	if (r < 0) {
		stream_free(s);
		return r;
	}
	*ret = s;
	return 0;
}

struct stream *stream_free(struct stream *s)
{
	if (!s)
		return NULL;
	filter_free(s->filter);
	json_text_done(&s->tail);
	free(s);
	return NULL;
}

static void begin_list(const struct stream *s, struct json_text *out)
{
	wire_reply_begin(out);
	json_text_key(out, s->ops->key);
	json_text_begin_array(out);
}

static void end_list(const struct stream *s, struct json_text *out, enum wire_continues continues)
{
	json_text_end_array(out);
	s->ops->write_rest(s, out);
	wire_reply_end(out, continues);
}

int stream_fits(struct stream *s)
{
	struct device_walk devices = s->devices;
	struct change_walk changes = s->changes;
	struct json_text scratch = { 0 };
	size_t bytes = 0;
	int r = 0;

	/* Each element alone, in memory that is used again: cheaper than to hold all of them. */
	while (r == 0 && bytes <= MAX_PLAIN_REPLY_BYTES && s->ops->find_next(s)) {
		json_text_cut(&scratch, 0);
		s->ops->write_next(s, &scratch);
		bytes += scratch.len + 1;
		r = json_text_error(&scratch);
	}
	json_text_done(&scratch);
	s->devices = devices;
	s->changes = changes;
	return r < 0 ? r : bytes <= MAX_PLAIN_REPLY_BYTES;
}

/* Goes on with the one reply. Returns 1 if it goes on behind this. */
static int step_whole(struct stream *s, struct json_text *out)
{
	size_t start = out->len;

	if (!s->has_begun)
		begin_list(s, out);
	while (out->len - start < STEP_BYTES && json_text_error(out) == 0) {
		if (!s->ops->find_next(s)) {
			end_list(s, out, WIRE_LAST);
			return 0;
		}
		if (s->has_begun)
			json_text_raw(out, ",", 1);
		s->ops->write_next(s, out);
		s->has_begun = true;
	}
	return 1;
}

static int step_parts(struct stream *s, struct json_text *out)
{
	size_t start = out->len;
	bool found = s->ops->find_next(s);

	json_text_clear(&s->tail);
	end_list(s, &s->tail, WIRE_CONTINUES);
	if (json_text_error(&s->tail) < 0)
		return -ENOMEM;
	do {
		begin_list(s, out);
		/* There is none in an empty list, or if the last one has gone since. */
		if (found)
			s->ops->write_next(s, out);
		found = s->ops->find_next(s);
		if (found)
			json_text_raw(out, s->tail.data, s->tail.len);
		else
			end_list(s, out, WIRE_LAST);
	} while (found && out->len - start < STEP_BYTES && json_text_error(out) == 0);
	return found;
}

int stream_step(struct stream *s, struct json_text *out)
{
	return s->in_parts ? step_parts(s, out) : step_whole(s, out);
}
