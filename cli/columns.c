/* SPDX-License-Identifier: Apache-2.0 */
#include "columns.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "device.h"
#include "moment.h"
#include "vfmon/cleanup.h"
#include "vfmon/keys.h"
#include "writer.h"

#define FIELD_NONE (-1)
#define USUAL "MARK,ADDRESS,KIND,DRIVER,BINDING,CLASS,MANAGED,READINESS,NOTE"

struct column {
	const char *name;
	const char *heading; /* NULL: the name */
	enum render_column look;
	bool has_readiness_colour;
	int field;	 /* of Device: enum vf_field, or FIELD_NONE for Device itself */
	const char *key; /* member of that field; NULL: the field itself */
	/* Writes the cell; nothing where there is nothing. NULL: as print_plain() does. */
	void (*print)(const struct value *device, FILE *out);
};

static void print_scalar(const struct value *object, const char *key, FILE *out)
{
	const char *text = value_text(object, key);
	int64_t number = value_int(object, key, -1);
	int flag = value_bool(object, key);

	if (text)
		fprintf(out, "%s", text);
	else if (flag >= 0)
		fprintf(out, "%s", flag ? "yes" : "no");
	else if (number >= 0)
		fprintf(out, "%" PRId64, number);
}

/* Texts of an array, or the members of the objects in it that are called key. */
static void print_list(const struct value *array, const char *key, FILE *out)
{
	for (size_t i = 0; i < value_count(array); i++) {
		const char *text = key ? value_text(value_at(array, i), key)
				       : value_text_at(array, i);

		fprintf(out, "%s%s", i ? "," : "", text ? text : "");
	}
}

static void print_plain(const struct column *c, const struct value *device, FILE *out)
{
	const struct value *field = c->field == FIELD_NONE
					    ? device
					    : device_field(device, (enum vf_field)c->field);

	if (c->print)
		c->print(device, out);
	else if (value_count(field))
		print_list(field, c->key, out);
	else if (c->key)
		print_scalar(field, c->key, out);
	else
		print_scalar(device, vf_field_name((enum vf_field)c->field), out);
}

static void print_ids(const struct value *device, FILE *out)
{
	const char *vendor = device_text(device, VF_FIELD_VENDOR_ID);
	const char *product = device_text(device, VF_FIELD_PRODUCT_ID);

	if (vendor && product)
		fprintf(out, "%s:%s", vendor, product);
}

static void print_name(const struct value *device, FILE *out)
{
	const char *vendor = device_text(device, VF_FIELD_VENDOR_NAME);
	const char *product = device_text(device, VF_FIELD_PRODUCT_NAME);

	fprintf(out, "%s%s%s", vendor ? vendor : "", vendor && product ? " " : "",
		product ? product : "");
}

static void print_time(const struct value *object, const char *key, FILE *out)
{
	int64_t usec = value_int(object, key, 0);
	char text[MOMENT_TEXT_MAX];

	if (usec > 0)
		fprintf(out, "%s", moment_format((uint64_t)usec, text));
}

static void print_since(const struct value *device, FILE *out)
{
	print_time(device_field(device, VF_FIELD_BINDING), KEY_SINCE_USEC, out);
}

static void print_appeared(const struct value *device, FILE *out)
{
	print_time(device, KEY_APPEARED_USEC, out);
}

static void print_spec(const struct value *device, FILE *out)
{
	const struct value *spec = device_field(device, VF_FIELD_SPEC);
	const char *file = value_text(spec, KEY_FILE);

	if (file)
		fprintf(out, "%s:%" PRId64, file, value_int(spec, KEY_LINE, 0));
}

#define FIELD(f) .field = VF_FIELD_##f
#define OWN(member) .field = FIELD_NONE, .key = member
#define RIGHT .look = RENDER_RIGHT

