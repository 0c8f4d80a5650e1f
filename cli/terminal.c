/* SPDX-License-Identifier: Apache-2.0 */
#include "terminal.h"

#include <errno.h>
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define COLUMNS_DEFAULT 80
#define COLUMNS_MIN 40

static const char *const colours_names[] = {
	[TERMINAL_COLOURS_AUTO] = "auto",
	[TERMINAL_COLOURS_ALWAYS] = "always",
	[TERMINAL_COLOURS_NEVER] = "never",
};

struct look {
	const char *mark;
	const char *plain_mark;
	const char *colour;
};

static const struct look looks[] = {
	[VF_READINESS_UNTRACKED] = { "●", "*", "\033[2m" },
	[VF_READINESS_READY] = { "●", "*", "\033[32m" },
	[VF_READINESS_DEGRADED] = { "●", "*", "\033[33m" },
	[VF_READINESS_UNKNOWN] = { "○", "o", "\033[33m" },
	[VF_READINESS_BLOCKED] = { "○", "o", "\033[31m" },
	[VF_READINESS_DANGEROUS] = { "○", "o", "\033[1;31m" },
};
_Static_assert(sizeof(looks) / sizeof(looks[0]) == VF_READINESS_COUNT, "a look for each readiness");

int terminal_colours_from_name(const char *name)
{
	for (int i = 0; i <= TERMINAL_COLOURS_NEVER; i++) {
		if (strcmp(colours_names[i], name) == 0)
			return i;
	}
	return -EINVAL;
}

static size_t columns_now(void)
{
	const char *env = getenv("COLUMNS");
	unsigned long columns = env ? strtoul(env, NULL, 10) : 0;
	struct winsize size;

	if (columns == 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		columns = size.ws_col;
	if (columns == 0)
		columns = COLUMNS_DEFAULT;
	return columns < COLUMNS_MIN ? COLUMNS_MIN : columns;
}

/* https://no-color.org: present and not empty, whatever its value. */
static bool colours_by_default(bool is_terminal)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if (!is_terminal || (no_color && *no_color))
		return false;
	return !term || strcmp(term, "dumb") != 0;
}

void terminal_init(struct terminal *t, enum terminal_colours when)
{
	t->is_terminal = isatty(STDOUT_FILENO);
	t->colours = when == TERMINAL_COLOURS_ALWAYS ||
		     (when == TERMINAL_COLOURS_AUTO && colours_by_default(t->is_terminal));
	t->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	t->columns = columns_now();
}

const char *terminal_arrow(const struct terminal *t)
{
	return t->utf8 ? "→" : "->";
}

const char *terminal_ellipsis(const struct terminal *t)
{
	return t->utf8 ? "…" : "...";
}

static const struct look *look_of(const char *readiness)
{
	int value = readiness ? vf_readiness_from_name(readiness) : -EINVAL;

	return &looks[value < 0 ? VF_READINESS_UNKNOWN : value];
}

const char *terminal_mark(const struct terminal *t, const char *readiness)
{
	const struct look *look = look_of(readiness);

	return t->utf8 ? look->mark : look->plain_mark;
}

const char *terminal_colour(const struct terminal *t, const char *readiness)
{
	return t->colours ? look_of(readiness)->colour : NULL;
}

size_t terminal_width(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}
