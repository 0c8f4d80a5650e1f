/* SPDX-License-Identifier: Apache-2.0 */
#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vfmon/json_text.h"
#include "vfmon/vf.h"
#include "vfmon/wire.h"

struct json_object *json_get(struct json_object *object, const char *key)
{
	struct json_object *member = NULL;

	if (json_object_is_type(object, json_type_object))
		(void)json_object_object_get_ex(object, key, &member);
	return member;
}

int64_t json_number(struct json_object *object, const char *key)
{
	return json_object_get_int64(json_get(object, key));
}

const char *json_string(struct json_object *object, const char *key)
{
	struct json_object *member = json_get(object, key);

	return member ? json_object_get_string(member) : "";
}

struct json_object *json_of_image(const struct vf *vf)
{
	struct json_object *device;
	struct json_text text;
	/* What was written before is kept with it: this is to be made anew. */
	struct vf *copy;

	if (vf_copy(vf, &copy) < 0)
		abort();
	copy->sequence = vf->sequence;
	json_text_init(&text);
	wire_device(&text, copy);
	vf_unref(copy);
	json_text_end_message(&text);
	if (json_text_error(&text) < 0)
		abort();
	device = json_tokener_parse(text.data);
	json_text_done(&text);
	if (!device)
		abort();
	return device;
}

void json_drop_texts(struct json_object *device)
{
	struct json_object *reasons = json_get(json_get(device, "readiness"), "reasons");
	size_t count = reasons ? json_object_array_length(reasons) : 0;
	struct json_object *binding = json_get(device, "binding");

	if (binding)
		json_object_object_del(binding, "explanation");
	for (size_t i = 0; i < count; i++) {
		json_object_object_del(json_object_array_get_idx(reasons, i), "message");
		json_object_object_del(json_object_array_get_idx(reasons, i), "remedy");
	}
}

static bool has_value(struct json_object *list, struct json_object *value)
{
	if (!json_object_is_type(list, json_type_array))
		return json_object_equal(list, value);
	for (size_t i = 0; i < json_object_array_length(list); i++)
		if (value && json_object_equal(json_object_array_get_idx(list, i), value))
			return true;
	return false;
}

bool json_matches(struct json_object *filter, struct json_object *device)
{
	/* What stands in the filter, and where that stands in a Device. */
	static const char *const members[][3] = {
		{ "addresses", "address", NULL },
		{ "kinds", "kind", NULL },
		{ "states", "binding", "state" },
		{ "readiness", "readiness", "state" },
		{ "resource_classes", "resource_class", NULL },
		{ "physical_functions", "physical_function", NULL },
		{ "drivers", "binding", "driver" },
		{ "managed", "managed", NULL },
	};

	if (!device)
		return false;
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		struct json_object *wanted = json_get(filter, members[i][0]);
		struct json_object *value = json_get(device, members[i][1]);

		if (members[i][2])
			value = json_get(value, members[i][2]);
		if (wanted && !has_value(wanted, value))
			return false;
	}
	return true;
}

static const char *name_difference(const char *key, struct json_object *a, struct json_object *b)
{
	static char text[1024];

	(void)snprintf(text, sizeof(text), "%s: %.400s and %.400s", key,
		       a ? json_object_to_json_string(a) : "nothing",
		       b ? json_object_to_json_string(b) : "nothing");
	return text;
}

const char *json_difference(struct json_object *a, struct json_object *b)
{
	if (!a || !b)
		return a == b ? NULL : name_difference("all", a, b);
	json_object_object_foreach(a, key, value)
	{
		if (!json_object_equal(value, json_get(b, key)))
			return name_difference(key, value, json_get(b, key));
	}
	json_object_object_foreach(b, other, with)
	{
		if (!json_object_equal(with, json_get(a, other)))
			return name_difference(other, json_get(a, other), with);
	}
	return NULL;
}
