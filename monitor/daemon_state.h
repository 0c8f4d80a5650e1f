/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon's parts, for the files that wire them. */
#ifndef VFMOND_DAEMON_STATE_H
#define VFMOND_DAEMON_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "attention.h"
#include "listen.h"
#include "options.h"
#include "statefile.h"
#include "tracker.h"
#include "vendorfiles.h"
#include "vfmon/latency.h"
#include "vfmon/session.h"
#include "vfmon/status.h"

struct clockjump;
struct history;
struct inotifysrc;
struct journal;
struct loop;
struct loop_timer;
struct nlsrc;
struct ruling;
struct server;
struct tracker;
struct udevsrc;
struct watchfiles;

#define ID_TEXT_MAX 40

struct daemon {
	const struct options *options;
	struct ruling *ruling;
	struct vendorfiles vendorfiles;
	struct statefile state;
	struct listen_sockets sockets;
	struct tracker *tracker;
	struct history *history;
	struct journal *journal;
	struct server *server;
	struct nlsrc *uevents; /* NULL: blind, see uevents_blind */
	struct nlsrc *links;   /* NULL: the same */
	struct udevsrc *udev;
	struct inotifysrc *inotify;  /* NULL: blind, see inotify_blind */
	struct attention attention;  /* what inotify listens to */
	struct watchfiles *aliases;  /* modules.alias; NULL: the kernel gives no inotify */
	char *alias_path;	     /* of modules.alias */
	struct clockjump *clockjump; /* NULL: a suspension is not noticed */
	int proc_fds[2];	     /* of mounts and swap areas; -1: not watched */
	struct service service;
	struct latency latency;
	struct loop *loop;
	const char *uevents_blind;
	const char *links_blind;
	const char *inotify_blind;
	const char *aliases_blind; /* of modules.alias */
	char boot_id[ID_TEXT_MAX];
	char epoch[ID_TEXT_MAX];
	uint64_t started_usec;				  /* CLOCK_REALTIME */
	uint64_t network_namespace;			  /* inode number; 0: not known */
	struct pci_addr not_answering[NOT_ANSWERING_MAX]; /* for GetStatus */
	struct loop_timer *run_timer;			  /* daemon_send_due() is due */
	struct loop_timer *status_timer;		  /* STATUS= is out of date */
	struct loop_timer *state_timer;			  /* the state file is out of date */
	struct loop_timer *files_timer;			  /* files of configuration have changed */
	struct loop_timer *storm_timer;			  /* changes that were only counted */
	struct loop_timer *watchdog_timer;
	bool must_load_all; /* a reload that there was no memory for */
	bool draining;	    /* what comes in is older than the first scan */
	bool failed;	    /* it can not go on: exit status 1 */
};

/* The reader gets what is due, and the timer is set for what is due next. */
void daemon_send_due(struct daemon *d);

/* READY=1, also at the end of a reload; and STATUS= alone. */
void daemon_announce_ready(struct daemon *d);
void daemon_show_status(struct daemon *d);

/* What GetStatus shows; as service.gather_status, arg is the daemon. */
void report_gather(struct status *ret, void *arg);

/* One line for STATUS= and the log: how many functions there are, and what is wrong. */
#define REPORT_LINE_MAX 512
const char *report_line(struct daemon *d, char buf[static REPORT_LINE_MAX]);

/* Logs that the reader hangs, or does not any more; as on_reader of struct tracker_ops. */
void report_reader(enum reader_news news, const struct reader_work *work, void *arg);

/* Logs the state for SIGUSR1. */
void report_dump(struct daemon *d);

#endif
