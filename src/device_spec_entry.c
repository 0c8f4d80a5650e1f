/* SPDX-License-Identifier: Apache-2.0 */
#include "device_spec_entry.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vfmon/arena.h"
#include "vfmon/conf_names.h"
#include "vfmon/device_spec.h"
#include "vfmon/resource_class.h"

DEFINE_CLEANUP(char *, free);

#define ID_MAX 0xffff

enum word { WORD_FALSE, WORD_TRUE, WORD_OTHER };

static const struct {
	const char *text;
	enum word word;
} words[] = {
	{ "1", WORD_TRUE },	 { "t", WORD_TRUE },	{ "true", WORD_TRUE }, { "on", WORD_TRUE },
	{ "y", WORD_TRUE },	 { "yes", WORD_TRUE },	{ "0", WORD_FALSE },   { "f", WORD_FALSE },
	{ "false", WORD_FALSE }, { "off", WORD_FALSE }, { "n", WORD_FALSE },   { "no", WORD_FALSE },
};

#define WORDS_TEXT "1, t, true, on, y, yes, 0, f, false, off, n, no"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

int spec_fault_set(struct spec_fault *fault, size_t offset, const char *format, ...)
{
	va_list ap;

	fault->offset = offset;
	va_start(ap, format);
	(void)vsnprintf(fault->reason, sizeof(fault->reason), format, ap);
	va_end(ap);
	return -EINVAL;
}

/* Trimmed, in any case; a number counts as its digits. */
static enum word word_of(const struct pyjson *v)
{
	struct pytext t;

	if (v->type == PYJSON_TRUE || v->type == PYJSON_FALSE)
		return v->type == PYJSON_TRUE ? WORD_TRUE : WORD_FALSE;
	if (v->type == PYJSON_INTEGER && strcmp(v->text, "-0") == 0)
		return WORD_FALSE;
	if (v->type != PYJSON_STRING && v->type != PYJSON_INTEGER)
		return WORD_OTHER;
	t = pytext_strip(pytext_of(v->text));
	for (size_t i = 0; i < COUNT(words); i++)
		if ((size_t)(t.end - t.start) == strlen(words[i].text) &&
		    strncasecmp(t.start, words[i].text, strlen(words[i].text)) == 0)
			return words[i].word;
	return WORD_OTHER;
}

static int parse_id(const struct pyjson *object, const char *name, struct spec_fault *fault,
		    int32_t *ret)
{
	const struct pyjson *v = pyjson_get(object, name);
	struct pytext text;

	if (!v)
		return 0;
	if (v->type != PYJSON_STRING)
		return spec_fault_set(fault, v->offset, "%s: not a text", name);
	/* Nova trims the one, not the other. */
	text = pytext_of(v->text);
	if (strcmp(name, SPEC_VENDOR_ID) == 0)
		text = pytext_strip(text);
	return spec_field_parse(&(struct spec_field){ name, ID_MAX, v->offset }, text, fault, ret);
}

static int parse_place(const struct pyjson *object, struct spec_fault *fault,
		       struct spec_address *ret)
{
	const struct pyjson *address = pyjson_get(object, SPEC_ADDRESS);
	const struct pyjson *devname = pyjson_get(object, SPEC_DEVNAME);

	if (!pyjson_truth(devname))
		return spec_address_parse(address, fault, ret);
	if (pyjson_truth(address))
		return spec_fault_set(fault, devname->name_offset,
				      "an entry may have devname or address, not both");
	return spec_fault_set(fault, devname->name_offset,
			      "this release does not support devname yet (Nova does); use address");
}

static bool is_strict(const char *name)
{
	return strcmp(name, SPEC_MANAGED) == 0 || strcmp(name, SPEC_LIVE_MIGRATABLE) == 0;
}

