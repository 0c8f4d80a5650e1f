/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/modalias.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "vfmon/cleanup.h"

#define ALIAS_WORD "alias "
#define VFIO_PREFIX "vfio_"
#define VFIO_PCI_PREFIX VFIO_PREFIX "pci:"
#define CATCH_ALL VFIO_PCI_PREFIX "v*d*sv*sd*bc*sc*i*"

/* Longer than any that the kernel makes ("pci:" and seven numbers are 53 characters). */
#define MODALIAS_MAX 128

struct alias {
	char *module; /* within the allocation of pattern */
	unsigned int stars;
	bool catch_all;
	char pattern[]; /* the module's name follows its NUL */
};

struct modalias_table {
	struct alias **aliases; /* in the file's order */
	size_t count;
	const struct alias *generic; /* NULL: no catch-all in the file */
};

DEFINE_CLEANUP(struct modalias_table *, modalias_table_free);

/* A piece of the text. */
struct span {
	const char *at;
	size_t len;
};

/* Cuts off the part before the next separator; false at the end. */
static bool next_part(struct span *rest, char separator, struct span *ret)
{
	const char *end;

	while (rest->len > 0 && *rest->at == separator) {
		rest->at++;
		rest->len--;
	}
	if (rest->len == 0)
		return false;
	end = memchr(rest->at, separator, rest->len);
	*ret = (struct span){ rest->at, end ? (size_t)(end - rest->at) : rest->len };
	rest->at += ret->len;
	rest->len -= ret->len;
	return true;
}

static int add_alias(struct modalias_table *table, struct span pattern, struct span module)
{
	struct alias *alias = calloc(1, sizeof(*alias) + pattern.len + module.len + 2);
	struct alias **grown;

	if (!alias)
		return -ENOMEM;
	grown = reallocarray(table->aliases, table->count + 1, sizeof(struct alias *));
	if (!grown) {
		free(alias);
		return -ENOMEM;
	}
	memcpy(alias->pattern, pattern.at, pattern.len);
	alias->module = alias->pattern + pattern.len + 1;
	memcpy(alias->module, module.at, module.len);
	for (const char *p = alias->pattern; *p; p++)
		alias->stars += *p == '*';
	alias->catch_all = strcmp(alias->pattern, CATCH_ALL) == 0;
	table->aliases = grown;
	table->aliases[table->count++] = alias;
	if (alias->catch_all && !table->generic)
		table->generic = alias;
	return 0;
}

/* A line from behind its first word. */
static int add_line(struct modalias_table *table, struct span line)
{
	struct span pattern, module, more;

	if (!next_part(&line, ' ', &pattern) || !next_part(&line, ' ', &module) ||
	    next_part(&line, ' ', &more))
		return 0;
	return add_alias(table, pattern, module);
}

int modalias_table_new(const char *text, size_t len, struct modalias_table **ret)
{
	cleanup_(modalias_table_freep) struct modalias_table *table = calloc(1, sizeof(*table));
	static const char wanted[] = ALIAS_WORD VFIO_PCI_PREFIX;
	const char *end = text + len, *at = text;

	if (!table)
		return -ENOMEM;
	/* Some lines of twenty thousand: looking for them is faster than taking each line apart. */
	while (at < end && (at = memmem(at, (size_t)(end - at), wanted, strlen(wanted)))) {
		bool is_line = at == text || at[-1] == '\n';
		const char *begin = at + strlen(ALIAS_WORD);
		const char *newline = memchr(at, '\n', (size_t)(end - at));

		at = newline ? newline : end;
		if (is_line && add_line(table, (struct span){ begin, (size_t)(at - begin) }) < 0)
			return -ENOMEM;
	}
	*ret = TAKE_PTR(table);
	return 0;
}

struct modalias_table *modalias_table_free(struct modalias_table *table)
{
	if (!table)
		return NULL;
	for (size_t i = 0; i < table->count; i++)
		free(table->aliases[i]);
	free(table->aliases);
	free(table);
	return NULL;
}

/* Module names are written with either, also within one system. */
static bool same_module(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if ((*a == '-' ? '_' : *a) != (*b == '-' ? '_' : *b))
			return false;
	return *a == *b;
}

enum module_vfio modalias_module_vfio(const struct modalias_table *table, const char *module)
{
	enum module_vfio vfio = MODULE_VFIO_NONE;

	for (size_t i = 0; i < table->count; i++) {
		if (!same_module(table->aliases[i]->module, module))
			continue;
		if (table->aliases[i]->catch_all)
			return MODULE_VFIO_GENERIC;
		vfio = MODULE_VFIO_VARIANT;
	}
	return vfio;
}

const char *modalias_best(const struct modalias_table *table, const char *modalias)
{
	const struct alias *best = NULL;
	size_t len = strlen(modalias);
	char key[MODALIAS_MAX] = VFIO_PREFIX;

	if (len < sizeof(key) - strlen(VFIO_PREFIX))
		memcpy(key + strlen(VFIO_PREFIX), modalias, len + 1);
	for (size_t i = 0; i < table->count; i++) {
		const struct alias *alias = table->aliases[i];

		if (best && best->stars <= alias->stars)
			continue;
		if (fnmatch(alias->pattern, key, 0) == 0)
			best = alias;
	}
	if (!best)
		best = table->generic;
	return best ? best->module : NULL;
}
