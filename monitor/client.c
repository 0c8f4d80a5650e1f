/* SPDX-License-Identifier: Apache-2.0 */
#include "client.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

#include "log.h"
#include "moment.h"
#include "peersock.h"
#include "sendqueue.h"
#include "shared_text.h"
#include "vfmon/cleanup.h"
#include "vfmon/names.h"

/* The next part of a stream is written while the last quarter of the limit is still on its way. */
#define REFILL_BELOW_BYTES (MAX_CLIENT_OUTPUT_BYTES / 4)

/* A peer that is closed for what it did may take that long to read its last replies. */
#define LINGER_USEC (10 * 1000000ULL)

struct client {
	struct bufferevent *bev;
	struct session *session;
	const struct client_ops *ops;
	void *arg;
	struct event *deadline; /* for a request, at the end for the last reply; or NULL */
	struct event *hangup;	/* while it watches, as nothing is read then; or NULL */
	struct client_peer peer;
	uint64_t sent_usec;
	uint64_t request_within_usec;
	uint64_t awaited; /* which request has a deadline, counted from 1; 0: none */
	const char *why;
	bool watching;
	bool input_ended; /* the peer sends no more */
	bool ending;	  /* over as soon as the queue is empty */
	bool over;
};

const char *client_why(const struct client *c)
{
	return c->why;
}

const struct client_peer *client_get_peer(const struct client *c)
{
	return &c->peer;
}

size_t client_queued_bytes(const struct client *c)
{
	return evbuffer_get_length(bufferevent_get_output(c->bev));
}

uint64_t client_sent_usec(const struct client *c)
{
	return c->sent_usec;
}

static bool is_full(const struct client *c)
{
	return client_queued_bytes(c) >= MAX_CLIENT_OUTPUT_BYTES;
}

/* Nothing is done with it any more, but it stays until its owner frees it. */
static void end_now(struct client *c, const char *why)
{
	if (c->over)
		return;
	c->over = true;
	if (!c->why)
		c->why = why;
	(void)bufferevent_disable(c->bev, EV_READ | EV_WRITE);
	c->ops->on_over(c->arg);
}

static void set_deadline(struct client *c, uint64_t usec)
{
	const struct timeval after = usec_timeval(usec);

	if (event_add(c->deadline, &after) < 0)
		end_now(c, "out of memory");
}

/* One that did nothing wrong (why is NULL) may read as slowly as it likes. */
static void end_when_sent(struct client *c, const char *why)
{
	if (c->ending)
		return;
	c->ending = true;
	c->why = why;
	if (why)
		set_deadline(c, LINGER_USEC);
}

/*
 * To be called behind what puts something into the queue. libevent 2.1 has a callback for that, but
 * does not tell when it had no memory for it: such a client would never be sent anything.
 */
static int start_sending(struct client *c, bool was_empty)
{
	return was_empty && bufferevent_enable(c->bev, EV_WRITE) < 0 ? -ENOMEM : 0;
}

/* Moves what the session has written into the queue. */
static int move_output(struct client *c)
{
	struct json_text *text = session_output(c->session);
	bool was_empty = client_queued_bytes(c) == 0;
	int r = json_text_error(text);

	if (r < 0 || text->len == 0)
		return r;
	log_trace(LOG_TOKEN_CLIENT, "process %jd gets %zu bytes", (intmax_t)c->peer.pid, text->len);
	c->sent_usec = clock_usec(CLOCK_MONOTONIC);
	r = sendqueue_add(bufferevent_get_output(c->bev), text);
	return r < 0 ? r : start_sending(c, was_empty);
}

/* Gives the session the next piece of what was read. Returns 1, or 0 if there is nothing for it. */
static int feed(struct client *c)
{
	struct evbuffer *input = bufferevent_get_input(c->bev);
	struct evbuffer_iovec piece;

	/* An empty buffer can still have a piece, of no bytes. */
	if (!session_wants_input(c->session) || evbuffer_get_length(input) == 0 ||
	    evbuffer_peek(input, -1, NULL, &piece, 1) < 1)
		return 0;
	log_trace(LOG_TOKEN_CLIENT, "process %jd sent %zu bytes: %.*s", (intmax_t)c->peer.pid,
		  piece.iov_len, (int)piece.iov_len, (const char *)piece.iov_base);
	(void)session_feed(c->session, piece.iov_base, piece.iov_len); /* session_step() tells */
	(void)evbuffer_drain(input, piece.iov_len);
	return 1;
}

