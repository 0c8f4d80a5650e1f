/* SPDX-License-Identifier: Apache-2.0 */
#include "systemd.h"

/* The place in the source would always be this file. */
#define SD_JOURNAL_SUPPRESS_LOCATION

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>

int systemd_journal_send(const struct iovec *fields, int count)
{
	return sd_journal_sendv(fields, count);
}

bool systemd_is_journal_stream(int fd)
{
	const char *text = getenv("JOURNAL_STREAM");
	uintmax_t dev, ino;
	struct stat st;

	if (!text || sscanf(text, "%ju:%ju", &dev, &ino) != 2)
		return false;
	return fstat(fd, &st) == 0 && st.st_dev == (dev_t)dev && st.st_ino == (ino_t)ino;
}

int systemd_notify(const char *lines)
{
	return sd_notify(0, lines);
}

uint64_t systemd_watchdog_usec(void)
{
	uint64_t usec;

	return sd_watchdog_enabled(0, &usec) > 0 ? usec : 0;
}

int systemd_passed_fds(int *ret_first, char ***ret_names)
{
	int count = sd_listen_fds_with_names(1, ret_names);

	if (count >= 0)
		*ret_first = SD_LISTEN_FDS_START;
	if (count == 0)
		*ret_names = NULL;
	return count;
}

bool systemd_is_unix_listener(int fd)
{
	return sd_is_socket(fd, AF_UNIX, SOCK_STREAM, 1) > 0;
}

bool systemd_is_netlink(int fd)
{
	return sd_is_socket(fd, AF_NETLINK, SOCK_RAW, -1) > 0;
}
