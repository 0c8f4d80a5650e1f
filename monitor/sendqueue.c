/* SPDX-License-Identifier: Apache-2.0 */
#include "sendqueue.h"

#include <errno.h>
#include <stdlib.h>

#include <event2/buffer.h>

#include "shared_text.h"
#include "vfmon/json_text.h"

/* Below this a text is copied into the queue, above it is handed over. */
#define HAND_OVER_BYTES 4096

static void free_text(const void *data, size_t len, void *arg)
{
	(void)data;
	(void)len;
	free(arg);
}

/* A long reply is not copied: the queue gets the writer's own memory, cut to what is used. */
static int hand_over(struct evbuffer *queue, struct json_text *text)
{
	char *data = realloc(text->data, text->len);
	size_t len = text->len;

	if (!data)
		return -ENOMEM;
	json_text_init(text);
	if (evbuffer_add_reference(queue, data, len, free_text, data) == 0)
		return 0;
	free(data);
	return -ENOMEM;
}

int sendqueue_add(struct evbuffer *queue, struct json_text *text)
{
	int r;

	if (text->len >= HAND_OVER_BYTES)
		return hand_over(queue, text);
	r = evbuffer_add(queue, text->data, text->len) < 0 ? -ENOMEM : 0;
	json_text_clear(text);
	return r;
}

static void unref_text(const void *data, size_t len, void *arg)
{
	(void)data;
	(void)len;
	(void)shared_text_unref(arg);
}

int sendqueue_add_shared(struct evbuffer *queue, struct shared_text *text, size_t from)
{
	if (evbuffer_add_reference(queue, text->data + from, text->len - from, unref_text, text) <
	    0)
		return -ENOMEM;
	(void)shared_text_ref(text);
	return 0;
}
