/* SPDX-License-Identifier: Apache-2.0 */
/* The sockets that systemd holds for the daemon, or one of its own where systemd holds none. */
#ifndef VFMOND_LISTEN_H
#define VFMOND_LISTEN_H

#include <sys/types.h>

struct listen_sockets {
	int varlink;	/* listening socket for clients; -1: none */
	int kernel;	/* kernel uevents that systemd has queued meanwhile; -1: none */
	char *own_path; /* file of a listening socket of our own; NULL: systemd's */
	dev_t own_dev;	/* to remove no other daemon's file */
	ino_t own_ino;
};

/* Empty. */
void listen_init(struct listen_sockets *sockets);

/*
 * Takes what systemd has passed, by name and in any order; each is verified, what is not known or
 * not what it should be is closed with a log line. Non-blocking, close-on-exec. Removes LISTEN_FDS
 * and the like from the environment. Returns the number of sockets that were taken, or -errno.
 */
int listen_take_passed(struct listen_sockets *sockets);

/*
 * Makes the listening socket at path, in place of one that was passed; mode 0660 and the group vfmon
 * where it exists. The folder is made (0755) if only it is missing; the file of a dead daemon is
 * replaced. Returns 0, -EADDRINUSE if somebody listens there, -EEXIST if something else than a
 * socket is there, or another -errno; nothing is removed then.
 */
int listen_open(struct listen_sockets *sockets, const char *path);

/* Closes what is open and removes the file of an own socket. */
void listen_done(struct listen_sockets *sockets);

#endif
