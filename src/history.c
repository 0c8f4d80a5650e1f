/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/history.h"

#include <errno.h>
#include <stdlib.h>

/* A ring; record i of it is the change with sequence number oldest + i. */
struct history {
	struct change *records;
	size_t first;
	size_t count;
	size_t size; /* a power of two, or 0 */
	size_t bytes;
	size_t max_bytes;
};

/*
 * What a record is counted as: itself and one image. Two consecutive changes of a function share
 * the image between them, so that one image a record is what history adds; malloc's own 16 bytes
 * are counted too.
 */
#define RECORD_BYTES (sizeof(struct change) + sizeof(struct vf) + 16)

int history_new(size_t max_bytes, struct history **ret)
{
	struct history *h = calloc(1, sizeof(*h));

	if (!h)
		return -ENOMEM;
	h->max_bytes = max_bytes;
	*ret = h;
	return 0;
}

static struct change *record(const struct history *h, size_t i)
{
	return &h->records[(h->first + i) & (h->size - 1)];
}

static void drop_first(struct history *h)
{
	struct change *c = record(h, 0);

	c->device = vf_unref(c->device);
	c->previous = vf_unref(c->previous);
	h->first = (h->first + 1) & (h->size - 1);
	h->count--;
	h->bytes -= RECORD_BYTES;
}

struct history *history_free(struct history *h)
{
	if (!h)
		return NULL;
	while (h->count > 0)
		drop_first(h);
	free(h->records);
	free(h);
	return NULL;
}

static int grow(struct history *h)
{
	size_t size = h->size ? h->size * 2 : 64;
	struct change *records;

	if (h->count < h->size)
		return 0;
	records = calloc(size, sizeof(*records));
	if (!records)
		return -ENOMEM;
	for (size_t i = 0; i < h->count; i++)
		records[i] = *record(h, i);
	free(h->records);
	h->records = records;
	h->first = 0;
	h->size = size;
	return 0;
}

int history_append(struct history *h, const struct change *change)
{
	struct change *c;

	if (grow(h) < 0) {
		/* Without this change the older ones would have a gap behind them. */
		while (h->count > 0)
			drop_first(h);
		return -ENOMEM;
	}
	c = record(h, h->count++);
	*c = *change;
	vf_ref(c->device);
	vf_ref(c->previous);
	h->bytes += RECORD_BYTES;
	return 0;
}

uint64_t history_trim_below(const struct history *h)
{
	size_t over = h->bytes > h->max_bytes ? h->bytes - h->max_bytes : 0;
	size_t drop = (over + RECORD_BYTES - 1) / RECORD_BYTES;

	return drop > 0 ? history_oldest(h) + drop : 0;
}

void history_trim(struct history *h)
{
	while (h->bytes > h->max_bytes)
		drop_first(h);
}

void history_set_max(struct history *h, size_t max_bytes)
{
	h->max_bytes = max_bytes;
	history_trim(h);
}

const struct change *history_after(const struct history *h, uint64_t after)
{
	uint64_t oldest = history_oldest(h);

	if (h->count == 0 || after >= oldest + h->count - 1)
		return NULL;
	return record(h, after < oldest ? 0 : (size_t)(after - oldest) + 1);
}

uint64_t history_oldest(const struct history *h)
{
	return h->count > 0 ? record(h, 0)->sequence : 0;
}

bool history_covers(const struct history *h, uint64_t after, uint64_t newest)
{
	if (after >= newest)
		return after == newest;
	return h->count > 0 && after + 1 >= history_oldest(h);
}

size_t history_count(const struct history *h)
{
	return h->count;
}

size_t history_bytes(const struct history *h)
{
	return h->bytes;
}
