/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "device_spec_entry.h"
#include "vfmon/arena.h"
#include "vfmon/conf_names.h"

DEFINE_CLEANUP(char *, free);

#define DOMAIN_MAX 0xffff
#define BUS_MAX 0xff
#define SLOT_MAX 0x1f
#define FUNC_MAX 7

int spec_field_parse(const struct spec_field *field, struct pytext text, struct spec_fault *fault,
		     int32_t *ret)
{
	int len = (int)(text.end - text.start);
	int32_t value;

	if (pytext_is(text, "*")) {
		*ret = SPEC_ANY;
		return 0;
	}
	value = pytext_hex(text, field->max);
	if (value == PYTEXT_NO_NUMBER)
		return spec_fault_set(fault, NOVA_INVALID_SPEC, field->offset,
				      "%s: '%.*s' is neither '*' nor a hexadecimal number",
				      field->property, len, text.start);
	if (value == PYTEXT_TOO_LARGE)
		return spec_fault_set(fault, NOVA_INVALID_SPEC, field->offset,
				      "%s: '%.*s' is greater than %X", field->property, len,
				      text.start, (unsigned int)field->max);
	*ret = value == PYTEXT_NEGATIVE ? SPEC_NEVER : value;
	return 0;
}

/* Cuts the last part, behind a colon, off *t; an empty part means any. */
static struct pytext take_last_part(struct pytext *t)
{
	static const char any[] = "*";
	const char *start = t->end;
	struct pytext part;

	while (start > t->start && start[-1] != ':')
		start--;
	part = pytext_strip((struct pytext){ start, t->end });
	t->end = start > t->start ? start - 1 : t->start;
	return part.start < part.end ? part : (struct pytext){ any, any + 1 };
}

/* "domain:bus:slot"; what is missing is missing on the left. */
static int parse_left(struct pytext left, size_t offset, struct spec_fault *fault,
		      struct spec_address *a)
{
	const struct spec_field fields[] = {
		{ "address, domain", DOMAIN_MAX, offset },
		{ "address, bus", BUS_MAX, offset },
		{ "address, slot", SLOT_MAX, offset },
	};
	int32_t *const values[] = { &a->domain, &a->bus, &a->slot };
	struct pytext parts[3];
	int r = 0;

	for (int i = 2; i >= 0; i--)
		parts[i] = take_last_part(&left);
	for (int i = 0; i < 3 && r == 0; i++)
		r = spec_field_parse(&fields[i], parts[i], fault, values[i]);
	return r;
}

static size_t count_parts(struct pytext t)
{
	size_t n = 1;

	for (const char *s = t.start; s < t.end; s++)
		n += *s == ':';
	return n;
}

static int parse_glob(const struct pyjson *value, struct spec_fault *fault, struct spec_address *a)
{
	const struct spec_field func = { "address, function", FUNC_MAX, value->offset };
	const char *end = value->text + strlen(value->text);
	struct pytext left = { value->text, value->text + strcspn(value->text, ".") };
	int r = 0;

	/* Nova looks at the function first. */
	if (end - left.end > 1)
		r = spec_field_parse(&func, pytext_strip((struct pytext){ left.end + 1, end }),
				     fault, &a->func);
	if (r < 0 || left.start == left.end)
		return r;
	if (count_parts(left) > 3)
		return spec_fault_set(
			fault, NOVA_WRONG_ADDRESS, value->offset,
			"address: '%s' has more than domain, bus and slot before the '.'",
			value->text);
	return parse_left(left, value->offset, fault, a);
}

void spec_address_init(struct spec_address *a)
{
	*a = (struct spec_address){ SPEC_ANY, SPEC_ANY, SPEC_ANY, SPEC_ANY, NULL, NULL };
}

/* The name of the one function that it is for, if it is. */
static int take_name(struct arena *arena, struct spec_address *a)
{
	char name[PCI_ADDR_TEXT_MAX];
	struct pci_addr addr;

	if (a->domain < 0 || a->bus < 0 || a->slot < 0 || a->func < 0)
		return 0;
	addr = (struct pci_addr){ (uint32_t)a->domain, (uint8_t)a->bus, (uint8_t)a->slot,
				  (uint8_t)a->func };
	pci_addr_format(&addr, name);
	a->name = arena_copy(arena, name, strlen(name));
	return a->name ? 0 : -ENOMEM;
}

static int parse_patterns(struct arena *arena, const struct pyjson *value, struct spec_fault *fault,
			  struct spec_address *a)
{
	cleanup_(freep) char *name = NULL;
	int r = spec_patterns_parse(value, fault, &a->patterns);

	if (r < 0)
		return r;
	if (spec_patterns_name(a->patterns, &name) < 0)
		return -ENOMEM;
	if (!name)
		return 0;
	a->name = arena_copy(arena, name, strlen(name));
	return a->name ? 0 : -ENOMEM;
}

int spec_address_parse(struct arena *arena, const struct pyjson *value, struct spec_fault *fault,
		       struct spec_address *ret)
{
	int r;

	if (!pyjson_truth(value))
		return 0;
	if (value->type == PYJSON_OBJECT)
		return parse_patterns(arena, value, fault, ret);
	if (value->type != PYJSON_STRING)
		return spec_fault_set(fault, NOVA_WRONG_ADDRESS, value->offset,
				      "address: neither a text nor an object");
	r = parse_glob(value, fault, ret);
	return r == 0 ? take_name(arena, ret) : r;
}

bool spec_field_takes(int32_t field, uint32_t value)
{
	return field == SPEC_ANY || (field >= 0 && (uint32_t)field == value);
}

bool spec_address_takes(const struct spec_address *a, const struct pci_addr *addr)
{
	if (a->patterns)
		return spec_patterns_take(a->patterns, addr);
	return spec_field_takes(a->domain, addr->domain) && spec_field_takes(a->bus, addr->bus) &&
	       spec_field_takes(a->slot, addr->slot) && spec_field_takes(a->func, addr->func);
}

bool spec_address_is_any(const struct spec_address *a)
{
	if (a->patterns)
		return spec_patterns_are_any(a->patterns);
	return a->domain == SPEC_ANY && a->bus == SPEC_ANY && a->slot == SPEC_ANY &&
	       a->func == SPEC_ANY;
}

bool spec_address_equal(const struct spec_address *a, const struct spec_address *b)
{
	if (a->patterns || b->patterns)
		return a->patterns && b->patterns && spec_patterns_equal(a->patterns, b->patterns);
	return a->domain == b->domain && a->bus == b->bus && a->slot == b->slot &&
	       a->func == b->func;
}

void spec_address_done(struct spec_address *a)
{
	a->patterns = spec_patterns_free(a->patterns);
}
