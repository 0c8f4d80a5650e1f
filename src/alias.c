/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/alias.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "alias_value.h"
#include "spec_fault.h"
#include "vfmon/arena.h"
#include "vfmon/conf_names.h"
#include "vfmon/pyjson.h"
#include "vfmon/pytext.h"
#include "vfmon/vf.h"

struct alias {
	struct alias_value value;
	const char *file;
	unsigned int line;
	unsigned int column;
};

struct aliases {
	struct alias_rules rules;
	struct arena *arena; /* of all texts */
	struct alias *items;
	size_t count;
	bool is_broken;
};

DEFINE_CLEANUP(struct aliases *, aliases_free);

int aliases_new(const struct alias_rules *rules, struct aliases **ret)
{
	cleanup_(aliases_freep) struct aliases *aliases = calloc(1, sizeof(*aliases));

	if (!aliases || arena_new(&aliases->arena) < 0)
		return -ENOMEM;
	aliases->rules = *rules;
	if (rules->nova == 0)
		aliases->rules.nova = NOVA_NEWEST;
	*ret = TAKE_PTR(aliases);
	return 0;
}

struct aliases *aliases_free(struct aliases *aliases)
{
	if (!aliases)
		return NULL;
	arena_free(aliases->arena);
	free(aliases->items);
	free(aliases);
	return NULL;
}

/* The first value of that name. */
static const struct alias *find(const struct aliases *aliases, const char *name)
{
	for (size_t i = 0; i < aliases->count; i++)
		if (strcmp(aliases->items[i].value.name, name) == 0)
			return &aliases->items[i];
	return NULL;
}

/* Values of one name are alternatives that differ in ids only. */
static int check_repeated(const struct aliases *aliases, const struct alias_value *value,
			  const struct pyjson *root, struct spec_fault *fault)
{
	const struct alias *first = find(aliases, value->name);
	size_t offset = pyjson_get(root, ALIAS_NAME)->offset;

	if (!first)
		return 0;
	if (strcmp(first->value.numa_policy, value->numa_policy) != 0)
		return spec_fault_set(fault, NOVA_INVALID_ALIAS, offset,
				      "alias '%.60s' has another numa_policy in line %u",
				      value->name, first->line);
	if (!first->value.device_type || !value->device_type)
		return spec_fault_set(fault, NOVA_INVALID_ALIAS, offset,
				      "alias '%.60s' is given twice (line %u), for which each "
				      "has to have a device_type; Nova says only \"'dev_type'\"",
				      value->name, first->line);
	if (strcmp(first->value.device_type, value->device_type) != 0)
		return spec_fault_set(fault, NOVA_INVALID_ALIAS, offset,
				      "alias '%.60s' has another device_type in line %u",
				      value->name, first->line);
	if (aliases->rules.nova >= NOVA_CHECKS_ALIASES && aliases->rules.pci_in_placement)
		return spec_fault_set(fault, NOVA_INVALID_ALIAS, offset,
				      "alias '%.60s' is given twice (line %u), which "
				      "pci_in_placement does not allow",
				      value->name, first->line);
	return 0;
}

static int check_ids(const struct aliases *aliases, const struct alias_value *value,
		     const struct pyjson *root, struct spec_fault *fault)
{
	bool in_placement = aliases->rules.pci_in_placement;

	if (aliases->rules.nova < NOVA_CHECKS_ALIASES || (value->vendor_id && value->product_id) ||
	    (in_placement && value->has_resource_class))
		return 0;
	return spec_fault_set(fault, NOVA_INVALID_ALIAS, root->offset,
			      "alias '%.60s' has to have vendor_id and product_id%s", value->name,
			      in_placement ? ", or a resource_class" : "");
}

static int append(struct aliases *aliases, const struct spec_value *value,
		  const struct alias_value *parsed)
{
	const char *file = arena_copy(aliases->arena, value->file, strlen(value->file));
	struct alias *items;

	if (!file)
		return -ENOMEM;
	items = reallocarray(aliases->items, aliases->count + 1, sizeof(*items));
	if (!items)
		return -ENOMEM;
	aliases->items = items;
	items[aliases->count++] = (struct alias){ *parsed, file, value->line, value->column };
	return 0;
}

