/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon_state.h"
#include "hearing.h"
#include "identity.h"
#include "journal.h"
#include "log.h"
#include "loop.h"
#include "moment.h"
#include "notify.h"
#include "reload.h"
#include "ruling.h"
#include "server.h"
#include "tracker.h"
#include "vfmon/history.h"
#include "vfmon/names.h"

/* How long the first scan of a large host may take before systemd loses patience. */
#define SCAN_TIMEOUT_USEC (300 * 1000000ULL)
#define STATUS_LINE_AFTER_USEC 1000000ULL
#define STORM_LINE_AFTER_USEC 1000000ULL

void daemon_send_due(struct daemon *d)
{
	tracker_run(d->tracker);
	loop_timer_at(d->run_timer, tracker_next_usec(d->tracker));
}

static void on_run(void *arg)
{
	daemon_send_due(arg);
}

static void on_observations(void *arg)
{
	struct daemon *d = arg;

	tracker_collect(d->tracker);
	daemon_send_due(d);
}

static void on_change(const struct change *change, void *arg)
{
	struct daemon *d = arg;
	uint64_t now = clock_usec(CLOCK_BOOTTIME);

	if (history_append(d->history, change) < 0)
		log_warning("no memory for the history, it begins anew");
	server_publish(d->server, change);
	history_trim(d->history);
	attention_follow(d, change);
	if (change->cause.received_usec)
		latency_add(&d->latency, clock_usec(CLOCK_BOOTTIME) - change->cause.received_usec);
	if (journal_change(d->journal, change, now))
		loop_timer_at(d->storm_timer, now + STORM_LINE_AFTER_USEC);
	loop_timer_at(d->state_timer, statefile_note(&d->state, change));
	if (!loop_timer_is_armed(d->status_timer))
		loop_timer_at(d->status_timer, now + STATUS_LINE_AFTER_USEC);
}

static void on_finding(const struct change *change, void *arg)
{
	struct daemon *d = arg;

	journal_finding(d->journal, change, clock_usec(CLOCK_BOOTTIME));
}

static void on_names(struct vf *vf, void *arg)
{
	struct daemon *d = arg;

	identity_name(d->udev, d->tracker, vf);
}

static void on_state_due(void *arg)
{
	struct daemon *d = arg;

	loop_timer_at(d->state_timer, statefile_write(&d->state, tracker_registry(d->tracker)));
}

void daemon_announce_ready(struct daemon *d)
{
	char line[REPORT_LINE_MAX];

	notify_ready(report_line(d, line));
	journal_event(JOURNAL_READY, NULL, "watching: %s", line);
}

static void on_scanned(bool is_first, void *arg)
{
	struct daemon *d = arg;

	attention_begin(d);
	if (!is_first)
		return;
	if (server_listen(d->server, d->sockets.varlink) < 0) {
		log_err("clients can not be accepted: no memory");
		d->failed = true;
		loop_stop(d->loop);
		return;
	}
	loop_timer_at(d->state_timer, statefile_write(&d->state, tracker_registry(d->tracker)));
	daemon_announce_ready(d);
}

void daemon_show_status(struct daemon *d)
{
	char line[REPORT_LINE_MAX];

	notify_status("%s", report_line(d, line));
}

static void on_status_due(void *arg)
{
	daemon_show_status(arg);
}

static void on_storm_over(void *arg)
{
	struct daemon *d = arg;

	journal_flush(d->journal);
}

static void on_watchdog(void *arg)
{
	struct daemon *d = arg;

	notify_watchdog();
	loop_timer_at(d->watchdog_timer,
		      clock_usec(CLOCK_BOOTTIME) + notify_watchdog_interval_usec());
}

static void on_stop_signal(void *arg)
{
	struct daemon *d = arg;

	loop_stop(d->loop);
}

static void on_dump_signal(void *arg)
{
	struct daemon *d = arg;

	report_dump(d);
}

static int watch_signals(struct daemon *d)
{
	struct loop *l = d->loop;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a limit on files (LimitFSIZE=) is an error of the write */
	if (loop_add_signal(l, SIGTERM, on_stop_signal, d) < 0 ||
	    loop_add_signal(l, SIGINT, on_stop_signal, d) < 0 || reload_watch(d) < 0)
		return -ENOMEM;
	return loop_add_signal(l, SIGUSR1, on_dump_signal, d);
}

static int make_timers(struct daemon *d)
{
	struct loop *l = d->loop;

	if (loop_add_timer(l, on_run, d, &d->run_timer) < 0 ||
	    loop_add_timer(l, on_status_due, d, &d->status_timer) < 0 ||
	    loop_add_timer(l, on_state_due, d, &d->state_timer) < 0 ||
	    loop_add_timer(l, on_storm_over, d, &d->storm_timer) < 0 ||
	    loop_add_timer(l, on_watchdog, d, &d->watchdog_timer) < 0)
		return -ENOMEM;
	if (notify_watchdog_interval_usec() > 0)
		on_watchdog(d);
	return attention_open(d);
}

