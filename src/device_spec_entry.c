/* SPDX-License-Identifier: Apache-2.0 */
#include "device_spec_entry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pybool.h"
#include "spec_names.h"
#include "vfmon/arena.h"
#include "vfmon/conf_names.h"
#include "vfmon/device_spec.h"

DEFINE_CLEANUP(char *, free);

#define ID_MAX 0xffff

static int parse_id(const struct pyjson *object, const char *name, struct spec_fault *fault,
		    int32_t *ret)
{
	const struct pyjson *v = pyjson_get(object, name);
	bool is_vendor = strcmp(name, SPEC_VENDOR_ID) == 0;
	struct pytext text;

	if (!v)
		return 0;
	/* Nova trims the one, not the other, so that Python has another word for each. */
	if (v->type != PYJSON_STRING)
		return spec_fault_set(fault, is_vendor ? PYTHON_ATTRIBUTE_ERROR : PYTHON_TYPE_ERROR,
				      v->offset, "%s: not a text", name);
	text = pytext_of(v->text);
	if (is_vendor)
		text = pytext_strip(text);
	return spec_field_parse(&(struct spec_field){ name, ID_MAX, v->offset }, text, fault, ret);
}

/* A text as it is, anything else as JSON. */
static int take_text(struct spec_entry *entry, const struct pyjson *v, const char **ret)
{
	cleanup_(freep) char *dumped = NULL;
	const char *text = v->text;

	if (v->type != PYJSON_STRING) {
		if (pyjson_dump(v, &dumped) < 0)
			return -ENOMEM;
		text = dumped;
	}
	*ret = arena_copy(entry->arena, text, strlen(text));
	return *ret ? 0 : -ENOMEM;
}

static int parse_place(struct spec_entry *entry, const struct pyjson *object,
		       struct spec_fault *fault)
{
	const struct pyjson *address = pyjson_get(object, SPEC_ADDRESS);
	const struct pyjson *devname = pyjson_get(object, SPEC_DEVNAME);

	if (!pyjson_truth(devname))
		return spec_address_parse(entry->arena, address, fault, &entry->address);
	if (pyjson_truth(address))
		return spec_fault_set(fault, NOVA_INVALID_DEVNAME, devname->name_offset,
				      "an entry may have devname or address, not both");
	return take_text(entry, devname, &entry->devname);
}

/* Whether this Nova reads the tag as a word for yes or no and takes nothing else. */
static bool is_strict(const struct spec_rules *rules, const char *name)
{
	if (strcmp(name, SPEC_MANAGED) == 0 || strcmp(name, SPEC_LIVE_MIGRATABLE) == 0)
		return rules->nova >= NOVA_HAS_MANAGED;
	return strcmp(name, SPEC_ONE_TIME_USE) == 0 && rules->nova >= NOVA_HAS_ONE_TIME_USE;
}

static int check_strict(const struct spec_rules *rules, const struct pyjson *object,
			const char *name, struct spec_fault *fault)
{
	const struct pyjson *v = pyjson_get(object, name);
	cleanup_(freep) char *shown = NULL;

	if (!v || v->type == PYJSON_NULL || !is_strict(rules, name) ||
	    pybool_of(v) != PYBOOL_NEITHER)
		return 0;
	if (v->type != PYJSON_STRING && pyjson_dump(v, &shown) < 0)
		return -ENOMEM;
	return spec_fault_set(fault, NOVA_INVALID_SPEC, v->offset,
			      "Cannot parse tag '%s': '%.60s' is none of " PYBOOL_WORDS, name,
			      shown ? shown : v->text);
}

static int check_booleans(const struct spec_rules *rules, const struct pyjson *object,
			  struct spec_fault *fault)
{
	static const char *const names[] = { SPEC_MANAGED, SPEC_LIVE_MIGRATABLE,
					     SPEC_ONE_TIME_USE };
	const struct pyjson *once = pyjson_get(object, SPEC_ONE_TIME_USE);
	int r = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && r == 0; i++)
		r = check_strict(rules, object, names[i], fault);
	if (r < 0 || rules->report_in_placement || !once || !is_strict(rules, SPEC_ONE_TIME_USE) ||
	    pybool_of(once) != PYBOOL_TRUE)
		return r;
	return spec_fault_set(fault, NOVA_INVALID_SPEC, once->offset,
			      "one_time_use is true, which needs report_in_placement = true");
}

static bool is_tag(const char *name)
{
	return strcmp(name, SPEC_VENDOR_ID) != 0 && strcmp(name, SPEC_PRODUCT_ID) != 0 &&
	       strcmp(name, SPEC_ADDRESS) != 0 && strcmp(name, SPEC_DEVNAME) != 0;
}

/* What Nova keeps of a tag's value, as text. */
static int tag_text(struct spec_entry *entry, const struct spec_rules *rules,
		    const struct pyjson *v, const char **ret)
{
	if (!is_strict(rules, v->name) || v->type == PYJSON_NULL)
		return take_text(entry, v, ret);
	*ret = pybool_of(v) == PYBOOL_TRUE ? "true" : "false";
	return 0;
}

