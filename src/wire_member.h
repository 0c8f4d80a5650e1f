/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Members of objects that are written thousands of times: a name is one literal with its comma and
 * its colon, copied as a whole, and nothing is formatted by printf.
 */
#ifndef VFMON_WIRE_MEMBER_H
#define VFMON_WIRE_MEMBER_H

#include <string.h>

#include "vfmon/json_text.h"
#include "vfmon/pci_addr.h"

#define MEMBER(key) ",\"" key "\":"
#define LITERAL(text) text, sizeof(text) - 1
#define PUT(t, text) json_text_raw(t, LITERAL(text))
#define PUT_TEXT(t, key, text) put_text(t, LITERAL(MEMBER(key)), text)
#define PUT_UINT(t, key, value) put_uint(t, LITERAL(MEMBER(key)), value)
#define PUT_FLAG(t, key, value) put_flag(t, LITERAL(MEMBER(key)), value)

/* The writers of a member: nothing where there is nothing to tell. */

static inline void put_text(struct json_text *t, const char *key, size_t key_len, const char *text)
{
	if (!text)
		return;
	json_text_raw(t, key, key_len);
	json_text_raw_string(t, text);
}

static inline void put_uint(struct json_text *t, const char *key, size_t key_len, uint64_t value)
{
	json_text_raw(t, key, key_len);
	json_text_raw_uint(t, value);
}

/* For times: 0 is not known. */
static inline void put_time(struct json_text *t, const char *key, size_t key_len, uint64_t value)
{
	if (value > 0)
		put_uint(t, key, key_len, value);
}

/* For numbers of which -1 is not known. */
static inline void put_count(struct json_text *t, const char *key, size_t key_len, int32_t value)
{
	if (value >= 0)
		put_uint(t, key, key_len, (uint64_t)value);
}

/* For what is yes, no, or -1 for not known. */
static inline void put_flag(struct json_text *t, const char *key, size_t key_len, int value)
{
	if (value < 0)
		return;
	json_text_raw(t, key, key_len);
	if (value)
		PUT(t, "true");
	else
		PUT(t, "false");
}

static inline void put_hex(struct json_text *t, const char *key, size_t key_len, uint16_t value)
{
	static const char digits[] = "0123456789abcdef";
	char text[] = { '"',
			digits[value >> 12],
			digits[value >> 8 & 15],
			digits[value >> 4 & 15],
			digits[value & 15],
			'"' };

	json_text_raw(t, key, key_len);
	json_text_raw(t, text, sizeof(text));
}

static inline void put_addr(struct json_text *t, const struct pci_addr *addr)
{
	char text[PCI_ADDR_TEXT_MAX + 2] = "\"";
	size_t len;

	pci_addr_format(addr, text + 1);
	len = addr->domain > 0xffff ? strlen(text) : sizeof("\"0000:00:00.0") - 1;
	text[len] = '"';
	json_text_raw(t, text, len + 1);
}

#endif
