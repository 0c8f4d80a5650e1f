/* SPDX-License-Identifier: Apache-2.0 */
#include "config_value.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define SECOND 1000000ULL
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define YEAR (365 * DAY + 6 * HOUR)

struct unit {
	const char *name;
	uint64_t factor;
};

/* Those of systemd.time(7). */
static const struct unit time_units[] = {
	{ "", SECOND },
	{ "usec", 1 },
	{ "us", 1 },
	{ "µs", 1 },
	{ "μs", 1 },
	{ "msec", 1000 },
	{ "ms", 1000 },
	{ "seconds", SECOND },
	{ "second", SECOND },
	{ "sec", SECOND },
	{ "s", SECOND },
	{ "minutes", MINUTE },
	{ "minute", MINUTE },
	{ "min", MINUTE },
	{ "m", MINUTE },
	{ "hours", HOUR },
	{ "hour", HOUR },
	{ "hr", HOUR },
	{ "h", HOUR },
	{ "days", DAY },
	{ "day", DAY },
	{ "d", DAY },
	{ "weeks", 7 * DAY },
	{ "week", 7 * DAY },
	{ "w", 7 * DAY },
	{ "months", YEAR / 12 },
	{ "month", YEAR / 12 },
	{ "M", YEAR / 12 },
	{ "years", YEAR },
	{ "year", YEAR },
	{ "y", YEAR },
};

static const struct unit size_units[] = {
	{ "", 1 },	     { "B", 1 },	  { "K", 1ULL << 10 }, { "M", 1ULL << 20 },
	{ "G", 1ULL << 30 }, { "T", 1ULL << 40 }, { "P", 1ULL << 50 }, { "E", 1ULL << 60 },
};

/* One kind of value: its units, the one without a name first. */
struct units {
	const struct unit *all;
	size_t count;
};

static const struct units times = { time_units, COUNT(time_units) };
static const struct units sizes = { size_units, COUNT(size_units) };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static const char *skip_blanks(const char *s)
{
	return s + strspn(s, " \t\n");
}

static int take_whole(const char **pos, uint64_t *ret)
{
	const char *s = *pos;
	uint64_t value = 0;

	if (!is_digit(*s))
		return -EINVAL;
	for (; is_digit(*s); s++)
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*s - '0'), &value))
			return -EINVAL;
	*pos = s;
	*ret = value;
	return 0;
}

/* Digits behind a point, as their part of factor; the first nine count. */
static uint64_t fraction_of(const char *digits, uint64_t factor)
{
	uint64_t part = 0, whole = 1;

	for (; is_digit(*digits) && whole < 1000000000; digits++) {
		part = part * 10 + (uint64_t)(*digits - '0');
		whole *= 10;
	}
	/* factor * part / whole, without more bits than there are */
	return factor / whole * part + factor % whole * part / whole;
}

static int take_unit(const char **pos, const struct units *units, uint64_t *ret_factor)
{
	const char *s = *pos;
	size_t len = 0;

	while (is_letter(s[len]))
		len++;
	for (size_t i = 0; i < units->count; i++) {
		const struct unit *unit = &units->all[i];

		if (strlen(unit->name) != len || memcmp(unit->name, s, len) != 0)
			continue;
		*pos = s + len;
		*ret_factor = unit->factor;
		return 0;
	}
	return -EINVAL;
}

/* "1.5h": a number, blanks, a unit. */
static int take_term(const char **pos, const struct units *units, uint64_t *ret)
{
	const char *fraction = NULL;
	uint64_t value, factor;

	if (take_whole(pos, &value) < 0)
		return -EINVAL;
	if (**pos == '.') {
		fraction = *pos + 1;
		*pos = fraction + strspn(fraction, "0123456789");
		if (*pos == fraction)
			return -EINVAL;
	}
	*pos = skip_blanks(*pos);
	if (take_unit(pos, units, &factor) < 0 || __builtin_mul_overflow(value, factor, &value))
		return -EINVAL;
	if (fraction && __builtin_add_overflow(value, fraction_of(fraction, factor), &value))
		return -EINVAL;
	*ret = value;
	return 0;
}

static int parse_terms(const char *text, const struct units *units, uint64_t *ret)
{
	const char *s = skip_blanks(text);
	uint64_t sum = 0, term;

	do {
		if (take_term(&s, units, &term) < 0 || __builtin_add_overflow(sum, term, &sum))
			return -EINVAL;
		s = skip_blanks(s);
	} while (*s);
	*ret = sum;
	return 0;
}

int config_time_parse(const char *text, uint64_t *ret_usec)
{
	if (strcmp(text, "infinity") == 0) {
		*ret_usec = CONFIG_INFINITY;
		return 0;
	}
	return parse_terms(text, &times, ret_usec);
}

int config_size_parse(const char *text, uint64_t *ret_bytes)
{
	return parse_terms(text, &sizes, ret_bytes);
}

int config_count_parse(const char *text, uint64_t *ret)
{
	uint64_t value;

	if (take_whole(&text, &value) < 0 || *text)
		return -EINVAL;
	*ret = value;
	return 0;
}

void config_time_format(uint64_t usec, char *buf, size_t size)
{
	static const struct unit units[] = {
		{ "h", HOUR }, { "min", MINUTE }, { "s", SECOND }, { "ms", 1000 }, { "us", 1 },
	};
	size_t i = 0;

	while (usec % units[i].factor)
		i++; /* the last one divides all */
	(void)snprintf(buf, size, "%" PRIu64 "%s", usec / units[i].factor, units[i].name);
}

void config_size_format(uint64_t bytes, char *buf, size_t size)
{
	size_t i = 1;

	while (i + 1 < sizes.count && bytes && bytes % size_units[i + 1].factor == 0)
		i++;
	(void)snprintf(buf, size, "%" PRIu64 "%s", bytes / size_units[i].factor,
		       i > 1 ? size_units[i].name : "");
}
