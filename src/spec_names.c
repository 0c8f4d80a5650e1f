/* SPDX-License-Identifier: Apache-2.0 */
#include "spec_names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vfmon/arena.h"
#include "vfmon/pyjson.h"
#include "vfmon/pytext.h"
#include "vfmon/resource_class.h"

DEFINE_CLEANUP(char *, free);

int spec_class_parse(struct arena *arena, const struct pyjson *v, const char **ret)
{
	cleanup_(freep) char *name = NULL;
	const char *copy = NULL;

	if (pyjson_truth(v) && v->type == PYJSON_STRING) {
		if (resource_class_normalise(pytext_of(v->text), &name) < 0)
			return -ENOMEM;
		copy = arena_copy(arena, name, strlen(name));
		if (!copy)
			return -ENOMEM;
	}
	*ret = copy;
	return 0;
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorts, and keeps one of equal ones. Returns how many are left. */
static size_t make_set(const char **traits, size_t count)
{
	size_t kept = 0;

	qsort(traits, count, sizeof(*traits), compare_texts);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || strcmp(traits[i], traits[kept - 1]) != 0)
			traits[kept++] = traits[i];
	return kept;
}

static const char *trait_of(struct arena *arena, struct pytext piece)
{
	cleanup_(freep) char *name = NULL;

	if (trait_normalise(piece, &name) < 0)
		return NULL;
	return arena_copy(arena, name, strlen(name));
}

int spec_traits_parse(struct arena *arena, const struct pyjson *v, const char ***ret,
		      size_t *ret_count)
{
	size_t pieces = 1, count = 0;
	struct pytext piece;
	const char **traits;

	if (!pyjson_truth(v) || v->type != PYJSON_STRING) {
		*ret = NULL;
		*ret_count = 0;
		return 0;
	}
	for (const char *s = v->text; *s; s++)
		pieces += *s == ',';
	traits = arena_alloc(arena, pieces * sizeof(*traits));
	if (!traits)
		return -ENOMEM;
	for (piece.start = v->text; count < pieces; piece.start = piece.end + 1) {
		piece.end = piece.start + strcspn(piece.start, ",");
		traits[count] = trait_of(arena, piece);
		if (!traits[count++])
			return -ENOMEM;
	}
	*ret_count = make_set(traits, count);
	*ret = traits;
	return 0;
}
