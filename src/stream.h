/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reply of a method that gives a list: as a whole, or with 'more' one element a reply, so that
 * neither side has to hold all of it.
 */
#ifndef VFMON_STREAM_H
#define VFMON_STREAM_H

#include "vfmon/json_text.h"
#include "walk.h"

struct stream;

/* Takes the request's filter. Return 0, -ENOMEM, or of a history -EINVAL: the address is none. */
int stream_devices_new(struct service *service, struct wire_request *request, enum walk_over over,
		       struct stream **ret);
int stream_history_new(struct service *service, struct wire_request *request, struct stream **ret);

/* Takes NULL. Returns NULL. */
struct stream *stream_free(struct stream *s);

/* Writes the whole list as one reply, or ExpectedMore if that would be longer than allowed. */
void stream_write_plain(struct stream *s, struct json_text *out);

/* Writes the next replies. Returns 1 if more follow, 0 if the last one was among them. */
int stream_step(struct stream *s, struct json_text *out);

#endif