static int check_strict(const struct pyjson *object, const char *name, struct spec_fault *fault)
{
	const struct pyjson *v = pyjson_get(object, name);
	cleanup_(freep) char *shown = NULL;

	if (!v || v->type == PYJSON_NULL || word_of(v) != WORD_OTHER)
		return 0;
	if (v->type != PYJSON_STRING && pyjson_dump(v, &shown) < 0)
		return -ENOMEM;
	return spec_fault_set(fault, v->offset, "Cannot parse tag '%s': '%.60s' is none of %s",
			      name, shown ? shown : v->text, WORDS_TEXT);
}

static int check_booleans(const struct pyjson *object, struct spec_fault *fault)
{
	const struct pyjson *remote = pyjson_get(object, SPEC_REMOTE_MANAGED);
	int r = check_strict(object, SPEC_MANAGED, fault);

	if (r == 0)
		r = check_strict(object, SPEC_LIVE_MIGRATABLE, fault);
	if (r < 0)
		return r;
	if (remote && word_of(remote) == WORD_TRUE)
		return spec_fault_set(
			fault, remote->offset,
			"this release does not support a true remote_managed yet (Nova "
			"does)");
	return 0;
}

static bool is_tag(const char *name)
{
	return strcmp(name, SPEC_VENDOR_ID) != 0 && strcmp(name, SPEC_PRODUCT_ID) != 0 &&
	       strcmp(name, SPEC_ADDRESS) != 0 && strcmp(name, SPEC_DEVNAME) != 0;
}

/* What Nova keeps of a tag's value, as text. */
static const char *tag_text(struct spec_entry *entry, const struct pyjson *v)
{
	cleanup_(freep) char *dumped = NULL;

	if (is_strict(v->name) && v->type != PYJSON_NULL)
		return word_of(v) == WORD_TRUE ? "true" : "false";
	if (v->type == PYJSON_STRING)
		return arena_copy(entry->arena, v->text, strlen(v->text));
	if (pyjson_dump(v, &dumped) < 0)
		return NULL;
	return arena_copy(entry->arena, dumped, strlen(dumped));
}

static int take_tags(struct spec_entry *entry, const struct pyjson *object)
{
	entry->tags = arena_alloc(entry->arena, object->count * sizeof(*entry->tags));
	if (!entry->tags)
		return -ENOMEM;
	for (const struct pyjson *v = object->items; v; v = v->next) {
		struct spec_tag *tag = &entry->tags[entry->tag_count];

		if (!is_tag(v->name))
			continue;
		tag->name = arena_copy(entry->arena, v->name, strlen(v->name));
		tag->value = tag_text(entry, v);
		if (!tag->name || !tag->value)
			return -ENOMEM;
		entry->tag_count++;
	}
	return 0;
}

