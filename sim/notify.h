/* SPDX-License-Identifier: Apache-2.0 */
/* Hears from the command that it is ready, in the way that services tell systemd. */
#ifndef VFMOND_SIM_NOTIFY_H
#define VFMOND_SIM_NOTIFY_H

/*
 * Opens a socket and names it in the environment as NOTIFY_SOCKET. Returns a descriptor that the
 * caller closes, or -errno.
 */
int notify_open(void);

/* Takes all that was sent, so that no sender has to wait. Returns 1 if READY=1 was there, or 0. */
int notify_read(int fd);

#endif
