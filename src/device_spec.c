/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/device_spec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "device_spec_entry.h"
#include "vfmon/resource_class.h"

/* Nova skips a device whose domain needs more. */
#define DOMAIN_MAX 0xffff

/* A file's name, shared by the list and all matches. */
struct source {
	unsigned int refs;
	char name[];
};

/* A match with what its texts belong to. */
struct held_match {
	struct spec_match match; /* the first member: the one is made of the other by a cast */
	struct held_match *next; /* of the same entry */
	uint16_t vendor_id;
	uint16_t product_id;
	struct spec_entry *entry;
	struct source *source;
	char default_class[RESOURCE_CLASS_DEFAULT_MAX];
};

/* An entry in its place in the list. */
struct slot {
	struct spec_entry *entry;
	struct source *source;
	unsigned int line;
	struct held_match *matches; /* those that were asked for */
};

struct device_specs {
	struct spec_rules rules;
	struct slot *slots;
	size_t count;
};

static struct source *source_new(const char *name)
{
	size_t size = strlen(name) + 1;
	struct source *source = malloc(sizeof(*source) + size);

	if (!source)
		return NULL;
	source->refs = 1;
	memcpy(source->name, name, size);
	return source;
}

static struct source *source_ref(struct source *source)
{
	source->refs++;
	return source;
}

static struct source *source_unref(struct source *source)
{
	if (source && --source->refs == 0)
		free(source);
	return NULL;
}

DEFINE_CLEANUP(struct source *, source_unref);

static struct held_match *held(struct spec_match *match)
{
	return (struct held_match *)match;
}

struct spec_match *spec_match_ref(struct spec_match *match)
{
	if (match)
		match->refs++;
	return match;
}

struct spec_match *spec_match_unref(struct spec_match *match)
{
	if (!match || --match->refs > 0)
		return NULL;
	spec_entry_unref(held(match)->entry);
	source_unref(held(match)->source);
	free(match);
	return NULL;
}

static bool traits_equal(const struct spec_match *a, const struct spec_match *b)
{
	if (a->trait_count != b->trait_count)
		return false;
	for (size_t i = 0; i < a->trait_count; i++)
		if (strcmp(a->traits[i], b->traits[i]) != 0)
			return false;
	return true;
}

static bool tags_equal(const struct spec_match *a, const struct spec_match *b)
{
	if (a->tag_count != b->tag_count)
		return false;
	for (size_t i = 0; i < a->tag_count; i++)
		if (strcmp(a->tags[i].name, b->tags[i].name) != 0 ||
		    strcmp(a->tags[i].value, b->tags[i].value) != 0)
			return false;
	return true;
}

bool spec_match_equal(const struct spec_match *a, const struct spec_match *b)
{
	if (a == b)
		return true;
	if (!a || !b)
		return false;
	return a->index == b->index && a->line == b->line && strcmp(a->file, b->file) == 0 &&
	       a->managed == b->managed && a->managed_effective == b->managed_effective &&
	       strcmp(a->resource_class, b->resource_class) == 0 && traits_equal(a, b) &&
	       tags_equal(a, b);
}

static void slots_clear(struct slot *slots, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		while (slots[i].matches) {
			struct held_match *m = slots[i].matches;

			slots[i].matches = m->next;
			spec_match_unref(&m->match);
		}
		spec_entry_unref(slots[i].entry);
		source_unref(slots[i].source);
	}
}

int device_specs_new(const struct spec_rules *rules, struct device_specs **ret)
{
	struct device_specs *specs = calloc(1, sizeof(*specs));

	if (!specs)
		return -ENOMEM;
	specs->rules = *rules;
	*ret = specs;
	return 0;
}

struct device_specs *device_specs_free(struct device_specs *specs)
{
	if (!specs)
		return NULL;
	slots_clear(specs->slots, specs->count);
	free(specs->slots);
	free(specs);
	return NULL;
}

size_t device_specs_count(const struct device_specs *specs)
{
	return specs->count;
}

/* Turns an offset in the value into line and column of the file. */
static int place_fault(const struct spec_value *value, const struct spec_fault *fault,
		       struct spec_error *ret_error)
{
	const char *start = value->text, *place = value->text + fault->offset;
	unsigned int line = 0, column = value->column;

	for (const char *s = value->text; s < place; s++) {
		if (*s != '\n')
			continue;
		start = s + 1;
		line++;
		column = value->columns ? value->columns[line] : 1;
	}
	ret_error->line = value->line + line;
	ret_error->column = column + (unsigned int)pytext_length((struct pytext){ start, place });
	pytext_print(pytext_of(fault->reason), ret_error->reason, sizeof(ret_error->reason));
	return -EINVAL;
}

