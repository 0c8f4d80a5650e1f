/* SPDX-License-Identifier: Apache-2.0 */
/* Writes JSON text straight into a growing buffer; no tree, no white space. */
#ifndef VFMON_JSON_TEXT_H
#define VFMON_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * Out of memory is remembered instead of returned by each call: writing goes on without effect and
 * json_text_error() tells at the end. Members and elements get their commas by themselves.
 */
struct json_text {
	char *data;
	size_t len;
	size_t size;
	bool failed;
};

/* All zero is an empty text too. */
void json_text_init(struct json_text *t);
void json_text_done(struct json_text *t);

/* Empty again; keeps a buffer of moderate size. */
void json_text_clear(struct json_text *t);

/* Cuts back to an earlier length, to take back what was written since. */
void json_text_cut(struct json_text *t, size_t len);

/* 0, or -ENOMEM if anything since the last clear was lost. */
int json_text_error(const struct json_text *t);

/* Makes room for so many bytes more, where their number is known before. */
bool json_text_reserve(struct json_text *t, size_t bytes);

void json_text_begin_object(struct json_text *t);
void json_text_end_object(struct json_text *t);
void json_text_begin_array(struct json_text *t);
void json_text_end_array(struct json_text *t);

/* The name of the next member; must be a literal of letters, digits and '_'. */
void json_text_key(struct json_text *t, const char *key);

/* Values. A text that is not UTF-8 gets U+FFFD for what is wrong; NULL writes null. */
void json_text_string(struct json_text *t, const char *s);
void json_text_int(struct json_text *t, int64_t value);
void json_text_bool(struct json_text *t, bool value);
void json_text_null(struct json_text *t);

/*
 * The lower half, for writers of many values: no comma is put in by itself, the caller's text has
 * it. json_text_raw() takes text that is JSON already, the others write a value alone.
 */
static inline void json_text_raw(struct json_text *t, const char *text, size_t len)
{
	if (t->size - t->len < len && !json_text_reserve(t, len))
		return;
	memcpy(t->data + t->len, text, len);
	t->len += len;
}

void json_text_raw_string(struct json_text *t, const char *s);
void json_text_raw_characters(struct json_text *t, const char *s); /* of a string, without quotes */
void json_text_raw_uint(struct json_text *t, uint64_t value);

/* The NUL that ends a message of Varlink. */
void json_text_end_message(struct json_text *t);

#endif
