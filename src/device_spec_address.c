/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "device_spec_entry.h"

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
		return spec_fault_set(fault, field->offset,
				      "%s: '%.*s' is neither '*' nor a hexadecimal number",
				      field->property, len, text.start);
	if (value == PYTEXT_TOO_LARGE)
		return spec_fault_set(fault, field->offset, "%s: '%.*s' is greater than %X",
				      field->property, len, text.start, (unsigned int)field->max);
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
			fault, value->offset,
			"address: '%s' has more than domain, bus and slot before the '.'",
			value->text);
	return parse_left(left, value->offset, fault, a);
}

int spec_address_parse(const struct pyjson *value, struct spec_fault *fault,
		       struct spec_address *ret)
{
	struct spec_address a = { SPEC_ANY, SPEC_ANY, SPEC_ANY, SPEC_ANY };
	int r = 0;

	if (!pyjson_truth(value))
		r = 0;
	else if (value->type == PYJSON_STRING)
		r = parse_glob(value, fault, &a);
	else if (value->type == PYJSON_OBJECT)
		r = spec_fault_set(fault, value->offset,
				   "address: this release does not support the form with regular "
				   "expressions yet (Nova does); use a text such as '0000:0a:*.*'");
	else
		r = spec_fault_set(fault, value->offset, "address: neither a text nor an object");
	if (r < 0)
		return r;
	*ret = a;
	return 0;
}
