/* SPDX-License-Identifier: Apache-2.0 */
#include "peersock.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

int peersock_read(int fd, struct client_peer *ret)
{
	struct ucred credentials;
	socklen_t len = sizeof(credentials);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &len) < 0)
		return -errno;
	ret->pid = credentials.pid;
	ret->uid = credentials.uid;
	return 0;
}

static bool has(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, 0) > 0 && (p.revents & events);
}

bool peersock_is_hung_up(int fd)
{
	return has(fd, POLLHUP | POLLERR);
}

bool peersock_sends_no_more(int fd)
{
	return has(fd, POLLRDHUP | POLLHUP | POLLERR);
}
