/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/names.h"
#include "vfmon/wire.h"

#define LITERAL(text) text, sizeof(text) - 1

void wire_reply_begin(struct json_text *t)
{
	json_text_raw(t, LITERAL("{\"" KEY_PARAMETERS "\":{"));
}

void wire_reply_end(struct json_text *t, enum wire_continues continues)
{
	if (continues == WIRE_CONTINUES)
		json_text_raw(t, LITERAL("},\"" KEY_CONTINUES "\":true}"));
	else
		json_text_raw(t, LITERAL("}}"));
	json_text_end_message(t);
}

static void begin_error(struct json_text *t, const char *error)
{
	json_text_begin_object(t);
	wire_member_text(t, KEY_ERROR, error);
	json_text_key(t, KEY_PARAMETERS);
	json_text_begin_object(t);
}

static void end_error(struct json_text *t)
{
	json_text_end_object(t);
	json_text_end_object(t);
	json_text_end_message(t);
}

void wire_error(struct json_text *t, const char *error, const char *key, const char *text)
{
	begin_error(t, error);
	if (key)
		wire_member_text(t, key, text);
	end_error(t);
}

void wire_error_number(struct json_text *t, const char *error, const char *key, uint64_t number)
{
	begin_error(t, error);
	wire_member_uint(t, key, number);
	end_error(t);
}

void wire_member_text(struct json_text *t, const char *key, const char *text)
{
	json_text_key(t, key);
	json_text_string(t, text);
}

void wire_member_uint(struct json_text *t, const char *key, uint64_t value)
{
	json_text_key(t, key);
	json_text_raw_uint(t, value);
}
