/* SPDX-License-Identifier: Apache-2.0 */
#include "pyregex_translate.h"

static bool is_in(uint32_t c, uint32_t lo, uint32_t hi)
{
	return c >= lo && c <= hi;
}

/*
 * No character outside ASCII is a hexadecimal digit in another case, so only a to f have one.
 */
pyregex_set pyregex_range(uint32_t lo, uint32_t hi, bool ignore_case)
{
	static const char chars[] = PYREGEX_SUBJECT_CHARS;
	pyregex_set set = 0;

	for (unsigned int i = 0; chars[i]; i++) {
		uint32_t c = (unsigned char)chars[i];

		if (is_in(c, lo, hi) || (ignore_case && c >= 'a' && is_in(c - 'a' + 'A', lo, hi)))
			set |= (pyregex_set)(1u << i);
	}
	return set;
}

static int unterminated(struct pyregex_translation *t)
{
	return pyregex_fail(t, NULL, "unterminated character set");
}

/* One end of a range, or an item of its own. */
static int read_member(struct pyregex_translation *t, struct pyregex_token token,
		       struct pyregex_escape *ret)
{
	if (token.c == '\\')
		return pyregex_read_escape(t, token.escaped, ret);
	*ret = (struct pyregex_escape){ .c = token.c };
	return 0;
}

static pyregex_set set_of(const struct pyregex_escape *e, bool ignore_case)
{
	return e->is_category ? e->set : pyregex_range(e->c, e->c, ignore_case);
}

/* Behind the minus sign. Returns 1 if the set has ended there, 0, or below 0. */
static int read_range(struct pyregex_translation *t, const struct pyregex_escape *low,
		      bool ignore_case, pyregex_set *set)
{
	struct pyregex_token token = pyregex_get(t);
	struct pyregex_escape high;
	int r;

	if (token.c == PYREGEX_END)
		return unterminated(t);
	if (token.c == ']') {
		*set |= set_of(low, ignore_case);
		return 1;
	}
	r = read_member(t, token, &high);
	if (r < 0)
		return r;
	if (low->is_category || high.is_category || high.c < low->c)
		return pyregex_fail(t, NULL, "bad character range");
	*set |= pyregex_range(low->c, high.c, ignore_case);
	return 0;
}

int pyregex_read_set(struct pyregex_translation *t, bool ignore_case, pyregex_set *ret)
{
	bool is_negated = pyregex_take(t, '^');
	pyregex_set set = 0;
	int r = 0;

	for (bool is_first = true; r == 0; is_first = false) {
		struct pyregex_token token = pyregex_get(t);
		struct pyregex_escape member;

		if (token.c == PYREGEX_END)
			return unterminated(t);
		if (token.c == ']' && !is_first)
			break;
		r = read_member(t, token, &member);
		if (r < 0)
			return r;
		if (pyregex_take(t, '-'))
			r = read_range(t, &member, ignore_case, &set);
		else
			set |= set_of(&member, ignore_case);
	}
	if (r < 0)
		return r;
	*ret = is_negated ? (pyregex_set)~set : set;
	return 0;
}
