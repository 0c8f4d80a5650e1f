/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session on a host that changes. The input is a script, a command a line:
 *   +N D    function N (one character) is seen with driver D (one character, '-' is none)
 *   -N      function N is gone
 *   <       from now on the client reads slowly; >  it reads again
 *   .       one step of work
 *   :TEXT   bytes of a call without its end
 * Any other line is sent as a call, the newline as its NUL. Whatever comes out must be JSON.
 *
 * Beside it somebody watches everything, and in the end believes what is true:
 *   ( )     from now on it reads slowly; it reads again
 *   *       one step of its work
 *   !       it goes, comes again and resumes
 *   b       both sessions were silent for a while
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/watcher.h"
#include "vfmon/json_check.h"
#include "vfmon/nova_config.h"
#include "vfmon/observation.h"
#include "vfmon/policy.h"
#include "vfmon/session.h"
#include "vfmon/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HISTORY_BYTES 4000
#define MAX_STEPS 1000

/* Functions of bus 1 are tracked; one entry more is suspicious. */
static const char nova_conf[] =
	"[pci]\n"
	"device_spec = {\"address\": \"0000:01:*.*\", \"resource_class\": \"A\", \"managed\": \"no\"}\n"
	"device_spec = {\"vendor_id\": \"1\"}\n"
	"alias = {\"name\": \"a\", \"resource_class\": \"CUSTOM_A\", \"device_type\": \"type-VF\"}\n"
	"report_in_placement = true\n";

struct host {
	struct text_pool *pool;
	struct nova_config *config;
	struct policy policy;
	struct registry *registry;
	struct history *history;
	struct service service;
	struct session *session;
	struct json_text live;
	uint64_t now_usec;
	bool is_slow;
	struct watcher watcher;
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
	watcher_change(&h->watcher, change);
	history_trim(h->history);
}

static void gather_status(struct status *ret, void *arg)
{
	(void)arg;
	*ret = (struct status){ .version = "", .boot_id = "", .epoch = "e" };
}

static const struct policy *get_policy(void *arg)
{
	const struct host *h = arg;

	return &h->policy;
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
	obs.vendor_id = 0x8086;
	obs.product_id = number;
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

static void pass_silence(struct host *h)
{
	struct json_text *out = session_output(h->session);

	(void)session_bookmark(h->session);
	check_messages(out);
	json_text_clear(out);
	watcher_bookmark(&h->watcher);
}

/* A line that is about the watcher alone. Returns whether it is one. */
static bool run_watcher_line(struct host *h, const char *line, size_t len)
{
	if (len != 1 || !strchr("()*!b", line[0]))
		return false;
	if (line[0] == '*')
		watcher_step(&h->watcher);
	else if (line[0] == '!')
		watcher_connect(&h->watcher, &h->service);
	else if (line[0] == 'b')
		pass_silence(h);
	else
		h->watcher.is_slow = line[0] == '(';
	return true;
}

static void run_line(struct host *h, const char *line, size_t len)
{
	if (run_watcher_line(h, line, len))
		return;
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
	const struct registry_ops ops = { on_change, NULL, NULL, h };
	struct registry_options options = { .kernel_has_vfio_dev = true };
	const struct nova_file file = { .path = "f",
					.bytes = nova_conf,
					.len = sizeof(nova_conf) - 1 };

	if (text_pool_new(&h->pool) < 0)
		return -1;
	if (nova_config_parse(NOVA_NEWEST, &file, 1, &h->config) < 0)
		return -1;
	h->policy = (struct policy){ .config = h->config, .nova = NOVA_NEWEST, .host_name = "h" };
	options.policy = &h->policy;
	options.pool = h->pool;
	if (registry_new(&ops, &options, &h->registry) < 0 ||
	    history_new(HISTORY_BYTES, &h->history) < 0)
		return -1;
	h->service = (struct service){
		.registry = h->registry,
		.history = h->history,
		.epoch = "e",
		.get_policy = get_policy,
		.gather_status = gather_status,
		.arg = h,
	};
	watcher_connect(&h->watcher, &h->service);
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
	watcher_expect_truth(&h.watcher);
	watcher_done(&h.watcher);
	session_free(h.session);
	json_text_done(&h.live);
	history_free(h.history);
	registry_free(h.registry);
	nova_config_free(h.config);
	text_pool_free(h.pool);
	return 0;
}