static const struct column all[] = {
	{ "MARK", "", .has_readiness_colour = true },
	{ "ADDRESS", OWN(KEY_ADDRESS) },
	{ "KIND", FIELD(KIND) },
	{ "DRIVER", FIELD(BINDING), .key = KEY_DRIVER },
	{ "BINDING", FIELD(BINDING), .key = KEY_STATE },
	{ "CLASS", FIELD(RESOURCE_CLASS) },
	{ "MANAGED", FIELD(MANAGED) },
	{ "READINESS", FIELD(READINESS), .key = KEY_STATE, .has_readiness_colour = true },
	{ "NOTE", "", .look = RENDER_CUT, .print = device_print_note },
	{ "PF", FIELD(PHYSICAL_FUNCTION) },
	{ "VF_INDEX", FIELD(VF_INDEX), RIGHT },
	{ "VFS", FIELD(NUM_VFS), RIGHT },
	{ "TOTAL_VFS", FIELD(TOTAL_VFS), RIGHT },
	{ "AUTOPROBE", FIELD(DRIVERS_AUTOPROBE) },
	{ "MODULE", FIELD(BINDING), .key = KEY_MODULE },
	{ "SINCE", .print = print_since },
	{ "EXPLANATION", FIELD(BINDING), .key = KEY_EXPLANATION },
	{ "OVERRIDE", FIELD(DRIVER_OVERRIDE) },
	{ "BEST_DRIVER", FIELD(BEST_DRIVER) },
	{ "BEST_MODULE", FIELD(BEST_MODULE) },
	{ "VFIO", FIELD(VFIO_DEVICE) },
	{ "NODES", FIELD(VFIO_NODES) },
	{ "IN_USE", FIELD(IN_USE) },
	{ "GROUP", FIELD(IOMMU_GROUP), RIGHT },
	{ "MEMBERS", FIELD(IOMMU_GROUP_MEMBERS), .key = KEY_ADDRESS },
	{ "NUMA", FIELD(NUMA_NODE), RIGHT },
	{ "ID", .print = print_ids },
	{ "VENDOR", FIELD(VENDOR_ID) },
	{ "PRODUCT", FIELD(PRODUCT_ID) },
	{ "PCI_CLASS", FIELD(CLASS) },
	{ "NAME", .print = print_name },
	{ "INTERFACE", FIELD(NETWORK), .key = KEY_INTERFACE },
	{ "EFFECTIVE", FIELD(MANAGED_EFFECTIVE) },
	{ "TRAITS", FIELD(TRAITS) },
	{ "SPEC", .print = print_spec },
	{ "NOVA_TYPE", FIELD(NOVA_DEVICE_TYPE) },
	{ "APPEARED", .print = print_appeared },
	{ "GENERATION", OWN(KEY_GENERATION), RIGHT },
	{ "SEQUENCE", OWN(KEY_SEQUENCE), RIGHT },
};

#define ALL_COUNT (sizeof(all) / sizeof(all[0]))
#define MARK (&all[0])
_Static_assert(ALL_COUNT <= COLUMNS_MAX, "each column once must fit");

DEFINE_CLEANUP(char *, free);

static int refuse(const char *name, FILE *err)
{
	fprintf(err, "there is no column '%s'; there are:", name);
	for (size_t i = 0; i < ALL_COUNT; i++)
		fprintf(err, "%s %s", i ? "," : "", all[i].name);
	return -EINVAL;
}

static int add_one(const char *name, struct columns *columns, FILE *err)
{
	for (size_t i = 0; i < ALL_COUNT; i++) {
		if (strcasecmp(all[i].name, name) != 0)
			continue;
		if (columns->count == COLUMNS_MAX) {
			fprintf(err, "more than %d columns", COLUMNS_MAX);
			return -EINVAL;
		}
		columns->list[columns->count++] = &all[i];
		return 0;
	}
	return refuse(name, err);
}

static int add_all(const char *names, struct columns *columns, FILE *err)
{
	cleanup_(freep) char *copy = strdup(names);
	char *rest = copy;
	char *name;
	int r = copy ? 0 : -ENOMEM;

	while (r == 0 && (name = strsep(&rest, ",")))
		r = add_one(name, columns, err);
	return r;
}

int columns_parse(const char *names, struct columns *ret, FILE *err)
{
	struct columns columns = { .count = 0 };
	int r = 0;

	if (!names || *names == '+')
		r = add_all(USUAL, &columns, err);
	if (r == 0 && names)
		r = add_all(*names == '+' ? names + 1 : names, &columns, err);
	if (r == 0)
		*ret = columns;
	return r;
}

int columns_new_table(const struct columns *columns, const struct terminal *t, bool headings,
		      struct render_table **ret)
{
	cleanup_(render_table_freep) struct render_table *table = NULL;
	int r = render_table_new(t, headings, &table);

	for (size_t i = 0; r == 0 && i < columns->count; i++) {
		const struct column *c = columns->list[i];

		r = render_table_add_column(table, c->heading ? c->heading : c->name, c->look);
	}
	if (r == 0)
		*ret = TAKE_PTR(table);
	return r;
}

/* The text of a cell: "-" for what is not there, but nothing where nothing is said. */
static int format_cell(const struct column *c, const struct terminal *t, const struct value *device,
		       struct writer *ret)
{
	if (writer_open(ret) < 0)
		return -ENOMEM;
	if (c == MARK)
		fprintf(ret->out, "%s", terminal_mark(t, device_readiness(device)));
	else
		print_plain(c, device, ret->out);
	if (fflush(ret->out) == 0 && ret->len == 0 && c->look != RENDER_CUT)
		fprintf(ret->out, "-");
	return writer_close(ret);
}

int columns_add_row(const struct columns *columns, const struct terminal *t,
		    const struct value *device, struct render_table *table)
{
	const char *colour = terminal_colour(t, device_readiness(device));
	int r = render_table_add_row(table);

	for (size_t i = 0; r == 0 && i < columns->count; i++) {
		const struct column *c = columns->list[i];
		cleanup_(writer_done) struct writer text = { 0 };

		r = format_cell(c, t, device, &text);
		if (r == 0)
			r = render_table_set(table, i, text.text,
					     c->has_readiness_colour ? colour : NULL);
	}
	return r;
}
