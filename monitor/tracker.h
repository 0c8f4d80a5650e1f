/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From hints to changes: which functions are dirty, what the reader says of them, what the registry
 * makes of it. The one path for scan, events and timers. Knows no event loop; the owner calls it
 * when the reader's fd is readable and when something is due.
 */
#ifndef VFMOND_TRACKER_H
#define VFMOND_TRACKER_H

#include <stdbool.h>
#include <stdint.h>

#include "reader.h"
#include "vfmon/registry.h"
#include "vfmon/status.h"
#include "vfmon/uevent.h"

struct tracker;
struct vendor_rules;

/* What is to be told of the reader. */
enum reader_news {
	READER_REPLACED, /* it hangs, and another one goes on */
	READER_STOPPED,	 /* it hangs, and there can be no other one: nothing is read any more */
	READER_BACK	 /* what did hang has come to its end */
};

struct tracker_ops {
	/* As registry_ops, but only the second one may be NULL. */
	void (*on_change)(const struct change *change, void *arg);
	void (*on_names)(struct vf *vf, void *arg);
	/* A function was read, or found gone, and that is folded; may be NULL. */
	void (*on_read)(const struct observation *obs, void *arg);
	/* A scan is complete: the first one, or a rescan after a loss. */
	void (*on_scanned)(bool is_first, void *arg);
	void *arg; /* of all */
	/* The reader has hung in that work, or does not any more; may be NULL. */
	void (*on_reader)(enum reader_news news, const struct reader_work *work, void *arg);
};

/* For the audit, see tracker_audit.h; both may be NULL. Their arg is that of tracker_ops. */
struct tracker_audit_ops {
	/* Takes all events that wait. Returns false if one may have been lost, or never comes. */
	bool (*hear_all)(void *arg);
	/* A change that no event told: it was published, and is counted. Borrowed. */
	void (*on_finding)(const struct change *change, void *arg);
};

struct tracker_options {
	struct tracker_ops ops;
	struct tracker_audit_ops audit_ops;
	struct reader_options reader;
	struct registry_options registry; /* but for pool, which the tracker has itself */
	uint64_t patience_usec; /* with a reader that hangs, whatever it reads; 0: see below */
};

/* Counters since the start. */
struct tracker_status {
	uint64_t resyncs[RESYNC_COUNT];
	uint64_t reads;
	uint64_t read_errors;
	uint64_t audit_findings;
	uint64_t last_audit_usec; /* CLOCK_REALTIME of its end; 0: none has ended */
};

/* Returns 0, -ENOMEM or the reader's error. */
int tracker_new(const struct tracker_options *options, struct tracker **ret);

/* History must have been freed before. Takes NULL. Returns NULL. */
struct tracker *tracker_free(struct tracker *t);

const struct registry *tracker_registry(const struct tracker *t);

/* Texts of images that are made elsewhere for it. Borrowed. */
struct text_pool *tracker_pool(const struct tracker *t);

/* What an earlier run of this boot knew, before tracker_start(); as registry_remember(). */
int tracker_remember(struct tracker *t, struct vf *const *images, size_t count);

/* Readable while observations wait. */
int tracker_fd(const struct tracker *t);

/* Queues the first scan. Returns 0 or -ENOMEM. */
int tracker_start(struct tracker *t);

/* What an event asks for is noted; tracker_run() sends it to the reader. */
void tracker_hint(struct tracker *t, const struct uevent_subject *subject);

/* The same for an event of which the kernel has told already: only device nodes can be news. */
void tracker_hint_nodes(struct tracker *t, const struct uevent_subject *subject);

/*
 * A node below /dev/vfio, of a group or of a VFIO device by its name, has come or gone; or somebody
 * has opened or closed it, then whoever it belongs to is read again now and a few times later: the
 * device is opened some time after its group.
 */
enum node_news { NODE_CAME_OR_WENT, NODE_OPENED_OR_CLOSED };
void tracker_hint_group_node(struct tracker *t, int32_t group, enum node_news news);
void tracker_hint_device_node(struct tracker *t, const char *name, enum node_news news);

/*
 * Somebody has set how many VFs a PF is to have: it is read now and a few times later, as making them
 * takes a moment.
 */
void tracker_hint_vf_count(struct tracker *t, const struct pci_addr *addr);

/* A function is listened to only now: it is read again, at that time (CLOCK_BOOTTIME) or before. */
void tracker_hint_listened(struct tracker *t, const struct pci_addr *addr, uint64_t due_usec);

/* Any node below /dev/vfio may have come: each is looked for, in small steps. */
void tracker_hint_all_nodes(struct tracker *t);

/*
 * Something may have been missed: the host is read again, once however often this is called, and
 * not more than once a second. Returns whether that was not going to happen anyway.
 */
bool tracker_resync(struct tracker *t, enum resync_cause cause);

/* How often the registry is compared with the host, slowly; 0: never, as at the beginning. */
void tracker_set_audit_interval(struct tracker *t, uint64_t interval_usec);

/* Sends to the reader what is due, as long as it has not too much to do already. */
void tracker_run(struct tracker *t);

/* Folds observations that wait, up to a budget; the fd stays readable while there are more. */
void tracker_collect(struct tracker *t);

/* When tracker_run() has to be called next (CLOCK_BOOTTIME); UINT64_MAX: not by itself. */
uint64_t tracker_next_usec(const struct tracker *t);

/* Another configuration, as registry_configure(). */
void tracker_configure(struct tracker *t, const struct registry_options *options);

/*
 * By what vendor directories are read from now on; takes rules. What is known already is read again
 * only with the next scan. Returns 0 or -ENOMEM.
 */
int tracker_set_vendor_rules(struct tracker *t, struct vendor_rules *rules);

/*
 * For on_names: sets the names of an image that is still being made; NULL for none. Without memory
 * the image stays without.
 */
void tracker_name(struct tracker *t, struct vf *vf, const char *vendor, const char *product);

/*
 * A single function that is read for longer does not answer: the thread is left behind and replaced.
 * Reading a card's serial number can take seconds, and the files that are read for all functions can
 * be long or on another host; for those there is more patience.
 */
#define NOT_ANSWERING_AFTER_USEC 3000000ULL
#define SERIAL_PATIENCE_USEC 30000000ULL
#define COMMON_PATIENCE_USEC 10000000ULL

/* The functions that do not answer, ascending. Returns how many. */
#define NOT_ANSWERING_MAX (READER_LEFT_MAX + 1)
size_t tracker_not_answering(const struct tracker *t,
			     struct pci_addr ret[static NOT_ANSWERING_MAX]);

/* What there is no reading of at present, for a sentence: "modules.alias does not answer", or NULL. */
const char *tracker_blind(const struct tracker *t);

void tracker_status(const struct tracker *t, struct tracker_status *ret);

#endif
