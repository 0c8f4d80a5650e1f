/* SPDX-License-Identifier: Apache-2.0 */
#include "nlsock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <string.h>
#include <sys/socket.h>

#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

#include "vfmon/cleanup.h"

/* Some 12,000 uevents; the kernel doubles it for its own use. */
#define RECEIVE_BUFFER_BYTES (16 << 20)

static void free_socket(struct nl_sock *sk)
{
	nl_socket_free(sk);
}

DEFINE_CLEANUP(struct nl_sock *, free_socket);

/* libnl has error numbers of its own, several of which mean more than one errno. */
static int to_errno(int nl_error)
{
	switch (-nl_error) {
	case NLE_NOMEM:
		return -ENOMEM;
	case NLE_PERM:
	case NLE_NOACCESS:
		return -EPERM;
	case NLE_AF_NOSUPPORT:
	case NLE_PROTO_MISMATCH:
		return -EPROTONOSUPPORT;
	case NLE_INVAL:
	case NLE_BAD_SOCK:
		return -EINVAL;
	default:
		return -EIO;
	}
}

static int buffer_bytes(int fd)
{
	int bytes = 0;
	socklen_t len = sizeof(bytes);

	return getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, &len) < 0 ? 0 : bytes;
}

/* Past net.core.rmem_max, if we may; 0 or -errno. */
static int force_buffer(int fd)
{
	const int bytes = RECEIVE_BUFFER_BYTES;

	return setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) < 0 ? -errno : 0;
}

/* A smaller buffer only means that it overflows, and is repaired, earlier. */
static void enlarge_own_buffer(int fd)
{
	const int bytes = RECEIVE_BUFFER_BYTES;

	if (force_buffer(fd) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
}

int nlsock_open(int protocol, int group, struct nl_sock **ret)
{
	cleanup_(free_socketp) struct nl_sock *sk = nl_socket_alloc();
	int r;

	if (!sk)
		return -ENOMEM;
	nl_socket_disable_seq_check(sk);
	r = nl_connect(sk, protocol);
	if (r < 0)
		return to_errno(r);
	/* Before it is a member of the group, so that no message can come without credentials. */
	r = nl_socket_set_passcred(sk, 1);
	if (r == 0)
		r = nl_socket_set_nonblocking(sk);
	if (r < 0)
		return to_errno(r);
	enlarge_own_buffer(nl_socket_get_fd(sk));
	r = nl_socket_add_membership(sk, group);
	if (r < 0)
		return to_errno(r);
	*ret = TAKE_PTR(sk);
	return 0;
}

int nlsock_join(struct nl_sock *sk, int group)
{
	int r = nl_socket_add_membership(sk, group);

	return r < 0 ? to_errno(r) : 0;
}

/* What a socket that somebody else made may lack. */
static int prepare_inherited(int fd)
{
	const int on = 1;
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0)
		return -errno;
	/* Never by SO_RCVBUF: without privilege that could also make it smaller. */
	if (buffer_bytes(fd) < RECEIVE_BUFFER_BYTES)
		(void)force_buffer(fd);
	return 0;
}

int nlsock_adopt(int protocol, int fd, struct nl_sock **ret)
{
	cleanup_(free_socketp) struct nl_sock *sk = nl_socket_alloc();
	int r;

	if (!sk)
		return -ENOMEM;
	r = prepare_inherited(fd);
	if (r < 0)
		return r;
	/* Last, as from here on the fd is closed with sk. */
	r = nl_socket_set_fd(sk, protocol, fd);
	if (r < 0)
		return to_errno(r);
	*ret = TAKE_PTR(sk);
	return 0;
}

static void take_credentials(struct msghdr *msg, struct nlsock_sender *sender)
{
	struct ucred cred;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_CREDENTIALS ||
		    c->cmsg_len < CMSG_LEN(sizeof(cred)))
			continue;
		memcpy(&cred, CMSG_DATA(c), sizeof(cred));
		sender->has_credentials = true;
		sender->pid = cred.pid;
		sender->uid = cred.uid;
	}
}

/*
 * Not nl_recv(): that allocates for each message, and it returns the same error for a full queue
 * and for a failed allocation.
 */
ssize_t nlsock_receive(const struct nl_sock *sk, void *buffer, size_t size,
		       struct nlsock_sender *ret_sender)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct ucred))];
	struct sockaddr_nl from = { .nl_pid = UINT32_MAX };
	struct iovec iov = { buffer, size };
	struct msghdr msg = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n;

	do
		n = recvmsg(nl_socket_get_fd(sk), &msg, MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if (msg.msg_flags & MSG_TRUNC)
		return -EMSGSIZE;
	*ret_sender = (struct nlsock_sender){ .port = from.nl_pid };
	take_credentials(&msg, ret_sender);
	return n;
}

uint32_t nlsock_drops(int fd)
{
	uint32_t info[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(info);

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &len) < 0)
		return 0;
	return info[SK_MEMINFO_DROPS];
}
