/* SPDX-License-Identifier: Apache-2.0 */
#include "wire_filter.h"

#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "vfmon/cleanup.h"
#include "vfmon/filter.h"
#include "vfmon/names.h"

#define ARRAY_COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Adds one element of a list of a filter; returns 0, -EINVAL or -ENOMEM. */
typedef int (*add_fn)(struct filter *f, const char *text);

static int add_addr(struct filter *f, enum filter_addr which, const char *text)
{
	struct pci_addr addr;

	if (pci_addr_parse(text, &addr) < 0)
		return -EINVAL;
	return filter_add_addr(f, which, &addr);
}

static int add_address(struct filter *f, const char *text)
{
	return add_addr(f, FILTER_ADDRESSES, text);
}

static int add_physical_function(struct filter *f, const char *text)
{
	return add_addr(f, FILTER_PHYSICAL_FUNCTIONS, text);
}

static int add_kind(struct filter *f, const char *text)
{
	int kind = vf_kind_from_name(text);

	if (kind < 0)
		return -EINVAL;
	filter_add_kind(f, (enum vf_kind)kind);
	return 0;
}

static int add_state(struct filter *f, const char *text)
{
	int binding = vf_binding_from_name(text);

	if (binding < 0)
		return -EINVAL;
	filter_add_binding(f, (enum vf_binding)binding);
	return 0;
}

static int add_readiness(struct filter *f, const char *text)
{
	int readiness = vf_readiness_from_name(text);

	if (readiness < 0)
		return -EINVAL;
	filter_add_readiness(f, (enum vf_readiness)readiness);
	return 0;
}

static int add_resource_class(struct filter *f, const char *text)
{
	return filter_add_text(f, FILTER_RESOURCE_CLASSES, text);
}

static int add_driver(struct filter *f, const char *text)
{
	return filter_add_text(f, FILTER_DRIVERS, text);
}

static const struct {
	const char *name;
	add_fn add;
} filter_lists[] = {
	{ KEY_ADDRESSES, add_address },
	{ KEY_KINDS, add_kind },
	{ KEY_STATES, add_state },
	{ KEY_READINESS, add_readiness },
	{ KEY_RESOURCE_CLASSES, add_resource_class },
	{ KEY_PHYSICAL_FUNCTIONS, add_physical_function },
	{ KEY_DRIVERS, add_driver },
};

/* An empty list would let nothing pass, which nobody means: refused. */
static int read_list(struct json_object *list, struct filter *f, add_fn add)
{
	if (!json_object_is_type(list, json_type_array) || json_object_array_length(list) == 0)
		return -EINVAL;
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *element = json_object_array_get_idx(list, i);
		int r = -EINVAL;

		if (json_object_is_type(element, json_type_string))
			r = add(f, json_object_get_string(element));
		if (r < 0)
			return r;
	}
	return 0;
}

static int read_filter_member(const char *name, struct json_object *value, struct filter *f)
{
	if (strcmp(name, KEY_MANAGED) == 0) {
		if (!json_object_is_type(value, json_type_boolean))
			return value ? -EINVAL : 0;
		filter_set_managed(f, json_object_get_boolean(value));
		return 0;
	}
	for (size_t i = 0; i < ARRAY_COUNT(filter_lists); i++)
		if (strcmp(name, filter_lists[i].name) == 0)
			return value ? read_list(value, f, filter_lists[i].add) : 0;
	return -EINVAL;
}

int wire_filter_read(struct json_object *value, struct filter **ret, const char **ret_invalid)
{
	cleanup_(filter_freep) struct filter *f = NULL;
	struct json_object_iterator it, end;
	int r;

	if (!json_object_is_type(value, json_type_object))
		return -EINVAL;
	r = filter_new(&f);
	if (r < 0)
		return r;
	end = json_object_iter_end(value);
	for (it = json_object_iter_begin(value); !json_object_iter_equal(&it, &end);
	     json_object_iter_next(&it)) {
		*ret_invalid = json_object_iter_peek_name(&it);
		r = read_filter_member(*ret_invalid, json_object_iter_peek_value(&it), f);
		if (r < 0)
			return r;
	}
	filter_finish(f);
	*ret = TAKE_PTR(f);
	return 0;
}