static int make_tracker(struct daemon *d)
{
	const struct options *o = d->options;
	struct tracker_options options = {
		.ops = { on_change, on_names, hearing_follow, on_scanned, d, report_reader },
		.audit_ops = { hearing_hear_all, on_finding },
		.reader = { o->sysfs_root, o->dev_root, o->modules_alias, o->proc_root },
		.registry = reload_registry_options(d),
	};
	int r = tracker_new(&options, &d->tracker);

	if (r == 0)
		tracker_set_audit_interval(d->tracker,
					   ruling_config(d->ruling)->audit_interval_usec);
	if (r == -EAGAIN)
		log_err("no memory or no right for one more thread");
	else if (r < 0 && r != -ENOMEM)
		log_err("%s can not be read: %s", o->sysfs_root, strerror(-r));
	return r;
}

static const struct policy *get_policy(void *arg)
{
	const struct daemon *d = arg;

	return ruling_policy(d->ruling);
}

static int make_publisher(struct daemon *d)
{
	struct server_limits limits;

	server_limits_init(&limits);
	limits.max_clients = ruling_config(d->ruling)->max_clients;
	limits.max_clients_per_user = ruling_config(d->ruling)->max_clients_per_user;
	d->service.registry = tracker_registry(d->tracker);
	d->service.history = d->history;
	d->service.epoch = d->epoch;
	d->service.get_policy = get_policy;
	d->service.gather_status = report_gather;
	d->service.arg = d;
	return server_new(loop_base(d->loop), &d->service, &limits, &d->server);
}

/* A taken socket is told at once, before anything else is done. */
static int open_socket(struct daemon *d)
{
	const struct options *o = d->options;
	int r = listen_take_passed(&d->sockets);

	if (r < 0)
		return r;
	if (d->sockets.varlink >= 0 && !o->socket_given)
		return 0;
	r = listen_open(&d->sockets, o->socket);
	if (r == -EADDRINUSE)
		log_err("%s is taken: another vfmond serves it", o->socket);
	else if (r < 0)
		log_err("%s can not be made: %s", o->socket, strerror(-r));
	return r;
}

static int set_up(struct daemon *d)
{
	int r = open_socket(d);

	if (r < 0)
		return r;
	d->started_usec = clock_usec(CLOCK_REALTIME);
	identity_read(d);
	r = reload_open(d);
	if (r == 0)
		r = history_new(ruling_config(d->ruling)->history_bytes, &d->history);
	if (r == 0)
		r = journal_new(&d->journal);
	if (r == 0)
		r = loop_new(&d->loop);
	if (r < 0)
		return r;
	reload_apply(d);
	r = watch_signals(d);
	if (r == 0)
		r = make_timers(d);
	if (r == 0)
		r = hearing_open(d);
	if (r == 0)
		r = make_tracker(d);
	if (r == 0)
		r = statefile_init(&d->state, getenv(ENV_STATE_DIRECTORY), d->boot_id);
	if (r == 0)
		r = statefile_load(&d->state, d->tracker);
	if (r == 0)
		r = make_publisher(d);
	if (r == 0)
		r = hearing_watch(d);
	if (r == 0)
		r = loop_add_source(d->loop, tracker_fd(d->tracker), on_observations, d);
	if (r == 0)
		r = vendorfiles_apply(&d->vendorfiles, d->options->config, d->tracker);
	return r >= 0 ? tracker_start(d->tracker) : r;
}

static void tear_down(struct daemon *d)
{
	server_free(d->server);
	listen_done(&d->sockets);
	if (d->tracker)
		(void)statefile_write(&d->state, tracker_registry(d->tracker)); /* it has told */
	statefile_done(&d->state);
	history_free(d->history);
	tracker_free(d->tracker);
	hearing_close(d);
	if (d->journal)
		journal_flush(d->journal);
	journal_free(d->journal);
	loop_free(d->loop);
	vendorfiles_done(&d->vendorfiles);
	reload_close(d);
}

/* Being asked twice is no reason to leave the socket behind; what is left to do is short. */
static void ignore_more_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGUSR1);
	sigprocmask(SIG_BLOCK, &signals, NULL);
}

int daemon_run(const struct options *options)
{
	struct daemon *d = calloc(1, sizeof(*d));
	int r;

	log_open();
	if (!d) {
		log_err("no memory to start");
		return EXIT_FAILURE;
	}
	d->options = options;
	d->proc_fds[0] = d->proc_fds[1] = -1;
	listen_init(&d->sockets);
	notify_extend_timeout(SCAN_TIMEOUT_USEC);
	r = set_up(d);
	if (r == -ENOMEM)
		log_err("no memory to start");
	if (r == 0)
		r = loop_run(d->loop);
	ignore_more_signals();
	if (r == 0 && !d->failed)
		journal_event(JOURNAL_STOPPING, NULL, "asked to stop");
	notify_stopping();
	if (d->failed)
		r = -EIO;
	tear_down(d);
	free(d);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
