/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/filter.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vfmon/device_spec.h"
#include "vfmon/text.h"

struct texts {
	char **items;
	size_t count;
};

struct addrs {
	struct pci_addr *items;
	size_t count;
};

/* A mask or list that is empty means any. */
struct filter {
	uint32_t kinds;
	uint32_t bindings;
	uint32_t readiness;
	bool has_managed;
	bool managed;
	struct texts texts[FILTER_TEXT_COUNT];
	struct addrs addrs[FILTER_ADDR_COUNT];
};

int filter_new(struct filter **ret)
{
	struct filter *f = calloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	*ret = f;
	return 0;
}

struct filter *filter_free(struct filter *f)
{
	if (!f)
		return NULL;
	for (size_t i = 0; i < FILTER_TEXT_COUNT; i++) {
		for (size_t n = 0; n < f->texts[i].count; n++)
			free(f->texts[i].items[n]);
		free(f->texts[i].items);
	}
	for (size_t i = 0; i < FILTER_ADDR_COUNT; i++)
		free(f->addrs[i].items);
	free(f);
	return NULL;
}

void filter_add_kind(struct filter *f, enum vf_kind kind)
{
	f->kinds |= 1u << kind;
}

void filter_add_binding(struct filter *f, enum vf_binding binding)
{
	f->bindings |= 1u << binding;
}

void filter_add_readiness(struct filter *f, enum vf_readiness readiness)
{
	f->readiness |= 1u << readiness;
}

void filter_set_managed(struct filter *f, bool managed)
{
	f->has_managed = true;
	f->managed = managed;
}

/* Room for one more: sizes are powers of two, so that the count says when it is full. */
static int make_room(void **items, size_t count, size_t item_size)
{
	void *more;

	if ((count & (count - 1)) != 0)
		return 0;
	more = reallocarray(*items, count ? count * 2 : 1, item_size);
	if (!more)
		return -ENOMEM;
	*items = more;
	return 0;
}

int filter_add_text(struct filter *f, enum filter_text which, const char *text)
{
	struct texts *texts = &f->texts[which];
	void *items = texts->items;
	char *copy;
	int r;

	r = make_room(&items, texts->count, sizeof(*texts->items));
	if (r < 0)
		return r;
	texts->items = items;
	copy = strdup(text);
	if (!copy)
		return -ENOMEM;
	texts->items[texts->count++] = copy;
	return 0;
}

int filter_add_addr(struct filter *f, enum filter_addr which, const struct pci_addr *addr)
{
	struct addrs *addrs = &f->addrs[which];
	void *items = addrs->items;
	int r;

	r = make_room(&items, addrs->count, sizeof(*addrs->items));
	if (r < 0)
		return r;
	addrs->items = items;
	addrs->items[addrs->count++] = *addr;
	return 0;
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int compare_addrs(const void *a, const void *b)
{
	return pci_addr_compare(a, b);
}

void filter_finish(struct filter *f)
{
	for (size_t i = 0; i < FILTER_TEXT_COUNT; i++)
		if (f->texts[i].count > 1)
			qsort(f->texts[i].items, f->texts[i].count, sizeof(char *), compare_texts);
	for (size_t i = 0; i < FILTER_ADDR_COUNT; i++)
		if (f->addrs[i].count > 1)
			qsort(f->addrs[i].items, f->addrs[i].count, sizeof(struct pci_addr),
			      compare_addrs);
}

static bool has_bit(uint32_t mask, unsigned int bit)
{
	return mask == 0 || (mask & (1u << bit)) != 0;
}

static bool has_text(const struct texts *texts, const char *text)
{
	if (texts->count == 0)
		return true;
	return text && bsearch(&text, texts->items, texts->count, sizeof(char *), compare_texts);
}

static bool has_addr(const struct addrs *addrs, const struct pci_addr *addr)
{
	if (addrs->count == 0)
		return true;
	return addr && bsearch(addr, addrs->items, addrs->count, sizeof(*addr), compare_addrs);
}

bool filter_matches(const struct filter *f, const struct vf *vf)
{
	if (!f)
		return true;
	if (!vf)
		return false;
	if (!has_bit(f->kinds, vf->kind) || !has_bit(f->bindings, vf->binding) ||
	    !has_bit(f->readiness, vf->readiness))
		return false;
	if (f->has_managed && (!vf->spec || vf->spec->managed != f->managed))
		return false;
	return has_addr(&f->addrs[FILTER_ADDRESSES], &vf->addr) &&
	       has_addr(&f->addrs[FILTER_PHYSICAL_FUNCTIONS],
			vf->has_physical_function ? &vf->physical_function : NULL) &&
	       has_text(&f->texts[FILTER_DRIVERS], text_str(vf->driver)) &&
	       has_text(&f->texts[FILTER_RESOURCE_CLASSES],
			vf->spec ? vf->spec->resource_class : NULL);
}
