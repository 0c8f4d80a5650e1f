/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events without hardware, in namespaces of the test's own: the kernel itself broadcasts what is
 * injected, and real sockets receive it. Whatever fails ends the test program.
 */
#ifndef VFMON_TESTS_INJECT_H
#define VFMON_TESTS_INJECT_H

#include <stddef.h>

/*
 * Moves the program into a user, network and mount namespace of its own, where it is root. It must
 * have one thread only.
 */
void inject_enter(void);

/* A socket to inject with. The caller closes. */
int inject_open(void);

/*
 * Has the kernel broadcast "action@devpath" with these keys, '|' for each NUL ("SUBSYSTEM=pci|"),
 * and its own SEQNUM. The receiver sees our pid as the sender's.
 */
void inject_uevent(int fd, const char *action, const char *devpath, const char *keys);

/* The same with any text, '|' for each NUL. */
void inject_text(int fd, const char *text);

/* Sends bytes straight to another socket, as no kernel does. */
void inject_forged(int fd, int receiver_fd, const void *bytes, size_t len);

/* Broadcasts what udevd would send after its rules ran; keys as above, SEQNUM among them. */
void inject_udev(int fd, const char *subsystem, const char *keys);

/* /run with udevd's control socket alone: only where libudev finds that, it opens the udev group. */
void inject_udevd(void);

/* An empty tmpfs over a folder, only for this program. */
void inject_cover(const char *folder);

#endif
