/* SPDX-License-Identifier: Apache-2.0 */
#include "watcher.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "vfmon/keys.h"
#include "vfmon/names.h"
#include "vfmon/value.h"
#include "vfmon/vf.h"

static int64_t *generation_of(struct watcher *w, const struct value *of)
{
	const char *address = value_text(of, KEY_ADDRESS);
	struct pci_addr a;

	assert(address && pci_addr_parse(address, &a) == 0 && a.domain == 0 && a.bus == 1);
	return &w->generation[a.slot << 3 | a.func];
}

static void believe_snapshot(struct watcher *w, const struct value *devices)
{
	if (!w->in_snapshot)
		memset(w->generation, 0, sizeof(w->generation));
	w->in_snapshot = true;
	w->has_place = false;
	for (size_t i = 0; i < value_count(devices); i++) {
		const struct value *device = value_at(devices, i);

		*generation_of(w, device) = value_int(device, KEY_GENERATION, 0);
	}
}

/* epoch and sequence: the end of a snapshot, a resumption, a bookmark. */
static void believe_place(struct watcher *w, const struct value *parameters)
{
	int64_t sequence = value_int(parameters, KEY_SEQUENCE, -1);

	assert(strcmp(value_text(parameters, KEY_EPOCH), w->service->epoch) == 0);
	assert(w->in_snapshot ? value_bool(parameters, KEY_SNAPSHOT_COMPLETE) == 1
			      : sequence >= w->place);
	w->in_snapshot = false;
	w->has_place = true;
	w->place = sequence;
}

static void believe_change(struct watcher *w, const struct value *change)
{
	const struct value *device = value_member(change, KEY_DEVICE);
	int64_t sequence = value_int(change, KEY_SEQUENCE, -1);
	int64_t merged = value_int(change, KEY_MERGED, 0);

	assert(w->has_place && sequence > w->place && merged >= 1);
	assert(merged == 1 || !value_member(change, KEY_PREVIOUS));
	w->place = sequence;
	*generation_of(w, change) = device ? value_int(device, KEY_GENERATION, 0) : 0;
}

static void believe(struct watcher *w, const char *message, size_t len)
{
	struct value *root = NULL;
	const struct value *parameters;

	assert(value_parse(message, len, &root) == 0);
	parameters = value_member(root, KEY_PARAMETERS);
	assert(parameters && value_bool(root, KEY_CONTINUES) == 1 && !value_has(root, KEY_ERROR));
	if (value_member(parameters, KEY_SNAPSHOT))
		believe_snapshot(w, value_member(parameters, KEY_SNAPSHOT));
	if (value_member(parameters, KEY_EPOCH))
		believe_place(w, parameters);
	if (value_member(parameters, KEY_CHANGE))
		believe_change(w, value_member(parameters, KEY_CHANGE));
	value_free(root);
}

static void believe_all(struct watcher *w, struct json_text *text)
{
	for (size_t at = 0; at < text->len; at += strlen(text->data + at) + 1)
		believe(w, text->data + at, strlen(text->data + at));
	json_text_clear(text);
}

void watcher_connect(struct watcher *w, struct service *service)
{
	char call[256];
	int len;

	watcher_done(w);
	w->service = service;
	w->in_snapshot = false;
	assert(session_new(service, &w->session) == 0);
	len = snprintf(call, sizeof(call), "{\"method\":\"%s.%s\",\"more\":true", IFACE_MONITOR,
		       METHOD_WATCH_DEVICES);
	if (w->has_place)
		len += snprintf(call + len, sizeof(call) - (size_t)len,
				",\"parameters\":{\"epoch\":\"%s\",\"sequence\":%" PRId64 "}",
				service->epoch, w->place);
	len += snprintf(call + len, sizeof(call) - (size_t)len, "}");
	assert(session_feed(w->session, call, (size_t)len + 1) == 0);
}

void watcher_done(struct watcher *w)
{
	w->session = session_free(w->session);
}

void watcher_step(struct watcher *w)
{
	assert(session_step(w->session) >= 0);
	believe_all(w, session_output(w->session));
}

void watcher_read(struct watcher *w)
{
	while (session_step(w->session) > 0)
		believe_all(w, session_output(w->session));
	assert(!session_why(w->session));
}

void watcher_bookmark(struct watcher *w)
{
	assert(session_bookmark(w->session) >= 0);
	believe_all(w, session_output(w->session));
}

void watcher_change(struct watcher *w, const struct change *change)
{
	enum session_room room = w->is_slow ? SESSION_FULL : SESSION_ROOM;
	enum session_delivery delivery = session_change(w->session, change, room);
	struct json_text live = { 0 };

	if (delivery == SESSION_NOT_CONCERNED)
		return;
	assert(session_change_reply(&live, change, delivery) == 0);
	believe_all(w, &live);
	json_text_done(&live);
}

void watcher_expect_truth(struct watcher *w)
{
	watcher_read(w);
	assert(w->has_place && !w->in_snapshot);
	for (unsigned int i = 0; i < WATCHER_FUNCTIONS; i++) {
		const struct pci_addr addr = { .bus = 1, .slot = i >> 3, .func = i & 7 };
		const struct vf *vf = registry_get(w->service->registry, &addr);

		assert(w->generation[i] == (vf ? (int64_t)vf->generation : 0));
	}
}