static int add(struct aliases *aliases, const struct spec_value *value, struct spec_fault *fault)
{
	cleanup_(pyjson_freep) struct pyjson_doc *doc = NULL;
	struct alias_value parsed;
	struct pyjson_error json;
	int r = pyjson_parse(value->text, value->len, &doc, &json);

	if (r == -EINVAL)
		return spec_fault_set_json(fault, NOVA_INVALID_ALIAS, &json);
	if (r == 0)
		r = alias_value_parse(&aliases->rules, aliases->arena, pyjson_root(doc), fault,
				      &parsed);
	if (r == 0)
		r = check_repeated(aliases, &parsed, pyjson_root(doc), fault);
	if (r == 0)
		r = check_ids(aliases, &parsed, pyjson_root(doc), fault);
	return r == 0 ? append(aliases, value, &parsed) : r;
}

int aliases_add(struct aliases *aliases, const struct spec_value *value,
		struct spec_error *ret_error)
{
	struct spec_fault fault;
	int r = add(aliases, value, &fault);

	if (r != -EINVAL)
		return r;
	aliases->is_broken = true;
	return spec_fault_report(&fault, value, ret_error);
}

size_t aliases_count(const struct aliases *aliases)
{
	return aliases->count;
}

void aliases_get(const struct aliases *aliases, size_t index, struct alias_info *ret)
{
	const struct alias *alias = &aliases->items[index];

	*ret = (struct alias_info){
		.name = alias->value.name,
		.file = alias->file,
		.line = alias->line,
		.column = alias->column,
		.has_capability_type = alias->value.capability_type != NULL,
		.resource_class = alias->value.resource_class,
		.has_ids = alias->value.vendor_id && alias->value.product_id,
	};
}

bool aliases_are_broken(const struct aliases *aliases)
{
	return aliases->is_broken;
}

bool aliases_takes(const struct aliases *aliases, size_t index, const struct vf *vf)
{
	return alias_value_takes(&aliases->items[index].value, vf);
}

static bool any_takes(const struct aliases *aliases, const char *name, const struct vf *vf)
{
	for (size_t i = 0; i < aliases->count; i++)
		if (strcmp(aliases->items[i].value.name, name) == 0 &&
		    aliases_takes(aliases, i, vf))
			return true;
	return false;
}

static size_t count_named(const struct aliases *aliases, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < aliases->count; i++)
		n += strcmp(aliases->items[i].value.name, name) == 0;
	return n;
}

/* Placement knows no alternatives: Nova fails each request for such an alias. */
static bool is_in_placement(const struct aliases *aliases, const char *name, const struct vf *vf)
{
	return count_named(aliases, name) == 1 &&
	       alias_value_fits_provider(&find(aliases, name)->value, &aliases->rules, vf);
}

static int answer_fill(const struct aliases *aliases, const char *name,
		       const struct vf *const *functions, size_t count, struct alias_answer *answer)
{
	answer->devices = calloc(count + 1, sizeof(*answer->devices));
	answer->placement_devices = calloc(count + 1, sizeof(*answer->placement_devices));
	if (!answer->devices || !answer->placement_devices)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		if (!any_takes(aliases, name, functions[i]))
			continue;
		answer->devices[answer->device_count++] = functions[i];
		if (answer->with_placement && is_in_placement(aliases, name, functions[i]))
			answer->placement_devices[answer->placement_device_count++] = functions[i];
	}
	return 0;
}

int aliases_resolve(const struct aliases *aliases, const char *name,
		    const struct vf *const *functions, size_t count, struct alias_answer *ret)
{
	struct alias_answer answer = { .with_placement = aliases->rules.pci_in_placement };
	int r;

	if (aliases->is_broken || !find(aliases, name))
		return -ENOENT;
	r = answer_fill(aliases, name, functions, count, &answer);
	if (r < 0) {
		alias_answer_done(&answer);
		return r;
	}
	*ret = answer;
	return 0;
}

void alias_answer_done(struct alias_answer *answer)
{
	free(answer->devices);
	free(answer->placement_devices);
	*answer = (struct alias_answer){ 0 };
}