static int take_class(struct spec_entry *entry, const struct pyjson *v)
{
	cleanup_(freep) char *name = NULL;

	/* A true value that is no text is one that Nova never gets to Placement. */
	if (!pyjson_truth(v) || v->type != PYJSON_STRING)
		return 0;
	if (resource_class_normalise(pytext_of(v->text), &name) < 0)
		return -ENOMEM;
	entry->resource_class = arena_copy(entry->arena, name, strlen(name));
	return entry->resource_class ? 0 : -ENOMEM;
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorts, and keeps one of equal ones. */
static void make_set(struct spec_entry *entry)
{
	size_t kept = 0;

	qsort(entry->traits, entry->trait_count, sizeof(*entry->traits), compare_texts);
	for (size_t i = 0; i < entry->trait_count; i++)
		if (i == 0 || strcmp(entry->traits[i], entry->traits[kept - 1]) != 0)
			entry->traits[kept++] = entry->traits[i];
	entry->trait_count = kept;
}

static int add_trait(struct spec_entry *entry, struct pytext piece)
{
	cleanup_(freep) char *name = NULL;
	const char *copy;

	if (trait_normalise(piece, &name) < 0)
		return -ENOMEM;
	copy = arena_copy(entry->arena, name, strlen(name));
	if (!copy)
		return -ENOMEM;
	entry->traits[entry->trait_count++] = copy;
	return 0;
}

static int take_traits(struct spec_entry *entry, const struct pyjson *v)
{
	struct pytext piece;
	size_t pieces = 1;

	if (!pyjson_truth(v) || v->type != PYJSON_STRING)
		return 0;
	for (const char *s = v->text; *s; s++)
		pieces += *s == ',';
	entry->traits = arena_alloc(entry->arena, pieces * sizeof(*entry->traits));
	if (!entry->traits)
		return -ENOMEM;
	for (piece.start = v->text; pieces > 0; pieces--, piece.start = piece.end + 1) {
		piece.end = piece.start + strcspn(piece.start, ",");
		if (add_trait(entry, piece) < 0)
			return -ENOMEM;
	}
	make_set(entry);
	return 0;
}

static void take_managed(struct spec_entry *entry, const struct pyjson *object)
{
	const struct pyjson *managed = pyjson_get(object, SPEC_MANAGED);
	const struct pyjson *network = pyjson_get(object, SPEC_PHYSICAL_NETWORK);

	entry->managed = !managed || managed->type == PYJSON_NULL || word_of(managed) == WORD_TRUE;
	entry->managed_effective = entry->managed || (network && network->type == PYJSON_STRING &&
						      pyjson_truth(network));
}

/* The order is Nova's: it decides which of several faults is reported. */
static int parse_checked(struct spec_entry *entry, const struct pyjson *object,
			 struct spec_fault *fault)
{
	int r = parse_id(object, SPEC_VENDOR_ID, fault, &entry->vendor_id);

	if (r == 0)
		r = parse_id(object, SPEC_PRODUCT_ID, fault, &entry->product_id);
	if (r == 0)
		r = parse_place(object, fault, &entry->address);
	return r == 0 ? check_booleans(object, fault) : r;
}

int spec_entry_parse(const struct pyjson *object, struct spec_fault *fault, struct spec_entry **ret)
{
	cleanup_(spec_entry_unrefp) struct spec_entry *entry = calloc(1, sizeof(*entry));
	int r;

	if (!entry)
		return -ENOMEM;
	entry->refs = 1;
	entry->vendor_id = entry->product_id = SPEC_ANY;
	r = arena_new(&entry->arena);
	if (r == 0)
		r = parse_checked(entry, object, fault);
	if (r == 0)
		r = take_tags(entry, object);
	if (r == 0)
		r = take_class(entry, pyjson_get(object, SPEC_RESOURCE_CLASS));
	if (r == 0)
		r = take_traits(entry, pyjson_get(object, SPEC_TRAITS));
	if (r < 0)
		return r;
	take_managed(entry, object);
	*ret = TAKE_PTR(entry);
	return 0;
}

static bool is_or_any(int32_t field, uint32_t value)
{
	return field == SPEC_ANY || (field >= 0 && (uint32_t)field == value);
}

static bool address_takes(const struct spec_address *a, const struct pci_addr *addr)
{
	return is_or_any(a->domain, addr->domain) && is_or_any(a->bus, addr->bus) &&
	       is_or_any(a->slot, addr->slot) && is_or_any(a->func, addr->func);
}

/*
 * An entry names a PF if its address is one function's and that function can have VFs, which one
 * that is somebody's parent can.
 */
static bool is_one_function(const struct spec_address *a)
{
	return a->domain >= 0 && a->bus >= 0 && a->slot >= 0 && a->func >= 0;
}

bool spec_entry_takes(const struct spec_entry *entry, const struct spec_subject *subject)
{
	const struct spec_address *a = &entry->address;

	if (!is_or_any(entry->vendor_id, subject->vendor_id) ||
	    !is_or_any(entry->product_id, subject->product_id))
		return false;
	if (subject->has_parent && is_one_function(a) && address_takes(a, &subject->parent))
		return true;
	return address_takes(a, &subject->addr);
}

struct spec_entry *spec_entry_ref(struct spec_entry *entry)
{
	entry->refs++;
	return entry;
}

struct spec_entry *spec_entry_unref(struct spec_entry *entry)
{
	if (!entry || --entry->refs > 0)
		return NULL;
	arena_free(entry->arena);
	free(entry);
	return NULL;
}
