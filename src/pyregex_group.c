/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pyregex_translate.h"
#include "vfmon/conf_names.h"

/* All flags; "L" is for bytes only. */
#define FLAG_LETTERS "iLmsxau"
/* These exclude each other. */
#define TYPE_LETTERS "au"

struct flag_change {
	char added[sizeof(FLAG_LETTERS)];
	char removed[sizeof(FLAG_LETTERS)];
};

/* What an opened group is. */
struct opening {
	size_t start;		    /* where it is written */
	struct pyregex_flags flags; /* inside */
	size_t number;		    /* 0: it captures nothing */
};

static bool is_closed(const struct pyregex_translation *t, uint64_t group)
{
	return group < t->group_count && t->groups[group].is_closed;
}

/* What a lookbehind itself has captured is not known yet when it would be needed. */
static int check_lookbehind(struct pyregex_translation *t, uint64_t group)
{
	if (t->lookbehind_groups == 0)
		return 0;
	if (!is_closed(t, group))
		return pyregex_fail(t, NULL, "cannot refer to an open group");
	if (group >= t->lookbehind_groups)
		return pyregex_fail(t, NULL, "a group of the same lookbehind is referred to");
	return 0;
}

int pyregex_refer(struct pyregex_translation *t, struct pyregex_sequence *s, uint64_t group)
{
	if (group >= t->group_count)
		return pyregex_fail(t, NULL, "invalid group reference");
	if (!is_closed(t, group))
		return pyregex_fail(t, NULL, "cannot refer to an open group");
	if (check_lookbehind(t, group) < 0)
		return -EINVAL;
	pyregex_add(s, &(struct pyregex_item){ PYREGEX_OTHER, t->out_len, t->groups[group].width });
	pyregex_write_number(t, "\\g{", group, "}");
	return 0;
}

static size_t bucket_of(const char *name, size_t len)
{
	size_t sum = len;

	for (size_t i = 0; i < len; i++)
		sum = sum * 31 + (unsigned char)name[i];
	return sum % PYREGEX_BUCKETS;
}

/* Returns its number, or 0. */
static size_t find_named(const struct pyregex_translation *t, const char *name, size_t len)
{
	size_t i = t->buckets[bucket_of(name, len)];

	while (i && (t->groups[i].name_len != len || memcmp(t->groups[i].name, name, len) != 0))
		i = t->groups[i].same_bucket;
	return i;
}

static int open_group(struct pyregex_translation *t, const char *name, size_t len, size_t *ret)
{
	size_t count = t->group_count;
	struct pyregex_group *groups = t->groups;

	if (name && find_named(t, name, len))
		return pyregex_fail(t, NULL, "a group's name is given twice");
	/* A power of two is where the array is full. */
	if (count == 1 || (count & (count - 1)) == 0) {
		groups = reallocarray(t->groups, count * 2, sizeof(*groups));
		if (!groups)
			return -ENOMEM;
		t->groups = groups;
	}
	groups[0] = (struct pyregex_group){ 0 };
	groups[count] = (struct pyregex_group){ .name = name, .name_len = len };
	if (name) {
		size_t *bucket = &t->buckets[bucket_of(name, len)];

		groups[count].same_bucket = *bucket;
		*bucket = count;
	}
	*ret = t->group_count++;
	return 0;
}

static int expect_end(struct pyregex_translation *t)
{
	if (!pyregex_take(t, ')'))
		return pyregex_fail(t, NULL, "missing ), unterminated subpattern");
	pyregex_write(t, ")");
	return 0;
}

/* What is between the opening, which is written, and the closing parenthesis. */
static int read_inside(struct pyregex_translation *t, struct pyregex_sequence *s,
		       const struct opening *o)
{
	struct pyregex_width width;
	int r = pyregex_read_branches(t, o->flags, &width);

	if (r == 0)
		r = expect_end(t);
	if (r < 0)
		return r;
	if (o->number) {
		t->groups[o->number].is_closed = true;
		t->groups[o->number].width = width;
	}
	pyregex_add(s, &(struct pyregex_item){ PYREGEX_OTHER, o->start, width });
	return 0;
}

static int read_capture(struct pyregex_translation *t, struct pyregex_sequence *s, const char *name,
			size_t len)
{
	struct opening o = { t->out_len, s->flags, 0 };
	int r = open_group(t, name, len, &o.number);

	if (r < 0)
		return r;
	pyregex_write(t, "(");
	return read_inside(t, s, &o);
}

