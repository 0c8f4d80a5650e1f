/* SPDX-License-Identifier: Apache-2.0 */
#include "server.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/listener.h>

#include "client.h"
#include "log.h"
#include "moment.h"
#include "peersock.h"
#include "roster.h"
#include "shared_text.h"
#include "vfmon/cleanup.h"
#include "vfmon/names.h"

/* One too many may ask so long, and is told. */
#define REFUSAL_WITHIN_USEC 1000000U

/* So many are told at a time that they are too many; more than that are closed without a word. */
#define MAX_REFUSALS 64

/* How long nothing is accepted when file descriptors have run out. */
#define PAUSE_SECONDS 1

/* Bookmarks of many watches that are due soon after each other are sent together. */
#define BOOKMARK_TOGETHER_USEC 1000000U

struct server {
	struct event_base *base;
	struct service *service;
	struct server_limits limits;
	struct roster roster;
	struct evconnlistener *listener;
	struct event *resume;	/* accepting again after a pause */
	struct event *sweep;	/* frees clients that are over */
	struct event *bookmark; /* pending only while somebody watches */
	bool paused;		/* said once a shortage, not once a try */
};

void server_limits_init(struct server_limits *limits)
{
	*limits = (struct server_limits){
		.max_clients = DEFAULT_MAX_CLIENTS,
		.max_clients_per_user = DEFAULT_MAX_CLIENTS_PER_USER,
		.request_within_usec = REQUEST_WITHIN_USEC,
		.read_within_usec = READ_WITHIN_USEC,
		.bookmark_after_usec = BOOKMARK_AFTER_USEC,
	};
}

static void on_sweep(evutil_socket_t fd, short what, void *arg)
{
	struct server *s = arg;

	(void)fd;
	(void)what;
	roster_sweep(&s->roster);
}

static void on_client_over(void *arg)
{
	struct slot *slot = arg;

	roster_add_over(&slot->server->roster, slot);
	event_active(slot->server->sweep, EV_TIMEOUT, 1);
}

static void schedule_bookmark(struct server *s, uint64_t after_usec)
{
	const struct timeval after = usec_timeval(after_usec);

	/* Without it a watch is silent, no more. */
	if (event_add(s->bookmark, &after) < 0)
		log_warning("out of memory, watches get no bookmarks for now");
}

static void on_client_watching(void *arg)
{
	struct slot *slot = arg;
	struct server *s = slot->server;

	roster_add_watcher(&s->roster, slot);
	if (!evtimer_pending(s->bookmark, NULL))
		schedule_bookmark(s, s->limits.bookmark_after_usec);
}

static const struct client_ops client_ops = {
	.on_over = on_client_over,
	.on_watching = on_client_watching,
};

/* Sends what is due; returns since when the next one to get a bookmark is silent. */
static uint64_t send_bookmarks(struct server *s, uint64_t now)
{
	uint64_t oldest = now;
	struct slot *slot;

	for (slot = LIST_FIRST(&s->roster.watchers); slot; slot = LIST_NEXT(slot, watchers)) {
		client_bookmark(slot->client, now - s->limits.bookmark_after_usec);
		/* One with a full queue is not silent, but slow. */
		if (client_queued_bytes(slot->client) == 0 &&
		    client_sent_usec(slot->client) < oldest)
			oldest = client_sent_usec(slot->client);
	}
	return oldest;
}

static void on_bookmark(evutil_socket_t fd, short what, void *arg)
{
	struct server *s = arg;
	uint64_t now = clock_usec(CLOCK_MONOTONIC);

	(void)fd;
	(void)what;

	uint64_t due = send_bookmarks(s, now) + s->limits.bookmark_after_usec;
	uint64_t after = due > now ? due - now : 0;

	if (!LIST_EMPTY(&s->roster.watchers))
		schedule_bookmark(s,
				  after < BOOKMARK_TOGETHER_USEC ? BOOKMARK_TOGETHER_USEC : after);
}

/* The limit that one more client of this user passes, or NULL. */
static const size_t *limit_passed(const struct server *s, uid_t uid)
{
	if (s->roster.count >= s->limits.max_clients)
		return &s->limits.max_clients;
	if (roster_count_of_user(&s->roster, uid) >= s->limits.max_clients_per_user)
		return &s->limits.max_clients_per_user;
	return NULL;
}

static int add_client(struct server *s, struct client_setup *setup, int fd)
{
	struct slot *slot = calloc(1, sizeof(*slot));

	if (!slot)
		return -ENOMEM;
	setup->arg = slot;
	slot->server = s;
	slot->refused = setup->refuse_limit != NULL;

	int r = client_new(setup, fd, &slot->client);

	if (r < 0) {
		free(slot);
		return r;
	}
	roster_add(&s->roster, slot);
	return 0;
}

