/* SPDX-License-Identifier: Apache-2.0 */
#include "belief.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

static const char *member(struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	return json_object_object_get_ex(object, key, &value) ? json_object_get_string(value)
							      : NULL;
}

static void believe(struct belief *b, const struct stage *stage, const char *address,
		    struct json_object *device)
{
	const char *value = device ? member(device, "driver_override") : "-";

	for (size_t vf = 0; vf < stage->vfs; vf++)
		if (strcmp(stage_address(vf), address) == 0)
			(void)snprintf(b->value[vf], sizeof(b->value[vf]), "%s",
				       value ? value : "");
}

static void believe_change(struct belief *b, const struct stage *stage, struct json_object *change)
{
	struct json_object *device = NULL, *number = NULL;

	(void)json_object_object_get_ex(change, "device", &device);
	believe(b, stage, member(change, "address"), device);
	assert_true(json_object_object_get_ex(change, "sequence", &number));
	assert_true(json_object_get_int64(number) > b->sequence);
	b->sequence = json_object_get_int64(number);
	if (json_object_object_get_ex(change, "merged", &number))
		b->merged += json_object_get_int64(number) > 1;
}

static void believe_snapshot(struct belief *b, const struct stage *stage, struct json_object *part)
{
	for (size_t i = 0; i < json_object_array_length(part); i++) {
		struct json_object *device = json_object_array_get_idx(part, i);

		believe(b, stage, member(device, "address"), device);
	}
}

void belief_take(struct belief *b, const struct stage *stage, const char *message)
{
	struct json_object *reply = json_tokener_parse(message);
	struct json_object *parameters, *part;

	assert_non_null(reply);
	assert_true(json_object_object_get_ex(reply, "parameters", &parameters));
	b->messages++;
	if (json_object_object_get_ex(parameters, "change", &part))
		believe_change(b, stage, part);
	if (json_object_object_get_ex(parameters, "snapshot", &part))
		believe_snapshot(b, stage, part);
	json_object_put(reply);
}

void belief_catch_up(struct belief *b, struct peer *peer)
{
	while (b->sequence < (int64_t)registry_sequence(peer->stage->registry)) {
		const char *message = peer_next(peer);

		assert_non_null(message);
		belief_take(b, peer->stage, message);
	}
}

void belief_expect_truth(const struct belief *b, const struct stage *stage)
{
	for (size_t vf = 0; vf < stage->vfs; vf++) {
		const char *truth = stage_truth(stage, stage_address(vf));

		assert_string_equal(b->value[vf], truth ? truth : "-");
	}
}
