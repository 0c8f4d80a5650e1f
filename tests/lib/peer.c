/* SPDX-License-Identifier: Apache-2.0 */
#include "peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "vfmon/names.h"

#define READ_BYTES 65536

static void make_room(struct peer *p)
{
	if (p->start > 0 && p->start == p->len)
		p->start = p->len = 0;
	if (p->size - p->len >= READ_BYTES)
		return;
	if (p->start > 0) {
		memmove(p->data, p->data + p->start, p->len - p->start);
		p->len -= p->start;
		p->start = 0;
	}
	if (p->size - p->len >= READ_BYTES)
		return;
	p->size = 2 * p->size + READ_BYTES;
	p->data = realloc(p->data, p->size);
	assert_non_null(p->data);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct peer *p = arg;

	(void)what;
	make_room(p);

	ssize_t n = recv(fd, p->data + p->len, p->size - p->len, MSG_DONTWAIT);

	if (n > 0) {
		p->len += (size_t)n;
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		p->ended = true;
		(void)event_del(p->readable);
	}
}

void peer_init_fd(struct peer *p, struct stage *stage, int fd)
{
	*p = (struct peer){ .stage = stage, .fd = fd };
	make_room(p);
	p->readable = event_new(stage->base, fd, EV_READ | EV_PERSIST, on_readable, p);
	assert_non_null(p->readable);
	peer_resume(p);
}

void peer_init(struct peer *p, struct stage *stage)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds),
			 0);
	assert_int_equal(server_adopt(stage->server, fds[1]), 0);
	peer_init_fd(p, stage, fds[0]);
}

void peer_done(struct peer *p)
{
	peer_hang_up(p);
	free(p->data);
	p->data = NULL;
}

void peer_pause(struct peer *p)
{
	assert_int_equal(event_del(p->readable), 0);
}

void peer_resume(struct peer *p)
{
	assert_int_equal(event_add(p->readable, NULL), 0);
}

void peer_send(struct peer *p, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = send(p->fd, bytes, len, MSG_NOSIGNAL);

		if (n < 0) {
			assert_int_equal(errno, EAGAIN);
			stage_step(p->stage);
			continue;
		}
		bytes += n;
		len -= (size_t)n;
	}
}

size_t peer_flood(struct peer *p, const char *bytes, size_t len, size_t limit)
{
	size_t sent = 0;

	while (sent < limit) {
		ssize_t n = send(p->fd, bytes, len, MSG_NOSIGNAL);

		for (int i = 0; n < 0 && i < 10; i++) {
			assert_int_equal(errno, EAGAIN);
			assert_true(event_base_loop(p->stage->base, EVLOOP_NONBLOCK) >= 0);
			n = send(p->fd, bytes, len, MSG_NOSIGNAL);
		}
		if (n < 0)
			return sent;
		sent += (size_t)n;
	}
	return limit;
}

static void call(struct peer *p, const char *method, const char *parameters, const char *more)
{
	char *text;
	int len = asprintf(&text, "{\"method\":\"" IFACE_MONITOR ".%s\",\"parameters\":%s%s}",
			   method, parameters ? parameters : "{}", more);

	assert_true(len > 0);
	peer_send(p, text, (size_t)len + 1);
	free(text);
}

void peer_call(struct peer *p, const char *method, const char *parameters)
{
	call(p, method, parameters, "");
}

void peer_call_more(struct peer *p, const char *method, const char *parameters)
{
	call(p, method, parameters, ",\"more\":true");
}

void peer_shut_sending(struct peer *p)
{
	assert_int_equal(shutdown(p->fd, SHUT_WR), 0);
}

void peer_hang_up(struct peer *p)
{
	if (p->fd < 0)
		return;
	event_free(p->readable);
	(void)close(p->fd);
	p->fd = -1;
}

bool peer_has_message(const struct peer *p)
{
	return memchr(p->data + p->start, '\0', p->len - p->start) != NULL;
}

const char *peer_next(struct peer *p)
{
	STAGE_UNTIL(p->stage, p->ended || peer_has_message(p));
	if (!peer_has_message(p))
		return NULL;

	const char *message = p->data + p->start;

	p->start += strlen(message) + 1;
	return message;
}

const char *peer_expect(struct peer *p, const char *text)
{
	const char *message = peer_next(p);

	if (!message)
		fail_msg("closed, and not: %s", text);
	else if (!strstr(message, text))
		fail_msg("not '%s' but: %.300s", text, message);
	return message;
}

void peer_expect_end(struct peer *p)
{
	const char *message = peer_next(p);

	if (message)
		fail_msg("not closed, but: %.300s", message);
}

void peer_assert_others_are_served(struct stage *stage)
{
	struct peer other;

	peer_init(&other, stage);
	peer_call(&other, METHOD_GET_STATUS, NULL);
	(void)peer_expect(&other, "\"status\"");
	peer_done(&other);
}
