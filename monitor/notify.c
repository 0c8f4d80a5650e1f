/* SPDX-License-Identifier: Apache-2.0 */
#include "notify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "log.h"
#include "systemd.h"

#define STATUS_MAX 512

/* A manager that can not be told is no reason to stop: it has its own timeouts. */
static void tell(const char *lines)
{
	int r = systemd_notify(lines);

	if (r < 0)
		log_debug(LOG_TOKEN_CLIENT, "the service manager can not be told: %s",
			  strerror(-r));
}

/* A status is one line, or the rest of it would be taken for other assignments. */
static void put_status(char *lines, size_t size, const char *first, const char *status)
{
	int len = snprintf(lines, size, "%sSTATUS=", first);

	if (len < 0 || (size_t)len >= size)
		return;
	for (size_t n = (size_t)len; n + 1 < size && *status; n++, status++) {
		lines[n] = (unsigned char)*status < ' ' ? ' ' : *status;
		lines[n + 1] = '\0';
	}
}

void notify_ready(const char *status)
{
	char lines[STATUS_MAX];

	put_status(lines, sizeof(lines), "READY=1\n", status);
	tell(lines);
}

void notify_status(const char *format, ...)
{
	char status[STATUS_MAX], lines[STATUS_MAX];
	va_list args;

	va_start(args, format);
	int len = vsnprintf(status, sizeof(status), format, args);
	va_end(args);
	if (len < 0)
		return;
	put_status(lines, sizeof(lines), "", status);
	tell(lines);
}

void notify_reloading(void)
{
	struct timespec now;
	char lines[128];

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	(void)snprintf(lines, sizeof(lines), "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
		       (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
	tell(lines);
}

void notify_stopping(void)
{
	tell("STOPPING=1");
}

void notify_extend_timeout(uint64_t usec)
{
	char lines[64];

	(void)snprintf(lines, sizeof(lines), "EXTEND_TIMEOUT_USEC=%" PRIu64, usec);
	tell(lines);
}

void notify_watchdog(void)
{
	tell("WATCHDOG=1");
}

uint64_t notify_watchdog_interval_usec(void)
{
	return systemd_watchdog_usec() / 2;
}
