/* SPDX-License-Identifier: Apache-2.0 */
#include "pyregex_translate.h"

#include <errno.h>
#include <stdlib.h>

#include "vfmon/conf_names.h"

static bool is_octal(uint32_t c)
{
	return c >= '0' && c <= '7';
}

static uint64_t add(uint64_t a, uint64_t b)
{
	uint64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

static struct pyregex_width width_sum(struct pyregex_width a, struct pyregex_width b)
{
	return (struct pyregex_width){ add(a.lo, b.lo), add(a.hi, b.hi) };
}

void pyregex_add(struct pyregex_sequence *s, const struct pyregex_item *item)
{
	s->width = width_sum(s->width, s->last.width);
	s->last = *item;
}

void pyregex_add_set(struct pyregex_translation *t, struct pyregex_sequence *s, pyregex_set set)
{
	pyregex_add(s, &(struct pyregex_item){ PYREGEX_OTHER, t->out_len, { 1, 1 } });
	pyregex_write_set(t, set);
}

static void add_place(struct pyregex_translation *t, struct pyregex_sequence *s, const char *text)
{
	pyregex_add(s, &(struct pyregex_item){ PYREGEX_AT, t->out_len, { 0, 0 } });
	pyregex_write(t, text);
}

static void add_char(struct pyregex_translation *t, struct pyregex_sequence *s, uint32_t c)
{
	pyregex_add_set(t, s, pyregex_range(c, c, s->flags.ignore_case));
}

/* A group's number of one or two digits, or a character's of three octal ones. */
static int read_number(struct pyregex_translation *t, struct pyregex_sequence *s, uint32_t c)
{
	uint32_t value = c - '0', second;
	struct pyregex_escape octal;
	int r;

	if (!pyregex_at_one_of(t, "0123456789"))
		return pyregex_refer(t, s, value);
	second = t->next.c;
	if (is_octal(c) && is_octal(second)) {
		const char *place = t->next_at;

		(void)pyregex_get(t);
		if (pyregex_at_one_of(t, "01234567")) {
			pyregex_seek(t, place);
			r = pyregex_read_octal(t, c, &octal);
			if (r == 0)
				add_char(t, s, octal.c);
			return r;
		}
	} else {
		(void)pyregex_get(t);
	}
	return pyregex_refer(t, s, value * 10 + (second - '0'));
}

static int read_escape(struct pyregex_translation *t, struct pyregex_sequence *s, uint32_t c)
{
	static const struct {
		char letter;
		const char *text;
	} places[] = { { 'A', "\\A" }, { 'b', "\\b" }, { 'B', "\\B" }, { 'Z', "\\z" } };
	struct pyregex_escape escape;
	int r;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (c == (unsigned char)places[i].letter) {
			add_place(t, s, places[i].text);
			return 0;
		}
	if (c >= '1' && c <= '9')
		return read_number(t, s, c);
	r = pyregex_read_escape(t, c, &escape);
	if (r < 0)
		return r;
	if (escape.is_category)
		pyregex_add_set(t, s, escape.set);
	else
		add_char(t, s, escape.c);
	return 0;
}

/* With the flag for it, blanks and comments mean nothing. */
static bool skip_verbose(struct pyregex_translation *t, uint32_t c)
{
	if (c == ' ' || (c >= '\t' && c <= '\r'))
		return true;
	if (c != '#')
		return false;
	for (;;) {
		struct pyregex_token token = pyregex_get(t);

		if (token.c == PYREGEX_END || token.c == '\n')
			return true;
	}
}

static int read_item(struct pyregex_translation *t, struct pyregex_sequence *s,
		     struct pyregex_token token)
{
	pyregex_set set;
	int r;

	switch (token.c) {
	case '\\':
		return read_escape(t, s, token.escaped);
	case '[':
		r = pyregex_read_set(t, s->flags.ignore_case, &set);
		if (r == 0)
			pyregex_add_set(t, s, set);
		return r;
	case '*':
	case '+':
	case '?':
	case '{':
		return pyregex_read_repeat(t, s, token.c);
	case '(':
		return pyregex_read_group(t, s);
	case '.':
		pyregex_add_set(t, s, PYREGEX_ALL);
		return 0;
	case '^':
		add_place(t, s, "\\A");
		return 0;
	case '$':
		add_place(t, s, "\\z");
		return 0;
	default:
		add_char(t, s, token.c);
		return 0;
	}
}

int pyregex_read_sequence(struct pyregex_translation *t, struct pyregex_sequence *s,
			  struct pyregex_width *ret)
{
	int r = 0;

	while (r == 0 && t->next.c != PYREGEX_END && !pyregex_at(t, '|') && !pyregex_at(t, ')')) {
		struct pyregex_token token = pyregex_get(t);

		if (!s->flags.verbose || !skip_verbose(t, token.c))
			r = read_item(t, s, token);
	}
	if (r < 0)
		return r;
	*ret = width_sum(s->width, s->last.width);
	return 0;
}

static int read_branches(struct pyregex_translation *t, struct pyregex_flags flags, bool is_top,
			 struct pyregex_width *ret)
{
	struct pyregex_width all = { 0, 0 }, one;
	int r;

	for (bool is_first = true;; is_first = false) {
		struct pyregex_sequence s = {
			.flags = is_top ? t->flags : flags,
			.may_have_flags = is_top && is_first,
		};

		r = pyregex_read_sequence(t, &s, &one);
		if (r < 0)
			return r;
		if (is_first || one.lo < all.lo)
			all.lo = one.lo;
		if (one.hi > all.hi)
			all.hi = one.hi;
		if (!pyregex_take(t, '|'))
			break;
		pyregex_write(t, "|");
	}
	*ret = all;
	return 0;
}

int pyregex_read_branches(struct pyregex_translation *t, struct pyregex_flags flags,
			  struct pyregex_width *ret)
{
	int r;

	if (++t->depth > PYREGEX_DEPTH_MAX)
		return pyregex_fail(t, PYTHON_RECURSION_ERROR, "groups are nested too deeply");
	r = read_branches(t, flags, false, ret);
	t->depth--;
	return r;
}

static int read_pattern(struct pyregex_translation *t)
{
	struct pyregex_width width;
	int r = read_branches(t, t->flags, true, &width);

	if (t->ends_badly)
		return pyregex_fail(t, NULL, "a backslash at the end of the pattern");
	if (r < 0)
		return r;
	if (t->is_ascii && t->is_unicode)
		return pyregex_fail(t, PYTHON_VALUE_ERROR, "flags a and u are incompatible");
	if (t->next.c != PYREGEX_END)
		return pyregex_fail(t, NULL, "unbalanced parenthesis");
	if (t->highest_condition >= t->group_count)
		return pyregex_fail(t, NULL, "a condition on a group that there is not");
	if (t->has_wide_lookbehind)
		return pyregex_fail(t, NULL, "look-behind requires fixed-width pattern");
	return 0;
}

int pyregex_translate(const char *pattern, char **ret, struct pyregex_error *ret_error)
{
	struct pyregex_translation t = { .error = ret_error, .group_count = 1 };
	int r;

	pyregex_start(&t, pattern);
	pyregex_write(&t, "");
	r = read_pattern(&t);
	free(t.groups);
	if (r == 0 && t.out_failed)
		r = -ENOMEM;
	if (r < 0) {
		free(t.out);
		return r;
	}
	*ret = t.out;
	return 0;
}
