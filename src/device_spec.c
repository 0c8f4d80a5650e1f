/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/device_spec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "device_spec_list.h"
#include "vfmon/conf_names.h"

struct source *source_new(const char *name)
{
	size_t size = strlen(name) + 1;
	struct source *source = malloc(sizeof(*source) + size);

	if (!source)
		return NULL;
	source->refs = 1;
	memcpy(source->name, name, size);
	return source;
}

struct source *source_ref(struct source *source)
{
	source->refs++;
	return source;
}

struct source *source_unref(struct source *source)
{
	if (source && --source->refs == 0)
		free(source);
	return NULL;
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
	if (rules->nova == 0)
		specs->rules.nova = NOVA_NEWEST;
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

/* What a value holds, before it is added. */
struct batch {
	const struct spec_rules *rules;
	const struct spec_value *value;
	struct spec_place place;
	struct slot *slots;
	size_t count;
};

static void batch_done(struct batch *batch)
{
	slots_clear(batch->slots, batch->count);
	free(batch->slots);
}

static int batch_add(struct batch *batch, const struct pyjson *item, struct spec_fault *fault)
{
	struct slot *slot = &batch->slots[batch->count];
	int r;

	if (item->type != PYJSON_OBJECT)
		return spec_fault_set(fault, NOVA_INVALID_SPEC, item->offset,
				      "an item of the list is no object in braces");
	r = spec_entry_parse(batch->rules, item, fault, &slot->entry);
	if (r < 0)
		return r;
	spec_place_advance(batch->value, &batch->place, item->offset);
	slot->line = batch->value->line;
	slot->entry_line = batch->value->line + batch->place.line;
	slot->entry_column = batch->place.column;
	batch->count++;
	return 0;
}

/* The value is one entry or a list of them. */
static int batch_fill(struct batch *batch, const struct pyjson *root, struct spec_fault *fault)
{
	const struct pyjson *item = root->type == PYJSON_ARRAY ? root->items : root;
	size_t count = root->type == PYJSON_ARRAY ? root->count : 1;
	int r = 0;

	if (root->type != PYJSON_ARRAY && root->type != PYJSON_OBJECT)
		return spec_fault_set(
			fault, NOVA_INVALID_SPEC, root->offset,
			"the value is neither an object in braces nor a list of them");
	batch->slots = calloc(count ? count : 1, sizeof(*batch->slots));
	if (!batch->slots)
		return -ENOMEM;
	for (; r == 0 && batch->count < count; item = item->next)
		r = batch_add(batch, item, fault);
	return r;
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
		slots[specs->count++].source = source_ref(source);
	}
	batch->count = 0;
	return 0;
}

int device_specs_add(struct device_specs *specs, const struct spec_value *value,
		     struct spec_error *ret_error)
{
	cleanup_(pyjson_freep) struct pyjson_doc *doc = NULL;
	cleanup_(batch_done) struct batch batch = {
		.rules = &specs->rules,
		.value = value,
		.place = spec_place_start(value),
	};
	struct pyjson_error json;
	struct spec_fault fault;
	int r = pyjson_parse(value->text, value->len, &doc, &json);

	if (r == -EINVAL) {
		(void)spec_fault_set_json(&fault, NOVA_INVALID_SPEC, &json);
		return spec_fault_report(&fault, value, ret_error);
	}
	if (r < 0)
		return r;
	r = batch_fill(&batch, pyjson_root(doc), &fault);
	if (r == -EINVAL)
		return spec_fault_report(&fault, value, ret_error);
	return r < 0 ? r : append(specs, &batch, value);
}
