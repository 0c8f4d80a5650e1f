/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/arena.h"

#include <errno.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_MIN_BYTES 256
#define CHUNK_MAX_BYTES (64u << 10)

struct chunk {
	struct chunk *next;
	size_t used;
	size_t size;
	alignas(max_align_t) char data[];
};

struct arena {
	struct chunk *chunks; /* the newest first; only this one is taken from */
};

int arena_new(struct arena **ret)
{
	struct arena *arena = calloc(1, sizeof(*arena));

	if (!arena)
		return -ENOMEM;
	*ret = arena;
	return 0;
}

struct arena *arena_free(struct arena *arena)
{
	struct chunk *next;

	if (!arena)
		return NULL;
	for (struct chunk *c = arena->chunks; c; c = next) {
		next = c->next;
		free(c);
	}
	free(arena);
	return NULL;
}

/* Each chunk is twice the last one, so that little text needs little and much text few chunks. */
static struct chunk *add_chunk(struct arena *arena, size_t size)
{
	size_t wanted = arena->chunks ? arena->chunks->size * 2 : CHUNK_MIN_BYTES;
	struct chunk *c;

	if (wanted > CHUNK_MAX_BYTES)
		wanted = CHUNK_MAX_BYTES;
	if (wanted < size)
		wanted = size;
	c = calloc(1, sizeof(*c) + wanted);
	if (!c)
		return NULL;
	c->size = wanted;
	c->next = arena->chunks;
	arena->chunks = c;
	return c;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	struct chunk *c = arena->chunks;
	void *p;

	if (size > SIZE_MAX / 2)
		return NULL;
	size = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	if (!c || c->size - c->used < size)
		c = add_chunk(arena, size);
	if (!c)
		return NULL;
	p = c->data + c->used;
	c->used += size;
	return p;
}

char *arena_copy(struct arena *arena, const char *bytes, size_t len)
{
	char *copy = arena_alloc(arena, len + 1);

	if (copy && len)
		memcpy(copy, bytes, len);
	return copy;
}
