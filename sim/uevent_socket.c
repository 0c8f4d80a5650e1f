/* SPDX-License-Identifier: Apache-2.0 */
#include "uevent_socket.h"

#include <errno.h>
#include <linux/netlink.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

int uevent_socket_open(void)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
	int r;

	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&kernel, sizeof(kernel)) < 0) {
		r = -errno;
		(void)close(fd);
		return r;
	}
	return fd;
}

/* The kernel answers only what it refuses, and before the send returns. */
static int read_refusal(int fd)
{
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
		char original[4096];
	} answer;
	ssize_t size = recv(fd, &answer, sizeof(answer), MSG_DONTWAIT);

	if (size < (ssize_t)(sizeof(answer.header) + sizeof(answer.error)) ||
	    answer.header.nlmsg_type != NLMSG_ERROR)
		return 0;
	return answer.error.error;
}

int uevent_socket_send(int fd, const char *text, size_t size)
{
	struct nlmsghdr header = {
		.nlmsg_len = (uint32_t)(NLMSG_HDRLEN + size),
		.nlmsg_type = NLMSG_MIN_TYPE,
		.nlmsg_flags = NLM_F_REQUEST,
	};
	/* iovec has no const; sendmsg() does not write. */
	union {
		const char *in;
		char *out;
	} payload = { .in = text };
	struct iovec parts[] = { { &header, sizeof(header) }, { payload.out, size } };
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };

	if (sendmsg(fd, &message, 0) < 0)
		return -errno;
	return read_refusal(fd);
}
