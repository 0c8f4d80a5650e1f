/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "../../monitor/journal.h"
#include "../../monitor/log.h"
#include "host.h"
#include "vfmon/history.h"
#include "vfmon/text.h"
#include "vfmon/vf.h"

#define DEADLINE_SECONDS 60

static void give_up(const char *what)
{
	(void)fprintf(stderr, "fixture: %s\n", what);
	abort();
}

static void need(int r, const char *what)
{
	if (r < 0)
		give_up(what);
}

void stage_options_init(struct stage_options *options)
{
	*options = (struct stage_options){ .vfs = 8, .history_bytes = 1u << 20 };
	server_limits_init(&options->limits);
}

static void on_change(const struct change *change, void *arg)
{
	struct stage *s = arg;

	need(history_append(s->history, change), "no history");
	s->publish(s->server, change);
	history_trim(s->history);
}

static void gather_status(struct status *ret, void *arg)
{
	struct stage *s = arg;

	*ret = (struct status){
		.version = "test",
		.boot_id = "a-boot",
		.epoch = STAGE_EPOCH,
		.sequence = registry_sequence(s->registry),
		.clients = server_client_count(s->server),
		.clients_dropped = server_dropped_count(s->server),
		.latency_p50_usec = -1,
		.latency_p99_usec = -1,
	};
	s->status_calls++;
}

static void on_line(const struct log_entry *entry, const char *message, void *arg)
{
	struct stage *s = arg;

	(void)snprintf(s->line, sizeof(s->line), "%s", message);
	if (entry->id && strcmp(entry->id, journal_event_id(JOURNAL_CLIENT_DROPPED)) == 0)
		s->dropped_lines++;
	if (entry->level == LOG_LEVEL_WARNING)
		s->warnings++;
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	give_up("nothing has happened for a minute");
}

static void apply(struct stage *s, const struct observation *obs)
{
	s->now.realtime_usec++;
	s->now.boottime_usec++;
	need(registry_apply(s->registry, obs, &s->now), "observation refused");
}

static void apply_border(struct stage *s, enum observation_kind kind)
{
	const struct pci_addr none = { 0 };
	struct observation obs;

	observation_init(&obs, kind, &none);
	obs.hint.cause.source = CAUSE_SCAN;
	apply(s, &obs);
}

const char *stage_address(size_t vf)
{
	static char text[PCI_ADDR_TEXT_MAX];
	const struct pci_addr addr = {
		.bus = (uint8_t)(0x3b + (vf + 1) / 256),
		.slot = (uint8_t)((vf + 1) / 8 % 32),
		.func = (uint8_t)((vf + 1) % 8),
	};

	return pci_addr_format(&addr, text);
}

static void scan(struct stage *s)
{
	struct observation obs = host_pf(STAGE_PF, (int)s->vfs);

	apply_border(s, OBSERVATION_SCAN_BEGIN);
	apply(s, &obs);
	for (size_t vf = 0; vf < s->vfs; vf++) {
		obs = host_vf(stage_address(vf), STAGE_PF, (int)vf);
		apply(s, &obs);
	}
	apply_border(s, OBSERVATION_SCAN_END);
}

static void make_registry(struct stage *s)
{
	const struct registry_ops ops = { .on_change = on_change, .arg = s };
	const struct registry_options options = {
		.pool = s->pool,
		.kernel_has_vfio_dev = true,
		.stuck_after_usec = 10000000,
	};

	need(registry_new(&ops, &options, &s->registry), "no registry");
}

void stage_init(struct stage *s, const struct stage_options *options)
{
	*s = (struct stage){ .now = { 1700000000000000, 5000000 },
			     .vfs = options->vfs,
			     .padding = options->padding };
	s->publish = server_publish;
	/* As the daemon does: a peer that is gone is an error of a write, not a signal. */
	(void)signal(SIGPIPE, SIG_IGN);
	log_set_hook(on_line, s);
	s->base = event_base_new();
	if (!s->base)
		give_up("no event base");
	s->deadline = evtimer_new(s->base, on_deadline, s);
	if (!s->deadline)
		give_up("no timer");
	need(text_pool_new(&s->pool), "no pool");
	need(history_new(options->history_bytes, &s->history), "no history");
	make_registry(s);
	s->service = (struct service){
		.registry = s->registry,
		.history = s->history,
		.epoch = STAGE_EPOCH,
		.gather_status = gather_status,
		.arg = s,
	};
	need(server_new(s->base, &s->service, &options->limits, &s->server), "no server");
	scan(s);
}

void stage_done(struct stage *s)
{
	server_free(s->server);
	history_free(s->history);
	registry_free(s->registry);
	text_pool_free(s->pool);
	event_free(s->deadline);
	event_base_free(s->base);
	log_set_hook(NULL, NULL);
}

void stage_step(struct stage *s)
{
	const struct timeval after = { .tv_sec = DEADLINE_SECONDS };

	need(event_add(s->deadline, &after), "no deadline");
	need(event_base_loop(s->base, EVLOOP_ONCE), "the loop has failed");
	(void)event_del(s->deadline);
}

void stage_change(struct stage *s, size_t vf, size_t value)
{
	struct observation obs = host_vf(stage_address(vf), STAGE_PF, (int)vf);
	char text[2048];
	int len = snprintf(text, sizeof(text), "v%zu", value);

	memset(text + len, '.', s->padding);
	text[(size_t)len + s->padding] = '\0';
	obs.driver_override = text;
	apply(s, &obs);
}

void stage_remove(struct stage *s, size_t vf)
{
	struct pci_addr addr;
	struct observation obs;

	need(pci_addr_parse(stage_address(vf), &addr), "no address");
	observation_init(&obs, OBSERVATION_GONE, &addr);
	obs.hint.cause.source = CAUSE_UEVENT;
	apply(s, &obs);
}

static void on_moment(evutil_socket_t fd, short what, void *arg)
{
	bool *over = arg;

	(void)fd;
	(void)what;
	*over = true;
}

bool stage_is_quiet(struct stage *s)
{
	const struct timeval moment = { .tv_usec = 50000 };
	bool over = false;

	/* What is still to be done now is no noise. */
	for (int i = 0; i < 10; i++)
		need(event_base_loop(s->base, EVLOOP_NONBLOCK), "the loop has failed");
	need(event_base_once(s->base, -1, EV_TIMEOUT, on_moment, &over, &moment), "no timer");
	stage_step(s);

	bool quiet = over;

	STAGE_UNTIL(s, over);
	return quiet;
}

const char *stage_truth(const struct stage *s, const char *address)
{
	struct pci_addr addr;

	need(pci_addr_parse(address, &addr), "no address");

	const struct vf *vf = registry_get(s->registry, &addr);

	if (!vf)
		return NULL;
	return vf->driver_override ? text_str(vf->driver_override) : "";
}
