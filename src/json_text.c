/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/json_text.h"

#include <errno.h>
#include <stdlib.h>

#include "vfmon/utf8.h"

#define FIRST_SIZE 512
#define KEPT_SIZE 4096

/* U+FFFD in UTF-8 */
#define REPLACEMENT "\xef\xbf\xbd"

void json_text_init(struct json_text *t)
{
	*t = (struct json_text){ 0 };
}

void json_text_done(struct json_text *t)
{
	free(t->data);
	json_text_init(t);
}

void json_text_clear(struct json_text *t)
{
	if (t->size > KEPT_SIZE)
		json_text_done(t);
	t->len = 0;
	t->failed = false;
}

void json_text_cut(struct json_text *t, size_t len)
{
	if (len < t->len)
		t->len = len;
}

int json_text_error(const struct json_text *t)
{
	return t->failed ? -ENOMEM : 0;
}

bool json_text_reserve(struct json_text *t, size_t bytes)
{
	size_t size = t->size ? t->size : FIRST_SIZE;
	char *data;

	if (t->failed)
		return false;
	if (t->size - t->len >= bytes)
		return true;
	while (size - t->len < bytes)
		size *= 2;
	data = realloc(t->data, size);
	if (!data) {
		/* Nothing fits any more, so that the inline writers come here and stop too. */
		t->failed = true;
		t->size = t->len;
		return false;
	}
	t->data = data;
	t->size = size;
	return true;
}

/* A comma, unless there is one, or this is the first thing in an object, array, member or message. */
static void separate(struct json_text *t)
{
	char last = t->len > 0 ? t->data[t->len - 1] : '\0';

	if (last != '{' && last != '[' && last != ':' && last != ',' && last != '\0')
		json_text_raw(t, ",", 1);
}

void json_text_begin_object(struct json_text *t)
{
	separate(t);
	json_text_raw(t, "{", 1);
}

void json_text_end_object(struct json_text *t)
{
	json_text_raw(t, "}", 1);
}

void json_text_begin_array(struct json_text *t)
{
	separate(t);
	json_text_raw(t, "[", 1);
}

void json_text_end_array(struct json_text *t)
{
	json_text_raw(t, "]", 1);
}

void json_text_key(struct json_text *t, const char *key)
{
	separate(t);
	json_text_raw(t, "\"", 1);
	json_text_raw(t, key, strlen(key));
	json_text_raw(t, "\":", 2);
}

static void write_escape(struct json_text *t, unsigned char c)
{
	static const char short_forms[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	static const char digits[] = "0123456789abcdef";
	char text[6] = { '\\', 'u', '0', '0', digits[c >> 4], digits[c & 15] };

	for (size_t i = 0; i + 1 < sizeof(short_forms); i += 2) {
		if ((unsigned char)short_forms[i] != c)
			continue;
		text[1] = short_forms[i + 1];
		json_text_raw(t, text, 2);
		return;
	}
	json_text_raw(t, text, sizeof(text));
}

/* Writes one character that is not plain ASCII and returns how long it was. */
static size_t write_special(struct json_text *t, const char *s, size_t left)
{
	size_t len;

	if ((unsigned char)*s < 0x80) {
		write_escape(t, (unsigned char)*s);
		return 1;
	}
	len = utf8_length(s, left);
	if (len == 0) {
		json_text_raw(t, REPLACEMENT, sizeof(REPLACEMENT) - 1);
		return 1;
	}
	json_text_raw(t, s, len);
	return len;
}

/* Whether a byte can be copied as it is: printable ASCII but for the quote and the backslash. */
static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/*
 * Whether all eight bytes are plain. The arithmetic sets the top bit of each byte that is not, and
 * of others only above one that is not.
 */
static bool is_plain_word(uint64_t word)
{
	const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
	uint64_t quote = (word ^ (ones * '"')) - ones;
	uint64_t backslash = (word ^ (ones * '\\')) - ones;

	return (((word - ones * 0x20) | quote | backslash | word) & tops) == 0;
}

/* Copies the plain text at the beginning of s, for which there is room, and returns its length. */
static size_t copy_plain(char *to, const char *s, size_t len)
{
	size_t n = 0;

	for (; n + 8 <= len; n += 8) {
		uint64_t word;

		memcpy(&word, s + n, sizeof(word));
		if (!is_plain_word(word))
			break;
		memcpy(to + n, &word, sizeof(word));
	}
	for (; n < len && is_plain((unsigned char)s[n]); n++)
		to[n] = s[n];
	return n;
}

void json_text_raw_characters(struct json_text *t, const char *s)
{
	size_t len = strlen(s);

	while (len > 0) {
		size_t n;

		if (t->size - t->len < len && !json_text_reserve(t, len))
			return;
		n = copy_plain(t->data + t->len, s, len);
		t->len += n;
		if (n < len)
			n += write_special(t, s + n, len - n);
		s += n;
		len -= n;
	}
}

void json_text_raw_string(struct json_text *t, const char *s)
{
	json_text_raw(t, "\"", 1);
	json_text_raw_characters(t, s);
	json_text_raw(t, "\"", 1);
}

void json_text_raw_uint(struct json_text *t, uint64_t value)
{
	static const char pairs[] = "00010203040506070809101112131415161718192021222324"
				    "25262728293031323334353637383940414243444546474849"
				    "50515253545556575859606162636465666768697071727374"
				    "75767778798081828384858687888990919293949596979899";
	char buf[20], *p = buf + sizeof(buf);

	for (; value >= 100; value /= 100) {
		p -= 2;
		memcpy(p, pairs + value % 100 * 2, 2);
	}
	if (value >= 10) {
		p -= 2;
		memcpy(p, pairs + value * 2, 2);
	} else {
		*--p = (char)('0' + value);
	}
	json_text_raw(t, p, (size_t)(buf + sizeof(buf) - p));
}

void json_text_string(struct json_text *t, const char *s)
{
	if (!s) {
		json_text_null(t);
		return;
	}
	separate(t);
	json_text_raw_string(t, s);
}

void json_text_int(struct json_text *t, int64_t value)
{
	separate(t);
	if (value < 0)
		json_text_raw(t, "-", 1);
	json_text_raw_uint(t, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void json_text_bool(struct json_text *t, bool value)
{
	separate(t);
	json_text_raw(t, value ? "true" : "false", value ? 4 : 5);
}

void json_text_null(struct json_text *t)
{
	separate(t);
	json_text_raw(t, "null", 4);
}

void json_text_end_message(struct json_text *t)
{
	json_text_raw(t, "", 1);
}
