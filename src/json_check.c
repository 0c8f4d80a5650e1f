/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/json_check.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "vfmon/utf8.h"

/* A name as it stands in the text, without its quotes. */
struct name {
	const char *text;
	size_t len;
};

/* An object or array whose end has not come. */
struct level {
	char closer;
	unsigned int names; /* how many there were when it began */
};

struct checker {
	const char *p;
	const char *end;
	size_t containers_left;
	unsigned int depth;
	unsigned int names;
	struct level levels[JSON_CHECK_DEPTH];
	struct name name[JSON_CHECK_NAMES];
};

static void skip_space(struct checker *c)
{
	while (c->p < c->end && (*c->p == ' ' || *c->p == '\t' || *c->p == '\n' || *c->p == '\r'))
		c->p++;
}

/* Takes the character if it is the next one. */
static bool take(struct checker *c, char wanted)
{
	if (c->p == c->end || *c->p != wanted)
		return false;
	c->p++;
	return true;
}

static bool take_digits(struct checker *c)
{
	const char *start = c->p;

	while (c->p < c->end && *c->p >= '0' && *c->p <= '9')
		c->p++;
	return c->p > start;
}

static int check_number(struct checker *c)
{
	(void)take(c, '-'); /* may be there */
	if (!take(c, '0') && !take_digits(c))
		return -EBADMSG;
	if (take(c, '.') && !take_digits(c))
		return -EBADMSG;
	if (take(c, 'e') || take(c, 'E')) {
		if (!take(c, '+'))
			(void)take(c, '-'); /* neither need be there */
		if (!take_digits(c))
			return -EBADMSG;
	}
	return 0;
}

static int check_word(struct checker *c, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(c->end - c->p) < len || memcmp(c->p, word, len) != 0)
		return -EBADMSG;
	c->p += len;
	return 0;
}

/* Reads the four digits of \uXXXX at p; -EBADMSG if they are none. */
static int read_hex4(const char *p, const char *end)
{
	int value = 0;

	if (end - p < 4)
		return -EBADMSG;
	for (int i = 0; i < 4; i++) {
		char c = p[i];
		int lower = c | 0x20;

		if (c >= '0' && c <= '9')
			value = value * 16 + (c - '0');
		else if (lower >= 'a' && lower <= 'f')
			value = value * 16 + (lower - 'a' + 10);
		else
			return -EBADMSG;
	}
	return value;
}

/* The second half of a surrogate pair, "\uDC00" to "\uDFFF". */
static int check_low_surrogate(struct checker *c)
{
	int low;

	if (c->end - c->p < 6 || c->p[0] != '\\' || c->p[1] != 'u')
		return -EILSEQ;
	low = read_hex4(c->p + 2, c->end);
	if (low < 0)
		return low;
	if (low < 0xdc00 || low > 0xdfff)
		return -EILSEQ;
	c->p += 6;
	return 0;
}

/* What follows a backslash. */
static int check_escape(struct checker *c)
{
	int unit;

	if (c->p == c->end)
		return -EBADMSG;
	if (*c->p != 'u') {
		if (!memchr("\"\\/bfnrt", *c->p, 8))
			return -EBADMSG;
		c->p++;
		return 0;
	}
	unit = read_hex4(c->p + 1, c->end);
	if (unit < 0)
		return unit;
	c->p += 5;
	if (unit == 0 || (unit >= 0xdc00 && unit <= 0xdfff))
		return -EILSEQ;
	return unit >= 0xd800 && unit <= 0xdbff ? check_low_surrogate(c) : 0;
}

/* Behind the opening quote; takes the closing one too. */
static int check_string(struct checker *c)
{
	while (c->p < c->end) {
		unsigned char ch = (unsigned char)*c->p;
		size_t len;
		int r = 0;

		if (ch == '"') {
			c->p++;
			return 0;
		}
		if (ch == '\\') {
			c->p++;
			r = check_escape(c);
			if (r < 0)
				return r;
			continue;
		}
		len = ch < 0x20 ? 0 : utf8_length(c->p, (size_t)(c->end - c->p));
		if (len == 0)
			return -EILSEQ;
		c->p += len;
	}
	return -EBADMSG;
}

/* Reads one byte of a string as it will be after unescaping; only of a string that was checked. */
struct reader {
	const char *p;
	const char *end;
	unsigned char rest[4]; /* bytes of an escaped character that are still to come */
	unsigned int rest_len;
};

/* Puts a character into r->rest as UTF-8, the last byte first. */
static void keep_character(struct reader *r, uint32_t ch)
{
	static const unsigned char first_bits[] = { 0, 0xc0, 0xe0, 0xf0 };
	unsigned int more = ch < 0x80 ? 0 : ch < 0x800 ? 1 : ch < 0x10000 ? 2 : 3;

	r->rest_len = 0;
	for (unsigned int i = 0; i < more; i++, ch >>= 6)
		r->rest[r->rest_len++] = (unsigned char)(0x80 | (ch & 0x3f));
	r->rest[r->rest_len++] = (unsigned char)(first_bits[more] | ch);
}

