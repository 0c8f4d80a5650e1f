/* SPDX-License-Identifier: Apache-2.0 */
#include "reload.h"

#include <errno.h>
#include <signal.h>
#include <syslog.h>

#include "daemon_state.h"
#include "journal.h"
#include "kernel.h"
#include "log.h"
#include "loop.h"
#include "moment.h"
#include "notify.h"
#include "ruling.h"
#include "server.h"
#include "tracker.h"
#include "vfmon/history.h"
#include "vfmon/names.h"

/* An editor or a deployment tool does several things to several files. */
#define SETTLE_USEC 100000ULL
/* What there was no memory for is tried again, as nobody would ask for it a second time. */
#define AGAIN_USEC 1000000ULL

int reload_open(struct daemon *d)
{
	const struct options *o = d->options;
	const struct ruling_options options = {
		.config = o->config,
		.config_given = o->config_given,
		.files = { o->nova_configs, o->nova_config_count },
		.dirs = { o->nova_config_dirs, o->nova_config_dir_count },
		.root = "",
		.copies = VFMON_NOVA_COPIES,
	};

	return ruling_new(&options, &d->ruling);
}

struct registry_options reload_registry_options(const struct daemon *d)
{
	return (struct registry_options){
		.policy = ruling_policy(d->ruling),
		.has_group_nodes = kernel_has_group_nodes(d->options->dev_root),
		.all_functions = d->options->all_functions,
		.kernel_has_vfio_dev = kernel_has_vfio_dev(),
		.stuck_after_usec = ruling_config(d->ruling)->stuck_after_usec,
	};
}

void reload_apply(struct daemon *d)
{
	static const int levels[] = {
		[LOG_EMERG] = LOG_LEVEL_ERR,	   [LOG_ALERT] = LOG_LEVEL_ERR,
		[LOG_CRIT] = LOG_LEVEL_ERR,	   [LOG_ERR] = LOG_LEVEL_ERR,
		[LOG_WARNING] = LOG_LEVEL_WARNING, [LOG_NOTICE] = LOG_LEVEL_INFO,
		[LOG_INFO] = LOG_LEVEL_INFO,	   [LOG_DEBUG] = LOG_LEVEL_DEBUG,
	};
	const struct config *c = ruling_config(d->ruling);
	struct server_limits limits;

	if (d->options->log_level >= 0)
		log_set_level((enum log_level)d->options->log_level);
	else
		log_set_level((enum log_level)levels[c->log_level]);
	if (!d->server)
		return;
	server_limits_init(&limits);
	limits.max_clients = c->max_clients;
	limits.max_clients_per_user = c->max_clients_per_user;
	server_set_limits(d->server, &limits);
	history_set_max(d->history, c->history_bytes);
	tracker_set_audit_interval(d->tracker, c->audit_interval_usec);
}

static void load_again(struct daemon *d, enum ruling_scope scope)
{
	d->must_load_all |= scope == RULING_ALL;
	loop_timer_at(d->files_timer, clock_usec(CLOCK_BOOTTIME) + AGAIN_USEC);
}

/* Returns whether something else is in force. */
static bool load(struct daemon *d, enum ruling_scope scope)
{
	struct registry_options options;
	int r = ruling_load(d->ruling, scope);

	if (r < 0) {
		log_warning("no memory to read the configuration, will read it again");
		load_again(d, scope);
	}
	if (r <= 0)
		return false;
	reload_apply(d);
	options = reload_registry_options(d);
	tracker_configure(d->tracker, &options);
	ruling_forget(d->ruling);
	return true;
}

/* The error says itself what is in force instead. */
static void tell(struct daemon *d, const char *what)
{
	const char *error = ruling_error(d->ruling);

	if (error)
		journal_event(JOURNAL_RELOADED, NULL, "%s was read, but not all is in force: %s",
			      what, error);
	else
		journal_event(JOURNAL_RELOADED, NULL, "%s was read again", what);
}

static void load_all(struct daemon *d)
{
	int r;

	d->must_load_all = false;
	if (load(d, RULING_ALL))
		tell(d, d->options->config);
	r = vendorfiles_apply(&d->vendorfiles, d->options->config, d->tracker);
	if (r > 0)
		(void)tracker_resync(d->tracker, RESYNC_RELOAD);
	else if (r < 0)
		load_again(d, RULING_ALL);
}

static void on_reload_signal(void *arg)
{
	struct daemon *d = arg;

	notify_reloading();
	load_all(d);
	if (registry_is_ready(tracker_registry(d->tracker)))
		daemon_announce_ready(d); /* else the end of the first scan does */
	daemon_send_due(d);
}

static void on_settled(void *arg)
{
	struct daemon *d = arg;

	if (d->must_load_all)
		load_all(d);
	else if (load(d, RULING_NOVA))
		tell(d, "Nova's configuration");
	else
		return;
	daemon_show_status(d);
	daemon_send_due(d);
}

static void on_files(void *arg)
{
	struct daemon *d = arg;
	int r = ruling_hear(d->ruling);

	if (r < 0)
		loop_remove_source(d->loop, ruling_fd(d->ruling));
	if (r > 0 && !loop_timer_is_armed(d->files_timer))
		loop_timer_at(d->files_timer, clock_usec(CLOCK_BOOTTIME) + SETTLE_USEC);
}

int reload_watch(struct daemon *d)
{
	int fd = ruling_fd(d->ruling);

	if (loop_add_signal(d->loop, SIGHUP, on_reload_signal, d) < 0 ||
	    loop_add_timer(d->loop, on_settled, d, &d->files_timer) < 0)
		return -ENOMEM;
	return fd >= 0 ? loop_add_source(d->loop, fd, on_files, d) : 0;
}

void reload_close(struct daemon *d)
{
	d->ruling = ruling_free(d->ruling);
}
