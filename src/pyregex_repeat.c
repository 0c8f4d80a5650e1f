/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "pyregex_translate.h"
#include "vfmon/conf_names.h"

/* Python's own limit; as a maximum it means that there is none. */
#define REPEAT_MAX UINT32_MAX

/* So many more repetitions than characters change nothing. */
#define ENOUGH (PYREGEX_SUBJECT_MAX + 1)

struct range {
	uint64_t min;
	uint64_t max;
};

enum greed { GREED_LONGEST, GREED_SHORTEST, GREED_POSSESSIVE };

/* Returns whether there is any digit. */
static bool read_number(struct pyregex_translation *t, uint64_t *ret)
{
	uint64_t n = 0;
	bool any = false;

	for (; pyregex_at_one_of(t, "0123456789"); any = true) {
		n = n * 10 + (pyregex_get(t).c - '0');
		if (n > REPEAT_MAX)
			n = REPEAT_MAX;
	}
	*ret = n;
	return any;
}

/* Returns 1, 0 if the brace is a character like any other, or -EINVAL. */
static int read_braces(struct pyregex_translation *t, struct range *ret)
{
	const char *place = t->next_at;
	bool has_min, has_max;
	uint64_t min, max;

	if (pyregex_at(t, '}'))
		return 0;
	has_min = read_number(t, &min);
	has_max = has_min;
	max = min;
	if (pyregex_take(t, ','))
		has_max = read_number(t, &max);
	if (!pyregex_take(t, '}')) {
		pyregex_seek(t, place);
		return 0;
	}
	if ((has_min && min >= REPEAT_MAX) || (has_max && max >= REPEAT_MAX))
		return pyregex_fail(t, PYTHON_OVERFLOW_ERROR, "the repetition number is too large");
	ret->min = has_min ? min : 0;
	ret->max = has_max ? max : REPEAT_MAX;
	if (ret->max < ret->min)
		return pyregex_fail(t, NULL, "min repeat greater than max repeat");
	return 1;
}

static enum greed read_greed(struct pyregex_translation *t)
{
	if (pyregex_take(t, '?'))
		return GREED_SHORTEST;
	return pyregex_take(t, '+') ? GREED_POSSESSIVE : GREED_LONGEST;
}

static void wrap(struct pyregex_translation *t, size_t start, const char *open, const char *close)
{
	pyregex_insert(t, start, open);
	pyregex_write(t, close);
}

/* What takes no characters: once is as good as often. PCRE2 would not know that in a lookbehind. */
static void write_empty(struct pyregex_translation *t, size_t start, const struct range *range,
			enum greed greed)
{
	if (range->min > 0)
		wrap(t, start, greed == GREED_POSSESSIVE ? "(?>" : "(?:", ")");
	else if (greed == GREED_SHORTEST)
		wrap(t, start, "(?:|", ")");
	else
		wrap(t, start, greed == GREED_POSSESSIVE ? "(?>" : "(?:", "|)");
}

/*
 * A subject is short, so that large numbers can be made small: PCRE2 would write the item out as often
 * as it is to be repeated.
 */
static void write_range(struct pyregex_translation *t, size_t start, struct range range,
			enum greed greed)
{
	static const char *const greeds[] = { "", "?", "+" };

	/* Python does not come back into what one repetition of this kind has taken. */
	if (greed == GREED_POSSESSIVE)
		wrap(t, start, "(?>", ")");
	if (range.min > ENOUGH) {
		range.max = range.max > range.min ? REPEAT_MAX : ENOUGH;
		range.min = ENOUGH;
	}
	pyregex_write_number(t, "{", range.min, range.max == range.min ? "}" : ",");
	if (range.max >= range.min + ENOUGH)
		pyregex_write(t, "}");
	else if (range.max > range.min)
		pyregex_write_number(t, "", range.max, "}");
	pyregex_write(t, greeds[greed]);
}

static void write_repeat(struct pyregex_translation *t, const struct pyregex_item *item,
			 const struct range *range, enum greed greed)
{
	if (range->max == 0) /* never tried, but its groups count */
		wrap(t, item->start, "(?!(?!)", ")");
	else if (item->width.hi == 0)
		write_empty(t, item->start, range, greed);
	else if (item->width.lo > 0 && range->min > PYREGEX_SUBJECT_MAX / item->width.lo)
		wrap(t, item->start, "(?:", "[^0-9a-f])"); /* needs more than any subject has */
	else
		write_range(t, item->start, *range, greed);
}

static uint64_t multiply(uint64_t a, uint64_t b)
{
	uint64_t product;

	return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

int pyregex_read_repeat(struct pyregex_translation *t, struct pyregex_sequence *s, uint32_t c)
{
	struct range range = { c == '+', c == '?' ? 1 : REPEAT_MAX };
	struct pyregex_item *item = &s->last;
	int r = c == '{' ? read_braces(t, &range) : 1;

	if (r < 0)
		return r;
	if (r == 0) {
		pyregex_add_set(t, s, 0); /* no subject has a brace */
		return 0;
	}
	if (item->kind == PYREGEX_NO_ITEM || item->kind == PYREGEX_AT)
		return pyregex_fail(t, NULL, "nothing to repeat");
	if (item->kind == PYREGEX_REPEAT)
		return pyregex_fail(t, NULL, "multiple repeat");
	write_repeat(t, item, &range, read_greed(t));
	item->kind = PYREGEX_REPEAT;
	item->width.lo = multiply(item->width.lo, range.min);
	item->width.hi = multiply(item->width.hi, range.max);
	return 0;
}
