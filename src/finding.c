/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/finding.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const level_names[] = {
	[FINDING_REFUSED] = "refused",
	[FINDING_WRONG] = "wrong",
	[FINDING_SUSPICIOUS] = "suspicious",
};
_Static_assert(sizeof(level_names) / sizeof(level_names[0]) == FINDING_LEVEL_COUNT, "all levels");

static const char *const code_names[] = {
#define FINDING_CODE_NAME(name, text) [FINDING_##name] = (text),
	FINDING_CODES(FINDING_CODE_NAME)
#undef FINDING_CODE_NAME
};

static bool is_full(size_t count)
{
	return (count & (count - 1)) == 0;
}

/* Room for one more; an array has room for the next power of two of what is in it. */
static int reserve(void **items, size_t count, size_t size)
{
	void *more;

	if (!is_full(count))
		return 0;
	more = reallocarray(*items, count ? 2 * count : 1, size);
	if (!more)
		return -ENOMEM;
	*items = more;
	return 0;
}

static int copy_text(const char *text, char **ret)
{
	*ret = text ? strdup(text) : NULL;
	return text && !*ret ? -ENOMEM : 0;
}

static void finding_done(struct finding *f)
{
	free(f->message);
	free(f->remedy);
	free(f->file);
	free(f->devices);
}

/* Takes what f holds, whether it succeeds or not. */
static int append(struct findings *list, struct finding *f)
{
	void *items = list->items;

	if (reserve(&items, list->count, sizeof(*f)) < 0) {
		finding_done(f);
		return -ENOMEM;
	}
	list->items = items;
	f->order = list->count;
	list->items[list->count++] = *f;
	return 0;
}

int findings_add(struct findings *list, const struct finding_kind *kind,
		 const struct finding_place *place, const char *format, ...)
{
	struct finding f = {
		.level = kind->level,
		.code = kind->code,
		.line = place->line,
		.column = place->column,
		.spec_index = place->spec_index,
	};
	va_list ap;
	int r;

	va_start(ap, format);
	r = vasprintf(&f.message, format, ap);
	va_end(ap);
	if (r < 0)
		return -ENOMEM;
	if (copy_text(kind->remedy, &f.remedy) < 0 || copy_text(place->file, &f.file) < 0) {
		finding_done(&f);
		return -ENOMEM;
	}
	return append(list, &f);
}

static int concern(struct finding *f, const struct pci_addr *addr)
{
	void *devices = f->devices;

	if (reserve(&devices, f->device_count, sizeof(*addr)) < 0)
		return -ENOMEM;
	f->devices = devices;
	f->devices[f->device_count++] = *addr;
	return 0;
}

int findings_concern(struct findings *list, const struct pci_addr *addr)
{
	return concern(&list->items[list->count - 1], addr);
}

static int copy_one(struct findings *list, const struct finding *other)
{
	struct finding f = *other;
	int r;

	f.remedy = f.file = NULL;
	f.devices = NULL;
	f.device_count = 0;
	r = copy_text(other->message, &f.message);
	if (r == 0)
		r = copy_text(other->remedy, &f.remedy);
	if (r == 0)
		r = copy_text(other->file, &f.file);
	for (size_t i = 0; i < other->device_count && r == 0; i++)
		r = concern(&f, &other->devices[i]);
	if (r < 0) {
		finding_done(&f);
		return r;
	}
	return append(list, &f);
}

int findings_copy(struct findings *list, const struct findings *other)
{
	int r = 0;

	for (size_t i = 0; i < other->count && r == 0; i++)
		r = copy_one(list, &other->items[i]);
	return r;
}

static int compare_numbers(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

/* What is about no file comes last. */
static int compare_files(const char *a, const char *b)
{
	if (!a || !b)
		return (a == NULL) - (b == NULL);
	return strcmp(a, b);
}

static int compare(const void *pa, const void *pb)
{
	const struct finding *a = pa, *b = pb;
	int r = compare_numbers(a->level, b->level);

	if (r == 0)
		r = compare_files(a->file, b->file);
	if (r == 0)
		r = compare_numbers(a->line, b->line);
	if (r == 0)
		r = compare_numbers(a->column, b->column);
	return r ? r : compare_numbers(a->order, b->order);
}

void findings_sort(struct findings *list)
{
	if (list->count > 1)
		qsort(list->items, list->count, sizeof(*list->items), compare);
	for (size_t i = 0; i < list->count; i++)
		list->items[i].order = i;
}

void findings_done(struct findings *list)
{
	for (size_t i = 0; i < list->count; i++)
		finding_done(&list->items[i]);
	free(list->items);
	*list = (struct findings){ 0 };
}

const char *finding_level_name(enum finding_level level)
{
	return level_names[level];
}

const char *finding_code_name(enum finding_code code)
{
	return code_names[code];
}
