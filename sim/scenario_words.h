/* SPDX-License-Identifier: Apache-2.0 */
/* The words of a scenario line: splitting it, and reading one word as a value. Pure. */
#ifndef VFMOND_SIM_SCENARIO_WORDS_H
#define VFMOND_SIM_SCENARIO_WORDS_H

#include "scenario.h"

/* A part of a line; len 0 stands for "the line ends here". */
struct word {
	const char *text;
	size_t len;
	unsigned column;
};

/* A line while it is read. */
struct words {
	const struct scenario_line *line;
	size_t pos;
	struct scenario_error *error;
};

/* Takes the next word; an empty one at the end of the line or at a comment. */
struct word words_next(struct words *w);

/* Takes all that is left of the line up to a comment, without blanks at its end. */
struct word words_rest(struct words *w);

/* Fills the error for a place in the line; format is printf's. Returns -EINVAL. */
int words_refuse(struct words *w, const struct word *at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

bool word_is(const struct word *word, const char *text);

/* Each reads one word and returns 0, or refuses it with what is allowed there. */
int words_take_address(struct words *w, const struct word *word, struct pci_addr *ret);
int words_take_name(struct words *w, const struct word *word, char ret[static STEP_NAME_MAX]);
int words_take_count(struct words *w, const struct word *word, uint64_t *ret);
int words_take_id(struct words *w, const struct word *word, struct pci_id *ret);
int words_take_hex(struct words *w, const struct word *word, size_t digits, uint32_t *ret);
int words_take_duration(struct words *w, const struct word *word, uint64_t *ret_usec);

/* Finds the word in a NULL-terminated list; *ret is its place. what says what is expected. */
int words_take_choice(struct words *w, const struct word *word, const char *const *choices,
		      size_t *ret);

#endif
