/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes to messages: each ends with a NUL. */
#ifndef VFMON_FRAME_H
#define VFMON_FRAME_H

#include <stdbool.h>
#include <stddef.h>

/* All zero but the limit is an empty one. */
struct frame {
	char *data;
	size_t start;	  /* of the first message that was not taken */
	size_t whole_end; /* behind the NUL of the last whole message */
	size_t scanned;	  /* from whole_end to here there is no NUL */
	size_t len;
	size_t size;
	size_t limit; /* bytes that a message may have, without its NUL */
};

void frame_init(struct frame *f, size_t limit);
void frame_done(struct frame *f);

/*
 * Takes bytes in. Returns 0, -ENOMEM, or -EMSGSIZE: a message is longer than the limit; those
 * before it can still be taken, of itself and what follows nothing is kept.
 */
int frame_feed(struct frame *f, const char *bytes, size_t len);

/*
 * The next whole message without its NUL, which stands behind it. Borrowed until the next feed.
 * Returns 1, or 0 if there is none.
 */
int frame_take(struct frame *f, char **ret_message, size_t *ret_len);

/*
 * Gives memory back that an idle connection need not hold. What frame_take() gave is not valid any
 * more.
 */
void frame_trim(struct frame *f);

/* Whether a whole message waits. */
bool frame_has_message(const struct frame *f);

/* Whether a message has begun that is not whole. */
bool frame_has_part(const struct frame *f);

#endif
