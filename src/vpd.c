/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/vpd.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* Tags of resources: large ones have a length of two bytes behind them, small ones within. */
#define LARGE_FLAG 0x80u
#define LARGE_STRING 0x02u
#define LARGE_READ_ONLY 0x10u
#define LARGE_READ_WRITE 0x11u
#define SMALL_END 0x0fu

/* Two letters of keyword and one byte of length. */
#define FIELD_HEADER 3

/* One resource: its data is from begin to end. */
struct resource {
	bool large;
	unsigned int type;
	size_t begin, end;
};

struct vpd {
	const unsigned char *bytes;
	size_t len;
	bool has_read_only, has_serial;
	char serial[VPD_SERIAL_MAX];
};

static int next_resource(const struct vpd *v, size_t at, struct resource *ret)
{
	unsigned int tag;
	size_t len;

	if (at >= v->len)
		return -EBADMSG;
	tag = v->bytes[at++];
	ret->large = tag & LARGE_FLAG;
	ret->type = ret->large ? tag & ~LARGE_FLAG : tag >> 3;
	len = tag & 7;
	if (ret->large) {
		if (v->len - at < 2)
			return -EBADMSG;
		len = v->bytes[at] | (size_t)v->bytes[at + 1] << 8;
		at += 2;
	}
	if (v->len - at < len)
		return -EBADMSG;
	ret->begin = at;
	ret->end = at + len;
	return 0;
}

static bool is_blank(unsigned char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Copies a text without blanks at its ends; up to its NUL, if it has one. False: not printable. */
static bool take_text(const unsigned char *text, size_t len, char ret[static VPD_SERIAL_MAX])
{
	len = strnlen((const char *)text, len);
	for (; len > 0 && is_blank(text[0]); len--)
		text++;
	while (len > 0 && is_blank(text[len - 1]))
		len--;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < ' ' || text[i] > '~')
			return false;
		ret[i] = (char)text[i];
	}
	ret[len] = '\0';
	return true;
}

/* All bytes up to the first one of the field RV give 0. */
static bool checksum_is_right(const struct vpd *v, size_t last)
{
	unsigned char sum = 0;

	for (size_t i = 0; i <= last; i++)
		sum = (unsigned char)(sum + v->bytes[i]);
	return sum == 0;
}

static bool is_keyword(const unsigned char *field, const char *keyword)
{
	return memcmp(field, keyword, 2) == 0;
}

/* The fields up to RV, which has to be the last one. */
static int take_read_only(struct vpd *v, const struct resource *r)
{
	char text[VPD_SERIAL_MAX];
	size_t at = r->begin;

	while (r->end - at >= FIELD_HEADER) {
		const unsigned char *field = v->bytes + at;
		size_t len = field[2];

		at += FIELD_HEADER;
		if (r->end - at < len || is_keyword(field, "RW"))
			return -EBADMSG;
		if (is_keyword(field, "RV")) {
			v->has_read_only = true;
			return len > 0 && at + len == r->end && checksum_is_right(v, at) ? 0
											 : -EBADMSG;
		}
		if (is_keyword(field, "SN") && take_text(field + FIELD_HEADER, len, text)) {
			memcpy(v->serial, text, sizeof(text));
			v->has_serial = true;
		}
		at += len;
	}
	return -EBADMSG;
}

static int check_read_write(const struct vpd *v, const struct resource *r)
{
	size_t at = r->begin;

	while (r->end - at >= FIELD_HEADER) {
		const unsigned char *field = v->bytes + at;
		size_t len = field[2];

		at += FIELD_HEADER;
		if (r->end - at < len || is_keyword(field, "RV"))
			return -EBADMSG;
		at += len;
		if (is_keyword(field, "RW"))
			break;
	}
	return at == r->end ? 0 : -EBADMSG;
}

/* The product's name; no field of a length of one byte, so longer than a serial number can be. */
static int check_name(const struct vpd *v, const struct resource *r)
{
	for (size_t i = r->begin; i < r->end && v->bytes[i]; i++)
		if (!is_blank(v->bytes[i]) && (v->bytes[i] < ' ' || v->bytes[i] > '~'))
			return -EBADMSG;
	return 0;
}

static int take_resource(struct vpd *v, const struct resource *r)
{
	if (!r->large)
		return 0;
	switch (r->type) {
	case LARGE_STRING:
		return check_name(v, r);
	case LARGE_READ_ONLY:
		return take_read_only(v, r);
	case LARGE_READ_WRITE:
		return check_read_write(v, r);
	default:
		return 0; /* can be passed over, as its length is known */
	}
}

int vpd_serial(const unsigned char *bytes, size_t len, char ret[static VPD_SERIAL_MAX])
{
	struct vpd v = { .bytes = bytes, .len = len > VPD_MAX_BYTES ? VPD_MAX_BYTES : len };
	struct resource r = { .end = 0 };
	int e;

	do {
		e = next_resource(&v, r.end, &r);
		if (e == 0)
			e = take_resource(&v, &r);
		if (e < 0)
			return e;
	} while (r.large || r.type != SMALL_END);
	if (!v.has_read_only)
		return -EBADMSG;
	if (!v.has_serial || !v.serial[0])
		return -ENOENT;
	memcpy(ret, v.serial, strlen(v.serial) + 1);
	return 0;
}
