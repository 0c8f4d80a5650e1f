/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/value.h"

#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#define PRINT_FLAGS (JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)

/* json-c takes plain pointers even where it only reads. */
static struct json_object *tree(const struct value *v)
{
	return (struct json_object *)(uintptr_t)v;
}

static struct value *value(struct json_object *object)
{
	return (struct value *)object;
}

static void tokener_freep(struct json_tokener **p)
{
	if (*p)
		json_tokener_free(*p);
}

int value_parse(const char *text, size_t len, struct value **ret)
{
	cleanup_(tokener_freep) struct json_tokener *tokener = json_tokener_new();
	struct json_object *object;

	if (!tokener)
		return -ENOMEM;
	if (len > INT32_MAX)
		return -EBADMSG;
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	object = json_tokener_parse_ex(tokener, text, (int)len);
	if (json_tokener_get_error(tokener) != json_tokener_success ||
	    json_tokener_get_parse_end(tokener) != len) {
		json_object_put(object);
		return -EBADMSG;
	}
	*ret = value(object);
	return 0;
}

struct value *value_free(struct value *v)
{
	json_object_put(tree(v));
	return NULL;
}

const struct value *value_of(const struct json_object *object)
{
	return (const struct value *)object;
}

bool value_is_object(const struct value *v)
{
	return json_object_is_type(tree(v), json_type_object);
}

bool value_is_array(const struct value *v)
{
	return json_object_is_type(tree(v), json_type_array);
}

bool value_is_int(const struct value *v)
{
	return json_object_is_type(tree(v), json_type_int);
}

const struct value *value_member(const struct value *object, const char *name)
{
	struct json_object *member = NULL;

	if (value_is_object(object))
		json_object_object_get_ex(tree(object), name, &member);
	return value(member);
}

const char *value_as_text(const struct value *v)
{
	if (!json_object_is_type(tree(v), json_type_string))
		return NULL;
	return json_object_get_string(tree(v));
}

const char *value_text(const struct value *object, const char *name)
{
	return value_as_text(value_member(object, name));
}

bool value_has(const struct value *object, const char *name)
{
	return value_is_object(object) && json_object_object_get_ex(tree(object), name, NULL);
}

int64_t value_as_int(const struct value *v, int64_t otherwise)
{
	return value_is_int(v) ? json_object_get_int64(tree(v)) : otherwise;
}

int64_t value_int(const struct value *object, const char *name, int64_t otherwise)
{
	return value_as_int(value_member(object, name), otherwise);
}

int value_as_bool(const struct value *v)
{
	if (!json_object_is_type(tree(v), json_type_boolean))
		return -1;
	return json_object_get_boolean(tree(v)) ? 1 : 0;
}

bool value_equal(const struct value *a, const struct value *b)
{
	return json_object_equal(tree(a), tree(b)) != 0;
}

int value_bool(const struct value *object, const char *name)
{
	return value_as_bool(value_member(object, name));
}

size_t value_count(const struct value *array)
{
	if (!json_object_is_type(tree(array), json_type_array))
		return 0;
	return json_object_array_length(tree(array));
}

const struct value *value_at(const struct value *array, size_t i)
{
	return i < value_count(array) ? value(json_object_array_get_idx(tree(array), i)) : NULL;
}

const char *value_text_at(const struct value *array, size_t i)
{
	return value_as_text(value_at(array, i));
}

bool value_lists_text(const struct value *array, const char *text)
{
	for (size_t i = 0; i < value_count(array); i++) {
		const char *one = value_text_at(array, i);

		if (one && text && strcmp(one, text) == 0)
			return true;
	}
	return false;
}

int value_each(const struct value *object,
	       int (*fn)(const char *name, const struct value *member, void *arg), void *arg)
{
	struct json_object_iterator it, end;
	int r = 0;

	if (!value_is_object(object))
		return 0;
	it = json_object_iter_begin(tree(object));
	end = json_object_iter_end(tree(object));
	for (; r == 0 && !json_object_iter_equal(&it, &end); json_object_iter_next(&it))
		r = fn(json_object_iter_peek_name(&it), value(json_object_iter_peek_value(&it)),
		       arg);
	return r;
}

struct each_text {
	void (*fn)(const char *name, const char *text, void *arg);
	void *arg;
};

static int pass_text(const char *name, const struct value *member, void *arg)
{
	const struct each_text *each = arg;
	const char *text = value_as_text(member);

	if (text)
		each->fn(name, text, each->arg);
	return 0;
}

void value_each_text(const struct value *object,
		     void (*fn)(const char *name, const char *text, void *arg), void *arg)
{
	struct each_text each = { fn, arg };

	(void)value_each(object, pass_text, &each);
}

/*
 * json-c escapes the controls below 0x20; DEL and U+0080 to U+009F, which a terminal obeys too, it
 * passes through. Such bytes can stand in strings only, where an escape means the same.
 */
static void print_escaped(const char *text, size_t len, FILE *out)
{
	const char *end = text + len;
	const char *from = text;

	for (const char *p = text; p < end; p++) {
		const unsigned char *u = (const unsigned char *)p;
		bool c1 = u[0] == 0xc2 && p + 1 < end && u[1] >= 0x80 && u[1] <= 0x9f;

		if (u[0] != 0x7f && !c1)
			continue;
		fwrite(from, 1, (size_t)(p - from), out);
		fprintf(out, "\\u%04x", c1 ? u[1] : u[0]);
		p += c1;
		from = p + 1;
	}
	fwrite(from, 1, (size_t)(end - from), out);
}

int value_print(const struct value *v, FILE *out)
{
	size_t len;
	const char *text = json_object_to_json_string_length(tree(v), PRINT_FLAGS, &len);

	if (!text)
		return -ENOMEM;
	print_escaped(text, len, out);
	return 0;
}

int value_print_text(const char *text, FILE *out)
{
	cleanup_(value_freep) struct value *v = value(json_object_new_string(text));

	if (!v)
		return -ENOMEM;
	return value_print(v, out);
}
