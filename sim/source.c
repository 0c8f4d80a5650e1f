/* SPDX-License-Identifier: Apache-2.0 */
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_SIZE 65536

static int read_whole(struct source *s)
{
	int r = 0;

	while (s->fd >= 0 && r == 0)
		r = source_read(s);
	return r;
}

int source_open(struct source *s, const char *path)
{
	bool is_stdin = strcmp(path, "-") == 0;
	struct stat st;

	*s = (struct source){ .fd = -1 };
	if (!is_stdin && stat(path, &st) < 0)
		return -errno;
	if (is_stdin)
		s->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	else
		/* Open for writing too, a FIFO does not end when its writer of now ends. */
		s->fd = open(path, (S_ISFIFO(st.st_mode) ? O_RDWR : O_RDONLY) | O_CLOEXEC);
	if (s->fd < 0 || fstat(s->fd, &st) < 0)
		return -errno;
	s->whole = S_ISREG(st.st_mode);
	return s->whole ? read_whole(s) : 0;
}

void source_done(struct source *s)
{
	if (s->fd >= 0)
		(void)close(s->fd);
	free(s->text);
	*s = (struct source){ .fd = -1 };
}

static int make_room(struct source *s)
{
	size_t room = s->size + READ_SIZE;
	char *text;

	/* A stream forgets the lines that were taken; a file may be read again. */
	if (!s->whole && s->pos > 0) {
		memmove(s->text, s->text + s->pos, s->size - s->pos);
		s->size -= s->pos;
		s->pos = 0;
	}
	if (s->room >= s->size + READ_SIZE)
		return 0;
	text = realloc(s->text, room);
	if (!text)
		return -ENOMEM;
	s->text = text;
	s->room = room;
	return 0;
}

int source_read(struct source *s)
{
	ssize_t size;

	if (make_room(s) < 0)
		return -ENOMEM;
	size = read(s->fd, s->text + s->size, READ_SIZE);
	if (size < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -errno;
	s->size += (size_t)size;
	if (size == 0) {
		(void)close(s->fd);
		s->fd = -1;
	}
	return 0;
}

bool source_next(struct source *s, struct scenario_line *ret)
{
	const char *start, *end;

	if (s->pos == s->size)
		return false;
	start = s->text + s->pos;
	end = memchr(start, '\n', s->size - s->pos);
	/* The last line may lack its newline, but only once nothing follows. */
	if (!end && s->fd >= 0)
		return false;
	*ret = (struct scenario_line){ .text = start, .number = ++s->number };
	ret->len = end ? (size_t)(end - start) : s->size - s->pos;
	s->pos += ret->len + (end ? 1 : 0);
	return true;
}

bool source_is_at_end(const struct source *s)
{
	return s->fd < 0 && s->pos == s->size;
}

void source_rewind(struct source *s)
{
	s->pos = 0;
	s->number = 0;
}
