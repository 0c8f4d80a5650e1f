/* SPDX-License-Identifier: Apache-2.0 */
#include "alias_value.h"

#include <errno.h>
#include <string.h>

#include "pybool.h"
#include "spec_fault.h"
#include "spec_names.h"
#include "vfmon/alias.h"
#include "vfmon/arena.h"
#include "vfmon/conf_names.h"
#include "vfmon/pyjson.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define NAME_MAX_CHARS 256

/* What a key's text has to be besides a text. Returns a complaint, or NULL. */
typedef const char *(*check_fn)(const char *text);

/* Characters, as Python counts them; see struct pyjson. */
static size_t count_chars(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

static const char *check_name(const char *text)
{
	size_t n = count_chars(text);

	return n >= 1 && n <= NAME_MAX_CHARS ? NULL : "has to have 1 to 256 characters";
}

/* Digits of any script, and a newline at the end, slip through Nova's pattern. */
static const char *check_id(const char *text)
{
	const char *end = text + strlen(text);
	int digits = 0;

	for (const char *p = text; p < end && *p != '\n'; digits++) {
		const char *start = p;

		(void)pytext_next(&p, end);
		if (pytext_hex((struct pytext){ start, p }, 0xf) < 0)
			digits = 4; /* and this one is too many */
		text = p;
	}
	if (*text == '\n')
		text++;
	return digits == 4 && text == end ? NULL : "has to be exactly four hexadecimal digits";
}

static bool is_one_of(const char *text, const char *const *words)
{
	while (*words && strcmp(text, *words) != 0)
		words++;
	return *words != NULL;
}

static const char *check_device_type(const char *text)
{
	static const char *const words[] = { "type-PCI", "type-PF", "type-VF", NULL };

	return is_one_of(text, words) ? NULL : "has to be type-PCI, type-PF or type-VF";
}

static const char *check_numa_policy(const char *text)
{
	static const char *const words[] = { "legacy", "preferred", "required", "socket", NULL };

	return is_one_of(text, words) ? NULL : "has to be legacy, preferred, required or socket";
}

static const char *check_capability_type(const char *text)
{
	return strcmp(text, "pci") == 0 ? NULL : "has to be pci";
}

static const char *check_boolean(const char *text)
{
	return pybool_of_text(pytext_of(text)) != PYBOOL_NEITHER ? NULL
								 : "is none of " PYBOOL_WORDS;
}

static const struct {
	const char *name;
	check_fn check; /* NULL: any text */
	version_t since;
} keys[] = {
	{ ALIAS_NAME, check_name, 0 },
	{ SPEC_VENDOR_ID, check_id, 0 },
	{ SPEC_PRODUCT_ID, check_id, 0 },
	{ ALIAS_DEVICE_TYPE, check_device_type, 0 },
	{ ALIAS_NUMA_POLICY, check_numa_policy, 0 },
	{ ALIAS_CAPABILITY_TYPE, check_capability_type, 0 },
	{ SPEC_RESOURCE_CLASS, NULL, 0 },
	{ SPEC_TRAITS, NULL, 0 },
	{ SPEC_LIVE_MIGRATABLE, check_boolean, NOVA_HAS_MANAGED },
};

static int check_item(const struct alias_rules *rules, const struct pyjson *v,
		      struct spec_fault *fault)
{
	const char *complaint = NULL;
	size_t i = 0;

	while (i < COUNT(keys) &&
	       (strcmp(v->name, keys[i].name) != 0 || rules->nova < keys[i].since))
		i++;
	if (i == COUNT(keys))
		return spec_fault_set(fault, NOVA_INVALID_ALIAS, v->name_offset,
				      "an alias has no key '%.60s'", v->name);
	if (v->type != PYJSON_STRING)
		return spec_fault_set(fault, NOVA_INVALID_ALIAS, v->offset, "%s: not a text",
				      v->name);
	if (keys[i].check)
		complaint = keys[i].check(v->text);
	if (!complaint)
		return 0;
	return spec_fault_set(fault, NOVA_INVALID_ALIAS, v->offset, "%s: '%.60s' %s", v->name,
			      v->text, complaint);
}

static int check_all(const struct alias_rules *rules, const struct pyjson *root,
		     struct spec_fault *fault)
{
	int r = 0;

	if (root->type != PYJSON_OBJECT)
		return spec_fault_set(fault, NOVA_INVALID_ALIAS, root->offset,
				      "an alias is one object in braces");
	for (const struct pyjson *v = root->items; v && r == 0; v = v->next)
		r = check_item(rules, v, fault);
	if (r == 0 && !pyjson_get(root, ALIAS_NAME))
		return spec_fault_set(fault, NOVA_INVALID_ALIAS, root->offset,
				      "an alias has to have a name");
	return r;
}

static int take(struct arena *arena, const struct pyjson *root, const char *key, const char **ret)
{
	const struct pyjson *v = pyjson_get(root, key);
	struct pytext t;

	if (!v)
		return 0;
	t = pytext_of(v->text);
	if (strcmp(key, ALIAS_NAME) == 0)
		t = pytext_strip(t);
	*ret = arena_copy(arena, t.start, (size_t)(t.end - t.start));
	return *ret ? 0 : -ENOMEM;
}

static int take_texts(struct arena *arena, const struct pyjson *root, struct alias_value *value)
{
	const struct {
		const char *key;
		const char **place;
	} texts[] = {
		{ ALIAS_NAME, &value->name },
		{ SPEC_VENDOR_ID, &value->vendor_id },
		{ SPEC_PRODUCT_ID, &value->product_id },
		{ ALIAS_DEVICE_TYPE, &value->device_type },
		{ ALIAS_NUMA_POLICY, &value->numa_policy },
		{ ALIAS_CAPABILITY_TYPE, &value->capability_type },
	};
	int r = 0;

	for (size_t i = 0; i < COUNT(texts) && r == 0; i++)
		r = take(arena, root, texts[i].key, texts[i].place);
	return r;
}

int alias_value_parse(const struct alias_rules *rules, struct arena *arena,
		      const struct pyjson *root, struct spec_fault *fault, struct alias_value *ret)
{
	struct alias_value value = { .numa_policy = "legacy" };
	int r = check_all(rules, root, fault);
	const struct pyjson *live;

	if (r == 0)
		r = take_texts(arena, root, &value);
	if (r == 0)
		r = spec_class_parse(arena, pyjson_get(root, SPEC_RESOURCE_CLASS),
				     &value.resource_class);
	if (r == 0)
		r = spec_traits_parse(arena, pyjson_get(root, SPEC_TRAITS), &value.traits,
				      &value.trait_count);
	if (r < 0)
		return r;
	value.has_resource_class = pyjson_get(root, SPEC_RESOURCE_CLASS) != NULL;
	live = pyjson_get(root, SPEC_LIVE_MIGRATABLE);
	if (live)
		value.live_migratable = pybool_of(live) == PYBOOL_TRUE ? "true" : "false";
	*ret = value;
	return 0;
}
