/* SPDX-License-Identifier: Apache-2.0 */
#include "verbs.h"

#include <errno.h>
#include <string.h>

#include "device.h"
#include "pager.h"
#include "show.h"
#include "vfmon/keys.h"
#include "vfmon/names.h"
#include "warning.h"

/* How far back is looked for what drove a function before. */
#define HISTORY_LINES 50

static void write_address(struct json_text *call, const struct options *o)
{
	json_text_key(call, KEY_ADDRESS);
	json_text_string(call, o->selection.lists[SELECTION_ADDRESSES].items[0]);
}

/* Neighbours of a function that is not there. */
struct neighbours {
	const char *address;
	size_t bus_len; /* of "0000:25:" in it */
	size_t found;
};

static enum exit_status on_neighbours(const struct value *parameters, void *arg)
{
	struct neighbours *n = arg;
	const struct value *devices = value_member(parameters, KEY_DEVICES);

	for (size_t i = 0; i < value_count(devices); i++) {
		const char *address = value_text(value_at(devices, i), KEY_ADDRESS);

		if (!address || strncmp(address, n->address, n->bus_len) != 0)
			continue;
		fprintf(stderr, "%s%s", n->found++ ? " " : "On the same bus are: ", address);
	}
	return EXIT_STATUS_YES;
}

static enum exit_status say_not_there(struct query *q, const struct options *o)
{
	const char *address = o->selection.lists[SELECTION_ADDRESSES].items[0];
	const char *colon = strrchr(address, ':');
	struct neighbours n = { address, colon ? (size_t)(colon - address) + 1 : 0, 0 };
	bool is_silent = false;

	if (warning_ask_silent(q, address, &is_silent) != EXIT_STATUS_YES)
		return EXIT_STATUS_NO;
	if (is_silent) {
		fprintf(stderr,
			"vfmonctl: %s is there, but a read of its files in sysfs has not ended since "
			"vfmond was started, so that nothing is known of it: vfmonctl status\n",
			address);
		return EXIT_STATUS_NO;
	}
	fprintf(stderr, "vfmonctl: vfmond knows no function %s\n", address);
	(void)query_begin(q, METHOD_LIST_DEVICES);
	if (query_each(q, on_neighbours, &n) != EXIT_STATUS_YES)
		return EXIT_STATUS_NO;
	if (n.found)
		fprintf(stderr, "\n");
	else
		fprintf(stderr, "It watches PFs, their VFs and what a device_spec names: vfmonctl "
				"list\n");
	return EXIT_STATUS_NO;
}

/* The last change of the binding state; *ret_reply keeps it alive. */
static const struct value *find_before(struct query *q, const struct options *o,
				       const struct value *device, struct reply *ret_reply)
{
	struct json_text *call = query_begin(q, METHOD_GET_HISTORY);
	const struct value *changes;

	write_address(call, o);
	json_text_key(call, KEY_LIMIT);
	json_text_int(call, HISTORY_LINES);
	if (query_one(q, ret_reply) != EXIT_STATUS_YES)
		return NULL;
	changes = value_member(ret_reply->parameters, KEY_CHANGES);
	for (size_t i = value_count(changes); i-- > 0;) {
		const struct value *before = value_member(value_at(changes, i), KEY_PREVIOUS);
		const char *state = device_state(before);

		if (state && device_state(device) && strcmp(state, device_state(device)) != 0 &&
		    value_int(before, KEY_GENERATION, 0) == value_int(device, KEY_GENERATION, 0))
			return before;
	}
	return NULL;
}

static enum exit_status show(struct query *q, const struct options *o, const struct value *device)
{
	cleanup_(reply_done) struct reply history = { 0 };
	const struct value *before = find_before(q, o, device, &history);
	pid_t pager = pager_start(o);

	show_device(device, before, &o->terminal, stdout);
	pager_finish(pager);
	return EXIT_STATUS_YES;
}

enum exit_status verb_show(const struct options *o)
{
	cleanup_(query_close) struct query q = { 0 };
	cleanup_(reply_done) struct reply reply = { 0 };
	enum exit_status status = query_open(o, &q);

	if (status != EXIT_STATUS_YES)
		return status;
	write_address(query_begin(&q, METHOD_GET_DEVICE), o);
	status = query_send(&q, CONNECTION_ONE_REPLY);
	if (status == EXIT_STATUS_YES)
		status = query_receive(&q, &reply);
	if (status != EXIT_STATUS_YES)
		return status;
	if (reply.error && strcmp(reply.error, ERROR_NO_SUCH_DEVICE) == 0)
		return say_not_there(&q, o);
	if (reply.error)
		return query_explain(&reply);
	if (!value_is_object(value_member(reply.parameters, KEY_DEVICE)))
		return query_failed(&q, -EBADMSG);
	status = warning_of_configuration(&q);
	if (status != EXIT_STATUS_YES)
		return status;
	if (!o->json)
		return show(&q, o, value_member(reply.parameters, KEY_DEVICE));
	if (value_print(reply.parameters, stdout) < 0)
		return query_no_memory();
	printf("\n");
	return EXIT_STATUS_YES;
}
