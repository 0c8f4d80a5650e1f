/* SPDX-License-Identifier: Apache-2.0 */
#include "wire_filter.h"

#include <errno.h>
#include <string.h>

#include "vfmon/cleanup.h"
#include "vfmon/filter.h"
#include "vfmon/names.h"
#include "vfmon/value.h"

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
static int read_list(const struct value *list, struct filter *f, add_fn add)
{
	size_t count = value_count(list);
	int r = count > 0 ? 0 : -EINVAL;

	for (size_t i = 0; r == 0 && i < count; i++) {
		const char *text = value_text_at(list, i);

		r = text ? add(f, text) : -EINVAL;
	}
	return r;
}

struct reading {
	struct filter *filter;
	const char **ret_invalid;
};

static int read_member(const char *name, const struct value *member, void *arg)
{
	struct reading *rd = arg;

	*rd->ret_invalid = name;
	if (strcmp(name, KEY_MANAGED) == 0) {
		if (member && value_as_bool(member) < 0)
			return -EINVAL;
		if (member)
			filter_set_managed(rd->filter, value_as_bool(member));
		return 0;
	}
	for (size_t i = 0; i < ARRAY_COUNT(filter_lists); i++)
		if (strcmp(name, filter_lists[i].name) == 0)
			return member ? read_list(member, rd->filter, filter_lists[i].add) : 0;
	return -EINVAL;
}

int wire_filter_read(const struct value *value, struct filter **ret, const char **ret_invalid)
{
	cleanup_(filter_freep) struct filter *f = NULL;
	struct reading rd = { .ret_invalid = ret_invalid };
	int r;

	if (!value_is_object(value))
		return -EINVAL;
	r = filter_new(&f);
	if (r < 0)
		return r;
	rd.filter = f;
	r = value_each(value, read_member, &rd);
	if (r < 0)
		return r;
	filter_finish(f);
	*ret = TAKE_PTR(f);
	return 0;
}