static int read_plain(struct pyregex_translation *t, struct pyregex_sequence *s, const char *open,
		      struct pyregex_flags flags)
{
	const struct opening o = { t->out_len, flags, 0 };

	pyregex_write(t, open);
	return read_inside(t, s, &o);
}

static int read_comment(struct pyregex_translation *t)
{
	for (;;) {
		struct pyregex_token token = pyregex_get(t);

		if (token.c == PYREGEX_END)
			return pyregex_fail(t, NULL, "missing ), unterminated comment");
		if (token.c == ')')
			return 0;
	}
}

/* A lookaround takes no characters, whatever is inside. */
static int read_look(struct pyregex_translation *t, struct pyregex_sequence *s, const char *open,
		     struct pyregex_width *ret)
{
	const size_t start = t->out_len;
	int r;

	pyregex_write(t, open);
	r = pyregex_read_branches(t, s->flags, ret);
	if (r == 0)
		r = expect_end(t);
	if (r == 0)
		pyregex_add(s, &(struct pyregex_item){ PYREGEX_OTHER, start, { 0, 0 } });
	return r;
}

static int read_lookbehind(struct pyregex_translation *t, struct pyregex_sequence *s)
{
	bool is_outermost = t->lookbehind_groups == 0;
	struct pyregex_token token = pyregex_get(t);
	struct pyregex_width width;
	int r;

	if (token.c != '=' && token.c != '!')
		return pyregex_fail(t, NULL, "unknown extension behind (?<");
	if (is_outermost)
		t->lookbehind_groups = t->group_count;
	r = read_look(t, s, token.c == '=' ? "(?<=" : "(?<!", &width);
	if (is_outermost)
		t->lookbehind_groups = 0;
	if (r == 0 && width.lo != width.hi)
		t->has_wide_lookbehind = true; /* which Python finds when all is read */
	return r;
}

/* (?P<name>...) and (?P=name) */
static int read_named(struct pyregex_translation *t, struct pyregex_sequence *s)
{
	bool is_group = pyregex_take(t, '<');
	const char *name;
	size_t len, group;

	if (!is_group && !pyregex_take(t, '='))
		return pyregex_fail(t, NULL, "unknown extension behind (?P");
	if (pyregex_get_name(t, is_group ? '>' : ')', &name, &len) < 0)
		return -EINVAL;
	if (!pyregex_is_identifier(name, len))
		return pyregex_fail(t, NULL, "bad character in group name");
	if (is_group)
		return read_capture(t, s, name, len);
	group = find_named(t, name, len);
	if (group == 0)
		return pyregex_fail(t, NULL, "unknown group name");
	return pyregex_refer(t, s, group);
}

/* The group that a condition names. Returns 0 or -EINVAL. */
static int read_condition(struct pyregex_translation *t, uint64_t *ret)
{
	uint64_t group = 0;
	const char *name;
	size_t len;

	if (pyregex_get_name(t, ')', &name, &len) < 0)
		return -EINVAL;
	if (pyregex_is_identifier(name, len)) {
		*ret = find_named(t, name, len);
		return *ret ? 0 : pyregex_fail(t, NULL, "unknown group name");
	}
	for (size_t i = 0; i < len; i++) {
		if (name[i] < '0' || name[i] > '9')
			return pyregex_fail(t, NULL, "bad character in group name");
		group = group * 10 + (uint64_t)(name[i] - '0');
		if (group > UINT32_MAX)
			group = UINT32_MAX;
	}
	if (group == 0)
		return pyregex_fail(t, NULL, "bad group number");
	if (group > t->highest_condition)
		t->highest_condition = group;
	*ret = group;
	return 0;
}

static int read_half(struct pyregex_translation *t, struct pyregex_flags flags,
		     struct pyregex_width *ret)
{
	struct pyregex_sequence s = { .flags = flags };
	int r;

	if (++t->depth > PYREGEX_DEPTH_MAX)
		return pyregex_fail(t, PYTHON_RECURSION_ERROR, "groups are nested too deeply");
	r = pyregex_read_sequence(t, &s, ret);
	t->depth--;
	return r;
}

/* (?(group)yes|no) */
static int read_conditional(struct pyregex_translation *t, struct pyregex_sequence *s)
{
	struct pyregex_width yes, no = { 0, 0 };
	const size_t start = t->out_len;
	uint64_t group;
	int r;

	if (read_condition(t, &group) < 0 || check_lookbehind(t, group) < 0)
		return -EINVAL;
	pyregex_write_number(t, "(?(", group, ")");
	r = read_half(t, s->flags, &yes);
	if (r == 0 && pyregex_take(t, '|')) {
		pyregex_write(t, "|");
		r = read_half(t, s->flags, &no);
		if (r == 0 && pyregex_at(t, '|'))
			return pyregex_fail(t, NULL, "a condition with more than two branches");
	}
	if (r == 0)
		r = expect_end(t);
	if (r < 0)
		return r;
	pyregex_add(s, &(struct pyregex_item){ PYREGEX_OTHER,
					       start,
					       { yes.lo < no.lo ? yes.lo : no.lo,
						 yes.hi > no.hi ? yes.hi : no.hi } });
	return 0;
}

