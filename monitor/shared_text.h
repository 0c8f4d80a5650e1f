/* SPDX-License-Identifier: Apache-2.0 */
/* A message that many clients get: made once, counted, never changed. */
#ifndef VFMOND_SHARED_TEXT_H
#define VFMOND_SHARED_TEXT_H

#include <stddef.h>

struct json_text;

struct shared_text {
	unsigned int refs;
	size_t len;
	char *data;
};

/* Takes the buffer of text, which is empty afterwards. Returns 0 or -ENOMEM. */
int shared_text_new(struct json_text *text, struct shared_text **ret);

/* One more reference. Returns text. */
struct shared_text *shared_text_ref(struct shared_text *text);

/* Gives a reference back, the last one frees; takes NULL. Returns NULL. */
struct shared_text *shared_text_unref(struct shared_text *text);

#endif
