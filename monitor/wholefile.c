/* SPDX-License-Identifier: Apache-2.0 */
#include "wholefile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vfmon/cleanup.h"

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static void free_text(char **text)
{
	free(*text);
}

/* Room for what is there now and a little more, so that growth meanwhile is seen. */
static size_t room_for(const struct stat *st)
{
	if (st->st_size < 0 || (size_t)st->st_size > WHOLEFILE_MAX_BYTES)
		return WHOLEFILE_MAX_BYTES + 1;
	return (size_t)st->st_size + 1;
}

static int read_all(int fd, size_t size, char **ret, size_t *ret_len)
{
	cleanup_(free_text) char *data = malloc(size);
	size_t len = 0;
	char *larger;
	ssize_t n;

	if (!data)
		return -ENOMEM;
	while ((n = read(fd, data + len, size - len)) > 0) {
		len += (size_t)n;
		if (len > WHOLEFILE_MAX_BYTES)
			return -EFBIG;
		if (len < size)
			continue;
		size = 2 * size < WHOLEFILE_MAX_BYTES ? 2 * size : WHOLEFILE_MAX_BYTES + 1;
		larger = realloc(data, size);
		if (!larger)
			return -ENOMEM;
		data = larger;
	}
	if (n < 0)
		return -errno;
	*ret = TAKE_PTR(data);
	*ret_len = len;
	return 0;
}

int wholefile_read(const char *path, enum wholefile_links links, char **ret, size_t *ret_len)
{
	int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
	cleanup_(close_fd) int fd = open(path,
					 flags | (links == WHOLEFILE_NO_LINK ? O_NOFOLLOW : 0));
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode))
		return -EMEDIUMTYPE;
	return read_all(fd, room_for(&st), ret, ret_len);
}

int wholefile_write(int fd, const void *data, size_t len)
{
	const char *bytes = data;

	while (len > 0) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

const char *wholefile_reason(int r)
{
	if (r == -EFBIG)
		return "larger than 1 MiB";
	return r == -EISDIR || r == -EMEDIUMTYPE ? "not a regular file" : strerror(-r);
}
