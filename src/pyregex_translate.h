/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a pattern as Python's re/_parser.py does, and writes what it means for subjects of
 * hexadecimal digits in the part of the language that PCRE2 understands in the same way. A part of
 * pyregex.
 */
#ifndef PYREGEX_TRANSLATE_H
#define PYREGEX_TRANSLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pyregex.h"

/* Python's own recursion would end a little later. */
#define PYREGEX_DEPTH_MAX 400

/* So that many groups with names are no trouble. */
#define PYREGEX_BUCKETS 1024

/* The characters of a subject that something matches: bit 0 is '0', bit 15 is 'f'. */
typedef uint16_t pyregex_set;
#define PYREGEX_ALL ((pyregex_set)0xffff)

/* A character, or a backslash and the one behind it. */
struct pyregex_token {
	uint32_t c;	  /* PYREGEX_END: there is none */
	uint32_t escaped; /* behind a backslash */
};
#define PYREGEX_END UINT32_MAX

/* How many characters something matches. */
struct pyregex_width {
	uint64_t lo;
	uint64_t hi;
};

struct pyregex_group {
	const char *name; /* in the pattern; NULL: none */
	size_t name_len;
	size_t same_bucket; /* another group whose name may be the same; 0: none */
	bool is_closed;
	struct pyregex_width width;
};

/* Flags that matter for subjects without newlines. */
struct pyregex_flags {
	bool ignore_case;
	bool verbose;
};

struct pyregex_translation {
	const char *pos;     /* behind next */
	const char *next_at; /* where next stands */
	const char *end;
	struct pyregex_token next;
	bool has_wide_lookbehind;     /* one whose width is not fixed */
	bool ends_badly;	      /* the last character is a backslash */
	struct pyregex_flags flags;   /* those of the whole pattern */
	bool is_ascii;		      /* (?a) is one of them */
	bool is_unicode;	      /* (?u) is one of them */
	struct pyregex_group *groups; /* item 0 is not used */
	size_t group_count;
	size_t buckets[PYREGEX_BUCKETS]; /* groups with a name; 0: none */
	size_t lookbehind_groups; /* groups at the begin of the outermost lookbehind; 0: in none */
	uint64_t highest_condition; /* group number that a condition names */
	unsigned int depth;
	struct pyregex_error *error;
	char *out; /* what is written */
	size_t out_len;
	size_t out_size;
	bool out_failed; /* no memory */
};

/* The last item of a sequence. */
struct pyregex_item {
	enum { PYREGEX_NO_ITEM, PYREGEX_AT, PYREGEX_REPEAT, PYREGEX_OTHER } kind;
	size_t start; /* where it was written */
	struct pyregex_width width;
};

/* A sequence that is being read: one branch of a pattern or a group. */
struct pyregex_sequence {
	struct pyregex_flags flags;
	bool may_have_flags; /* the first one of the whole pattern */
	struct pyregex_item last;
	struct pyregex_width width; /* of all before the last item */
};

/* Returns 0 with a text that the caller frees, -EINVAL or -ENOMEM. */
int pyregex_translate(const char *pattern, char **ret, struct pyregex_error *ret_error);

/* For all parts: fills the error and returns -EINVAL; python_class NULL is re.error. */
int pyregex_fail(struct pyregex_translation *t, const char *python_class, const char *reason);

/* pyregex_token.c: what is read. */
void pyregex_start(struct pyregex_translation *t, const char *pattern);
struct pyregex_token pyregex_get(struct pyregex_translation *t);
bool pyregex_at(const struct pyregex_translation *t, char c);
bool pyregex_take(struct pyregex_translation *t, char c);
bool pyregex_at_one_of(const struct pyregex_translation *t, const char *chars);
void pyregex_seek(struct pyregex_translation *t, const char *place);
/* A name up to a character that is taken too. Returns 0 or -EINVAL. */
int pyregex_get_name(struct pyregex_translation *t, char end, const char **ret, size_t *ret_len);
bool pyregex_is_identifier(const char *name, size_t len);

/* pyregex_token.c: what is written. A lack of memory is told at the end. */
void pyregex_write(struct pyregex_translation *t, const char *text);
void pyregex_write_number(struct pyregex_translation *t, const char *before, uint64_t n,
			  const char *after);
void pyregex_write_set(struct pyregex_translation *t, pyregex_set set);
void pyregex_insert(struct pyregex_translation *t, size_t place, const char *text);

/* pyregex_set.c: what matches one character. */
pyregex_set pyregex_range(uint32_t lo, uint32_t hi, bool ignore_case);
int pyregex_read_set(struct pyregex_translation *t, bool ignore_case, pyregex_set *ret);

/* pyregex_escape.c. An escape is a category (\d), or a character. */
struct pyregex_escape {
	bool is_category;
	pyregex_set set;
	uint32_t c;
};
int pyregex_read_escape(struct pyregex_translation *t, uint32_t c, struct pyregex_escape *ret);
/* The same outside of a set, for what is also one there. */
int pyregex_read_octal(struct pyregex_translation *t, uint32_t c, struct pyregex_escape *ret);

/* pyregex_group.c: what begins with a parenthesis, which is taken already. */
int pyregex_read_group(struct pyregex_translation *t, struct pyregex_sequence *s);
int pyregex_refer(struct pyregex_translation *t, struct pyregex_sequence *s, uint64_t group);

/* pyregex_repeat.c: a character of "*+?{", which is taken already. */
int pyregex_read_repeat(struct pyregex_translation *t, struct pyregex_sequence *s, uint32_t c);

/* pyregex_translate.c */
void pyregex_add(struct pyregex_sequence *s, const struct pyregex_item *item);
void pyregex_add_set(struct pyregex_translation *t, struct pyregex_sequence *s, pyregex_set set);
/* One branch, and all branches up to a closing parenthesis or the end. */
int pyregex_read_sequence(struct pyregex_translation *t, struct pyregex_sequence *s,
			  struct pyregex_width *ret);
int pyregex_read_branches(struct pyregex_translation *t, struct pyregex_flags flags,
			  struct pyregex_width *ret);

#endif
