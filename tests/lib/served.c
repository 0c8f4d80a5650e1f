/* SPDX-License-Identifier: Apache-2.0 */
#include "served.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PF "0000:3b:00.0"

static void give_up(const char *what)
{
	fprintf(stderr, "fixture: %s\n", what);
	abort();
}

/* What server.c does with the sessions, without sockets. */
static void publish(struct served *s, const struct change *change)
{
	for (size_t i = 0; i < s->caller_count; i++) {
		struct caller *c = s->callers[i];
		enum session_delivery delivery = session_change(
			c->session, change, c->is_slow ? SESSION_FULL : SESSION_ROOM);

		if (delivery != SESSION_NOT_CONCERNED &&
		    session_change_reply(&c->in, change, delivery) < 0)
			give_up("no memory for a change");
	}
}

static void on_change(const struct change *change, void *arg)
{
	struct served *s = arg;

	(void)history_append(s->history, change); /* a gap is the sessions' to notice */
	publish(s, change);
	history_trim(s->history);
}

static void gather_status(struct status *ret, void *arg)
{
	static const struct config_file_status file = { "/etc/x.conf", 7, "line 3: no" };
	static const struct setting_status setting = { "stuck_after", "10s", "default" };
	static const struct pci_addr blocked = { 0, 0x3b, 2, 1 };
	const struct served *s = arg;

	*ret = (struct status){
		.version = "1",
		.boot_id = "boot",
		.epoch = SERVED_EPOCH,
		.sequence = registry_sequence(s->registry),
		.not_answering = &blocked,
		.not_answering_count = 1,
		.config_files = &file,
		.config_file_count = 1,
		.settings = &setting,
		.setting_count = 1,
		.latency_p50_usec = 40,
		.last_audit_usec = 9,
		.state_file_error = "no room",
		.network_namespace = 4026531840,
		.latency_p99_usec = -1,
		.changes_merged = s->service.changes_merged,
	};
	ret->sources[SOURCE_UEVENT].used = ret->sources[SOURCE_NETLINK].used = true;
	ret->sources[SOURCE_NETLINK].blind = "no permission";
}

static void fold(struct served *s, const struct observation *obs)
{
	s->now.realtime_usec++;
	s->now.boottime_usec++;
	if (registry_apply(s->registry, obs, &s->now) < 0)
		s->out_of_memory = true;
}

static void fold_border(struct served *s, enum observation_kind kind)
{
	const struct pci_addr none = { 0 };
	struct observation obs;

	observation_init(&obs, kind, &none);
	fold(s, &obs);
}

void served_init(struct served *s, size_t history_bytes)
{
	const struct registry_ops ops = { on_change, NULL, NULL, s };
	struct registry_options options = { .kernel_has_vfio_dev = true,
					    .stuck_after_usec = 10000000 };

	*s = (struct served){ .now = { 1700000000000000, 5000000 }, .generation = 1000 };
	if (text_pool_new(&s->pool) < 0)
		give_up("no pool");
	options.pool = s->pool;
	if (registry_new(&ops, &options, &s->registry) < 0 ||
	    history_new(history_bytes, &s->history) < 0)
		give_up("no registry");
	s->service = (struct service){
		.registry = s->registry,
		.history = s->history,
		.epoch = SERVED_EPOCH,
		.gather_status = gather_status,
		.arg = s,
	};
	fold_border(s, OBSERVATION_SCAN_BEGIN);
	fold_border(s, OBSERVATION_SCAN_END);
}

void served_done(struct served *s)
{
	while (s->caller_count > 0)
		served_disconnect(s, s->callers[0]);
	history_free(s->history);
	registry_free(s->registry);
	text_pool_free(s->pool);
}

void served_see(struct served *s, const struct observation *obs)
{
	fold(s, obs);
}

void served_gone(struct served *s, const char *addr)
{
	struct observation obs;
	struct pci_addr a;

	if (pci_addr_parse(addr, &a) < 0)
		give_up("no address");
	observation_init(&obs, OBSERVATION_GONE, &a);
	obs.hint.cause.source = CAUSE_UEVENT;
	obs.hint.cause.action = UEVENT_REMOVE;
	fold(s, &obs);
}

void served_vf_addr(unsigned int number, char buf[static PCI_ADDR_TEXT_MAX])
{
	const struct pci_addr a = {
		.domain = number >> 16,
		.bus = (uint8_t)(number >> 8),
		.slot = number >> 3 & 31,
		.func = number & 7,
	};

	pci_addr_format(&a, buf);
}

void served_vf(struct served *s, unsigned int number, const char *driver)
{
	char addr[PCI_ADDR_TEXT_MAX];
	struct observation obs;
	struct pci_addr a;

	served_vf_addr(number, addr);
	obs = host_vf(addr, PF, (int)number);
	(void)pci_addr_parse(addr, &a);
	/* A known one keeps its life, a new one gets a greater inode. */
	obs.inode = registry_known_inode(s->registry, &a);
	if (obs.inode == 0)
		obs.inode = s->generation++;
	if (*driver) {
		host_set_driver(&obs, driver);
		obs.hint.evidence = EVIDENCE_BOUND;
	}
	fold(s, &obs);
}

void served_vf_gone(struct served *s, unsigned int number)
{
	char addr[PCI_ADDR_TEXT_MAX];

	served_vf_addr(number, addr);
	served_gone(s, addr);
}

struct caller *served_connect(struct served *s)
{
	struct caller *c = calloc(1, sizeof(*c));

	if (!c || s->caller_count == SERVED_CALLERS_MAX ||
	    session_new(&s->service, &c->session) < 0)
		give_up("no caller");
	s->callers[s->caller_count++] = c;
	return c;
}

void served_disconnect(struct served *s, struct caller *c)
{
	for (size_t i = 0; i < s->caller_count; i++) {
		if (s->callers[i] != c)
			continue;
		s->callers[i] = s->callers[--s->caller_count];
		break;
	}
	session_free(c->session);
	json_text_done(&c->in);
	free(c);
}

void caller_feed(struct caller *c, const char *bytes, size_t len)
{
	(void)session_feed(c->session, bytes, len); /* told by the next step */
}

/* At once, as what the session wrote comes before any change that is told later. */
static void receive(struct caller *c)
{
	struct json_text *out = session_output(c->session);

	if (c->looked == c->in.len) {
		json_text_cut(&c->in, 0);
		c->looked = 0;
	}
	if (out->len > 0)
		json_text_raw(&c->in, out->data, out->len);
	json_text_clear(out);
}

int caller_step(struct caller *c)
{
	int r = session_step(c->session);

	receive(c);
	if (r < 0)
		c->over = r;
	return r;
}

int caller_bookmark(struct caller *c)
{
	int r = session_bookmark(c->session);

	receive(c);
	return r;
}

void caller_run(struct caller *c)
{
	while (caller_step(c) > 0)
		continue;
}

void caller_call(struct caller *c, const char *message)
{
	caller_feed(c, message, strlen(message) + 1);
	caller_run(c);
}

const char *caller_next(struct caller *c)
{
	const char *message;

	if (c->looked == c->in.len)
		return NULL;
	message = c->in.data + c->looked;
	c->looked += strlen(message) + 1;
	return message;
}
