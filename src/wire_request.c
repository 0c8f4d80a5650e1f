/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/wire.h"

#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "vfmon/filter.h"
#include "vfmon/json_check.h"
#include "vfmon/names.h"
#include "vfmon/value.h"
#include "wire_filter.h"

/* json-c makes some hundred bytes of each; a reasonable call has less than ten. */
#define MAX_CONTAINERS 128

#define ARRAY_COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Reads a value that is not null. Returns 0, -EINVAL (it is not as it should be) or -ENOMEM. */
typedef int (*read_fn)(struct json_object *value, void *ret, struct wire_request *request);

struct parameter {
	const char *name;
	read_fn read;
	size_t offset; /* in struct wire_request */
	bool required;
};

static const char *text_of(struct json_object *value)
{
	return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

static int read_text(struct json_object *value, void *ret, struct wire_request *request)
{
	const char *text = text_of(value);

	(void)request;
	if (!text)
		return -EINVAL;
	*(const char **)ret = text;
	return 0;
}

/* json-c clamps what is too large for it; that is above INT64_MAX too. */
static int read_count(struct json_object *value, void *ret, struct wire_request *request)
{
	struct wire_count *count = ret;

	(void)request;
	if (!json_object_is_type(value, json_type_int) || json_object_get_int64(value) < 0 ||
	    json_object_get_uint64(value) > INT64_MAX)
		return -EINVAL;
	*count = (struct wire_count){ true, json_object_get_uint64(value) };
	return 0;
}

static int read_filter(struct json_object *value, void *ret, struct wire_request *request)
{
	return wire_filter_read(value_of(value), ret, &request->invalid);
}

#define FIELD(name) offsetof(struct wire_request, name)
#define OPTIONAL(key, read, field)                                                                 \
	{                                                                                          \
		key, read, FIELD(field), false                                                     \
	}
#define REQUIRED(key, read, field)                                                                 \
	{                                                                                          \
		key, read, FIELD(field), true                                                      \
	}

static const struct parameter no_parameters[] = { { 0 } };
static const struct parameter of_description[] = {
	REQUIRED(KEY_INTERFACE, read_text, interface),
	{ 0 },
};
static const struct parameter of_list[] = {
	OPTIONAL(KEY_FILTER, read_filter, filter),
	{ 0 },
};
static const struct parameter of_get[] = {
	REQUIRED(KEY_ADDRESS, read_text, address),
	{ 0 },
};
static const struct parameter of_watch[] = {
	OPTIONAL(KEY_FILTER, read_filter, filter),
	OPTIONAL(KEY_EPOCH, read_text, epoch),
	OPTIONAL(KEY_SEQUENCE, read_count, sequence),
	{ 0 },
};
static const struct parameter of_history[] = {
	OPTIONAL(KEY_ADDRESS, read_text, address),
	OPTIONAL(KEY_AFTER, read_count, after),
	OPTIONAL(KEY_LIMIT, read_count, limit),
	{ 0 },
};

static const struct parameter of_providers[] = {
	OPTIONAL(KEY_HOST_NAME, read_text, host_name),
	{ 0 },
};
static const struct parameter of_alias[] = {
	REQUIRED(KEY_NAME, read_text, alias),
	{ 0 },
};

/* What a method takes; NULL: it is described, and comes with a later version. */
static const struct parameter *const parameters_of[] = {
	[WIRE_METHOD_GET_INFO] = no_parameters,
	[WIRE_METHOD_GET_INTERFACE_DESCRIPTION] = of_description,
	[WIRE_METHOD_LIST_DEVICES] = of_list,
	[WIRE_METHOD_GET_DEVICE] = of_get,
	[WIRE_METHOD_WATCH_DEVICES] = of_watch,
	[WIRE_METHOD_GET_HISTORY] = of_history,
	[WIRE_METHOD_LIST_VANISHED_DEVICES] = no_parameters,
	[WIRE_METHOD_GET_STATUS] = no_parameters,
	[WIRE_METHOD_CHECK_CONFIGURATION] = no_parameters,
	[WIRE_METHOD_DESCRIBE_HOSTDEV] = of_get,
	[WIRE_METHOD_LIST_RESOURCE_PROVIDERS] = of_providers,
	[WIRE_METHOD_RESOLVE_ALIAS] = of_alias,
};

_Static_assert(ARRAY_COUNT(parameters_of) == WIRE_METHOD_COUNT, "a method is missing");

static const struct parameter *find_parameter(const struct parameter *table, const char *name)
{
	for (; table->name; table++)
		if (strcmp(table->name, name) == 0)
			return table;
	return NULL;
}

static int read_parameter(const struct parameter *parameter, struct json_object *value,
			  struct wire_request *request)
{
	if (!parameter)
		return -EINVAL;
	if (!value)
		return parameter->required ? -EINVAL : 0;
	return parameter->read(value, (char *)request + parameter->offset, request);
}

/* Whether everything that must be there is. */
static int check_required(const struct parameter *table, struct json_object *values,
			  struct wire_request *request)
{
	for (; table->name; table++) {
		if (!table->required || json_object_object_get_ex(values, table->name, NULL))
			continue;
		request->invalid = table->name;
		return -EINVAL;
	}
	return 0;
}

static int read_parameters(const struct parameter *table, struct json_object *values,
			   struct wire_request *request)
{
	struct json_object_iterator it, end;
	int r;

	if (!values)
		return check_required(table, NULL, request);
	end = json_object_iter_end(values);
	for (it = json_object_iter_begin(values); !json_object_iter_equal(&it, &end);
	     json_object_iter_next(&it)) {
		request->invalid = json_object_iter_peek_name(&it);
		r = read_parameter(find_parameter(table, request->invalid),
				   json_object_iter_peek_value(&it), request);
		if (r < 0)
			return r;
	}
	return check_required(table, values, request);
}

/* The members of the call itself, of which only the known ones have a meaning. */
struct call {
	struct json_object *method;
	struct json_object *parameters;
	bool oneway;
	bool more;
	bool upgrade;
};

static int read_flag(struct json_object *value, bool *ret)
{
	if (!json_object_is_type(value, json_type_boolean))
		return -EPROTO;
	*ret = json_object_get_boolean(value);
	return 0;
}

static int read_member(const char *name, struct json_object *value, struct call *call)
{
	if (strcmp(name, KEY_METHOD) == 0)
		call->method = value;
	else if (strcmp(name, KEY_PARAMETERS) == 0)
		call->parameters = value;
	else if (strcmp(name, KEY_ONEWAY) == 0)
		return read_flag(value, &call->oneway);
	else if (strcmp(name, KEY_MORE) == 0)
		return read_flag(value, &call->more);
	else if (strcmp(name, KEY_UPGRADE) == 0)
		return read_flag(value, &call->upgrade);
	else if (!strchr(name, '.')) /* with a dot it is a vendor's own, which may be there */
		return -EPROTO;
	return 0;
}

static int read_call(struct json_object *root, struct call *call, const char **ret_why)
{
	struct json_object_iterator it = json_object_iter_begin(root);
	struct json_object_iterator end = json_object_iter_end(root);

	*ret_why = "a member of the call that is unknown or of a wrong type";
	for (; !json_object_iter_equal(&it, &end); json_object_iter_next(&it))
		if (read_member(json_object_iter_peek_name(&it), json_object_iter_peek_value(&it),
				call) < 0)
			return -EPROTO;
	if (call->parameters && !json_object_is_type(call->parameters, json_type_object))
		return -EPROTO;
	if (!text_of(call->method)) {
		*ret_why = "a call without a method";
		return -EPROTO;
	}
	if (call->upgrade || (call->oneway && call->more)) {
		*ret_why = "flags that can not be served";
		return -EPROTO;
	}
	return 0;
}

static int interpret(struct wire_request *request, const char **ret_why)
{
	struct call call = { 0 };
	int r;

	r = read_call(request->root, &call, ret_why);
	if (r < 0)
		return r;
	request->oneway = call.oneway;
	request->more = call.more;
	request->name = text_of(call.method);
	request->verdict = wire_method_find(request->name, &request->method);
	if (request->verdict != WIRE_SERVE)
		return 0;
	if (!parameters_of[request->method]) {
		request->verdict = WIRE_NOT_IMPLEMENTED;
		return 0;
	}
	r = read_parameters(parameters_of[request->method], call.parameters, request);
	if (r != -EINVAL)
		return r;
	request->verdict = WIRE_INVALID_PARAMETER;
	return 0;
}

int wire_request_parse(const char *message, size_t len, struct wire_request *ret,
		       const char **ret_why)
{
	struct wire_request request = { 0 };
	struct json_tokener *tokener;
	int r;

	r = json_check(message, len, MAX_CONTAINERS);
	if (r < 0) {
		*ret_why = json_check_reason(r);
		return r;
	}
	tokener = json_tokener_new_ex(JSON_CHECK_DEPTH + 1);
	if (!tokener)
		return -ENOMEM;
	/* With the NUL, or it would wait for more. What was checked fails for memory only. */
	request.root = json_tokener_parse_ex(tokener, message, (int)len + 1);
	json_tokener_free(tokener);
	if (!request.root)
		return -ENOMEM;
	r = interpret(&request, ret_why);
	if (r < 0)
		wire_request_done(&request);
	else
		*ret = request;
	return r;
}

void wire_request_done(struct wire_request *request)
{
	request->filter = filter_free(request->filter);
	json_object_put(request->root);
	*request = (struct wire_request){ 0 };
}
