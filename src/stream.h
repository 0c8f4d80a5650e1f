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

/* In parts if the request has 'more'. Takes its filter. Return 0, -ENOMEM, or of a history -EINVAL: the address is none. */
int stream_devices_new(struct service *service, struct wire_request *request, enum walk_over over,
		       struct stream **ret);
int stream_history_new(struct service *service, struct wire_request *request, struct stream **ret);

/* Takes NULL. Returns NULL. */
struct stream *stream_free(struct stream *s);

/*
 * Whether the list fits into one reply; to be asked before the first step of one that is not sent in
 * parts. Returns 1 or 0, or -ENOMEM.
 */
int stream_fits(struct stream *s);

/*
 * Writes the next replies, or the next piece of the one reply. Returns 1 if something follows, 0 if
 * that was the end, or -ENOMEM; the text's own error is to be looked at besides.
 */
int stream_step(struct stream *s, struct json_text *out);

#endif
