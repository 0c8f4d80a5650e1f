/* SPDX-License-Identifier: Apache-2.0 */
/* Aliases that get nothing. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lint_internal.h"
#include "vfmon/alias.h"
#include "vfmon/cleanup.h"
#include "vfmon/nova_config.h"
#include "vfmon/policy.h"
#include "vfmon/pytext.h"
#include "vfmon/resource_class.h"

#define QUOTE_MAX 80

struct value {
	struct alias_info info;
	size_t index; /* in Nova's order */
};

/* The values of the aliases, those of one name side by side. */
struct values {
	struct value *items;
	size_t count;
};

static void values_done(struct values *values)
{
	free(values->items);
}

static struct finding_place place_of(const struct alias_info *info)
{
	return (struct finding_place){
		.file = info->file, .line = info->line, .column = info->column, .spec_index = -1
	};
}

static int check_capability_type(const struct lint *lint, const struct alias_info *info)
{
	const struct finding_place place = place_of(info);
	char quote[QUOTE_MAX];

	if (!info->has_capability_type)
		return 0;
	return findings_add(
		lint->out,
		&(const struct finding_kind){ FINDING_WRONG, FINDING_ALIAS_CAPABILITY_TYPE,
					      "remove capability_type" },
		&place, "alias '%s' has a capability_type: such an alias never gets any function",
		pytext_print(pytext_of(info->name), quote, sizeof(quote)));
}

static int check_class(const struct lint *lint, const struct alias_info *info)
{
	const struct finding_place place = place_of(info);
	char quote[QUOTE_MAX];

	if (!info->resource_class || resource_class_is_valid(info->resource_class))
		return 0;
	return findings_add(
		lint->out,
		&(const struct finding_kind){ FINDING_WRONG, FINDING_INVALID_RESOURCE_CLASS,
					      "give the class that the entry of device_spec has" },
		&place,
		"the alias asks for the resource class '%s', which Placement does not "
		"take",
		pytext_print(pytext_of(info->resource_class), quote, sizeof(quote)));
}

/* Whether a value of that name never gets anything, which is told already. */
static bool has_capability_type(const struct value *values, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (values[i].info.has_capability_type)
			return true;
	return false;
}

static int check_name(const struct lint *lint, const struct value *values, size_t count)
{
	const struct aliases *aliases = lint->policy->config->aliases;
	const struct finding_place place = place_of(&values->info);
	struct alias_answer answer;
	char quote[QUOTE_MAX];
	bool any;
	int r;

	if (!lint->is_complete || has_capability_type(values, count))
		return 0;
	r = aliases_resolve(aliases, values->info.name, lint->functions, lint->function_count,
			    &answer);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	any = answer.with_placement ? answer.placement_device_count > 0 : answer.device_count > 0;
	alias_answer_done(&answer);
	if (any)
		return 0;
	return findings_add(
		lint->out,
		&(const struct finding_kind){
			FINDING_SUSPICIOUS, FINDING_ALIAS_MATCHES_NOTHING,
			"compare what it asks for with what 'vfmonctl list' shows of the tracked "
			"functions; on another host it may fit" },
		&place, "alias '%s' can get no function of this host",
		pytext_print(pytext_of(values->info.name), quote, sizeof(quote)));
}

static int compare_values(const void *pa, const void *pb)
{
	const struct value *a = pa, *b = pb;
	int r = strcmp(a->info.name, b->info.name);

	return r ? r : (a->index > b->index) - (a->index < b->index);
}

static int gather(const struct aliases *aliases, struct values *values)
{
	values->count = aliases_count(aliases);
	values->items = calloc(values->count + 1, sizeof(*values->items));
	if (!values->items)
		return -ENOMEM;
	for (size_t i = 0; i < values->count; i++) {
		values->items[i].index = i;
		aliases_get(aliases, i, &values->items[i].info);
	}
	if (values->count > 1)
		qsort(values->items, values->count, sizeof(*values->items), compare_values);
	return 0;
}

/* Values of one name: each alone, then what they get together. */
static int check_values(const struct lint *lint, const struct value *values, size_t count)
{
	int r = 0;

	for (size_t i = 0; i < count && r == 0; i++) {
		r = check_capability_type(lint, &values[i].info);
		if (r == 0)
			r = check_class(lint, &values[i].info);
	}
	return r == 0 ? check_name(lint, values, count) : r;
}

int lint_aliases(const struct lint *lint)
{
	const struct aliases *aliases = lint->policy->config->aliases;
	cleanup_(values_done) struct values values = { 0 };
	int r = aliases ? gather(aliases, &values) : 0;

	for (size_t i = 0, next; i < values.count && r == 0; i = next) {
		next = i;
		while (next < values.count &&
		       strcmp(values.items[next].info.name, values.items[i].info.name) == 0)
			next++;
		r = check_values(lint, &values.items[i], next - i);
	}
	return r;
}