static bool is_flag(uint32_t c)
{
	return c != 0 && c < 0x80 && strchr(FLAG_LETTERS, (int)c);
}

static void note_flag(char *letters, uint32_t c)
{
	if (!strchr(letters, (int)c))
		letters[strlen(letters)] = (char)c;
}

/* The letters before the minus sign. Gives the character behind them. */
static int read_added(struct pyregex_translation *t, uint32_t c, struct flag_change *change,
		      uint32_t *ret)
{
	while (is_flag(c)) {
		if (c == 'L')
			return pyregex_fail(t, NULL, "flag L is for bytes only");
		note_flag(change->added, c);
		if (strchr(change->added, 'a') && strchr(change->added, 'u'))
			return pyregex_fail(t, NULL, "flags a and u are incompatible");
		c = pyregex_get(t).c;
	}
	if (c != ')' && c != '-' && c != ':')
		return pyregex_fail(t, NULL, "unknown flag, or missing -, : or )");
	*ret = c;
	return 0;
}

/* The letters behind the minus sign, and the colon. */
static int read_removed(struct pyregex_translation *t, struct flag_change *change)
{
	uint32_t c = pyregex_get(t).c;

	if (!is_flag(c))
		return pyregex_fail(t, NULL, "unknown or missing flag");
	for (; is_flag(c); c = pyregex_get(t).c) {
		if (c == 'L' || strchr(TYPE_LETTERS, (int)c))
			return pyregex_fail(t, NULL, "flags a, u and L can not be turned off");
		if (strchr(change->added, (int)c))
			return pyregex_fail(t, NULL, "a flag is turned on and off");
		note_flag(change->removed, c);
	}
	return c == ':' ? 0 : pyregex_fail(t, NULL, "unknown flag, or missing :");
}

static struct pyregex_flags change_flags(struct pyregex_flags flags, const struct flag_change *c)
{
	flags.ignore_case = (flags.ignore_case || strchr(c->added, 'i')) &&
			    !strchr(c->removed, 'i');
	flags.verbose = (flags.verbose || strchr(c->added, 'x')) && !strchr(c->removed, 'x');
	return flags;
}

/* (?flags), which only the pattern's start may have, and (?flags-flags:...) */
static int read_flags(struct pyregex_translation *t, struct pyregex_sequence *s, uint32_t c)
{
	struct flag_change change = { 0 };
	int r = 0;

	if (c != '-')
		r = read_added(t, c, &change, &c);
	if (r < 0)
		return r;
	if (c == ')') {
		if (!s->may_have_flags || s->last.kind != PYREGEX_NO_ITEM)
			return pyregex_fail(t, NULL, "global flags not at the start");
		t->is_ascii = t->is_ascii || strchr(change.added, 'a');
		t->is_unicode = t->is_unicode || strchr(change.added, 'u');
		t->flags = s->flags = change_flags(s->flags, &change);
		return 0;
	}
	if (c == '-' && read_removed(t, &change) < 0)
		return -EINVAL;
	return read_plain(t, s, "(?:", change_flags(s->flags, &change));
}

int pyregex_read_group(struct pyregex_translation *t, struct pyregex_sequence *s)
{
	struct pyregex_width width;
	struct pyregex_token token;

	if (!pyregex_take(t, '?'))
		return read_capture(t, s, NULL, 0);
	token = pyregex_get(t);
	switch (token.c) {
	case 'P':
		return read_named(t, s);
	case ':':
		return read_plain(t, s, "(?:", s->flags);
	case '>':
		return read_plain(t, s, "(?>", s->flags);
	case '#':
		return read_comment(t);
	case '=':
		return read_look(t, s, "(?=", &width);
	case '!':
		return read_look(t, s, "(?!", &width);
	case '<':
		return read_lookbehind(t, s);
	case '(':
		return read_conditional(t, s);
	default:
		if (is_flag(token.c) || token.c == '-')
			return read_flags(t, s, token.c);
		return pyregex_fail(t, NULL, "unknown extension behind (?");
	}
}
