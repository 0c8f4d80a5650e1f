/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/pci_addr.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Value of a hexadecimal digit, or -1; not isxdigit(), which depends on the locale. */
static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Reads between min and max digits at *pos, up to limit in value. */
static int take_hex(const char **pos, const char *end, const size_t digits[static 2],
		    uint32_t limit)
{
	const char *p = *pos;
	uint64_t value = 0;
	size_t n = 0;

	for (; p < end && n < digits[1] && hex_digit(*p) >= 0; p++, n++)
		value = value * 16 + (uint32_t)hex_digit(*p);
	if (n < digits[0] || value > limit)
		return -EINVAL;
	*pos = p;
	return (int)value;
}

static int take_char(const char **pos, const char *end, char wanted)
{
	if (*pos == end || **pos != wanted)
		return -EINVAL;
	(*pos)++;
	return 0;
}

/* The part behind the domain: "bb:dd.f". */
static int take_slot(const char *p, const char *end, struct pci_addr *a)
{
	static const size_t two[] = { 2, 2 }, one[] = { 1, 1 };
	int bus, slot, func;

	bus = take_hex(&p, end, two, 0xff);
	if (bus < 0 || take_char(&p, end, ':') < 0)
		return -EINVAL;
	slot = take_hex(&p, end, two, 0x1f);
	if (slot < 0 || take_char(&p, end, '.') < 0)
		return -EINVAL;
	func = take_hex(&p, end, one, 7);
	if (func < 0 || p != end)
		return -EINVAL;
	a->bus = (uint8_t)bus;
	a->slot = (uint8_t)slot;
	a->func = (uint8_t)func;
	return 0;
}

int pci_addr_parse_n(const char *text, size_t len, struct pci_addr *ret)
{
	const char *colon = memchr(text, ':', len);
	struct pci_addr a = { 0 };
	uint64_t domain = 0;

	if (!colon || colon - text < 4 || colon - text > 8)
		return -EINVAL;
	for (const char *p = text; p < colon; p++) {
		if (hex_digit(*p) < 0)
			return -EINVAL;
		domain = domain * 16 + (uint32_t)hex_digit(*p);
	}
	a.domain = (uint32_t)domain;
	if (take_slot(colon + 1, text + len, &a) < 0)
		return -EINVAL;
	*ret = a;
	return 0;
}

int pci_addr_parse(const char *text, struct pci_addr *ret)
{
	return pci_addr_parse_n(text, strlen(text), ret);
}

int pci_addr_parse_short(const char *text, struct pci_addr *ret)
{
	struct pci_addr a = { 0 };

	if (pci_addr_parse(text, ret) == 0)
		return 0;
	if (take_slot(text, text + strlen(text), &a) < 0)
		return -EINVAL;
	*ret = a;
	return 0;
}

const char *pci_addr_format(const struct pci_addr *a, char buf[static PCI_ADDR_TEXT_MAX])
{
	static const char digits[] = "0123456789abcdef";
	char *p = buf;
	int shift = 28;

	/* Written by hand: this is on the path of every reply, and snprintf() is ten times slower. */
	while (shift > 12 && !(a->domain >> shift))
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		*p++ = digits[a->domain >> shift & 0xf];
	*p++ = ':';
	*p++ = digits[a->bus >> 4];
	*p++ = digits[a->bus & 0xf];
	*p++ = ':';
	*p++ = digits[a->slot >> 4 & 0xf];
	*p++ = digits[a->slot & 0xf];
	*p++ = '.';
	*p++ = digits[a->func & 0x7];
	*p = '\0';
	return buf;
}

int pci_addr_compare(const struct pci_addr *a, const struct pci_addr *b)
{
	uint64_t left = (uint64_t)a->domain << 24 | (uint32_t)a->bus << 16 |
			(uint32_t)a->slot << 8 | a->func;
	uint64_t right = (uint64_t)b->domain << 24 | (uint32_t)b->bus << 16 |
			 (uint32_t)b->slot << 8 | b->func;

	return (left > right) - (left < right);
}

int pci_addr_from_path(const char *path, struct pci_addr *ret)
{
	const char *end = path + strlen(path);

	for (const char *p = end; p > path; end = p) {
		const char *start = p;

		while (start > path && start[-1] != '/')
			start--;
		if (pci_addr_parse_n(start, (size_t)(end - start), ret) == 0)
			return 0;
		p = start > path ? start - 1 : path;
	}
	return -ENOENT;
}
