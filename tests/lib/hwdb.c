/* SPDX-License-Identifier: Apache-2.0 */
#include "hwdb.h"

#include <endian.h>
#include <err.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* The layout of src/libsystemd/sd-hwdb/hwdb-internal.h of systemd: a trie of the match strings. */
struct header {
	char signature[8];
	uint64_t tool_version, file_size, header_size, node_size, child_size, value_size;
	uint64_t root_at, nodes_len, strings_len;
};

struct node {
	uint64_t prefix_at;
	uint8_t child_count, padding[7];
	uint64_t value_count;
};

struct child {
	uint8_t c, padding[7];
	uint64_t node_at;
};

struct value {
	uint64_t key_at, value_at;
};

/* The nodes with what follows each; "*" ends a match string and has the values. */
struct image {
	struct header header;
	struct {
		struct node node;
		struct child children[2]; /* ascending: '*' and 'd' */
	} vendor;
	struct {
		struct node node;
		struct value values[1];
	} vendor_end;
	struct {
		struct node node;
		struct child children[1];
	} product;
	struct {
		struct node node;
		struct value values[1];
	} product_end;
	char strings[256];
};

static uint64_t add_string(struct image *image, const char *text)
{
	size_t used = (size_t)le64toh(image->header.strings_len), len = strlen(text) + 1;

	if (used + len > sizeof(image->strings))
		errx(1, "hwdb: no room");
	memcpy(image->strings + used, text, len);
	image->header.strings_len = htole64(used + len);
	return htole64(offsetof(struct image, strings) + used);
}

static struct child child_at(char c, size_t offset)
{
	return (struct child){ .c = (uint8_t)c, .node_at = htole64(offset) };
}

/* A property's key has a blank in front. */
static void make_image(struct image *image)
{
	uint64_t empty = add_string(image, "");

	image->vendor.node.prefix_at = add_string(image, "pci:v00008086");
	image->vendor.node.child_count = 2;
	image->vendor.children[0] = child_at('*', offsetof(struct image, vendor_end));
	image->vendor.children[1] = child_at('d', offsetof(struct image, product));
	image->vendor_end.node.prefix_at = empty;
	image->vendor_end.node.value_count = htole64(1);
	image->vendor_end.values[0].key_at = add_string(image, " ID_VENDOR_FROM_DATABASE");
	image->vendor_end.values[0].value_at = add_string(image, "Intel Corporation");
	image->product.node.prefix_at = add_string(image, "000010CA");
	image->product.node.child_count = 1;
	image->product.children[0] = child_at('*', offsetof(struct image, product_end));
	image->product_end.node.prefix_at = empty;
	image->product_end.node.value_count = htole64(1);
	image->product_end.values[0].key_at = add_string(image, " ID_MODEL_FROM_DATABASE");
	image->product_end.values[0].value_at = add_string(image, "82576 Virtual Function");
}

void hwdb_write(const char *path)
{
	struct image image = {
		.header = {
			.signature = { 'K', 'S', 'L', 'P', 'H', 'H', 'R', 'H' },
			.tool_version = htole64(252),
			.file_size = htole64(sizeof(struct image)),
			.header_size = htole64(sizeof(struct header)),
			.node_size = htole64(sizeof(struct node)),
			.child_size = htole64(sizeof(struct child)),
			.value_size = htole64(sizeof(struct value)),
			.root_at = htole64(offsetof(struct image, vendor)),
			.nodes_len = htole64(offsetof(struct image, strings) -
					     sizeof(struct header)),
		},
	};
	FILE *f = fopen(path, "we");

	make_image(&image);
	if (!f || fwrite(&image, sizeof(image), 1, f) != 1 || fclose(f) != 0)
		err(1, "hwdb: %s", path);
}
