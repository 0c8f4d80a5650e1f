/* SPDX-License-Identifier: Apache-2.0 */
#include "dump.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vfmon/keys.h"
#include "vfmon/names.h"
#include "vfmon/vf.h"
#include "vfmon/wire_image.h"

static int refuse(char *reason, const char *what)
{
	(void)snprintf(reason, DUMP_REASON_MAX, "%s", what);
	return -EINVAL;
}

struct dump *dump_free(struct dump *dump)
{
	if (!dump)
		return NULL;
	for (size_t i = 0; i < dump->count; i++)
		vf_unref(dump->images[i]);
	free(dump->images);
	value_free(dump->root);
	free(dump);
	return NULL;
}

static int check_head(const struct value *root, char *reason)
{
	const char *format = value_text(root, KEY_FORMAT);
	int64_t version = value_int(root, KEY_VERSION, 0);

	if (!format || strcmp(format, DUMP_FORMAT) != 0)
		return refuse(reason, "it is no dump of vfmond: its format is not " DUMP_FORMAT);
	if (version > DUMP_VERSION) {
		(void)snprintf(reason, DUMP_REASON_MAX,
			       "it is a dump of version %lld, and this vfmonctl knows version %d: "
			       "use the vfmonctl of the host that it is from, or a newer one",
			       (long long)version, DUMP_VERSION);
		return -EINVAL;
	}
	if (version < 1)
		return refuse(reason, "it is a dump without a version");
	if (!value_is_array(value_member(root, KEY_DEVICES)))
		return refuse(reason, "it has no list of devices");
	return 0;
}

static int compare_images(const void *a, const void *b)
{
	const struct vf *const *x = a, *const *y = b;

	return pci_addr_compare(&(*x)->addr, &(*y)->addr);
}

/* An address twice would be two functions in one place. */
static int check_twice(struct dump *dump, char *reason)
{
	char text[PCI_ADDR_TEXT_MAX];

	qsort(dump->images, dump->count, sizeof(*dump->images), compare_images);
	for (size_t i = 1; i < dump->count; i++) {
		if (compare_images(&dump->images[i - 1], &dump->images[i]) != 0)
			continue;
		(void)snprintf(reason, DUMP_REASON_MAX, "the function %s stands in it twice",
			       pci_addr_format(&dump->images[i]->addr, text));
		return -EINVAL;
	}
	return 0;
}

static int read_images(struct dump *dump, struct text_pool *pool, char *reason)
{
	const struct value *list = value_member(dump->root, KEY_DEVICES);
	size_t count = value_count(list);
	char why[WIRE_IMAGE_REASON_MAX];
	int r = 0;

	dump->images = calloc(count ? count : 1, sizeof(*dump->images));
	if (!dump->images)
		return -ENOMEM;
	while (r == 0 && dump->count < count) {
		r = wire_image_read(value_at(list, dump->count), pool, &dump->images[dump->count],
				    why);
		dump->count += r == 0;
	}
	if (r == -EINVAL)
		(void)snprintf(reason, DUMP_REASON_MAX, "devices[%zu]: %s", dump->count, why);
	return r < 0 ? r : check_twice(dump, reason);
}

int dump_read(const char *text, size_t len, struct text_pool *pool, struct dump **ret,
	      char ret_reason[static DUMP_REASON_MAX])
{
	cleanup_(dump_freep) struct dump *dump = calloc(1, sizeof(*dump));
	int r;

	if (!dump)
		return -ENOMEM;
	while (len > 0 && strchr(" \t\r\n", text[len - 1]))
		len--;
	r = value_parse(text, len, &dump->root);
	if (r == -EBADMSG)
		return refuse(ret_reason, "it is no JSON, or is cut");
	if (r == 0)
		r = check_head(dump->root, ret_reason);
	if (r == 0)
		r = read_images(dump, pool, ret_reason);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(dump);
	return 0;
}

const char *dump_host_name(const struct dump *dump)
{
	const char *name = value_text(value_member(dump->root, KEY_HOST), KEY_NAME);

	return name && *name ? name : "host";
}

const char *dump_setting(const struct dump *dump, const char *name)
{
	const struct value *status = value_member(dump->root, KEY_STATUS);
	const struct value *settings = value_member(status, KEY_SETTINGS);

	for (size_t i = 0; i < value_count(settings); i++) {
		const char *its_name = value_text(value_at(settings, i), KEY_NAME);

		if (its_name && strcmp(its_name, name) == 0)
			return value_text(value_at(settings, i), KEY_VALUE);
	}
	return NULL;
}