/* Answers while there is work and room. */
static void answer(struct client *c)
{
	int r = 1;

	while (r > 0 && !is_full(c)) {
		r = session_step(c->session);
		if (move_output(c) < 0) {
			end_now(c, "out of memory");
			return;
		}
	}
	if (r < 0)
		end_when_sent(c, session_why(c->session));
}

static void on_hangup(evutil_socket_t fd, short what, void *arg);

/*
 * The peer's end must be noticed although nothing is read while it watches. With EV_READ, as
 * libevent tells EV_CLOSED alone nothing of a peer that has left replies unread (EPOLLERR), and
 * would be woken by that for ever.
 */
static void begin_watching(struct client *c)
{
	c->watching = true;
	if (!c->input_ended) {
		c->hangup = event_new(bufferevent_get_base(c->bev), bufferevent_getfd(c->bev),
				      EV_READ | EV_CLOSED, on_hangup, c);
		if (!c->hangup || event_add(c->hangup, NULL) < 0) {
			end_now(c, "out of memory");
			return;
		}
	}
	c->ops->on_watching(c->arg);
}

/*
 * The first request has to be whole in time, and so has each that has begun; one that the peer can
 * not go on with, as nothing is read from it now, has time.
 */
static void await_request(struct client *c)
{
	uint64_t calls = session_calls(c->session);
	bool awaits = calls == 0 || (session_has_begun(c->session) && !is_full(c));
	uint64_t awaited = awaits && !c->input_ended ? calls + 1 : 0;

	if (awaited == c->awaited)
		return;
	c->awaited = awaited;
	if (awaited > 0)
		set_deadline(c, c->request_within_usec);
	else
		(void)event_del(c->deadline);
}

/* Follows from what the session is in now. */
static void settle(struct client *c)
{
	if (c->over)
		return;
	if (!c->ending)
		await_request(c);
	if (!c->watching && session_is_watching(c->session))
		begin_watching(c);
	if (c->input_ended && !c->watching && !is_full(c))
		end_when_sent(c, NULL);
	if (c->ending && client_queued_bytes(c) == 0)
		end_now(c, NULL);
	else if (c->ending || c->input_ended || is_full(c) || !session_wants_input(c->session))
		(void)bufferevent_disable(c->bev, EV_READ);
	else
		(void)bufferevent_enable(c->bev, EV_READ);
}

static void serve(struct client *c)
{
	while (!c->over && !c->ending && !is_full(c)) {
		int fed = feed(c);

		answer(c);
		if (fed == 0)
			break;
	}
	settle(c);
}

/* Both for input and for room in the queue. */
static void on_ready(struct bufferevent *bev, void *arg)
{
	(void)bev;
	serve(arg);
}

/* Nobody knows whether one is still there that sends no more and takes nothing either. */
static void on_not_read(struct client *c)
{
	if (peersock_sends_no_more(bufferevent_getfd(c->bev)))
		end_now(c, "sends no more and did not read its replies in time");
	else
		(void)bufferevent_enable(c->bev, EV_WRITE); /* the time-out has disabled it */
}

static void on_ended(struct bufferevent *bev, short what, void *arg)
{
	struct client *c = arg;

	if (what & BEV_EVENT_TIMEOUT) {
		on_not_read(c);
		return;
	}
	c->input_ended = true;
	if (what & BEV_EVENT_EOF)
		serve(c);
	if (!(what & BEV_EVENT_EOF) || peersock_is_hung_up(bufferevent_getfd(bev)))
		end_now(c, NULL);
}

