/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the service manager is told, see sd_notify(3). Without a manager that listens (NOTIFY_SOCKET
 * is unset) nothing happens.
 */
#ifndef VFMOND_NOTIFY_H
#define VFMOND_NOTIFY_H

#include <stdint.h>

/* READY=1 with a STATUS= line; also ends a reload. */
void notify_ready(const char *status);

/* STATUS= alone: one line for people. */
void notify_status(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* RELOADING=1 with MONOTONIC_USEC=; notify_ready() must follow. */
void notify_reloading(void);

void notify_stopping(void);

/* The start (or stop) may take this long from now on. */
void notify_extend_timeout(uint64_t usec);

/* WATCHDOG=1: the loop is alive. */
void notify_watchdog(void);

/* How often notify_watchdog() is to be called: half of what the manager waits; 0: not wanted. */
uint64_t notify_watchdog_interval_usec(void);

#endif
