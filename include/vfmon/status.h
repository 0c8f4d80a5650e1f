/* SPDX-License-Identifier: Apache-2.0 */
/* How the daemon is: plain data, gathered by the daemon, written by wire. */
#ifndef VFMON_STATUS_H
#define VFMON_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vfmon/pci_addr.h"
#include "vfmon/vf.h"

enum source_id { SOURCE_UEVENT, SOURCE_UDEV, SOURCE_INOTIFY, SOURCE_NETLINK, SOURCE_COUNT };

enum resync_cause {
	RESYNC_OVERFLOW, /* a socket's queue was full */
	RESYNC_MEMORY,	 /* an observation could not be folded */
	RESYNC_READER,	 /* the reader failed */
	RESYNC_RELOAD,	 /* asked for by a reload */
	RESYNC_SUSPEND,	 /* the machine was suspended */
	RESYNC_COUNT
};

/* Counters of one source of events, since the start. */
struct source_status {
	bool used; /* false: this release does not listen to it, and does not list it */
	uint64_t events;
	uint64_t ignored;
	uint64_t rejected;
	uint64_t overflows;
	uint64_t lost;
	const char *blind; /* why it hears nothing; NULL: it hears. Borrowed */
};

struct config_file_status {
	const char *path;
	uint64_t loaded_usec; /* 0: never */
	const char *error;    /* NULL: in force */
};

/* A longer value is cut. */
#define SETTING_VALUE_MAX 256

struct setting_status {
	const char *name;
	char value[SETTING_VALUE_MAX];
	const char *origin;
};

/* All texts and arrays are borrowed for the time of the call that hands it over. */
struct status {
	const char *version;
	const char *boot_id;
	const char *epoch;
	uint64_t sequence;
	uint64_t oldest_sequence;
	uint64_t started_usec;
	size_t kinds[VF_KIND_COUNT];
	size_t states[VF_BINDING_COUNT];
	size_t readiness[VF_READINESS_COUNT];
	struct source_status sources[SOURCE_COUNT];
	uint64_t resyncs[RESYNC_COUNT];
	uint64_t audit_findings;
	uint64_t reads;
	uint64_t read_errors;
	const struct pci_addr *not_answering; /* functions whose sysfs files do not answer now */
	size_t not_answering_count;
	const char *
		not_read; /* what is not read for that, as a sentence; NULL: only those functions */
	size_t clients;
	uint64_t clients_dropped;
	uint64_t changes_merged;
	const struct config_file_status *config_files;
	size_t config_file_count;
	const struct setting_status *settings;
	size_t setting_count;
	int64_t latency_p50_usec; /* -1: not known */
	int64_t latency_p99_usec;
	uint64_t last_audit_usec;     /* CLOCK_REALTIME; 0: none came to its end */
	const char *state_file_error; /* NULL: it can be written, or nothing is kept */
	uint64_t network_namespace;   /* inode number; 0: not known */
};

/* Names on the wire. Borrowed, never NULL. */
const char *source_name(enum source_id source);
const char *resync_cause_name(enum resync_cause cause);

#endif
