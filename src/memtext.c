/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/memtext.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 256

/* Room for so many bytes and a NUL. */
static int grow(struct memtext *t, size_t len)
{
	size_t room = t->room ? t->room : FIRST_ROOM;
	char *bytes;

	while (room <= len)
		room *= 2;
	if (room == t->room)
		return 0;
	bytes = realloc(t->bytes, room);
	if (!bytes)
		return -ENOMEM;
	t->bytes = bytes;
	t->room = room;
	return 0;
}

/* What a stream calls; 0 is its error. */
static ssize_t take(void *cookie, const char *bytes, size_t len)
{
	struct memtext *t = cookie;

	if (grow(t, t->len + len) < 0) {
		t->has_failed = true;
		return 0;
	}
	memcpy(t->bytes + t->len, bytes, len);
	t->len += len;
	t->bytes[t->len] = '\0';
	return (ssize_t)len;
}

FILE *memtext_open(struct memtext *t)
{
	static const cookie_io_functions_t functions = { .write = take };
	FILE *f;

	*t = (struct memtext){ 0 };
	if (grow(t, 0) < 0)
		return NULL;
	t->bytes[0] = '\0';
	f = fopencookie(t, "w", functions);
	if (!f) {
		free(t->bytes);
		t->bytes = NULL;
	}
	return f;
}

int memtext_close(FILE *f, struct memtext *t)
{
	bool failed = ferror(f) != 0;

	failed |= fclose(f) != 0;
	if (!failed && !t->has_failed)
		return 0;
	free(t->bytes);
	*t = (struct memtext){ 0 };
	return -ENOMEM;
}