static void on_hangup(evutil_socket_t fd, short what, void *arg)
{
	(void)what;
	/* Else it has sent what will never be read, or sends no more: its end is told by a write. */
	if (peersock_is_hung_up(fd))
		end_now(arg, NULL);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct client *c = arg;

	(void)fd;
	(void)what;
	end_now(c, "sent no whole request in time"); /* a reason that is there already stays */
}

static int set_up(struct client *c, const struct client_setup *setup, int fd)
{
	const struct timeval read_within = usec_timeval(setup->read_within_usec);
	int r = session_new(setup->service, &c->session);

	if (r < 0)
		return r;
	c->deadline = evtimer_new(setup->base, on_deadline, c);
	c->bev = bufferevent_socket_new(setup->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (!c->deadline || !c->bev)
		return -ENOMEM;
	bufferevent_setcb(c->bev, on_ready, on_ready, on_ended, c);
	bufferevent_setwatermark(c->bev, EV_WRITE, REFILL_BELOW_BYTES, 0);
	/* Counts while something is queued, and anew with each byte that the peer takes. */
	(void)bufferevent_set_timeouts(c->bev, NULL, &read_within);
	(void)bufferevent_set_max_single_read(c->bev, MAX_CLIENT_INPUT_BYTES);
	/* libevent would write 16 KiB and then go round the loop for the next. */
	(void)bufferevent_set_max_single_write(c->bev, MAX_CLIENT_OUTPUT_BYTES);
	if (setup->refuse_limit)
		session_refuse(c->session, *setup->refuse_limit);
	return 0;
}

DEFINE_CLEANUP(struct client *, client_free);

int client_new(const struct client_setup *setup, int fd, struct client **ret)
{
	cleanup_(client_freep) struct client *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->ops = setup->ops;
	c->arg = setup->arg;
	c->peer = setup->peer;
	c->request_within_usec = setup->request_within_usec;
	c->sent_usec = clock_usec(CLOCK_MONOTONIC);

	int r = set_up(c, setup, fd);

	if (r == 0 && bufferevent_enable(c->bev, EV_READ) < 0)
		r = -ENOMEM;
	if (r < 0) {
		/* The caller keeps the socket. */
		if (c->bev)
			(void)bufferevent_setfd(c->bev, -1);
		return r;
	}
	settle(c);
	*ret = TAKE_PTR(c);
	return 0;
}

struct client *client_free(struct client *c)
{
	if (!c)
		return NULL;
	if (c->hangup)
		event_free(c->hangup);
	if (c->deadline)
		event_free(c->deadline);
	if (c->bev)
		bufferevent_free(c->bev);
	session_free(c->session);
	free(c);
	return NULL;
}

enum session_delivery client_change(struct client *c, const struct change *change)
{
	if (c->over || c->ending)
		return SESSION_NOT_CONCERNED;
	return session_change(c->session, change, is_full(c) ? SESSION_FULL : SESSION_ROOM);
}

/*
 * Straight to the socket where nothing waits before it: one system call and no memory, against four
 * calls by way of the queue and the loop. Errors are left to the queue, which tells them.
 */
static size_t send_now(struct client *c, const struct shared_text *text)
{
	if (client_queued_bytes(c) > 0)
		return 0;

	ssize_t n = send(bufferevent_getfd(c->bev), text->data, text->len,
			 MSG_DONTWAIT | MSG_NOSIGNAL);

	return n > 0 ? (size_t)n : 0;
}

void client_send(struct client *c, struct shared_text *text)
{
	if (!text) {
		end_now(c, "out of memory");
		return;
	}

	bool was_empty = client_queued_bytes(c) == 0;
	size_t sent = send_now(c, text);

	c->sent_usec = clock_usec(CLOCK_MONOTONIC);
	if (sent < text->len &&
	    (sendqueue_add_shared(bufferevent_get_output(c->bev), text, sent) < 0 ||
	     start_sending(c, was_empty) < 0))
		end_now(c, "out of memory");
}

void client_bookmark(struct client *c, uint64_t since_usec)
{
	if (c->over || c->ending || c->sent_usec > since_usec || client_queued_bytes(c) > 0)
		return;
	if (session_bookmark(c->session) < 0 || move_output(c) < 0)
		end_now(c, "out of memory");
}
