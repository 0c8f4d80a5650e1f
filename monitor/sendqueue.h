/* SPDX-License-Identifier: Apache-2.0 */
/* What waits to be sent to one peer: puts texts there, without a copy where that pays. */
#ifndef VFMOND_SENDQUEUE_H
#define VFMOND_SENDQUEUE_H

#include <stddef.h>

struct evbuffer;
struct json_text;
struct shared_text;

/* Takes what is written in the text, which is empty afterwards. Returns 0 or -ENOMEM. */
int sendqueue_add(struct evbuffer *queue, struct json_text *text);

/* Adds the text behind its first bytes, with a reference of its own. Returns 0 or -ENOMEM. */
int sendqueue_add_shared(struct evbuffer *queue, struct shared_text *text, size_t from);

#endif
