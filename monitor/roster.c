/* SPDX-License-Identifier: Apache-2.0 */
#include "roster.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "client.h"
#include "journal.h"
#include "log.h"
#include "moment.h"
#include "vfmon/names.h"

#define LOG_LINES_PER_SECOND 10

void roster_add(struct roster *r, struct slot *slot)
{
	LIST_INSERT_HEAD(&r->all, slot, all);
	if (slot->refused)
		r->refused_count++;
	else
		r->count++;
}

void roster_add_watcher(struct roster *r, struct slot *slot)
{
	slot->watching = true;
	LIST_INSERT_HEAD(&r->watchers, slot, watchers);
}

void roster_add_over(struct roster *r, struct slot *slot)
{
	slot->over = true;
	LIST_INSERT_HEAD(&r->overs, slot, overs);
}

static void remove_slot(struct roster *r, struct slot *slot)
{
	LIST_REMOVE(slot, all);
	if (slot->watching)
		LIST_REMOVE(slot, watchers);
	if (slot->over)
		LIST_REMOVE(slot, overs);
	if (slot->refused)
		r->refused_count--;
	else
		r->count--;
	client_free(slot->client);
	free(slot);
}

static bool may_log(struct roster *r)
{
	uint64_t now = clock_usec(CLOCK_MONOTONIC);

	if (now - r->second_usec >= 1000000) {
		r->second_usec = now;
		r->log_lines = 0;
	}
	return r->log_lines++ < LOG_LINES_PER_SECOND;
}

static void log_dropped(struct roster *r, const struct client_peer *peer, const char *why)
{
	char pid[24], uid[24];
	const struct log_field fields[] = {
		{ JOURNAL_FIELD("PEER_PID"), pid },
		{ JOURNAL_FIELD("PEER_UID"), uid },
		{ 0 },
	};

	r->dropped++;
	if (!may_log(r))
		return;
	(void)snprintf(pid, sizeof(pid), "%jd", (intmax_t)peer->pid);
	(void)snprintf(uid, sizeof(uid), "%ju", (uintmax_t)peer->uid);
	journal_event(JOURNAL_CLIENT_DROPPED, fields, "client of process %s, user %s, dropped: %s",
		      pid, uid, why);
}

void roster_sweep(struct roster *r)
{
	struct slot *slot;

	while ((slot = LIST_FIRST(&r->overs))) {
		const char *why = client_why(slot->client);

		if (why)
			log_dropped(r, client_get_peer(slot->client), why);
		remove_slot(r, slot);
	}
}

void roster_clear(struct roster *r)
{
	struct slot *slot;

	while ((slot = LIST_FIRST(&r->all)))
		remove_slot(r, slot);
}

size_t roster_count_of_user(const struct roster *r, uid_t uid)
{
	const struct slot *slot;
	size_t count = 0;

	for (slot = LIST_FIRST(&r->all); slot; slot = LIST_NEXT(slot, all))
		count += !slot->refused && client_get_peer(slot->client)->uid == uid;
	return count;
}

void roster_dump(const struct roster *r)
{
	uint64_t now = clock_usec(CLOCK_MONOTONIC);
	const struct slot *slot;

	log_info("clients: %zu served, %zu being refused, %" PRIu64 " dropped since the start",
		 r->count, r->refused_count, r->dropped);
	for (slot = LIST_FIRST(&r->all); slot; slot = LIST_NEXT(slot, all)) {
		const struct client_peer *peer = client_get_peer(slot->client);

		log_info(
			"client of process %jd, user %ju: %s, %zu bytes queued, last sent to %" PRIu64
			" s ago",
			(intmax_t)peer->pid, (uintmax_t)peer->uid,
			slot->watching ? "watches" : "does not watch",
			client_queued_bytes(slot->client),
			(now - client_sent_usec(slot->client)) / 1000000);
	}
}
