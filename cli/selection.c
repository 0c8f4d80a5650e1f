/* SPDX-License-Identifier: Apache-2.0 */
#include "selection.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vfmon/cleanup.h"
#include "vfmon/keys.h"
#include "vfmon/pci_addr.h"
#include "vfmon/vf.h"

static const char *kind_name(int value)
{
	return vf_kind_name((enum vf_kind)value);
}

static const char *binding_name(int value)
{
	return vf_binding_name((enum vf_binding)value);
}

static const char *readiness_name(int value)
{
	return vf_readiness_name((enum vf_readiness)value);
}

/* What a list may hold: addresses, one of the words of an enum, or any text. */
static const struct field {
	const char *what;
	const char *key;
	bool is_address;
	int count; /* of the enum's names; 0: any text */
	const char *(*name)(int value);
	int (*from_name)(const char *name);
} fields[SELECTION_COUNT] = {
	[SELECTION_ADDRESSES] = { .what = "a PCI address",
				  .key = KEY_ADDRESSES,
				  .is_address = true },
	[SELECTION_KINDS] = { "a kind", KEY_KINDS, false, VF_KIND_COUNT, kind_name,
			      vf_kind_from_name },
	[SELECTION_STATES] = { "a binding state", KEY_STATES, false, VF_BINDING_COUNT, binding_name,
			       vf_binding_from_name },
	[SELECTION_READINESS] = { "a readiness", KEY_READINESS, false, VF_READINESS_COUNT,
				  readiness_name, vf_readiness_from_name },
	[SELECTION_CLASSES] = { .what = "a resource class", .key = KEY_RESOURCE_CLASSES },
	[SELECTION_PHYSICAL_FUNCTIONS] = { .what = "a PCI address",
					   .key = KEY_PHYSICAL_FUNCTIONS,
					   .is_address = true },
	[SELECTION_DRIVERS] = { .what = "a driver", .key = KEY_DRIVERS },
};

DEFINE_CLEANUP(char *, free);

void selection_done(struct selection *s)
{
	for (size_t i = 0; i < SELECTION_COUNT; i++) {
		for (size_t j = 0; j < s->lists[i].count; j++)
			free(s->lists[i].items[j]);
		free(s->lists[i].items);
	}
	*s = (struct selection){ 0 };
}

static int refuse(const struct field *field, const char *word, FILE *err)
{
	fprintf(err, "'%s' is not %s", word, field->what);
	if (field->is_address)
		fprintf(err, ": write it as 0000:25:00.4 or 25:00.4");
	for (int i = 0; i < field->count; i++)
		fprintf(err, "%s%s", i ? ", " : "; one of: ", field->name(i));
	return -EINVAL;
}

/* The word as it goes to the daemon. */
static int check_word(const struct field *field, const char *word, FILE *err, char **ret)
{
	char text[PCI_ADDR_TEXT_MAX];
	struct pci_addr addr;

	if (*word == '\0')
		return refuse(field, word, err);
	if (field->is_address) {
		if (pci_addr_parse_short(word, &addr) < 0)
			return refuse(field, word, err);
		word = pci_addr_format(&addr, text);
	} else if (field->count && field->from_name(word) < 0) {
		return refuse(field, word, err);
	}
	*ret = strdup(word);
	return *ret ? 0 : -ENOMEM;
}

static int list_add(struct selection_list *list, char *item)
{
	char **items = reallocarray(list->items, list->count + 1, sizeof(*items));

	if (!items)
		return -ENOMEM;
	list->items = items;
	list->items[list->count++] = item;
	return 0;
}

int selection_add(struct selection *s, enum selection_list_id field, const char *values, FILE *err)
{
	cleanup_(freep) char *copy = strdup(values);
	char *rest = copy;
	char *word;
	int r = copy ? 0 : -ENOMEM;

	while (r == 0 && (word = strsep(&rest, ","))) {
		cleanup_(freep) char *item = NULL;

		r = check_word(&fields[field], word, err, &item);
		if (r == 0)
			r = list_add(&s->lists[field], item);
		if (r == 0)
			item = NULL;
	}
	return r;
}

int selection_set_managed(struct selection *s, const char *value, FILE *err)
{
	bool yes = strcmp(value, "yes") == 0;

	if (!yes && strcmp(value, "no") != 0) {
		fprintf(err, "'%s' is neither yes nor no", value);
		return -EINVAL;
	}
	s->has_managed = true;
	s->managed = yes;
	return 0;
}

bool selection_is_empty(const struct selection *s)
{
	for (size_t i = 0; i < SELECTION_COUNT; i++) {
		if (s->lists[i].count)
			return false;
	}
	return !s->has_managed;
}

void selection_write(const struct selection *s, struct json_text *out)
{
	if (selection_is_empty(s))
		return;
	json_text_key(out, KEY_FILTER);
	json_text_begin_object(out);
	for (size_t i = 0; i < SELECTION_COUNT; i++) {
		if (s->lists[i].count == 0)
			continue;
		json_text_key(out, fields[i].key);
		json_text_begin_array(out);
		for (size_t j = 0; j < s->lists[i].count; j++)
			json_text_string(out, s->lists[i].items[j]);
		json_text_end_array(out);
	}
	if (s->has_managed) {
		json_text_key(out, KEY_MANAGED);
		json_text_bool(out, s->managed);
	}
	json_text_end_object(out);
}
