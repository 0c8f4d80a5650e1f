/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/state_text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vfmon/cleanup.h"
#include "vfmon/names.h"
#include "vfmon/registry.h"
#include "vfmon/value.h"
#include "vfmon/vf.h"
#include "vfmon/wire.h"
#include "vfmon/wire_image.h"

#define STATE_FORMAT "io.vfmon.state"
#define STATE_VERSION 1

/* One function more in the list. */
static void write_function(struct json_text *t, const struct vf *vf, bool *is_first)
{
	json_text_raw(t, *is_first ? "" : ",\n", *is_first ? 0 : 2);
	wire_device_brief(t, vf);
	*is_first = false;
}

void state_text_write(struct json_text *t, const char *boot_id, const struct registry *registry)
{
	bool is_first = true;
	const struct vf *vf = NULL;
	size_t hint = 0;

	json_text_begin_object(t);
	wire_member_text(t, KEY_FORMAT, STATE_FORMAT);
	wire_member_uint(t, KEY_VERSION, STATE_VERSION);
	wire_member_text(t, KEY_BOOT_ID, boot_id);
	json_text_key(t, KEY_DEVICES);
	json_text_raw(t, "[", 1);
	while ((vf = registry_next_near(registry, vf ? &vf->addr : NULL, &hint)))
		write_function(t, vf, &is_first);
	while ((vf = registry_next_vanished(registry, vf ? &vf->addr : NULL)))
		write_function(t, vf, &is_first);
	json_text_raw(t, "]", 1);
	json_text_end_object(t);
}

void state_images_done(struct state_images *images)
{
	for (size_t i = 0; i < images->count; i++)
		vf_unref(images->items[i]);
	free(images->items);
	*images = (struct state_images){ 0 };
}

static int refuse(char *reason, const char *what)
{
	(void)snprintf(reason, STATE_TEXT_REASON_MAX, "%s", what);
	return -EINVAL;
}

static int check_head(const struct value *root, const char *boot_id, char *reason)
{
	const char *format = value_text(root, KEY_FORMAT);
	const char *boot = value_text(root, KEY_BOOT_ID);

	if (!format || strcmp(format, STATE_FORMAT) != 0)
		return refuse(reason, "it is no state of vfmond");
	if (value_int(root, KEY_VERSION, 0) != STATE_VERSION)
		return refuse(reason, "another version of vfmond has written it");
	return boot && *boot && strcmp(boot, boot_id) == 0 ? 0 : -ESTALE;
}

static int read_images(const struct value *list, struct text_pool *pool,
		       struct state_images *images, char *reason)
{
	size_t count = value_count(list);
	char why[WIRE_IMAGE_REASON_MAX];
	int r = 0;

	images->items = calloc(count ? count : 1, sizeof(*images->items));
	if (!images->items)
		return -ENOMEM;
	while (r == 0 && images->count < count) {
		r = wire_image_read(value_at(list, images->count), pool,
				    &images->items[images->count], why);
		if (r == 0)
			images->count++;
	}
	if (r == -EINVAL)
		(void)snprintf(reason, STATE_TEXT_REASON_MAX, "function %zu of the list: %s",
			       images->count, why);
	return r;
}

int state_text_read(const char *text, size_t len, const char *boot_id, struct text_pool *pool,
		    struct state_images *ret, char ret_reason[static STATE_TEXT_REASON_MAX])
{
	cleanup_(state_images_done) struct state_images images = { 0 };
	cleanup_(value_freep) struct value *root = NULL;
	int r = value_parse(text, len, &root);

	if (r == -EBADMSG)
		return refuse(ret_reason, "it is no JSON, or is cut");
	if (r == 0)
		r = check_head(root, boot_id, ret_reason);
	if (r == 0)
		r = read_images(value_member(root, KEY_DEVICES), pool, &images, ret_reason);
	if (r < 0)
		return r;
	*ret = images;
	images = (struct state_images){ 0 };
	return 0;
}
