/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever happens to a host, and however slowly and interruptedly clients read: what a client makes
 * of the replies is in the end what the host is. Seeds are fixed; a failure names its seed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/served.h"
#include "vfmon/json_check.h"
#include "vfmon/names.h"
#include "vfmon/text.h"
#include "vfmon/wire.h"

#define SEEDS 150
#define STEPS 400
#define FUNCTIONS 24
#define CLIENTS 3
#define FIRST 0x3b10

/* What a client believes, by number of the function; NULL: there is none. */
struct client {
	struct caller *caller;
	const char *filter;
	bool (*wants)(const struct vf *vf);
	char *view[FUNCTIONS];
	bool in_snapshot;
	bool has_place;	   /* it could resume */
	bool has_resumed;  /* it has ever */
	uint64_t place;	   /* number of the last change that it knows of */
	uint64_t merged;   /* sum of "merged" since the snapshot */
	uint64_t snapshot; /* number that the snapshot told */
};

struct world {
	struct served served;
	struct client clients[CLIENTS];
	uint64_t random;
	bool is_steady; /* nobody disconnects */
};

/* xorshift64*: the same numbers everywhere. */
static unsigned int pick(struct world *w, unsigned int below)
{
	w->random ^= w->random >> 12;
	w->random ^= w->random << 25;
	w->random ^= w->random >> 27;
	return (unsigned int)(w->random * 0x2545f4914f6cdd1dULL >> 33) % below;
}

static bool wants_all(const struct vf *vf)
{
	return vf != NULL;
}

static bool wants_igbvf(const struct vf *vf)
{
	return vf->driver && strcmp(text_str(vf->driver), "igbvf") == 0;
}

static bool wants_unbound(const struct vf *vf)
{
	return vf->binding == VF_BINDING_UNBOUND;
}

static const struct {
	const char *text;
	bool (*wants)(const struct vf *vf);
} filters[] = {
	{ "null", wants_all },
	{ "{\"kinds\":[\"vf\"],\"drivers\":[\"x\",\"igbvf\"]}", wants_igbvf },
	{ "{\"states\":[\"unbound\"]}", wants_unbound },
};

static struct json_object *member(struct json_object *object, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(object, name, &value);
	return value;
}

static uint64_t number(struct json_object *object, const char *name)
{
	assert_non_null(member(object, name));
	return (uint64_t)json_object_get_int64(member(object, name));
}

static const char *text(struct json_object *object, const char *name)
{
	assert_non_null(member(object, name));
	return json_object_get_string(member(object, name));
}

static unsigned int index_of(const char *address)
{
	struct pci_addr a;
	unsigned int i;

	assert_int_equal(pci_addr_parse(address, &a), 0);
	i = ((unsigned int)a.bus << 8 | (unsigned int)a.slot << 3 | a.func) - FIRST;
	assert_in_range(i, 0, FUNCTIONS - 1);
	return i;
}

static void set_view(struct client *c, const char *address, struct json_object *device)
{
	unsigned int i = index_of(address);

	free(c->view[i]);
	c->view[i] = device ? strdup(json_object_to_json_string(device)) : NULL;
}

static void forget(struct client *c)
{
	for (size_t i = 0; i < FUNCTIONS; i++) {
		free(c->view[i]);
		c->view[i] = NULL;
	}
}

static void take_snapshot(struct client *c, struct json_object *devices)
{
	if (!c->in_snapshot)
		forget(c);
	c->in_snapshot = true;
	c->has_place = false;
	for (size_t i = 0; i < json_object_array_length(devices); i++) {
		struct json_object *device = json_object_array_get_idx(devices, i);

		set_view(c, text(device, "address"), device);
	}
}

/* epoch and sequence: the end of a snapshot, a resumption or a bookmark. */
static void take_place(struct client *c, struct json_object *parameters)
{
	uint64_t sequence = number(parameters, "sequence");

	assert_string_equal(text(parameters, "epoch"), SERVED_EPOCH);
	if (c->in_snapshot) {
		assert_true(json_object_get_boolean(member(parameters, "snapshot_complete")));
		c->in_snapshot = false;
		c->merged = 0;
		c->snapshot = sequence;
	} else {
		assert_true(sequence >= c->place);
	}
	c->has_place = true;
	c->place = sequence;
}

static void take_change(struct client *c, struct json_object *change)
{
	struct json_object *device = member(change, "device");
	uint64_t merged = number(change, "merged");
	bool matches = json_object_get_boolean(member(change, "matches"));

	assert_false(c->in_snapshot);
	assert_true(number(change, "sequence") > c->place);
	c->place = number(change, "sequence");
	c->merged += merged;
	assert_true(merged == 1 || !member(change, "previous"));
	assert_true((device == NULL) == (strcmp(text(change, "kind"), "disappeared") == 0));
	if (device)
		assert_true(number(device, "generation") == number(change, "generation"));
	if (c->wants == wants_all && strcmp(text(change, "kind"), "changed") == 0)
		assert_non_null(c->view[index_of(text(change, "address"))]);
	set_view(c, text(change, "address"), matches ? device : NULL);
}