static int take_tags(struct spec_entry *entry, const struct spec_rules *rules,
		     const struct pyjson *object)
{
	entry->tags = arena_alloc(entry->arena, object->count * sizeof(*entry->tags));
	if (!entry->tags)
		return -ENOMEM;
	for (const struct pyjson *v = object->items; v; v = v->next) {
		struct spec_tag *tag = &entry->tags[entry->tag_count];

		if (!is_tag(v->name))
			continue;
		tag->name = arena_copy(entry->arena, v->name, strlen(v->name));
		if (!tag->name || tag_text(entry, rules, v, &tag->value) < 0)
			return -ENOMEM;
		if (v->type == PYJSON_ARRAY || v->type == PYJSON_OBJECT)
			entry->has_structured_tag = true;
		entry->tag_count++;
	}
	return 0;
}

static bool is_text_or_false(const struct pyjson *v)
{
	return !pyjson_truth(v) || v->type == PYJSON_STRING;
}

static int take_names(struct spec_entry *entry, const struct pyjson *object)
{
	const struct pyjson *class = pyjson_get(object, SPEC_RESOURCE_CLASS);
	const struct pyjson *traits = pyjson_get(object, SPEC_TRAITS);
	int r = spec_class_parse(entry->arena, class, &entry->resource_class);

	entry->has_resource_class = pyjson_truth(class);
	entry->resource_class_is_text = is_text_or_false(class);
	entry->traits_are_text = is_text_or_false(traits);
	if (r < 0)
		return r;
	return spec_traits_parse(entry->arena, traits, &entry->traits, &entry->trait_count);
}

static int take_network(struct spec_entry *entry, const struct pyjson *network)
{
	if (!network || network->type == PYJSON_NULL)
		return 0;
	entry->has_physical_network = pyjson_truth(network);
	return take_text(entry, network, &entry->physical_network);
}

static void take_managed(struct spec_entry *entry, const struct spec_rules *rules,
			 const struct pyjson *object)
{
	const struct pyjson *managed = pyjson_get(object, SPEC_MANAGED);
	const struct pyjson *network = pyjson_get(object, SPEC_PHYSICAL_NETWORK);
	bool has_text = network && network->type == PYJSON_STRING && pyjson_truth(network);

	entry->managed_is_set = managed && managed->type != PYJSON_NULL &&
				rules->nova >= NOVA_HAS_MANAGED;
	entry->managed = !entry->managed_is_set || pybool_of(managed) == PYBOOL_TRUE;
	entry->managed_effective = (entry->managed || has_text) && !rules->is_parallels;
}

static int take_remote_managed(struct spec_entry *entry, const struct pyjson *remote)
{
	if (!remote)
		return 0;
	entry->remote_managed = pybool_of(remote) == PYBOOL_TRUE;
	entry->remote_managed_is_text = remote->type == PYJSON_STRING;
	return take_text(entry, remote, &entry->remote_managed_text);
}

/* The order is Nova's: it decides which of several faults is reported. */
static int parse_checked(struct spec_entry *entry, const struct spec_rules *rules,
			 const struct pyjson *object, struct spec_fault *fault)
{
	int r = parse_id(object, SPEC_VENDOR_ID, fault, &entry->vendor_id);

	if (r == 0)
		r = parse_id(object, SPEC_PRODUCT_ID, fault, &entry->product_id);
	if (r == 0)
		r = parse_place(entry, object, fault);
	return r == 0 ? check_booleans(rules, object, fault) : r;
}

static int take_all(struct spec_entry *entry, const struct spec_rules *rules,
		    const struct pyjson *object)
{
	int r = take_tags(entry, rules, object);

	if (r == 0)
		r = take_names(entry, object);
	if (r == 0)
		r = take_network(entry, pyjson_get(object, SPEC_PHYSICAL_NETWORK));
	if (r == 0)
		r = take_remote_managed(entry, pyjson_get(object, SPEC_REMOTE_MANAGED));
	if (r == 0)
		take_managed(entry, rules, object);
	return r;
}

int spec_entry_parse(const struct spec_rules *rules, const struct pyjson *object,
		     struct spec_fault *fault, struct spec_entry **ret)
{
	cleanup_(spec_entry_unrefp) struct spec_entry *entry = calloc(1, sizeof(*entry));
	int r;

	if (!entry)
		return -ENOMEM;
	entry->refs = 1;
	entry->vendor_id = entry->product_id = SPEC_ANY;
	spec_address_init(&entry->address);
	r = arena_new(&entry->arena);
	if (r == 0)
		r = parse_checked(entry, rules, object, fault);
	if (r == 0)
		r = take_all(entry, rules, object);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(entry);
	return 0;
}

struct spec_entry *spec_entry_ref(struct spec_entry *entry)
{
	entry->refs++;
	return entry;
}

struct spec_entry *spec_entry_unref(struct spec_entry *entry)
{
	if (!entry || --entry->refs > 0)
		return NULL;
	spec_address_done(&entry->address);
	arena_free(entry->arena);
	free(entry);
	return NULL;
}
