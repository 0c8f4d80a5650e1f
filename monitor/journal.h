/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kinds of journal entries with their stable MESSAGE_IDs (explained to operators in
 * systemd/vfmond.catalog), and how a change becomes one.
 */
#ifndef VFMOND_JOURNAL_H
#define VFMOND_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "log.h"
#include "vfmon/names.h"

struct change;
struct journal;

/* Kinds of entries. Each has an id of its own that is never used for anything else. */
enum journal_event {
	JOURNAL_READY, /* the first scan is complete */
	JOURNAL_STOPPING,
	JOURNAL_RELOADED,	/* the configuration was read again */
	JOURNAL_CONFIG_ERROR,	/* something in a file is wrong and not in force */
	JOURNAL_RESYNC,		/* events may have been lost: everything is read again */
	JOURNAL_SOURCE_BLIND,	/* a source of events hears nothing */
	JOURNAL_NOT_ANSWERING,	/* the kernel does not answer for a function */
	JOURNAL_ANSWERING,	/* it does so again */
	JOURNAL_NOT_READING,	/* too many files do not answer, nothing is read any more */
	JOURNAL_CLIENT_DROPPED, /* a connection was closed for what it did */
	JOURNAL_APPEARED,
	JOURNAL_DISAPPEARED,
	JOURNAL_BINDING, /* another driver, or another binding state */
	JOURNAL_CHANGED, /* anything else of a function */
	JOURNAL_STORM,	 /* many changes in one line */
	JOURNAL_FINDING, /* a change that only the audit has found, though an event had to tell */
	JOURNAL_EVENT_COUNT
};

/* Names of fields; all but VF and PF have the prefix of names.h. */
#define JOURNAL_FIELD(name) JOURNAL_PREFIX name

/* Logs an event that is no change; fields as in log.h, NULL for none. */
void journal_event(enum journal_event event, const struct log_field *fields, const char *format,
		   ...) __attribute__((format(printf, 3, 4)));

/* MESSAGE_ID and level of a kind. */
const char *journal_event_id(enum journal_event event);
enum log_level journal_event_level(enum journal_event event);

/* Changes in one second that get a line each; more than that is a storm. */
#define JOURNAL_LINES_PER_SECOND 200

/* Returns 0 or -ENOMEM. */
int journal_new(struct journal **ret);

/* Takes NULL. Returns NULL. Call journal_flush() first. */
struct journal *journal_free(struct journal *j);

/*
 * Logs one change. Beyond JOURNAL_LINES_PER_SECOND it is only counted, so that journald's own limit
 * (10,000 lines in 30 s) never throws a line away. now_usec is CLOCK_BOOTTIME. Returns true when
 * the counting begins: journal_flush() is to be called a second later.
 */
bool journal_change(struct journal *j, const struct change *change, uint64_t now_usec);

/*
 * Logs a change that only the audit has found, besides; beyond JOURNAL_FINDINGS in a minute they are
 * only counted (audit_findings). now_usec as above.
 */
#define JOURNAL_FINDINGS 10
void journal_finding(struct journal *j, const struct change *change, uint64_t now_usec);

/* Logs in one line what was only counted, if anything was, and begins a new second. */
void journal_flush(struct journal *j);

#endif
