/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/text.h"

#include <assert.h>
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "vfmon/cleanup.h"

/* libc's search tree keeps pointers to chars[], so that a plain string can be looked up in it. */
struct text_pool {
	void *tree;
	size_t count;
};

struct text {
	struct text_pool *pool;
	size_t refs;
	char chars[];
};

static int compare_chars(const void *a, const void *b)
{
	return strcmp(a, b);
}

static struct text *text_of(char *chars)
{
	return (struct text *)(void *)(chars - offsetof(struct text, chars));
}

int text_pool_new(struct text_pool **ret)
{
	struct text_pool *pool = calloc(1, sizeof(*pool));

	if (!pool)
		return -ENOMEM;
	*ret = pool;
	return 0;
}

struct text_pool *text_pool_free(struct text_pool *pool)
{
	if (!pool)
		return NULL;
	assert(pool->count == 0);
	free(pool);
	return NULL;
}

size_t text_pool_count(const struct text_pool *pool)
{
	return pool->count;
}

static int add_text(struct text_pool *pool, const char *s, struct text **ret)
{
	size_t size = strlen(s) + 1;
	struct text *t = malloc(sizeof(*t) + size);

	if (!t)
		return -ENOMEM;
	t->pool = pool;
	t->refs = 1;
	memcpy(t->chars, s, size);
	if (!tsearch(t->chars, &pool->tree, compare_chars)) {
		free(t);
		return -ENOMEM;
	}
	pool->count++;
	*ret = t;
	return 0;
}

int text_take(struct text_pool *pool, const char *s, struct text **ret)
{
	char **found;

	if (!s) {
		*ret = NULL;
		return 0;
	}
	found = tfind(s, &pool->tree, compare_chars);
	if (!found)
		return add_text(pool, s, ret);
	*ret = text_ref(text_of(*found));
	return 0;
}

struct text *text_ref(struct text *t)
{
	if (t)
		t->refs++;
	return t;
}

struct text *text_unref(struct text *t)
{
	if (!t || --t->refs > 0)
		return NULL;
	tdelete(t->chars, &t->pool->tree, compare_chars);
	t->pool->count--;
	free(t);
	return NULL;
}

const char *text_str(const struct text *t)
{
	return t ? t->chars : NULL;
}
