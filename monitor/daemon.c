/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <syslog.h>

#include "daemon_state.h"
#include "identity.h"
#include "journal.h"
#include "log.h"
#include "loop.h"
#include "moment.h"
#include "nlsrc.h"
#include "notify.h"
#include "server.h"
#include "tracker.h"
#include "udevsrc.h"
#include "vfmon/device_spec.h"
#include "vfmon/history.h"
#include "vfmon/names.h"

/* What waits in an inherited socket is old and the first scan tells more; but a storm has no end. */
#define DRAIN_CALLS 1000
/* How long the first scan of a large host may take before systemd loses patience. */
#define SCAN_TIMEOUT_USEC (300 * 1000000ULL)
#define STATUS_LINE_AFTER_USEC 1000000ULL
#define STORM_LINE_AFTER_USEC 1000000ULL

/* The loop's timers, and what the wiring itself has to remember. */
struct wiring {
	struct daemon d;
	struct loop_timer *run_timer;	 /* tracker_run() is due */
	struct loop_timer *status_timer; /* STATUS= is out of date */
	struct loop_timer *storm_timer;	 /* changes that were only counted */
	struct loop_timer *watchdog_timer;
	bool draining; /* what comes in is older than the first scan */
	bool failed;
};

static struct registry_options registry_options(const struct daemon *d)
{
	return (struct registry_options){
		.specs = d->conf.in_force->specs,
		.all_functions = d->options->all_functions,
		.kernel_has_vfio_dev = kernel_is_at_least(6, 1),
		.stuck_after_usec = d->conf.in_force->stuck_after_usec,
	};
}

/* The reader gets what is due, and the timer is set for what is due next. */
static void on_run(void *arg)
{
	struct wiring *w = arg;

	tracker_run(w->d.tracker);
	loop_timer_at(w->run_timer, tracker_next_usec(w->d.tracker));
}

static void on_observations(void *arg)
{
	struct wiring *w = arg;

	tracker_collect(w->d.tracker);
	on_run(w);
}

static void on_change(const struct change *change, void *arg)
{
	struct wiring *w = arg;
	uint64_t now = clock_usec(CLOCK_BOOTTIME);

	if (history_append(w->d.history, change) < 0)
		log_warning("no memory for the history, it begins anew");
	server_publish(w->d.server, change);
	history_trim(w->d.history);
	if (change->cause.received_usec)
		latency_add(&w->d.latency, clock_usec(CLOCK_BOOTTIME) - change->cause.received_usec);
	if (journal_change(w->d.journal, change, now))
		loop_timer_at(w->storm_timer, now + STORM_LINE_AFTER_USEC);
	if (!loop_timer_is_armed(w->status_timer))
		loop_timer_at(w->status_timer, now + STATUS_LINE_AFTER_USEC);
}

static void on_names(struct vf *vf, void *arg)
{
	struct wiring *w = arg;

	identity_name(w->d.udev, w->d.tracker, vf);
}

static void announce_ready(struct wiring *w)
{
	char line[REPORT_LINE_MAX];

	notify_ready(report_line(&w->d, line));
	journal_event(JOURNAL_READY, NULL, "watching: %s", line);
}

static void on_scanned(bool is_first, void *arg)
{
	struct wiring *w = arg;

	if (!is_first)
		return;
	if (server_listen(w->d.server, w->d.sockets.varlink) < 0) {
		log_err("clients can not be accepted: no memory");
		w->failed = true;
		loop_stop(w->d.loop);
		return;
	}
	announce_ready(w);
}

static void on_uevent(const struct uevent_subject *subject, void *arg)
{
	struct wiring *w = arg;

	if (!w->draining)
		tracker_hint(w->d.tracker, subject);
}

static void on_udev(const struct uevent_subject *subject, void *arg)
{
	struct wiring *w = arg;
	uint64_t seqnum = subject->hint.cause.seqnum;

	/* The kernel's own message came first and had the function read; only nodes can be news. */
	if (w->d.uevents && seqnum && seqnum <= nlsrc_last_seqnum(w->d.uevents))
		tracker_hint_nodes(w->d.tracker, subject);
	else
		tracker_hint(w->d.tracker, subject);
}

static void on_loss(void *arg)
{
	struct wiring *w = arg;

	if (w->draining)
		return;
	journal_event(JOURNAL_RESYNC, NULL, "events were lost, everything is read again");
	tracker_resync(w->d.tracker, RESYNC_OVERFLOW);
}

static void blind(struct wiring *w, int fd, const char *name, const char *why)
{
	const struct log_field fields[] = { { JOURNAL_FIELD("SOURCE"), name }, { NULL, NULL } };

	loop_remove_source(w->d.loop, fd);
	journal_event(JOURNAL_SOURCE_BLIND, fields, "%s is not heard any more: %s", name, why);
}

