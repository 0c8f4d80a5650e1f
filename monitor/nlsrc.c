/* SPDX-License-Identifier: Apache-2.0 */
#include "nlsrc.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>

#include <netlink/msg.h>
#include <netlink/socket.h>

#include "vfmon/cleanup.h"

#include "moment.h"
#include "nlparse.h"
#include "nlsock.h"

/* The kernel's group; udevd's is 2. */
#define UEVENT_GROUP 1

/* Longer than any uevent (2 KiB of keys) and than any link message (one page and what VFs add). */
#define MESSAGE_MAX_BYTES (32 << 10)

/* So that clients are not starved by a storm. */
#define MESSAGES_PER_CALL 256

struct nlsrc {
	struct nl_sock *sk;
	struct nlsrc_ops ops;
	bool accept_injected;
	/* Takes one message apart and calls back; whether it was a whole and genuine one. */
	bool (*handle)(struct nlsrc *s, size_t len, const struct nlsock_sender *sender);
	bool lossy; /* messages were lost, the queue is not empty yet */
	uint32_t drops_at_start;
	uint64_t last_seqnum;
	uint64_t now_usec;	     /* of this call of nlsrc_read_some() */
	struct source_status status; /* but for lost */
	_Alignas(struct nlmsghdr) char buffer[MESSAGE_MAX_BYTES];
};

DEFINE_CLEANUP(struct nlsrc *, nlsrc_free);

static void deliver(struct nlsrc *s, struct uevent_subject *subject)
{
	if (subject->target == UEVENT_TARGET_NOTHING) {
		s->status.ignored++;
		return;
	}
	subject->hint.cause.received_usec = s->now_usec;
	s->ops.on_subject(subject, s->ops.arg);
}

/*
 * A process with CAP_SYS_ADMIN can have the kernel pass a message on as its own, with port 0; the
 * sender's pid then shows it. One that is sent directly has a port.
 */
static bool is_genuine(const struct nlsrc *s, const struct nlsock_sender *sender)
{
	if (sender->port != 0 || !sender->has_credentials || sender->uid != 0)
		return false;
	return sender->pid == 0 || s->accept_injected;
}

static bool handle_uevent(struct nlsrc *s, size_t len, const struct nlsock_sender *sender)
{
	struct uevent_subject subject;
	struct uevent event;
	int r;

	if (!is_genuine(s, sender))
		return false;
	r = uevent_parse(s->buffer, len, &event);
	if (r == -EOPNOTSUPP) {
		s->status.ignored++;
		return true;
	}
	if (r < 0)
		return false;
	uevent_subject(&event, &subject);
	if (event.seqnum > s->last_seqnum)
		s->last_seqnum = event.seqnum;
	deliver(s, &subject);
	return true;
}

/* Nobody but the kernel can send to this group with port 0; its uid is not 0 in every namespace. */
static bool handle_link(struct nlsrc *s, size_t len, const struct nlsock_sender *sender)
{
	struct nlmsghdr *nlh = (void *)s->buffer;
	struct uevent_subject subject;
	int left = (int)len;

	if (sender->port != 0 || !nlmsg_ok(nlh, left))
		return false;
	for (; nlmsg_ok(nlh, left); nlh = nlmsg_next(nlh, &left)) {
		if (nlparse_message(nlh, &subject) < 0)
			return false;
		deliver(s, &subject);
	}
	return true;
}

static int finish(struct nlsrc *s, struct nl_sock *sk, struct nlsrc **ret)
{
	s->sk = sk;
	s->drops_at_start = nlsock_drops(nl_socket_get_fd(sk));
	*ret = s;
	return 0;
}

int nlsrc_new_uevent(const struct nlsrc_options *options, struct nlsrc **ret)
{
	cleanup_(nlsrc_freep) struct nlsrc *s = calloc(1, sizeof(*s));
	struct nl_sock *sk;
	int r;

	if (!s)
		return -ENOMEM;
	s->ops = options->ops;
	s->accept_injected = options->accept_injected;
	s->handle = handle_uevent;
	r = options->inherited_fd >= 0
		    ? nlsock_adopt(NETLINK_KOBJECT_UEVENT, options->inherited_fd, &sk)
		    : nlsock_open(NETLINK_KOBJECT_UEVENT, UEVENT_GROUP, &sk);
	if (r < 0)
		return r;
	return finish(TAKE_PTR(s), sk, ret);
}

int nlsrc_new_link(const struct nlsrc_options *options, struct nlsrc **ret)
{
	cleanup_(nlsrc_freep) struct nlsrc *s = calloc(1, sizeof(*s));
	struct nl_sock *sk;
	int r;

	if (!s)
		return -ENOMEM;
	if (options->inherited_fd >= 0)
		return -EINVAL;
	s->ops = options->ops;
	s->handle = handle_link;
	r = nlsock_open(NETLINK_ROUTE, RTNLGRP_LINK, &sk);
	if (r < 0)
		return r;
	r = nlsock_join(sk, RTNLGRP_IPV4_IFADDR);
	if (r == 0)
		r = nlsock_join(sk, RTNLGRP_IPV6_IFADDR);
	if (r < 0) {
		nl_socket_free(sk);
		return r;
	}
	return finish(TAKE_PTR(s), sk, ret);
}

struct nlsrc *nlsrc_free(struct nlsrc *s)
{
	if (!s)
		return NULL;
	if (s->sk)
		nl_socket_free(s->sk);
	free(s);
	return NULL;
}

int nlsrc_fd(const struct nlsrc *s)
{
	return nl_socket_get_fd(s->sk);
}

/* Only an emptied queue ends the kernel's dropping; a rescan before that would miss events. */
static int on_drained(struct nlsrc *s)
{
	if (s->lossy) {
		s->lossy = false;
		s->ops.on_loss(s->ops.arg);
	}
	return 0;
}

int nlsrc_read_some(struct nlsrc *s)
{
	struct nlsock_sender sender;
	ssize_t n;

	s->now_usec = clock_usec(CLOCK_BOOTTIME);
	for (int i = 0; i < MESSAGES_PER_CALL; i++) {
		n = nlsock_receive(s->sk, s->buffer, sizeof(s->buffer), &sender);
		if (n == -EAGAIN)
			return on_drained(s);
		if (n == -ENOBUFS) {
			s->status.overflows++;
			s->lossy = true;
		} else if (n >= 0 && s->handle(s, (size_t)n, &sender)) {
			s->status.events++;
		} else if (n >= 0 || n == -EMSGSIZE) {
			s->status.rejected++;
		} else {
			s->status.blind = "its socket failed";
			return (int)n;
		}
	}
	return 1;
}

uint64_t nlsrc_last_seqnum(const struct nlsrc *s)
{
	return s->last_seqnum;
}

void nlsrc_status(const struct nlsrc *s, struct source_status *ret)
{
	*ret = s->status;
	ret->lost = nlsock_drops(nlsrc_fd(s)) - s->drops_at_start;
}
