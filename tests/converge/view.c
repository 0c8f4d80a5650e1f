/* SPDX-License-Identifier: Apache-2.0 */
#include "view.h"

#include <string.h>

#include "failure.h"

void view_init(struct view *v, const char *name, struct json_object *filter)
{
	*v = (struct view){ .name = name, .filter = filter, .devices = json_object_new_object() };
}

void view_done(struct view *v)
{
	json_object_put(v->devices);
}

void view_clear(struct view *v)
{
	json_object_put(v->devices);
	v->devices = json_object_new_object();
	v->last = 0;
}

static void put(struct view *v, struct json_object *device)
{
	json_object_object_add(v->devices, json_string(device, "address"), json_object_get(device));
}

void view_fold_snapshot(struct view *v, struct json_object *devices)
{
	for (size_t i = 0; i < json_object_array_length(devices); i++) {
		struct json_object *device = json_object_array_get_idx(devices, i);
		const char *address = json_string(device, "address");

		if (json_get(v->devices, address))
			fail("%s: %s is twice in the snapshot", v->name, address);
		if (!json_matches(v->filter, device))
			fail("%s: %s of the snapshot does not match the filter", v->name, address);
		put(v, device);
	}
}

/* What stands in the change itself. */
static void check_form(const struct view *v, struct json_object *change)
{
	struct json_object *device = json_get(change, "device");
	struct json_object *previous = json_get(change, "previous");
	const char *kind = json_string(change, "kind"), *address = json_string(change, "address");
	uint64_t sequence = (uint64_t)json_number(change, "sequence");
	bool merged = json_number(change, "merged") != 1;
	bool gone = strcmp(kind, "disappeared") == 0;

	if (sequence <= v->last)
		fail("%s: change %llu comes behind %llu", v->name, (unsigned long long)sequence,
		     (unsigned long long)v->last);
	if (gone == (device != NULL))
		fail("%s: %s %s has device %s", v->name, kind, address, device ? "" : "null");
	if (merged && previous)
		fail("%s: the merged change of %s has a previous state", v->name, address);
	if (!merged && (strcmp(kind, "appeared") == 0) == (previous != NULL))
		fail("%s: %s %s has previous %s", v->name, kind, address, previous ? "" : "null");
	if (device && (uint64_t)json_number(device, "sequence") != sequence)
		fail("%s: change %llu of %s has a device of another sequence", v->name,
		     (unsigned long long)sequence, address);
	/* Without a filter nothing can be said not to match. */
	if ((bool)json_object_get_boolean(json_get(change, "matches")) !=
	    (!v->filter || json_matches(v->filter, device)))
		fail("%s: matches of change %llu of %s is not true", v->name,
		     (unsigned long long)sequence, address);
}

/* A change that stands for itself leads on from what the client has. */
static void check_step(const struct view *v, struct json_object *change, struct json_object *mine)
{
	const char *address = json_string(change, "address");
	struct json_object *previous = json_get(change, "previous"), *copy = NULL;
	const char *difference;

	if (json_number(change, "merged") != 1 ||
	    (uint64_t)json_number(change, "sequence") <= v->blurred)
		return;
	if (!mine) {
		if (json_matches(v->filter, previous))
			fail("%s: a change of %s comes from a state that was never told", v->name,
			     address);
		return;
	}
	if (!previous) {
		fail("%s: %s appears though it was there", v->name, address);
		return;
	}
	(void)json_object_deep_copy(mine, &copy, NULL);
	json_drop_texts(copy);
	json_drop_texts(previous);
	difference = json_difference(copy, previous);
	if (difference)
		fail("%s: a change of %s does not come from what was told: %s", v->name, address,
		     difference);
	json_object_put(copy);
}

void view_fold_change(struct view *v, struct json_object *change)
{
	const char *address = json_string(change, "address");
	struct json_object *mine = json_get(v->devices, address);
	struct json_object *device = json_get(change, "device");
	uint64_t sequence = (uint64_t)json_number(change, "sequence");

	check_form(v, change);
	v->last = sequence;
	/* A part of the snapshot was newer. */
	if (mine && (uint64_t)json_number(mine, "sequence") >= sequence) {
		if (sequence > v->blurred)
			fail("%s: %s was told already", v->name, address);
		return;
	}
	check_step(v, change, mine);
	if (device && json_object_get_boolean(json_get(change, "matches")))
		put(v, device);
	else
		json_object_object_del(v->devices, address);
}
