/* SPDX-License-Identifier: Apache-2.0 */
#include "scenario_words.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void skip_blanks(struct words *w)
{
	while (w->pos < w->line->len && is_blank(w->line->text[w->pos]))
		w->pos++;
	/* A comment ends the line wherever a word could begin. */
	if (w->pos < w->line->len && w->line->text[w->pos] == '#')
		w->pos = w->line->len;
}

struct word words_next(struct words *w)
{
	struct word word;
	size_t start;

	skip_blanks(w);
	start = w->pos;
	while (w->pos < w->line->len && !is_blank(w->line->text[w->pos]))
		w->pos++;
	word.text = w->line->text + start;
	word.len = w->pos - start;
	word.column = (unsigned)start + 1;
	return word;
}

struct word words_rest(struct words *w)
{
	struct word first = words_next(w), word = first;

	for (word = words_next(w); word.len > 0; word = words_next(w))
		first.len = (size_t)(word.text + word.len - first.text);
	return first;
}

int words_refuse(struct words *w, const struct word *at, const char *format, ...)
{
	va_list args;

	w->error->line = w->line->number;
	w->error->column = at->column;
	va_start(args, format);
	(void)vsnprintf(w->error->text, sizeof(w->error->text), format, args);
	va_end(args);
	return -EINVAL;
}

bool word_is(const struct word *word, const char *text)
{
	return strlen(text) == word->len && memcmp(word->text, text, word->len) == 0;
}

/* "'word' is not X", or "X is missing" where the line ended. */
static int refuse_word(struct words *w, const struct word *word, const char *expected)
{
	if (word->len == 0)
		return words_refuse(w, word, "here must be %s", expected);
	return words_refuse(w, word, "'%.*s' is not %s", (int)(word->len > 64 ? 64 : word->len),
			    word->text, expected);
}

int words_take_address(struct words *w, const struct word *word, struct pci_addr *ret)
{
	if (pci_addr_parse_n(word->text, word->len, ret) < 0)
		return refuse_word(w, word, "an address such as 0000:3b:00.0");
	return 0;
}

int words_take_name(struct words *w, const struct word *word, char ret[static STEP_NAME_MAX])
{
	if (word->len == 0 || word->len >= STEP_NAME_MAX || memchr(word->text, '/', word->len) ||
	    memchr(word->text, '\0', word->len) || word->text[0] == '.')
		return refuse_word(w, word, "a name (at most 63 characters, no slash)");
	memcpy(ret, word->text, word->len);
	ret[word->len] = '\0';
	return 0;
}

/* The decimal digits at the start of a word; returns how many. */
static size_t take_digits(const struct word *word, uint64_t *ret)
{
	uint64_t value = 0;
	size_t n = 0;

	for (; n < word->len && n < 10 && word->text[n] >= '0' && word->text[n] <= '9'; n++)
		value = value * 10 + (uint64_t)(word->text[n] - '0');
	*ret = value;
	return n;
}

int words_take_count(struct words *w, const struct word *word, uint64_t *ret)
{
	uint64_t value;

	if (word->len == 0 || take_digits(word, &value) != word->len || value > STEP_COUNT_MAX)
		return refuse_word(w, word, "a number from 0 to 1000000");
	*ret = value;
	return 0;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static int parse_hex(const char *text, size_t len, uint32_t *ret)
{
	uint32_t value = 0;

	for (size_t n = 0; n < len; n++) {
		if (hex_value(text[n]) < 0)
			return -EINVAL;
		value = value * 16 + (uint32_t)hex_value(text[n]);
	}
	*ret = value;
	return 0;
}

int words_take_hex(struct words *w, const struct word *word, size_t digits, uint32_t *ret)
{
	if (word->len != digits || parse_hex(word->text, digits, ret) < 0)
		return refuse_word(w, word,
				   digits == 4 ? "an id of four hex digits"
					       : "a class of six hex digits");
	return 0;
}

int words_take_id(struct words *w, const struct word *word, struct pci_id *ret)
{
	uint32_t vendor, product;

	if (word->len != 9 || word->text[4] != ':' || parse_hex(word->text, 4, &vendor) < 0 ||
	    parse_hex(word->text + 5, 4, &product) < 0)
		return refuse_word(w, word, "vendor:product such as 15b3:101e");
	ret->vendor = (uint16_t)vendor;
	ret->product = (uint16_t)product;
	return 0;
}

int words_take_duration(struct words *w, const struct word *word, uint64_t *ret_usec)
{
	static const struct {
		const char *text;
		uint64_t usec;
	} units[] = { { "us", 1 }, { "ms", 1000 }, { "s", 1000000 } };
	struct word unit = *word;
	uint64_t value;
	size_t digits = take_digits(word, &value);

	unit.text += digits;
	unit.len -= digits;
	for (size_t n = 0; digits > 0 && n < sizeof(units) / sizeof(units[0]); n++) {
		if (!word_is(&unit, units[n].text))
			continue;
		*ret_usec = value * units[n].usec;
		return 0;
	}
	return refuse_word(w, word, "a time such as 300ms, 2s or 50us");
}

int words_take_choice(struct words *w, const struct word *word, const char *const *choices,
		      size_t *ret)
{
	char list[480];
	size_t used = 0;

	list[0] = '\0';
	for (size_t n = 0; choices[n]; n++) {
		if (word_is(word, choices[n])) {
			*ret = n;
			return 0;
		}
		if (used < sizeof(list))
			used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
						 n > 0 ? ", " : "one of: ", choices[n]);
	}
	return refuse_word(w, word, list);
}