static void take_message(struct client *c, const char *message)
{
	struct json_object *root, *parameters;

	assert_int_equal(json_check(message, strlen(message), 100000), 0);
	root = json_tokener_parse(message);
	parameters = member(root, "parameters");
	assert_non_null(parameters);
	assert_true(json_object_get_boolean(member(root, "continues")));
	if (member(parameters, "snapshot"))
		take_snapshot(c, member(parameters, "snapshot"));
	if (member(parameters, "epoch"))
		take_place(c, parameters);
	if (member(parameters, "change"))
		take_change(c, member(parameters, "change"));
	json_object_put(root);
}

static void read_all(struct client *c)
{
	for (const char *m = caller_next(c->caller); m; m = caller_next(c->caller))
		take_message(c, m);
}

/* Connects, and takes up its place if it has one. */
static void start(struct world *w, struct client *c)
{
	char place[64] = "", call[512];

	c->caller = served_connect(&w->served);
	c->in_snapshot = false;
	if (c->has_place) {
		snprintf(place, sizeof(place), ",\"epoch\":\"" SERVED_EPOCH "\",\"sequence\":%llu",
			 (unsigned long long)c->place);
		c->has_resumed = true;
	}
	snprintf(call, sizeof(call),
		 "{\"method\":\"io.vfmon.Monitor.WatchDevices\",\"more\":true,\"parameters\":"
		 "{\"filter\":%s%s}}",
		 c->filter, place);
	caller_feed(c->caller, call, strlen(call) + 1);
}

static void change_host(struct world *w)
{
	static const char *const drivers[] = { "", "", "igbvf", "igbvf", "nvme" };
	unsigned int function = FIRST + pick(w, FUNCTIONS);

	if (pick(w, 4) == 0)
		served_vf_gone(&w->served, function);
	else
		served_vf(&w->served, function, drivers[pick(w, 5)]);
}

static void disturb_client(struct world *w)
{
	struct client *c = &w->clients[pick(w, CLIENTS)];

	switch (pick(w, 12)) {
	case 0: /* what it has not read is lost */
		if (w->is_steady)
			break;
		served_disconnect(&w->served, c->caller);
		start(w, c);
		break;
	case 1:
	case 2:
		c->caller->is_slow = true;
		break;
	case 3:
		c->caller->is_slow = false;
		break;
	case 4:
	case 5:
	case 6:
		read_all(c);
		break;
	case 7:
		(void)caller_bookmark(c->caller);
		break;
	default:
		caller_step(c->caller);
		break;
	}
	assert_int_equal(c->caller->over, 0);
}

/* The device as the daemon would write it now, or NULL. */
static char *expected_view(struct world *w, const struct client *c, unsigned int i)
{
	char address[PCI_ADDR_TEXT_MAX];
	struct json_text out = { 0 };
	struct json_object *tree;
	struct pci_addr a;
	struct vf *vf;
	char *view;

	served_vf_addr(FIRST + i, address);
	(void)pci_addr_parse(address, &a);
	vf = registry_get(w->served.registry, &a);
	if (!vf || !c->wants(vf))
		return NULL;
	wire_device(&out, vf);
	json_text_end_message(&out);
	tree = json_tokener_parse(out.data);
	view = strdup(json_object_to_json_string(tree));
	json_object_put(tree);
	json_text_done(&out);
	return view;
}

static void check_client(struct world *w, struct client *c)
{
	c->caller->is_slow = false;
	caller_run(c->caller);
	assert_int_equal(c->caller->over, 0);
	read_all(c);
	for (unsigned int i = 0; i < FUNCTIONS; i++) {
		char *expected = expected_view(w, c, i);

		if (expected && c->view[i])
			assert_string_equal(c->view[i], expected);
		else
			assert_true(!expected && !c->view[i]);
		free(expected);
	}
	if (c->wants == wants_all && !c->has_resumed)
		assert_int_equal(c->merged, registry_sequence(w->served.registry) - c->snapshot);
	(void)caller_bookmark(c->caller);
	caller_run(c->caller);
	read_all(c);
	assert_int_equal(c->place, registry_sequence(w->served.registry));
}

static void run_world(struct world *w, unsigned int seed)
{
	w->is_steady = seed % 3 == 0;
	w->random = seed * 0x9e3779b97f4a7c15ULL + 1;
	/* From none to all of them: what a resumption is owed may be dropped meanwhile. */
	served_init(&w->served, pick(w, 100) * 1000);
	for (size_t i = 0; i < CLIENTS; i++) {
		unsigned int f = pick(w, sizeof(filters) / sizeof(*filters));

		w->clients[i].filter = filters[f].text;
		w->clients[i].wants = filters[f].wants;
		start(w, &w->clients[i]);
	}
	for (int i = 0; i < STEPS; i++) {
		if (pick(w, 3) == 0)
			change_host(w);
		else
			disturb_client(w);
	}
	for (size_t i = 0; i < CLIENTS; i++)
		check_client(w, &w->clients[i]);
}

static unsigned int current_seed;

static void test_every_client_comes_to_know_the_truth(void **state)
{
	struct world *w = *state;

	for (unsigned int seed = 1; seed <= SEEDS; seed++) {
		*w = (struct world){ 0 };
		current_seed = seed;
		run_world(w, seed);
		for (size_t i = 0; i < CLIENTS; i++)
			forget(&w->clients[i]);
		served_done(&w->served);
	}
	current_seed = 0;
}

static int set_up(void **state)
{
	static struct world world;

	*state = &world;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	if (current_seed > 0)
		fprintf(stderr, "it failed with seed %u\n", current_seed);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_every_client_comes_to_know_the_truth, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
