/* SPDX-License-Identifier: Apache-2.0 */
#include "notify.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Says where the socket is; an abstract name begins with a NUL, which is written as '@'. */
static int set_environment(int fd)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t size = sizeof(address);
	char name[sizeof(address.sun_path) + 1] = "";

	if (getsockname(fd, (struct sockaddr *)&address, &size) < 0)
		return -errno;
	memcpy(name, address.sun_path, size - sizeof(address.sun_family));
	name[0] = '@';
	return setenv("NOTIFY_SOCKET", name, 1) < 0 ? -errno : 0;
}

int notify_open(void)
{
	struct sockaddr_un any = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), r = 0;

	if (fd < 0)
		return -errno;
	/* Without a path the kernel gives it a name that nobody else in this namespace has. */
	if (bind(fd, (const struct sockaddr *)&any, sizeof(any.sun_family)) < 0)
		r = -errno;
	if (r == 0)
		r = set_environment(fd);
	if (r < 0)
		(void)close(fd);
	return r < 0 ? r : fd;
}

/* Whether a message of lines has this one. */
static int has_line(const char *text, const char *line)
{
	size_t len = strlen(line);

	for (const char *p = text; (p = strstr(p, line)); p += len)
		if ((p == text || p[-1] == '\n') && (p[len] == '\n' || p[len] == '\0'))
			return 1;
	return 0;
}

int notify_read(int fd)
{
	char text[4096];
	ssize_t size;
	int ready = 0;

	while ((size = recv(fd, text, sizeof(text) - 1, 0)) >= 0) {
		text[size] = '\0';
		ready |= has_line(text, "READY=1");
	}
	return ready;
}
