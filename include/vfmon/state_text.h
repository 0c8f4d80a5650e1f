/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of the state file: what must survive a restart of the daemon within a boot. It is nobody
 * else's interface; a text that another version has written is not read.
 */
#ifndef VFMON_STATE_TEXT_H
#define VFMON_STATE_TEXT_H

#include <stddef.h>

#include "vfmon/json_text.h"

struct registry;
struct text_pool;
struct vf;

/* Writes what is listed and what has vanished. Errors are those of json_text_error(). */
void state_text_write(struct json_text *t, const char *boot_id, const struct registry *registry);

struct state_images {
	struct vf **items;
	size_t count;
};

#define STATE_TEXT_REASON_MAX 320

/*
 * Reads a text back. Returns 0 with images for registry_remember(); -ESTALE: it is of another boot;
 * -EINVAL: it is none, is cut, or is of another version, with the reason in ret_reason; -ENOMEM.
 */
int state_text_read(const char *text, size_t len, const char *boot_id, struct text_pool *pool,
		    struct state_images *ret, char ret_reason[static STATE_TEXT_REASON_MAX]);

/* Gives all images back. */
void state_images_done(struct state_images *images);

#endif