static int begin(struct server *s, int fd)
{
	struct client_setup setup = {
		.base = s->base,
		.service = s->service,
		.ops = &client_ops,
		.request_within_usec = s->limits.request_within_usec,
		.read_within_usec = s->limits.read_within_usec,
	};
	int r = peersock_read(fd, &setup.peer);

	if (r < 0)
		return r;
	setup.refuse_limit = limit_passed(s, setup.peer.uid);
	if (setup.refuse_limit && s->roster.refused_count >= MAX_REFUSALS)
		return -EBUSY;
	if (setup.refuse_limit)
		setup.request_within_usec = REFUSAL_WITHIN_USEC;
	return add_client(s, &setup, fd);
}

int server_adopt(struct server *s, int fd)
{
	roster_sweep(&s->roster); /* they would count against the limits */

	int r = begin(s, fd);

	if (r < 0) {
		s->roster.dropped++;
		log_debug(LOG_TOKEN_CLIENT, "dropping a new client: %s", strerror(-r));
		(void)close(fd);
	}
	return r;
}

static void on_accepted(struct evconnlistener *listener, evutil_socket_t fd,
			struct sockaddr *address, int len, void *arg)
{
	struct server *s = arg;

	(void)listener;
	(void)address;
	(void)len;
	s->paused = false;
	(void)server_adopt(s, fd); /* it has counted a failure */
}

/* The connection stays in the queue and would be reported again at once: wait a little. */
static void on_accept_failed(struct evconnlistener *listener, void *arg)
{
	const struct timeval pause = { .tv_sec = PAUSE_SECONDS };
	struct server *s = arg;
	int error = errno;

	if (!s->paused)
		log_warning("no client can be accepted, trying again each second: %s",
			    strerror(error));
	s->paused = true;
	if (event_add(s->resume, &pause) == 0)
		(void)evconnlistener_disable(listener);
}

static void on_resume(evutil_socket_t fd, short what, void *arg)
{
	const struct server *s = arg;

	(void)fd;
	(void)what;
	(void)evconnlistener_enable(s->listener);
}

DEFINE_CLEANUP(struct server *, server_free);

int server_new(struct event_base *base, struct service *service, const struct server_limits *limits,
	       struct server **ret)
{
	cleanup_(server_freep) struct server *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->base = base;
	s->service = service;
	s->limits = *limits;
	s->resume = evtimer_new(base, on_resume, s);
	s->sweep = evtimer_new(base, on_sweep, s);
	s->bookmark = evtimer_new(base, on_bookmark, s);
	if (!s->resume || !s->sweep || !s->bookmark)
		return -ENOMEM;
	*ret = TAKE_PTR(s);
	return 0;
}

struct server *server_free(struct server *s)
{
	if (!s)
		return NULL;

	struct event *const timers[] = { s->resume, s->sweep, s->bookmark };

	if (s->listener)
		evconnlistener_free(s->listener);
	roster_clear(&s->roster);
	for (size_t i = 0; i < sizeof(timers) / sizeof(*timers); i++)
		if (timers[i])
			event_free(timers[i]);
	free(s);
	return NULL;
}

int server_listen(struct server *s, int fd)
{
	/* The backlog is that of whoever made the socket. */
	s->listener = evconnlistener_new(s->base, on_accepted, s, LEV_OPT_CLOSE_ON_EXEC, 0, fd);
	if (!s->listener)
		return -ENOMEM;
	evconnlistener_set_error_cb(s->listener, on_accept_failed);
	return 0;
}

void server_set_limits(struct server *s, const struct server_limits *limits)
{
	s->limits = *limits;
}

/* NULL without memory. */
static struct shared_text *encode(const struct change *change, enum session_delivery delivery)
{
	struct shared_text *text = NULL;
	struct json_text reply;

	json_text_init(&reply);
	if (session_change_reply(&reply, change, delivery) == 0)
		(void)shared_text_new(&reply, &text); /* NULL says it */
	json_text_done(&reply);
	return text;
}

void server_publish(struct server *s, const struct change *change)
{
	struct shared_text *texts[] = {
		[SESSION_NOT_CONCERNED] = NULL,
		[SESSION_SEND_MATCHING] = NULL,
		[SESSION_SEND_LEAVING] = NULL,
	};
	struct slot *slot;

	for (slot = LIST_FIRST(&s->roster.watchers); slot; slot = LIST_NEXT(slot, watchers)) {
		enum session_delivery delivery = client_change(slot->client, change);

		if (delivery == SESSION_NOT_CONCERNED)
			continue;
		if (!texts[delivery])
			texts[delivery] = encode(change, delivery);
		client_send(slot->client, texts[delivery]);
	}
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		shared_text_unref(texts[i]);
}

size_t server_client_count(const struct server *s)
{
	return s->roster.count;
}

uint64_t server_dropped_count(const struct server *s)
{
	return s->roster.dropped;
}

size_t server_queued_bytes(const struct server *s)
{
	const struct slot *slot;
	size_t sum = 0;

	for (slot = LIST_FIRST(&s->roster.all); slot; slot = LIST_NEXT(slot, all))
		sum += client_queued_bytes(slot->client);
	return sum;
}

void server_dump(const struct server *s)
{
	roster_dump(&s->roster);
}
