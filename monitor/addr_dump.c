/* SPDX-License-Identifier: Apache-2.0 */
#include "addr_dump.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The kernel's parts of a dump are not longer. */
#define PART_MAX_BYTES (32 << 10)
/* An answer is there when the request returns; this is for one that got lost. */
#define ANSWER_WITHIN_SEC 5
#define ATTEMPTS 5

void addr_dump_done(struct addr_dump *d)
{
	free(d->entries);
	*d = (struct addr_dump){ 0 };
}

int addr_dump_open(void)
{
	const struct timeval patience = { .tv_sec = ANSWER_WITHIN_SEC };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd < 0)
		return -errno;
	/* Without it an answer that got lost would only be waited for longer. */
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return fd;
}

int addr_dump_request(int fd)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct {
		struct nlmsghdr header;
		struct ifaddrmsg about;
	} request = {
		.header = { .nlmsg_len = sizeof(request),
			    .nlmsg_type = RTM_GETADDR,
			    .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.about.ifa_family = AF_UNSPEC,
	};

	return sendto(fd, &request, sizeof(request), 0, (const struct sockaddr *)&kernel,
		      sizeof(kernel)) < 0
		       ? -errno
		       : 0;
}

static int add(struct addr_dump *d, const struct addr_dump_entry *entry)
{
	size_t room = d->room ? 2 * d->room : 16;
	struct addr_dump_entry *grown;

	if (d->count == d->room) {
		grown = reallocarray(d->entries, room, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		d->entries = grown;
		d->room = room;
	}
	d->entries[d->count++] = *entry;
	return 0;
}

/* The attributes of one message that tell an address and what it is on. */
struct parts {
	struct rtattr *address, *local, *label;
};

static void find_parts(struct nlmsghdr *nlh, struct parts *ret)
{
	struct rtattr *a = IFA_RTA(NLMSG_DATA(nlh));
	ssize_t left = (ssize_t)IFA_PAYLOAD(nlh); /* signed: the last one may lack its padding */

	*ret = (struct parts){ 0 };
	for (; RTA_OK(a, left); a = RTA_NEXT(a, left)) {
		if (a->rta_type == IFA_ADDRESS)
			ret->address = a;
		else if (a->rta_type == IFA_LOCAL)
			ret->local = a;
		else if (a->rta_type == IFA_LABEL)
			ret->label = a;
	}
}

/* Only addresses of IPv4 bring the name along. False: the interface is gone. */
static bool name_interface(struct rtattr *label, unsigned int index, char *ret)
{
	size_t len = label ? strnlen(RTA_DATA(label), RTA_PAYLOAD(label)) : 0;

	if (len == 0 || len >= IF_NAMESIZE)
		return if_indextoname(index, ret) != NULL;
	memcpy(ret, RTA_DATA(label), len);
	ret[len] = '\0';
	return true;
}

static int take_address(struct addr_dump *d, struct nlmsghdr *nlh)
{
	const struct ifaddrmsg *about = NLMSG_DATA(nlh);
	struct addr_dump_entry entry = { 0 };
	struct rtattr *bytes;
	struct parts parts;
	size_t len;

	if (nlh->nlmsg_len < NLMSG_LENGTH(sizeof(*about)))
		return -EBADMSG;
	find_parts(nlh, &parts);
	bytes = parts.local ? parts.local : parts.address;
	len = about->ifa_family == AF_INET ? 4 : about->ifa_family == AF_INET6 ? 16 : 0;
	if (!bytes || len == 0 || RTA_PAYLOAD(bytes) != len ||
	    !name_interface(parts.label, about->ifa_index, entry.interface))
		return 0;
	entry.family = about->ifa_family;
	entry.prefix = about->ifa_prefixlen;
	memcpy(entry.address, RTA_DATA(bytes), len);
	return add(d, &entry);
}

/* Both an error and the end of a dump begin with an errno. */
static int error_of(struct nlmsghdr *nlh)
{
	int error = 0;

	if (nlh->nlmsg_len >= NLMSG_LENGTH(sizeof(error)))
		memcpy(&error, NLMSG_DATA(nlh), sizeof(error));
	return error;
}

/* What is read of one part of the answer. */
struct part {
	bool last;
	bool interrupted;
};

static int take_part(struct addr_dump *d, void *bytes, size_t len, struct part *part)
{
	struct nlmsghdr *nlh = bytes;
	ssize_t left = (ssize_t)len; /* signed, as above */
	int r = 0;

	for (; r == 0 && !part->last && NLMSG_OK(nlh, left); nlh = NLMSG_NEXT(nlh, left)) {
		part->interrupted |= (nlh->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
		part->last = nlh->nlmsg_type == NLMSG_DONE || nlh->nlmsg_type == NLMSG_ERROR;
		if (part->last)
			r = error_of(nlh);
		else if (nlh->nlmsg_type == RTM_NEWADDR)
			r = take_address(d, nlh);
	}
	return r;
}

int addr_dump_receive(int fd, struct addr_dump *d)
{
	_Alignas(struct nlmsghdr) char bytes[PART_MAX_BYTES];
	struct part part = { 0 };
	ssize_t n;
	int r = 0;

	while (r == 0 && !part.last) {
		n = recv(fd, bytes, sizeof(bytes), MSG_TRUNC);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		if ((size_t)n > sizeof(bytes))
			return -EMSGSIZE;
		r = take_part(d, bytes, (size_t)n, &part);
	}
	return r == 0 && part.interrupted ? -EINTR : r;
}

/* On a socket of its own each time, so that no part of an earlier answer is in the way. */
static int attempt(struct addr_dump *d)
{
	int fd = addr_dump_open(), r;

	if (fd < 0)
		return fd;
	r = addr_dump_request(fd);
	if (r == 0)
		r = addr_dump_receive(fd, d);
	(void)close(fd); /* only asked with */
	return r;
}

int addr_dump_read(struct addr_dump *ret)
{
	struct addr_dump d = { 0 };
	int r = -EINTR;

	for (int n = 0; n < ATTEMPTS && r == -EINTR; n++) {
		addr_dump_done(&d);
		r = attempt(&d);
	}
	if (r == 0)
		*ret = d;
	else
		addr_dump_done(&d);
	return r;
}