static void on_uevents_readable(void *arg)
{
	struct wiring *w = arg;

	if (nlsrc_read_some(w->d.uevents) < 0) {
		w->d.uevents_blind = "its socket failed";
		blind(w, nlsrc_fd(w->d.uevents), "uevent", w->d.uevents_blind);
	}
	on_run(w);
}

static void on_links_readable(void *arg)
{
	struct wiring *w = arg;

	if (nlsrc_read_some(w->d.links) < 0) {
		w->d.links_blind = "its socket failed";
		blind(w, nlsrc_fd(w->d.links), "netlink", w->d.links_blind);
	}
	on_run(w);
}

static void on_udev_readable(void *arg)
{
	struct wiring *w = arg;

	if (udevsrc_read_some(w->d.udev) < 0)
		blind(w, udevsrc_fd(w->d.udev), "udev", "its socket failed");
	on_run(w);
}

static void on_status_due(void *arg)
{
	struct wiring *w = arg;
	char line[REPORT_LINE_MAX];

	notify_status("%s", report_line(&w->d, line));
}

static void on_storm_over(void *arg)
{
	struct wiring *w = arg;

	journal_flush(w->d.journal);
}

static void on_watchdog(void *arg)
{
	struct wiring *w = arg;

	notify_watchdog();
	loop_timer_at(w->watchdog_timer,
		      clock_usec(CLOCK_BOOTTIME) + notify_watchdog_interval_usec());
}

static void on_stop_signal(void *arg)
{
	struct wiring *w = arg;

	loop_stop(w->d.loop);
}

static void on_dump_signal(void *arg)
{
	struct wiring *w = arg;

	report_dump(&w->d);
}

static void apply_settings(struct wiring *w)
{
	static const int levels[] = {
		[LOG_ERR] = LOG_LEVEL_ERR,	 [LOG_WARNING] = LOG_LEVEL_WARNING,
		[LOG_NOTICE] = LOG_LEVEL_INFO,	 [LOG_INFO] = LOG_LEVEL_INFO,
		[LOG_DEBUG] = LOG_LEVEL_DEBUG,
	};
	const struct config *c = w->d.conf.in_force;
	struct server_limits limits;

	if (w->d.options->log_level >= 0)
		log_set_level((enum log_level)w->d.options->log_level);
	else
		log_set_level((enum log_level)levels[c->log_level]);
	if (!w->d.server)
		return;
	server_limits_init(&limits);
	limits.max_clients = c->max_clients;
	limits.max_clients_per_user = c->max_clients_per_user;
	server_set_limits(w->d.server, &limits);
	history_set_max(w->d.history, c->history_bytes);
}

static void on_reload_signal(void *arg)
{
	struct wiring *w = arg;
	struct config *old = NULL;
	struct registry_options options;
	int r;

	notify_reloading();
	r = conffile_load(&w->d.conf, &old);
	if (r > 0) {
		apply_settings(w);
		options = registry_options(&w->d);
		tracker_configure(w->d.tracker, &options);
		config_free(old);
		journal_event(JOURNAL_RELOADED, NULL, "%s was read again", w->d.conf.path);
	} else if (r < 0) {
		log_warning("no memory to read the configuration, it stays as it was");
	}
	announce_ready(w);
	on_run(w);
}

static int open_sources(struct wiring *w)
{
	const struct nlsrc_ops ops = { on_uevent, on_loss, w };
	const struct udevsrc_ops udev_ops = { on_udev, on_loss, w };
	struct nlsrc_options options = {
		.ops = ops,
		.inherited_fd = w->d.sockets.kernel,
		.accept_injected = w->d.options->accept_injected,
	};

	w->draining = true;
	if (nlsrc_new_uevent(&options, &w->d.uevents) < 0)
		w->d.uevents_blind = "no socket for the kernel's events could be opened";
	else
		w->d.sockets.kernel = -1;
	options.inherited_fd = -1;
	if (nlsrc_new_link(&options, &w->d.links) < 0)
		w->d.links_blind = "no socket for rtnetlink could be opened";
	if (udevsrc_new(&udev_ops, &w->d.udev) < 0)
		return -ENOMEM;
	for (int n = 0; w->d.uevents && n < DRAIN_CALLS && nlsrc_read_some(w->d.uevents) > 0; n++)
		;
	w->draining = false;
	return 0;
}

static int watch_sources(struct wiring *w)
{
	struct loop *l = w->d.loop;
	int udev_fd = udevsrc_fd(w->d.udev);

	if (w->d.uevents &&
	    loop_add_source(l, nlsrc_fd(w->d.uevents), on_uevents_readable, w) < 0)
		return -ENOMEM;
	if (w->d.links && loop_add_source(l, nlsrc_fd(w->d.links), on_links_readable, w) < 0)
		return -ENOMEM;
	if (udev_fd >= 0 && loop_add_source(l, udev_fd, on_udev_readable, w) < 0)
		return -ENOMEM;
	return loop_add_source(l, tracker_fd(w->d.tracker), on_observations, w);
}

