/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "daemon_state.h"
#include "inotifysrc.h"
#include "journal.h"
#include "log.h"
#include "nlsrc.h"
#include "ruling.h"
#include "server.h"
#include "tracker.h"
#include "udevsrc.h"
#include "vfmon/history.h"
#include "vfmon/names.h"
#include "watchfiles.h"

/* Counters of a source that may not be there at all. */
static void gather_netlink(const struct nlsrc *source, const char *blind, struct source_status *ret)
{
	if (source)
		nlsrc_status(source, ret);
	if (blind)
		ret->blind = blind;
}

static void gather_sources(const struct daemon *d, struct status *ret)
{
	gather_netlink(d->uevents, d->uevents_blind, &ret->sources[SOURCE_UEVENT]);
	gather_netlink(d->links, d->links_blind, &ret->sources[SOURCE_NETLINK]);
	udevsrc_status(d->udev, &ret->sources[SOURCE_UDEV]);
	if (d->inotify)
		inotifysrc_status(d->inotify, &ret->sources[SOURCE_INOTIFY]);
	if (d->aliases)
		watchfiles_status(d->aliases, &ret->sources[SOURCE_INOTIFY]);
	if (d->aliases_blind)
		ret->sources[SOURCE_INOTIFY].blind = d->aliases_blind;
	if (d->inotify_blind)
		ret->sources[SOURCE_INOTIFY].blind = d->inotify_blind;
	ret->sources[SOURCE_INOTIFY].used = true;
	ret->sources[SOURCE_UEVENT].used = true;
	ret->sources[SOURCE_NETLINK].used = true;
	ret->sources[SOURCE_UDEV].used = true;
}

static void count_functions(const struct registry *r, struct status *ret)
{
	for (const struct vf *vf = registry_next(r, NULL); vf; vf = registry_next(r, &vf->addr)) {
		ret->kinds[vf->kind]++;
		ret->states[vf->binding]++;
		ret->readiness[vf->readiness]++;
	}
}

static void gather_tracker(struct daemon *d, struct status *ret)
{
	struct tracker_status status;

	tracker_status(d->tracker, &status);
	ret->not_answering = d->not_answering;
	ret->not_answering_count = tracker_not_answering(d->tracker, d->not_answering);
	ret->not_read = tracker_blind(d->tracker);
	ret->reads = status.reads;
	ret->read_errors = status.read_errors;
	ret->audit_findings = status.audit_findings;
	ret->last_audit_usec = status.last_audit_usec;
	for (int i = 0; i < RESYNC_COUNT; i++)
		ret->resyncs[i] = status.resyncs[i];
}

void report_gather(struct status *ret, void *arg)
{
	struct daemon *d = arg;

	*ret = (struct status){
		.version = VFMON_VERSION,
		.boot_id = d->boot_id,
		.epoch = d->epoch,
		.sequence = registry_sequence(tracker_registry(d->tracker)),
		.oldest_sequence = history_oldest(d->history),
		.started_usec = d->started_usec,
		.clients = server_client_count(d->server),
		.clients_dropped = server_dropped_count(d->server),
		.changes_merged = d->service.changes_merged,
		.latency_p50_usec = latency_percentile(&d->latency, 50),
		.latency_p99_usec = latency_percentile(&d->latency, 99),
		.state_file_error = statefile_error(&d->state),
		.network_namespace = d->network_namespace,
	};
	ruling_status(d->ruling, ret);
	gather_sources(d, ret);
	gather_tracker(d, ret);
	count_functions(tracker_registry(d->tracker), ret);
}

const char *report_line(struct daemon *d, char buf[static REPORT_LINE_MAX])
{
	struct status status;
	const char *error;

	report_gather(&status, d);
	error = ruling_error(d->ruling);
	snprintf(buf, REPORT_LINE_MAX, "%zu PFs, %zu VFs%s%.*s", status.kinds[VF_KIND_PF],
		 status.kinds[VF_KIND_VF], error ? "; configuration: " : "",
		 error ? (int)strcspn(error, ";") : 0, error ? error : "");
	return buf;
}

static void report_function(enum reader_news news, const struct pci_addr *about)
{
	char addr[PCI_ADDR_TEXT_MAX];
	const struct log_field fields[] = {
		{ JOURNAL_FIELD("ADDRESS"), pci_addr_format(about, addr) },
		{ 0 },
	};

	if (news == READER_BACK)
		journal_event(JOURNAL_ANSWERING, fields, "%s answers again", addr);
	else
		journal_event(JOURNAL_NOT_ANSWERING, fields,
			      "%s does not answer: a read of its files in sysfs does not end",
			      addr);
}

static void report_place(enum reader_news news, const char *place)
{
	if (news == READER_BACK)
		log_info("reading %s has come to its end, it is read again", place);
	else
		log_warning("reading %s does not end, it is done without", place);
}

void report_reader(enum reader_news news, const struct reader_work *work, void *arg)
{
	(void)arg;
	if (work->place == READER_FUNCTION)
		report_function(news, &work->addr);
	else
		report_place(news, reader_place_name(work->place));
	if (news == READER_STOPPED)
		journal_event(JOURNAL_NOT_READING, NULL,
			      "too many files do not answer, nothing is read until one does");
}

void report_dump(struct daemon *d)
{
	char line[REPORT_LINE_MAX];
	struct status s;

	report_gather(&s, d);
	log_info("%s; sequence %llu, history from %llu, %zu clients, %llu reads, %llu failed",
		 report_line(d, line), (unsigned long long)s.sequence,
		 (unsigned long long)s.oldest_sequence, s.clients, (unsigned long long)s.reads,
		 (unsigned long long)s.read_errors);
	for (int i = 0; i < SOURCE_COUNT; i++) {
		if (!s.sources[i].used)
			continue;
		log_info("source %s: %llu events, %llu ignored, %llu rejected, %llu overflows, "
			 "%llu lost%s%s",
			 source_name(i), (unsigned long long)s.sources[i].events,
			 (unsigned long long)s.sources[i].ignored,
			 (unsigned long long)s.sources[i].rejected,
			 (unsigned long long)s.sources[i].overflows,
			 (unsigned long long)s.sources[i].lost,
			 s.sources[i].blind ? "; blind: " : "",
			 s.sources[i].blind ? s.sources[i].blind : "");
	}
	server_dump(d->server);
}
