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
	/* Writes the next element and passes it; false if there is none. */
	bool (*write_next)(struct stream *s, struct json_text *out);
	bool (*has_next)(const struct stream *s);
	void (*write_rest)(const struct stream *s, struct json_text *out);
};

struct stream {
	const struct stream_ops *ops;
	struct service *service;
	struct filter *filter;
	struct device_walk devices;
	struct wire_neighbour before; /* of the same step */
	struct change_walk changes;
	uint64_t sequence; /* when it began: so that a watch can go on from there */
};

static bool write_device(struct stream *s, struct json_text *out)
{
	const struct vf *vf = device_walk_peek(&s->devices);

	if (!vf)
		return false;
	wire_device_after(out, vf, &s->before);
	device_walk_pass(&s->devices, vf);
	return true;
}

static bool has_device(const struct stream *s)
{
	return device_walk_peek(&s->devices) != NULL;
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

static bool write_next_change(struct stream *s, struct json_text *out)
{
	static const struct wire_change_options as_it_is = { .matches = true, .merged = 1 };
	const struct change *change = change_walk_peek(&s->changes);

	if (!change)
		return false;
	wire_change(out, change, &as_it_is);
	change_walk_pass(&s->changes, change);
	return true;
}

static bool has_change(const struct stream *s)
{
	return change_walk_peek(&s->changes) != NULL;
}

static void write_extent(const struct stream *s, struct json_text *out)
{
	wire_member_text(out, KEY_EPOCH, s->service->epoch);
	wire_member_uint(out, KEY_OLDEST_SEQUENCE, history_oldest(s->service->history));
}

static const struct stream_ops listed_ops = { KEY_DEVICES, write_device, has_device, write_place };
static const struct stream_ops vanished_ops = { KEY_DEVICES, write_device, has_device,
						write_nothing };
static const struct stream_ops history_ops = { KEY_CHANGES, write_next_change, has_change,
					       write_extent };

static int stream_new(struct service *service, struct wire_request *request, struct stream **ret)
{
	struct stream *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->service = service;
	s->filter = TAKE_PTR(request->filter);
	s->sequence = registry_sequence(service->registry);
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

void stream_write_plain(struct stream *s, struct json_text *out)
{
	size_t start = out->len, before;

	begin_list(s, out);
	before = out->len;
	while (s->ops->write_next(s, out) && json_text_error(out) == 0) {
		before = out->len;
		json_text_raw(out, ",", 1);
		if (out->len - start > MAX_PLAIN_REPLY_BYTES)
			break;
	}
	if (out->len - start > MAX_PLAIN_REPLY_BYTES) {
		json_text_cut(out, start);
		wire_error(out, ERROR_EXPECTED_MORE, NULL, NULL);
		return;
	}
	json_text_cut(out, before);
	end_list(s, out, WIRE_LAST);
}

int stream_step(struct stream *s, struct json_text *out)
{
	size_t start = out->len;
	bool more = true;

	s->before = (struct wire_neighbour){ 0 }; /* the output was taken since */
	while (more && out->len - start < STEP_BYTES && json_text_error(out) == 0) {
		begin_list(s, out);
		(void)s->ops->write_next(s, out); /* of an empty list, or if it has gone since */
		more = s->ops->has_next(s);
		end_list(s, out, more ? WIRE_CONTINUES : WIRE_LAST);
	}
	return more;
}
