/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session on a host that changes. The input is a script, a command a line:
 *   +N D    function N (one character) is seen with driver D (one character, '-' is none)
 *   -N      function N is gone
 *   <       from now on the client reads slowly; >  it reads again
 *   .       one step of work
 *   :TEXT   bytes of a call without its end
 * Any other line is sent as a call, the newline as its NUL. Whatever comes out must be JSON.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vfmon/json_check.h"
#include "vfmon/observation.h"
#include "vfmon/session.h"
#include "vfmon/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HISTORY_BYTES 4000
#define MAX_STEPS 1000

struct host {
	struct text_pool *pool;
	struct registry *registry;
	struct history *history;
	struct service service;
	struct session *session;
	struct json_text live;
	uint64_t now_usec;
	bool is_slow;
};

static void check_messages(const struct json_text *t)
{
	size_t at = 0;

	while (at < t->len) {
		size_t len = strnlen(t->data + at, t->len - at);

		if (at + len == t->len || json_check(t->data + at, len, SIZE_MAX) < 0)
			abort();
		at += len + 1;
	}
}

static void on_change(const struct change *change, void *arg)
{
	struct host *h = arg;
	enum session_delivery delivery;

	(void)history_append(h->history, change); /* a gap is the session's to notice */
	delivery = session_change(h->session, change, h->is_slow ? SESSION_FULL : SESSION_ROOM);
	if (delivery != SESSION_NOT_CONCERNED) {
		(void)session_change_reply(&h->live, change, delivery);
		check_messages(&h->live);
		json_text_clear(&h->live);
	}
	history_trim(h->history);
}

static void on_again(const struct pci_addr *addr, uint64_t due_usec, void *arg)
{
	(void)addr;
	(void)due_usec;
	(void)arg;
}

static void gather_status(struct status *ret, void *arg)
{
	(void)arg;
	*ret = (struct status){ .version = "", .boot_id = "", .epoch = "e" };
}

static void apply(struct host *h, struct observation *obs)
{
	const struct moment now = { h->now_usec, h->now_usec };

	h->now_usec++;
	(void)registry_apply(h->registry, obs, &now);
}

static void apply_kind(struct host *h, enum observation_kind kind, uint8_t number)
{
	const struct pci_addr addr = { .bus = 1, .slot = number >> 3, .func = number & 7 };
	struct observation obs;

	observation_init(&obs, kind, &addr);
	apply(h, &obs);
}

static void see(struct host *h, uint8_t number, char driver)
{
	const struct pci_addr addr = { .bus = 1, .slot = number >> 3, .func = number & 7 };
	struct observation obs;

	observation_init(&obs, OBSERVATION_FUNCTION, &addr);
	obs.inode = h->now_usec;
	obs.has_static = obs.has_ids = obs.has_physical_function = true;
	if (driver != '-') {
		obs.link_driver = obs.module = observation_put(&obs, &driver, 1);
		obs.hint.evidence = EVIDENCE_BOUND;
	}
	apply(h, &obs);
}

static void step(struct host *h)
{
	struct json_text *out = session_output(h->session);

	(void)session_step(h->session);
	check_messages(out);
	json_text_clear(out);
}

static void run_line(struct host *h, const char *line, size_t len)
{
	switch (len > 0 ? line[0] : '\0') {
	case '+':
		if (len > 3)
			see(h, (uint8_t)line[1], line[3]);
		break;
	case '-':
		if (len > 1)
			apply_kind(h, OBSERVATION_GONE, (uint8_t)line[1]);
		break;
	case '<':
	case '>':
		h->is_slow = line[0] == '<';
		break;
	case '.':
		step(h);
		break;
	case ':':
		(void)session_feed(h->session, line + 1, len - 1);
		break;
	default:
		(void)session_feed(h->session, line, len);
		(void)session_feed(h->session, "", 1);
		break;
	}
}

static int set_up(struct host *h)
{
	const struct registry_ops ops = { on_change, on_again, NULL, h };
	struct registry_options options = { .kernel_has_vfio_dev = true };

	if (text_pool_new(&h->pool) < 0)
		return -1;
	options.pool = h->pool;
	if (registry_new(&ops, &options, &h->registry) < 0 ||
	    history_new(HISTORY_BYTES, &h->history) < 0)
		return -1;
	h->service = (struct service){
		.registry = h->registry,
		.history = h->history,
		.epoch = "e",
		.gather_status = gather_status,
	};
	return session_new(&h->service, &h->session);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct host h = { .now_usec = 1 };
	const char *at = (const char *)data, *end = at + size;

	if (set_up(&h) < 0)
		abort();
	apply_kind(&h, OBSERVATION_SCAN_BEGIN, 0);
	apply_kind(&h, OBSERVATION_SCAN_END, 0);
	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *line_end = newline ? newline : end;

		run_line(&h, at, (size_t)(line_end - at));
		at = newline ? newline + 1 : end;
	}
	for (int i = 0; i < MAX_STEPS; i++)
		step(&h);
	session_free(h.session);
	json_text_done(&h.live);
	history_free(h.history);
	registry_free(h.registry);
	text_pool_free(h.pool);
	return 0;
}
