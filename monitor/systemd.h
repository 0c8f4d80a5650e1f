/* SPDX-License-Identifier: Apache-2.0 */
/* What of libsystemd is used, behind our own names; the only file with libsystemd is systemd.c. */
#ifndef VFMOND_SYSTEMD_H
#define VFMOND_SYSTEMD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

/* Sends one entry to journald; each element is "NAME=value". Returns 0 or -errno. */
int systemd_journal_send(const struct iovec *fields, int count);

/* Whether fd (standard error) is connected to journald, as JOURNAL_STREAM says. */
bool systemd_is_journal_stream(int fd);

/* Sends lines of NAME=value to the service manager. Returns 1, 0 if there is none, or -errno. */
int systemd_notify(const char *lines);

/* Microseconds within which the manager wants a sign of life; 0: none. */
uint64_t systemd_watchdog_usec(void);

/*
 * The sockets that were passed: fds follow each other from *ret_first, *ret_names has their names,
 * each and the array to be freed by the caller (NULL if there is none). Returns their number or
 * -errno.
 */
int systemd_passed_fds(int *ret_first, char ***ret_names);

/* Whether fd is a listening stream socket of AF_UNIX. */
bool systemd_is_unix_listener(int fd);

/* Whether fd is a raw socket of AF_NETLINK. */
bool systemd_is_netlink(int fd);

#endif
