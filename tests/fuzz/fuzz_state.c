/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state file: any bytes. What is taken is remembered, and on a host that has nothing any more
 * all of it has vanished; that written and read is the same once more.
 */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vfmon/registry.h"
#include "vfmon/state_text.h"
#include "vfmon/text.h"
#include "vfmon/vf.h"

#define BOOT "b"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void scan(struct registry *registry, enum observation_kind kind)
{
	static const struct pci_addr nowhere = { 0 };
	static const struct moment now = { 1, 1 };
	struct observation obs;

	observation_init(&obs, kind, &nowhere);
	assert(registry_apply(registry, &obs, &now) == 0);
}

/* Each address of the images has vanished, once. */
static void check_vanished(const struct registry *registry, const struct state_images *images)
{
	const struct vf *vf = NULL;
	size_t count = 0;

	while ((vf = registry_next_vanished(registry, vf ? &vf->addr : NULL)))
		count++;
	assert(count <= images->count && (count > 0) == (images->count > 0));
	assert(registry_count(registry) == 0);
}

/* Writes what a registry makes of the images. */
static void write_again(struct text_pool *pool, const struct state_images *images,
			struct json_text *ret)
{
	const struct registry_ops ops = { 0 };
	const struct registry_options options = { .pool = pool };
	struct registry *registry;

	assert(registry_new(&ops, &options, &registry) == 0);
	assert(registry_remember(registry, images->items, images->count) == 0);
	scan(registry, OBSERVATION_SCAN_BEGIN);
	scan(registry, OBSERVATION_SCAN_END);
	check_vanished(registry, images);
	state_text_write(ret, BOOT, registry);
	assert(json_text_error(ret) == 0);
	registry_free(registry);
}

static int read_state(const char *text, size_t len, struct text_pool *pool,
		      struct state_images *ret)
{
	char reason[STATE_TEXT_REASON_MAX] = "";
	int r = state_text_read(text, len, BOOT, pool, ret, reason);

	assert(r == 0 || r == -ESTALE || (r == -EINVAL && reason[0]));
	assert(memchr(reason, '\0', sizeof(reason)));
	assert(r == 0 || (ret->count == 0 && !ret->items));
	return r;
}

static void check_fixed_point(struct text_pool *pool, const struct state_images *images)
{
	struct json_text once = { 0 }, twice = { 0 };
	struct state_images again = { 0 };

	write_again(pool, images, &once);
	assert(read_state(once.data, once.len, pool, &again) == 0);
	assert((again.count > 0) == (images->count > 0));
	write_again(pool, &again, &twice);
	assert(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
	state_images_done(&again);
	json_text_done(&once);
	json_text_done(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct state_images images = { 0 };
	struct text_pool *pool;
	/* Of the exact size, so that a byte read behind it is seen. */
	char *text = malloc(size ? size : 1);

	if (!text || text_pool_new(&pool) < 0)
		abort();
	memcpy(text, data, size);
	if (read_state(text, size, pool, &images) == 0)
		check_fixed_point(pool, &images);
	state_images_done(&images);
	assert(text_pool_count(pool) == 0);
	text_pool_free(pool);
	free(text);
	return 0;
}
