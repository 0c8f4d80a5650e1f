/* SPDX-License-Identifier: Apache-2.0 */
#include "connection.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "harmless.h"
#include "moment.h"
#include "vfmon/frame.h"
#include "vfmon/names.h"
#include "vfmon/session.h"

#define READ_BYTES (64UL << 10)
/* A plain reply is at most MAX_PLAIN_REPLY_BYTES; twice that is no reply of a vfmond. */
#define MESSAGE_BYTES_MAX (2 * MAX_PLAIN_REPLY_BYTES)

struct connection {
	int fd; /* -1: session answers */
	struct session *session;
	int reader_fd; /* -1: none */
	enum connection_texts texts;
	struct json_text out;
	struct frame in;
};

static int connect_within(int fd, const char *path, uint64_t timeout_usec)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct timeval timeout = { .tv_sec = (time_t)(timeout_usec / 1000000),
				   .tv_usec = (suseconds_t)(timeout_usec % 1000000) };

	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	memcpy(addr.sun_path, path, strlen(path));
	/* A local connect() waits only for room in the listener's queue, and SO_SNDTIMEO bounds it. */
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)) < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	return 0;
}

static int connection_new(enum connection_texts texts, struct connection **ret)
{
	struct connection *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->fd = c->reader_fd = -1;
	c->texts = texts;
	json_text_init(&c->out);
	frame_init(&c->in, MESSAGE_BYTES_MAX);
	*ret = c;
	return 0;
}

int connection_open(const char *path, uint64_t timeout_usec, enum connection_texts texts,
		    struct connection **ret)
{
	cleanup_(connection_freep) struct connection *c = NULL;
	int r = connection_new(texts, &c);

	if (r < 0)
		return r;
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		return -errno;
	r = connect_within(c->fd, path, timeout_usec);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(c);
	return 0;
}

int connection_open_service(struct service *service, enum connection_texts texts,
			    struct connection **ret)
{
	cleanup_(connection_freep) struct connection *c = NULL;
	int r = connection_new(texts, &c);

	if (r == 0)
		r = session_new(service, &c->session);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(c);
	return 0;
}

struct connection *connection_free(struct connection *c)
{
	if (!c)
		return NULL;
	if (c->fd >= 0)
		(void)close(c->fd);
	session_free(c->session);
	json_text_done(&c->out);
	frame_done(&c->in);
	free(c);
	return NULL;
}

void connection_set_reader(struct connection *c, int fd)
{
	c->reader_fd = fd;
}

/* Waits until the socket is ready for what. Returns 0, -ETIMEDOUT, -EPIPE or a negative errno. */
static int wait_for(struct connection *c, short what, uint64_t deadline_usec)
{
	/* Without any event asked for, poll() still tells of an error: the reader has gone. */
	struct pollfd fds[] = { { .fd = c->fd, .events = what }, { .fd = c->reader_fd } };

	for (;;) {
		int msec = moment_msec_left(deadline_usec);
		int n = poll(fds, 2, msec);

		if (n > 0)
			return fds[1].revents & (POLLERR | POLLHUP | POLLNVAL) ? -EPIPE : 0;
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0 && msec == 0)
			return -ETIMEDOUT;
	}
}

struct json_text *connection_begin(struct connection *c, const char *method)
{
	char name[128];

	(void)snprintf(name, sizeof(name), "%s.%s", IFACE_MONITOR, method);
	json_text_clear(&c->out);
	json_text_begin_object(&c->out);
	json_text_key(&c->out, KEY_METHOD);
	json_text_string(&c->out, name);
	json_text_key(&c->out, KEY_PARAMETERS);
	json_text_begin_object(&c->out);
	return &c->out;
}

int connection_send(struct connection *c, enum connection_call call, uint64_t timeout_usec)
{
	uint64_t deadline = moment_monotonic_usec() + timeout_usec;
	size_t sent = 0;

	json_text_end_object(&c->out);
	if (call == CONNECTION_MORE) {
		json_text_key(&c->out, KEY_MORE);
		json_text_bool(&c->out, true);
	}
	json_text_end_object(&c->out);
	json_text_end_message(&c->out);
	if (json_text_error(&c->out) < 0)
		return -ENOMEM;
	if (c->session)
		return session_feed(c->session, c->out.data, c->out.len);
	while (sent < c->out.len) {
		ssize_t n = send(c->fd, c->out.data + sent, c->out.len - sent,
				 MSG_NOSIGNAL | MSG_DONTWAIT);
		int r = n < 0 ? -errno : 0;

		if (r == -EAGAIN)
			r = wait_for(c, POLLOUT, deadline);
		if (r == -EPIPE) /* what it said before it closed can still be read */
			return 0;
		if (r < 0 && r != -EINTR)
			return r;
		sent += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

/* Has the session do its next piece of work, and takes in what it says. */
static int step_session(struct connection *c)
{
	struct json_text *out = session_output(c->session);
	int r = session_step(c->session);

	if (r > 0)
		r = frame_feed(&c->in, out->data, out->len);
	else if (r == 0)
		r = -ECONNRESET; /* nobody would ever say more */
	json_text_clear(out);
	return r;
}

/* Takes in what there is, at most one buffer full. */
static int read_some(struct connection *c, uint64_t deadline_usec)
{
	char bytes[READ_BYTES];
	int r = wait_for(c, POLLIN, deadline_usec);
	ssize_t n;

	if (r < 0)
		return r;
	n = recv(c->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	return n == 0 ? -ECONNRESET : frame_feed(&c->in, bytes, (size_t)n);
}

void reply_done(struct reply *reply)
{
	reply->message = value_free(reply->message);
	reply->parameters = NULL;
	reply->error = NULL;
}

static int parse_reply(const struct connection *c, char *text, size_t len, struct reply *ret)
{
	struct reply reply = { 0 };
	int r;

	if (c->texts != CONNECTION_TEXTS_EXACT)
		len = harmless_json(text, len,
				    c->texts == CONNECTION_TEXTS_UTF8 ? HARMLESS_UTF8
								      : HARMLESS_ASCII);
	r = value_parse(text, len, &reply.message);
	if (r < 0)
		return r;
	if (!value_is_object(reply.message)) {
		reply_done(&reply);
		return -EBADMSG;
	}
	reply.parameters = value_member(reply.message, KEY_PARAMETERS);
	reply.error = value_text(reply.message, KEY_ERROR);
	reply.continues = value_bool(reply.message, KEY_CONTINUES) == 1;
	*ret = reply;
	return 0;
}

int connection_receive(struct connection *c, uint64_t timeout_usec, struct reply *ret)
{
	uint64_t deadline = moment_monotonic_usec() + timeout_usec;
	char *text;
	size_t len;

	while (frame_take(&c->in, &text, &len) == 0) {
		int r = c->session ? step_session(c) : read_some(c, deadline);

		if (r < 0)
			return r;
	}
	return parse_reply(c, text, len, ret);
}
