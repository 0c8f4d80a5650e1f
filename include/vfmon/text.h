/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts that many functions share (driver, module, class, product name): kept once, counted, never
 * changed, so that an image of a function is small and two equal texts are the same pointer.
 */
#ifndef VFMON_TEXT_H
#define VFMON_TEXT_H

#include <stddef.h>

struct text;
struct text_pool;

/* Returns 0 or -ENOMEM; the caller frees the pool with text_pool_free(). */
int text_pool_new(struct text_pool **ret);

/* Takes NULL; every text of the pool must have been given back. Returns NULL. */
struct text_pool *text_pool_free(struct text_pool *pool);

/* How many different texts are kept now. */
size_t text_pool_count(const struct text_pool *pool);

/*
 * The pool's copy of s with a reference for the caller, who gives it back with text_unref(). A NULL
 * s gives NULL. Returns 0 or -ENOMEM.
 */
int text_take(struct text_pool *pool, const char *s, struct text **ret);

/* One more reference; takes NULL. Returns t. */
struct text *text_ref(struct text *t);

/* Gives a reference back, the last one frees; takes NULL. Returns NULL. */
struct text *text_unref(struct text *t);

/* The characters, or NULL for NULL. Borrowed. */
const char *text_str(const struct text *t);

#endif
