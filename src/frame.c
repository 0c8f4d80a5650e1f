/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/frame.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE 256

/* An empty buffer above this size is given back. */
#define KEPT_SIZE 4096

void frame_init(struct frame *f, size_t limit)
{
	*f = (struct frame){ .limit = limit };
}

void frame_done(struct frame *f)
{
	free(f->data);
	frame_init(f, f->limit);
}

/*
 * Moves what is left to the front; only if that is less than what was taken, so that each byte is
 * paid for once whatever the sizes of feeds and messages are.
 */
static void compact(struct frame *f)
{
	size_t left = f->len - f->start;

	if (left > f->start)
		return;
	memmove(f->data, f->data + f->start, left);
	f->len = left;
	f->scanned -= f->start;
	f->whole_end -= f->start;
	f->start = 0;
}

static int make_room(struct frame *f, size_t bytes)
{
	size_t size = f->size ? f->size : FIRST_SIZE;
	char *data;

	if (f->start > 0)
		compact(f);
	if (f->size - f->len >= bytes)
		return 0;
	while (size - f->len < bytes)
		size *= 2;
	data = realloc(f->data, size);
	if (!data)
		return -ENOMEM;
	f->data = data;
	f->size = size;
	return 0;
}

/* Finds the ends of messages in what is new. */
static int scan(struct frame *f)
{
	while (f->scanned < f->len) {
		const char *from = f->data + f->scanned;
		const char *nul = memchr(from, '\0', f->len - f->scanned);
		size_t end = nul ? (size_t)(nul - f->data) : f->len;

		if (end - f->whole_end > f->limit) {
			f->len = f->scanned = f->whole_end;
			return -EMSGSIZE;
		}
		f->scanned = nul ? end + 1 : end;
		if (nul)
			f->whole_end = f->scanned;
	}
	return 0;
}

int frame_feed(struct frame *f, const char *bytes, size_t len)
{
	int r;

	if (len == 0)
		return 0;
	r = make_room(f, len);
	if (r < 0)
		return r;
	memcpy(f->data + f->len, bytes, len);
	f->len += len;
	return scan(f);
}

int frame_take(struct frame *f, char **ret_message, size_t *ret_len)
{
	if (!frame_has_message(f))
		return 0;

	char *message = f->data + f->start;

	*ret_len = strlen(message);
	*ret_message = message;
	f->start += *ret_len + 1;
	return 1;
}

void frame_trim(struct frame *f)
{
	if (f->start == f->len && f->size > KEPT_SIZE)
		frame_done(f);
}

bool frame_has_message(const struct frame *f)
{
	return f->whole_end > f->start;
}

bool frame_has_part(const struct frame *f)
{
	return f->len > f->whole_end;
}