static int watch_signals(struct wiring *w)
{
	struct loop *l = w->d.loop;

	signal(SIGPIPE, SIG_IGN);
	if (loop_add_signal(l, SIGTERM, on_stop_signal, w) < 0 ||
	    loop_add_signal(l, SIGINT, on_stop_signal, w) < 0 ||
	    loop_add_signal(l, SIGHUP, on_reload_signal, w) < 0)
		return -ENOMEM;
	return loop_add_signal(l, SIGUSR1, on_dump_signal, w);
}

static int make_timers(struct wiring *w)
{
	struct loop *l = w->d.loop;

	if (loop_add_timer(l, on_run, w, &w->run_timer) < 0 ||
	    loop_add_timer(l, on_status_due, w, &w->status_timer) < 0 ||
	    loop_add_timer(l, on_storm_over, w, &w->storm_timer) < 0 ||
	    loop_add_timer(l, on_watchdog, w, &w->watchdog_timer) < 0)
		return -ENOMEM;
	if (notify_watchdog_interval_usec() > 0)
		on_watchdog(w);
	return 0;
}

static int make_tracker(struct wiring *w)
{
	const struct options *o = w->d.options;
	struct tracker_options options = {
		.ops = { on_change, on_names, on_scanned, w },
		.reader = { o->sysfs_root, o->dev_root, o->modules_alias },
		.registry = registry_options(&w->d),
	};
	int r = tracker_new(&options, &w->d.tracker);

	if (r < 0 && r != -ENOMEM)
		log_err("%s can not be read: %s", o->sysfs_root, strerror(-r));
	return r;
}

static int make_publisher(struct wiring *w)
{
	struct daemon *d = &w->d;
	struct server_limits limits;

	server_limits_init(&limits);
	limits.max_clients = d->conf.in_force->max_clients;
	limits.max_clients_per_user = d->conf.in_force->max_clients_per_user;
	d->service.registry = tracker_registry(d->tracker);
	d->service.history = d->history;
	d->service.epoch = d->epoch;
	d->service.gather_status = report_gather;
	d->service.arg = d;
	return server_new(loop_base(d->loop), &d->service, &limits, &d->server);
}

/* A taken socket is told at once, before anything else is done. */
static int open_socket(struct wiring *w)
{
	const struct options *o = w->d.options;
	int r = listen_take_passed(&w->d.sockets);

	if (r < 0)
		return r;
	if (w->d.sockets.varlink >= 0 && !o->socket_given)
		return 0;
	r = listen_open(&w->d.sockets, o->socket);
	if (r == -EADDRINUSE)
		log_err("%s is taken: another vfmond serves it", o->socket);
	else if (r < 0)
		log_err("%s can not be made: %s", o->socket, strerror(-r));
	return r;
}

static int set_up(struct wiring *w)
{
	struct daemon *d = &w->d;
	struct config *none = NULL;
	int r = open_socket(w);

	if (r < 0)
		return r;
	d->started_usec = clock_usec(CLOCK_REALTIME);
	identity_read(d);
	r = conffile_load(&d->conf, &none);
	if (r >= 0)
		r = history_new(d->conf.in_force->history_bytes, &d->history);
	if (r == 0)
		r = journal_new(&d->journal);
	if (r == 0)
		r = loop_new(&d->loop);
	if (r < 0)
		return r;
	apply_settings(w);
	r = watch_signals(w);
	if (r == 0)
		r = make_timers(w);
	if (r == 0)
		r = open_sources(w);
	if (r == 0)
		r = make_tracker(w);
	if (r == 0)
		r = make_publisher(w);
	if (r == 0)
		r = watch_sources(w);
	return r == 0 ? tracker_start(d->tracker) : r;
}

static void tear_down(struct wiring *w)
{
	struct daemon *d = &w->d;

	server_free(d->server);
	listen_done(&d->sockets);
	nlsrc_free(d->uevents);
	nlsrc_free(d->links);
	history_free(d->history);
	tracker_free(d->tracker);
	udevsrc_free(d->udev);
	if (d->journal)
		journal_flush(d->journal);
	journal_free(d->journal);
	loop_free(d->loop);
	conffile_done(&d->conf);
}

int daemon_run(const struct options *options)
{
	struct wiring *w = calloc(1, sizeof(*w));
	int r;

	if (!w)
		return EXIT_FAILURE;
	w->d.options = options;
	w->d.conf.path = options->config;
	w->d.conf.must_exist = options->config_given;
	listen_init(&w->d.sockets);
	notify_extend_timeout(SCAN_TIMEOUT_USEC);
	r = set_up(w);
	if (r == -ENOMEM)
		log_err("no memory to start");
	if (r == 0)
		r = loop_run(w->d.loop);
	if (r == 0 && !w->failed)
		journal_event(JOURNAL_STOPPING, NULL, "asked to stop");
	notify_stopping();
	if (w->failed)
		r = -EIO;
	tear_down(w);
	free(w);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
