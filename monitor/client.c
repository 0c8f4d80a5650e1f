/* SPDX-License-Identifier: Apache-2.0 */
#include "client.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

#include "log.h"
#include "moment.h"
#include "shared_text.h"
#include "vfmon/cleanup.h"
#include "vfmon/names.h"

/* Below this a text is copied into the queue, above it is handed over. */
#define HAND_OVER_BYTES 4096

/* The next part of a stream is written while the last quarter of the limit is still on its way. */
#define REFILL_BELOW_BYTES (MAX_CLIENT_OUTPUT_BYTES / 4)

/* A peer that is closed for what it did may take that long to read its last replies. */
#define LINGER_USEC (10 * 1000000ULL)

struct client {
	struct bufferevent *bev;
	struct session *session;
	const struct client_ops *ops;
	void *arg;
	struct event *deadline; /* for the first request, later for the last reply; or NULL */
	struct event *hangup;	/* while it watches, as nothing is read then; or NULL */
	struct client_peer peer;
	uint64_t sent_usec;
	const char *why;
	bool watching;
	bool input_ended; /* the peer sends no more */
	bool ending;	  /* over as soon as the queue is empty */
	bool over;
};

int client_peer_read(int fd, struct client_peer *ret)
{
	struct ucred credentials;
	socklen_t len = sizeof(credentials);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &len) < 0)
		return -errno;
	ret->pid = credentials.pid;
	ret->uid = credentials.uid;
	return 0;
}

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
	const struct timeval after = { (time_t)(usec / 1000000), (suseconds_t)(usec % 1000000) };

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

static void free_text(const void *data, size_t len, void *arg)
{
	(void)data;
	(void)len;
	free(arg);
}

/* A long reply is not copied: the queue gets the writer's own memory, cut to what is used. */
static int hand_over(struct evbuffer *queue, struct json_text *text)
{
	char *data = realloc(text->data, text->len);
	size_t len = text->len;

	if (!data)
		return -ENOMEM;
	json_text_init(text);
	if (evbuffer_add_reference(queue, data, len, free_text, data) == 0)
		return 0;
	free(data);
	return -ENOMEM;
}

/* Moves what the session has written into the queue. */
static int move_output(struct client *c)
{
	struct evbuffer *queue = bufferevent_get_output(c->bev);
	struct json_text *text = session_output(c->session);
	int r = json_text_error(text);

	if (r < 0 || text->len == 0)
		return r;
	log_trace(LOG_TOKEN_CLIENT, "process %jd gets %zu bytes", (intmax_t)c->peer.pid, text->len);
	c->sent_usec = clock_usec(CLOCK_MONOTONIC);
	if (text->len >= HAND_OVER_BYTES)
		return hand_over(queue, text);
	r = evbuffer_add(queue, text->data, text->len) < 0 ? -ENOMEM : 0;
	json_text_clear(text);
	return r;
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

/* Follows from what the session is in now. */
static void settle(struct client *c)
{
	if (c->over)
		return;
	if (session_has_called(c->session) && !c->ending)
		(void)event_del(c->deadline);
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

/* A peer that has only shut its sending side (socat does) still wants its answers. */
static bool is_hung_up(int fd)
{
	struct pollfd p = { .fd = fd };

	return poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR));
}

static void on_ended(struct bufferevent *bev, short what, void *arg)
{
	struct client *c = arg;

	c->input_ended = true;
	if (what & BEV_EVENT_EOF)
		serve(c);
	if (!(what & BEV_EVENT_EOF) || is_hung_up(bufferevent_getfd(bev)))
		end_now(c, NULL);
}

static void on_hangup(evutil_socket_t fd, short what, void *arg)
{
	(void)what;
	/* Else it has sent what will never be read, or sends no more: its end is told by a write. */
	if (is_hung_up(fd))
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
	int r = session_new(setup->service, &c->session);

	if (r < 0)
		return r;
	c->deadline = evtimer_new(setup->base, on_deadline, c);
	c->bev = bufferevent_socket_new(setup->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (!c->deadline || !c->bev)
		return -ENOMEM;
	bufferevent_setcb(c->bev, on_ready, on_ready, on_ended, c);
	bufferevent_setwatermark(c->bev, EV_WRITE, REFILL_BELOW_BYTES, 0);
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
	set_deadline(c, setup->first_request_usec);
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

static void unref_text(const void *data, size_t len, void *arg)
{
	(void)data;
	(void)len;
	(void)shared_text_unref(arg);
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

	size_t sent = send_now(c, text);

	c->sent_usec = clock_usec(CLOCK_MONOTONIC);
	if (sent == text->len)
		return;
	if (evbuffer_add_reference(bufferevent_get_output(c->bev), text->data + sent,
				   text->len - sent, unref_text, text) < 0)
		end_now(c, "out of memory");
	else
		(void)shared_text_ref(text);
}

void client_bookmark(struct client *c, uint64_t since_usec)
{
	if (c->over || c->ending || c->sent_usec > since_usec || client_queued_bytes(c) > 0)
		return;
	if (session_bookmark(c->session) < 0 || move_output(c) < 0)
		end_now(c, "out of memory");
}
