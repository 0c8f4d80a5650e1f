/* SPDX-License-Identifier: Apache-2.0 */
/* A netlink socket that only listens: opened or inherited, enlarged, read one message at a time. */
#ifndef VFMON_MONITOR_NLSOCK_H
#define VFMON_MONITOR_NLSOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct nl_sock;

/* Opens a socket of this protocol that is a member of one group. Returns 0 or -errno. */
int nlsock_open(int protocol, int group, struct nl_sock **ret);

/* Makes it a member of one more group. Returns 0 or -errno. */
int nlsock_join(struct nl_sock *sk, int group);

/* Takes over a bound socket; on failure it stays the caller's. Returns 0 or -errno. */
int nlsock_adopt(int protocol, int fd, struct nl_sock **ret);

/* Who sent a message. */
struct nlsock_sender {
	uint32_t port; /* 0: the kernel, or what a process had the kernel pass on */
	bool has_credentials;
	pid_t pid; /* 0: the kernel */
	uid_t uid;
};

/*
 * Receives one message. Returns its length; -EAGAIN if none waits; -ENOBUFS if some were lost
 * (older ones still wait); -EMSGSIZE if it was longer than size and is gone; else -errno.
 */
ssize_t nlsock_receive(const struct nl_sock *sk, void *buffer, size_t size,
		       struct nlsock_sender *ret_sender);

/* How many messages the kernel says it dropped since the socket exists; 0 if it does not say. */
uint32_t nlsock_drops(int fd);

#endif