/* What a value holds, before it is added. */
struct batch {
	struct slot *slots;
	size_t count;
};

static void batch_done(struct batch *batch)
{
	slots_clear(batch->slots, batch->count);
	free(batch->slots);
}

/* The value is one entry or a list of them. */
static int batch_fill(struct batch *batch, const struct pyjson *root, struct spec_fault *fault)
{
	const struct pyjson *item = root->type == PYJSON_ARRAY ? root->items : root;
	size_t count = root->type == PYJSON_ARRAY ? root->count : 1;
	int r;

	if (root->type != PYJSON_ARRAY && root->type != PYJSON_OBJECT)
		return spec_fault_set(
			fault, root->offset,
			"the value is neither an object in braces nor a list of them");
	batch->slots = calloc(count ? count : 1, sizeof(*batch->slots));
	if (!batch->slots)
		return -ENOMEM;
	for (; item && batch->count < count; item = item->next, batch->count++) {
		if (item->type != PYJSON_OBJECT)
			return spec_fault_set(fault, item->offset,
					      "an item of the list is no object in braces");
		r = spec_entry_parse(item, fault, &batch->slots[batch->count].entry);
		if (r < 0)
			return r;
	}
	return 0;
}

static int append(struct device_specs *specs, struct batch *batch, const struct spec_value *value)
{
	cleanup_(source_unrefp) struct source *source = source_new(value->file);
	struct slot *slots;

	if (!source)
		return -ENOMEM;
	slots = reallocarray(specs->slots, specs->count + batch->count + 1, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	specs->slots = slots;
	for (size_t i = 0; i < batch->count; i++) {
		slots[specs->count] = batch->slots[i];
		slots[specs->count].source = source_ref(source);
		slots[specs->count++].line = value->line;
	}
	batch->count = 0;
	return 0;
}

int device_specs_add(struct device_specs *specs, const struct spec_value *value,
		     struct spec_error *ret_error)
{
	cleanup_(pyjson_freep) struct pyjson_doc *doc = NULL;
	cleanup_(batch_done) struct batch batch = { 0 };
	struct pyjson_error json;
	struct spec_fault fault;
	int r = pyjson_parse(value->text, value->len, &doc, &json);

	if (r == -EINVAL) {
		(void)spec_fault_set(&fault, json.offset, "not valid JSON: %s", json.reason);
		return place_fault(value, &fault, ret_error);
	}
	if (r < 0)
		return r;
	r = batch_fill(&batch, pyjson_root(doc), &fault);
	if (r == -EINVAL)
		return place_fault(value, &fault, ret_error);
	return r < 0 ? r : append(specs, &batch, value);
}

/* The match in the state that its entry and the ids give; the caller has the reference. */
static struct held_match *match_new(const struct slot *slot, const struct spec_subject *subject)
{
	const struct spec_entry *entry = slot->entry;
	struct held_match *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->vendor_id = subject->vendor_id;
	m->product_id = subject->product_id;
	m->entry = spec_entry_ref(slot->entry);
	m->source = source_ref(slot->source);
	m->match = (struct spec_match){
		.refs = 1,
		.line = slot->line,
		.file = slot->source->name,
		.managed = entry->managed,
		.managed_effective = entry->managed_effective,
		.resource_class = entry->resource_class,
		.traits = entry->traits,
		.trait_count = entry->trait_count,
		.tags = entry->tags,
		.tag_count = entry->tag_count,
	};
	if (!entry->resource_class)
		m->match.resource_class = resource_class_default(
			subject->vendor_id, subject->product_id, m->default_class);
	return m;
}

/* A host has few different ids, so a list is enough. */
static int slot_match(struct device_specs *specs, size_t index, const struct spec_subject *subject,
		      struct spec_match **ret)
{
	struct slot *slot = &specs->slots[index];
	struct held_match *m = slot->matches;

	while (m && (m->vendor_id != subject->vendor_id || m->product_id != subject->product_id))
		m = m->next;
	if (!m) {
		m = match_new(slot, subject);
		if (!m)
			return -ENOMEM;
		m->match.index = (unsigned int)index;
		m->next = slot->matches;
		slot->matches = m;
	}
	*ret = spec_match_ref(&m->match);
	return 0;
}

int device_specs_match(struct device_specs *specs, const struct spec_host *host,
		       const struct spec_subject *subject, struct spec_match **ret)
{
	(void)host;
	for (size_t i = 0; i < specs->count && subject->addr.domain <= DOMAIN_MAX; i++)
		if (spec_entry_takes(specs->slots[i].entry, subject))
			return slot_match(specs, i, subject, ret);
	*ret = NULL;
	return 0;
}