static void read_escape(struct reader *r)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	uint32_t ch;

	if (r->p[1] != 'u') {
		keep_character(r, (unsigned char)to[strchr(from, r->p[1]) - from]);
		r->p += 2;
		return;
	}
	ch = (uint32_t)read_hex4(r->p + 2, r->end);
	r->p += 6;
	if (ch >= 0xd800 && ch <= 0xdbff) {
		uint32_t low = (uint32_t)read_hex4(r->p + 2, r->end);

		ch = 0x10000 + ((ch - 0xd800) << 10) + (low - 0xdc00);
		r->p += 6;
	}
	keep_character(r, ch);
}

/* The next byte, or -1 at the end. */
static int read_byte(struct reader *r)
{
	if (r->rest_len == 0) {
		if (r->p == r->end)
			return -1;
		if (*r->p != '\\')
			return (unsigned char)*r->p++;
		read_escape(r);
	}
	return r->rest[--r->rest_len];
}

static bool names_equal(const struct name *a, const struct name *b)
{
	struct reader ra = { .p = a->text, .end = a->text + a->len };
	struct reader rb = { .p = b->text, .end = b->text + b->len };
	int byte;

	do {
		byte = read_byte(&ra);
		if (byte != read_byte(&rb))
			return false;
	} while (byte >= 0);
	return true;
}

/* A member's name and the colon behind it. */
static int check_name(struct checker *c)
{
	struct name name;
	int r;

	skip_space(c);
	if (!take(c, '"'))
		return -EBADMSG;
	name.text = c->p;
	r = check_string(c);
	if (r < 0)
		return r;
	name.len = (size_t)(c->p - 1 - name.text);
	for (unsigned int i = c->levels[c->depth - 1].names; i < c->names; i++)
		if (names_equal(&c->name[i], &name))
			return -ENOTUNIQ;
	if (c->names == JSON_CHECK_NAMES)
		return -E2BIG;
	c->name[c->names++] = name;
	skip_space(c);
	return take(c, ':') ? 0 : -EBADMSG;
}

static int open_container(struct checker *c, char closer)
{
	if (c->depth == JSON_CHECK_DEPTH || c->containers_left == 0)
		return -E2BIG;
	c->containers_left--;
	c->levels[c->depth++] = (struct level){ .closer = closer, .names = c->names };
	return 0;
}

static bool is_in_object(const struct checker *c)
{
	return c->levels[c->depth - 1].closer == '}';
}

/* Closes what ends here, one after another. Returns whether anything is still open. */
static bool close_containers(struct checker *c)
{
	skip_space(c);
	while (c->depth > 0 && take(c, c->levels[c->depth - 1].closer)) {
		c->names = c->levels[--c->depth].names;
		skip_space(c);
	}
	return c->depth > 0;
}

static int check_scalar(struct checker *c)
{
	switch (*c->p) {
	case '"':
		c->p++;
		return check_string(c);
	case 't':
		return check_word(c, "true");
	case 'f':
		return check_word(c, "false");
	case 'n':
		return check_word(c, "null");
	default:
		return check_number(c);
	}
}

/* The begin of a value: a scalar as a whole, of a container the bracket. Returns 1 for that. */
static int check_value(struct checker *c)
{
	int r;

	skip_space(c);
	if (c->p == c->end)
		return -EBADMSG;
	if (*c->p != '{' && *c->p != '[')
		return check_scalar(c);
	r = open_container(c, *c->p == '{' ? '}' : ']');
	if (r < 0)
		return r;
	c->p++;
	return 1;
}

/* One value with its name, and what is closed behind it. Returns 1 if another must follow. */
static int check_element(struct checker *c)
{
	int r = is_in_object(c) ? check_name(c) : 0;

	if (r < 0)
		return r;
	r = check_value(c);
	if (r < 0)
		return r;
	if (r > 0) {
		skip_space(c);
		if (c->p == c->end || *c->p != c->levels[c->depth - 1].closer)
			return 1;
	}
	if (!close_containers(c))
		return 0;
	return take(c, ',') ? 1 : -EBADMSG;
}

int json_check(const char *text, size_t len, size_t max_containers)
{
	struct checker c;
	int r = 1;

	/* Not all of it: the names are written before they are read. */
	c.p = text;
	c.end = text + len;
	c.containers_left = max_containers;
	c.depth = 0;
	c.names = 0;
	skip_space(&c);
	if (!take(&c, '{'))
		return -EBADMSG;
	r = open_container(&c, '}');
	if (r < 0)
		return r;
	skip_space(&c);
	r = c.p < c.end && *c.p == '}' ? (int)close_containers(&c) : 1;
	while (r > 0)
		r = check_element(&c);
	if (r < 0)
		return r;
	return c.p == c.end ? 0 : -EBADMSG;
}

const char *json_check_reason(int error)
{
	switch (error) {
	case -EILSEQ:
		return "a string that is no text";
	case -ENOTUNIQ:
		return "a member twice";
	case -E2BIG:
		return "too much structure";
	default:
		return "no JSON object";
	}
}
