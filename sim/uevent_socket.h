/* SPDX-License-Identifier: Apache-2.0 */
/* Hands events to the kernel, which broadcasts them in this network namespace as its own. */
#ifndef VFMOND_SIM_UEVENT_SOCKET_H
#define VFMOND_SIM_UEVENT_SOCKET_H

#include <stddef.h>

/* Returns a descriptor that the caller closes, or -errno. */
int uevent_socket_open(void);

/*
 * Sends one message; the kernel adds SEQNUM= and sends it to group 1 with a port of 0 before this
 * returns. Needs CAP_SYS_ADMIN in the user namespace that owns the network namespace. Returns 0
 * or -errno.
 */
int uevent_socket_send(int fd, const char *text, size_t size);

#endif
