/* SPDX-License-Identifier: Apache-2.0 */
#include "inbox.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include <netlink/msg.h>
#include <netlink/socket.h>

#include "../../monitor/nlsock.h"

struct message {
	struct message *next;
	size_t size;
	char text[];
};

struct queue {
	struct message *first, **last;
	size_t count;
	bool congested; /* nothing is queued until it was emptied */
	bool untold;	/* the next read is told of the loss */
	struct nl_sock *sk;
};

static struct queue queues[INBOX_COUNT];
static size_t capacity, lost;

int __wrap_nlsock_open(int protocol, int group, struct nl_sock **ret);
int __wrap_nlsock_join(struct nl_sock *sk, int group);
ssize_t __wrap_nlsock_receive(const struct nl_sock *sk, void *buffer, size_t size,
			      struct nlsock_sender *ret_sender);
uint32_t __wrap_nlsock_drops(const struct nl_sock *sk);

static void drop_first(struct queue *q)
{
	struct message *m = q->first;

	q->first = m->next;
	if (!q->first)
		q->last = &q->first;
	q->count--;
	free(m);
}

void inbox_reset(size_t new_capacity)
{
	for (size_t i = 0; i < INBOX_COUNT; i++) {
		while (queues[i].first)
			drop_first(&queues[i]);
		queues[i] = (struct queue){ .last = &queues[i].first };
	}
	capacity = new_capacity;
	lost = 0;
}

/* As netlink_overrun() and netlink_rcv_wake() of net/netlink/af_netlink.c. */
void inbox_send(enum inbox inbox, const char *text, size_t size)
{
	struct queue *q = &queues[inbox];
	struct message *m;

	if (q->congested || (capacity > 0 && q->count >= capacity)) {
		q->untold = q->untold || !q->congested;
		q->congested = true;
		lost++;
		return;
	}
	m = malloc(sizeof(*m) + size);
	if (!m)
		abort();
	*m = (struct message){ .size = size };
	memcpy(m->text, text, size);
	*q->last = m;
	q->last = &m->next;
	q->count++;
}

void inbox_send_link(const char *address)
{
	struct nl_msg *message = nlmsg_alloc_simple(RTM_NEWLINK, 0);
	struct ifinfomsg info = { .ifi_index = 1 };

	if (!message || nlmsg_append(message, &info, sizeof(info), NLMSG_ALIGNTO) < 0 ||
	    nla_put_string(message, IFLA_PARENT_DEV_BUS_NAME, "pci") < 0 ||
	    nla_put_string(message, IFLA_PARENT_DEV_NAME, address) < 0)
		abort();
	inbox_send(INBOX_LINK, (const char *)nlmsg_hdr(message), nlmsg_hdr(message)->nlmsg_len);
	nlmsg_free(message);
}

size_t inbox_count(enum inbox inbox)
{
	return queues[inbox].count + queues[inbox].untold;
}

size_t inbox_lost(void)
{
	return lost;
}

int __wrap_nlsock_open(int protocol, int group, struct nl_sock **ret)
{
	struct nl_sock *sk = nl_socket_alloc();

	(void)group;
	if (!sk)
		return -ENOMEM;
	queues[protocol == NETLINK_ROUTE ? INBOX_LINK : INBOX_UEVENT].sk = sk;
	*ret = sk;
	return 0;
}

int __wrap_nlsock_join(struct nl_sock *sk, int group)
{
	(void)sk;
	(void)group;
	return 0;
}

ssize_t __wrap_nlsock_receive(const struct nl_sock *sk, void *buffer, size_t size,
			      struct nlsock_sender *ret_sender)
{
	struct queue *q = sk == queues[INBOX_LINK].sk ? &queues[INBOX_LINK] : &queues[INBOX_UEVENT];
	size_t len;

	if (q->untold) {
		q->untold = false;
		return -ENOBUFS;
	}
	if (!q->first) {
		q->congested = false;
		return -EAGAIN;
	}
	len = q->first->size;
	if (len > size)
		abort();
	memcpy(buffer, q->first->text, len);
	drop_first(q);
	q->congested = q->congested && q->first;
	*ret_sender = (struct nlsock_sender){ .has_credentials = true };
	return (ssize_t)len;
}

uint32_t __wrap_nlsock_drops(const struct nl_sock *sk)
{
	(void)sk;
	return 0;
}
