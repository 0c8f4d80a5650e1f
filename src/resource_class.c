/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/resource_class.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "standard_names.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define CUSTOM "CUSTOM_"

/* Placement's own limit. */
#define NAME_MAX_BYTES 255

/* The characters outside ASCII whose upper case has an ASCII letter in it. */
static const struct {
	uint32_t c;
	const char *upper;
} special_uppers[] = {
	{ 0x00df, "SS" },      { 0x0131, "I" },	      { 0x0149, "\u02bcN" }, { 0x017f, "S" },
	{ 0x01f0, "J\u030c" }, { 0x1e96, "H\u0331" }, { 0x1e97, "T\u0308" }, { 0x1e98, "W\u030a" },
	{ 0x1e99, "Y\u030a" }, { 0x1e9a, "A\u02be" }, { 0xfb00, "FF" },	     { 0xfb01, "FI" },
	{ 0xfb02, "FL" },      { 0xfb03, "FFI" },     { 0xfb04, "FFL" },     { 0xfb05, "ST" },
	{ 0xfb06, "ST" },
};

const char *resource_class_default(uint16_t vendor_id, uint16_t product_id,
				   char buf[static RESOURCE_CLASS_DEFAULT_MAX])
{
	(void)snprintf(buf, RESOURCE_CLASS_DEFAULT_MAX, CUSTOM "PCI_%04X_%04X", vendor_id,
		       product_id);
	return buf;
}

static const char *special_upper(uint32_t c)
{
	for (size_t i = 0; i < COUNT(special_uppers); i++)
		if (c == special_uppers[i].c)
			return special_uppers[i].upper;
	return NULL;
}

/*
 * str.upper(), but for letters outside ASCII that stay outside: they end as '_', or in a name that
 * Placement refuses in either case.
 */
static char *upper(struct pytext t)
{
	/* No upper case is longer than twice the character. */
	char *text = calloc(2, (size_t)(t.end - t.start) + 1), *out = text;
	const char *here = t.start;

	while (out && t.start < t.end) {
		uint32_t c = pytext_next(&t.start, t.end);
		const char *special = c < 0x80 ? NULL : special_upper(c);

		if (special)
			out = stpcpy(out, special);
		else if (c >= 'a' && c <= 'z')
			*out++ = (char)(c - 'a' + 'A');
		else
			out = mempcpy(out, here, (size_t)(t.start - here));
		here = t.start;
	}
	return text;
}

static bool is_name_char(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Each run of other characters, underscores among them, becomes one underscore. */
static char *make_custom(const char *text)
{
	char *name = calloc(1, sizeof(CUSTOM) + strlen(text)), *out;

	if (!name)
		return NULL;
	out = stpcpy(name, CUSTOM);
	while (*text) {
		if (is_name_char(*text)) {
			*out++ = *text++;
			continue;
		}
		*out++ = '_';
		while (*text && !is_name_char(*text))
			text++;
	}
	return name;
}

static bool is_custom(const char *name)
{
	return strncmp(name, CUSTOM, strlen(CUSTOM)) == 0;
}

/* A " +" behind a standard name marks a late one; newer releases of Nova count. */
static int compare_standard(const void *key, const void *item)
{
	const char *name = key, *standard = *(const char *const *)item;
	size_t len = strcspn(standard, " ");
	int r = strncmp(name, standard, len);

	return r ? r : name[len] != '\0';
}

static bool is_standard_class(const char *name)
{
	return bsearch(name, standard_resource_classes, COUNT(standard_resource_classes),
		       sizeof(standard_resource_classes[0]), compare_standard);
}

static bool is_standard_trait(const char *name)
{
	return bsearch(name, standard_traits, COUNT(standard_traits), sizeof(standard_traits[0]),
		       compare_standard);
}

/* Takes the upper-cased text. */
static int finish(char *text, bool is_final, char **ret)
{
	char *name;

	if (!text)
		return -ENOMEM;
	if (is_final) {
		*ret = text;
		return 0;
	}
	name = make_custom(text);
	free(text);
	if (!name)
		return -ENOMEM;
	*ret = name;
	return 0;
}

int resource_class_normalise(struct pytext text, char **ret)
{
	char *name = upper(text);

	return finish(name, name && (is_standard_class(name) || is_custom(name)), ret);
}

int trait_normalise(struct pytext text, char **ret)
{
	char *name = strndup(text.start, (size_t)(text.end - text.start));

	if (!name)
		return -ENOMEM;
	if (is_standard_trait(name))
		return finish(name, true, ret);
	free(name);
	name = upper(text);
	return finish(name, name && is_custom(name), ret);
}

static bool is_valid_custom(const char *name)
{
	const char *own = name + strlen(CUSTOM);

	if (!is_custom(name) || !*own || strlen(name) > NAME_MAX_BYTES)
		return false;
	while (is_name_char(*own) || *own == '_')
		own++;
	return !*own;
}

bool resource_class_is_valid(const char *name)
{
	return is_standard_class(name) || is_valid_custom(name);
}

bool trait_is_valid(const char *name)
{
	return is_standard_trait(name) || is_valid_custom(name);
}
