/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The namespaces that the command runs in: a user namespace, so that no privilege is needed, a
 * network namespace, where events are sent, and a mount namespace with a /sys of its own.
 */
#ifndef VFMOND_SIM_NAMESPACE_H
#define VFMOND_SIM_NAMESPACE_H

#include <stddef.h>

/* What could not be done, for a message. */
struct namespace_problem {
	char text[256];
};

/*
 * Moves this process, which must have one thread, into new namespaces, where it is root and lo is
 * up. *ret_fd is an empty folder on a tmpfs; the caller closes it. Returns 0, or -errno with the
 * problem filled.
 */
int namespace_enter(int *ret_fd, struct namespace_problem *problem);

/*
 * Puts sys/, dev/ and modules/ of that folder where programs look for them: /sys, /dev (where all
 * else stays as it was) and the modules' folder of the running kernel. Returns 0, or -errno with
 * the problem filled.
 */
int namespace_show(int fd, struct namespace_problem *problem);

/* The folder of the running kernel's modules, such as /lib/modules/6.12.0. */
int namespace_modules_folder(size_t size, char *ret);

#endif
