/* SPDX-License-Identifier: Apache-2.0 */
/* The form of an address with a regular expression for each field. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device_spec_entry.h"
#include "pyregex.h"
#include "vfmon/conf_names.h"

enum { DOMAIN, BUS, SLOT, FUNC, FIELD_COUNT };

#define ANYTHING ".*"

/* Room for a field and its NUL; a bus has most values of those that are remembered. */
#define FIELD_TEXT_MAX 9
#define VALUE_COUNT 256

enum answer { NOT_ASKED, NO, YES };

struct field {
	char *text;	    /* of the pattern */
	struct pyregex *re; /* NULL: the pattern that takes everything */
	/* No field is matched twice for a value, so that a slow pattern costs little: see below. */
	uint32_t last_domain;
	uint8_t last_answer;
	uint8_t answers[VALUE_COUNT];
};

struct spec_patterns {
	struct field fields[FIELD_COUNT];
};

static const struct {
	const char *key;
	int digits; /* as Nova writes the field of a device */
} kinds[FIELD_COUNT] = {
	[DOMAIN] = { SPEC_ADDRESS_DOMAIN, 4 },
	[BUS] = { SPEC_ADDRESS_BUS, 2 },
	[SLOT] = { SPEC_ADDRESS_SLOT, 2 },
	[FUNC] = { SPEC_ADDRESS_FUNCTION, 1 },
};

struct spec_patterns *spec_patterns_free(struct spec_patterns *patterns)
{
	if (!patterns)
		return NULL;
	for (int i = 0; i < FIELD_COUNT; i++) {
		pyregex_free(patterns->fields[i].re);
		free(patterns->fields[i].text);
	}
	free(patterns);
	return NULL;
}

static int parse_field(struct field *field, const char *key, const struct pyjson *v,
		       struct spec_fault *fault)
{
	const char *text = v ? v->text : ANYTHING;
	struct pyregex_error error;
	int r = 0;

	if (strcmp(text, ANYTHING) != 0)
		r = pyregex_new(text, &field->re, &error);
	if (r == -EINVAL)
		return spec_fault_set(
			fault, error.python_class ? error.python_class : NOVA_WRONG_ADDRESS,
			v->offset, "address, %s: '%.60s' is no regular expression: %s", key, text,
			error.reason);
	if (r < 0)
		return r;
	field->text = strdup(text);
	return field->text ? 0 : -ENOMEM;
}

/* Nova looks at one field after the other; a value that is no text is an error of its own. */
int spec_patterns_parse(const struct pyjson *object, struct spec_fault *fault,
			struct spec_patterns **ret)
{
	cleanup_(spec_patterns_freep) struct spec_patterns *patterns = calloc(1, sizeof(*patterns));
	int r = 0;

	if (!patterns)
		return -ENOMEM;
	for (int i = 0; i < FIELD_COUNT && r == 0; i++) {
		const struct pyjson *v = pyjson_get(object, kinds[i].key);

		if (v && v->type != PYJSON_STRING)
			return spec_fault_set(fault, PYTHON_TYPE_ERROR, v->offset,
					      "address, %s: not a text", kinds[i].key);
		r = parse_field(&patterns->fields[i], kinds[i].key, v, fault);
	}
	if (r < 0)
		return r;
	*ret = TAKE_PTR(patterns);
	return 0;
}

static bool ask(const struct field *field, int kind, uint32_t value)
{
	char subject[FIELD_TEXT_MAX];

	(void)snprintf(subject, sizeof(subject), "%0*x", kinds[kind].digits, value);
	return pyregex_matches(field->re, subject);
}

/* Functions come in the order of their addresses: the last domain is mostly the next one too. */
static bool field_takes(struct field *field, int kind, uint32_t value)
{
	uint8_t *answer = &field->last_answer;

	if (!field->re)
		return true;
	if (kind != DOMAIN)
		answer = &field->answers[value % VALUE_COUNT];
	else if (value != field->last_domain)
		*answer = NOT_ASKED;
	if (*answer == NOT_ASKED)
		*answer = ask(field, kind, value) ? YES : NO;
	field->last_domain = value;
	return *answer == YES;
}

bool spec_patterns_take(struct spec_patterns *patterns, const struct pci_addr *addr)
{
	const uint32_t values[FIELD_COUNT] = { addr->domain, addr->bus, addr->slot, addr->func };

	for (int i = 0; i < FIELD_COUNT; i++)
		if (!field_takes(&patterns->fields[i], i, values[i]))
			return false;
	return true;
}

bool spec_patterns_are_any(const struct spec_patterns *patterns)
{
	for (int i = 0; i < FIELD_COUNT; i++)
		if (patterns->fields[i].re)
			return false;
	return true;
}

bool spec_patterns_equal(const struct spec_patterns *a, const struct spec_patterns *b)
{
	for (int i = 0; i < FIELD_COUNT; i++)
		if (strcmp(a->fields[i].text, b->fields[i].text) != 0)
			return false;
	return true;
}

/* Nova takes the texts as they are: "0" for a slot is looked for as "0". */
int spec_patterns_name(const struct spec_patterns *patterns, char **ret)
{
	const struct field *f = patterns->fields;
	char *name;

	for (int i = 0; i < FIELD_COUNT; i++)
		if (f[i].text[strspn(f[i].text, "0123456789abcdefABCDEF")]) {
			*ret = NULL;
			return 0;
		}
	if (asprintf(&name, "%s:%s:%s.%s", f[DOMAIN].text, f[BUS].text, f[SLOT].text,
		     f[FUNC].text) < 0)
		return -ENOMEM;
	*ret = name;
	return 0;
}
