/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel says of a connected socket's other end. */
#ifndef VFMOND_PEERSOCK_H
#define VFMOND_PEERSOCK_H

#include <stdbool.h>
#include <sys/types.h>

/* The process at the other end when it connected. */
struct client_peer {
	pid_t pid;
	uid_t uid;
};

/* Who is at the other end. Returns 0 or -errno. */
int peersock_read(int fd, struct client_peer *ret);

/* Whether nobody is there any more. One that has only shut its sending side still is. */
bool peersock_is_hung_up(int fd);

/* Whether it has shut its sending side, though not all that it sent may have been read. */
bool peersock_sends_no_more(int fd);

#endif
