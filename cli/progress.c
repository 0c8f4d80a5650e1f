/* SPDX-License-Identifier: Apache-2.0 */
#include "progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CLEAR_LINE "\r\033[K"

void progress_init(struct progress *p, const struct terminal *t)
{
	const char *term = getenv("TERM");

	*p = (struct progress){ .terminal = t };
	p->shown = isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
}

void progress_done(struct progress *p)
{
	progress_clear(p);
}

bool progress_is_shown(const struct progress *p)
{
	return p->shown;
}

/* How many bytes so many characters take. */
static size_t bytes_of(const char *text, size_t characters)
{
	size_t i = 0;

	for (; text[i]; i++) {
		if (((unsigned char)text[i] & 0xc0) != 0x80 && characters-- == 0)
			break;
	}
	return i;
}

/* The last column stays free: some terminals go on in the next line when it is written. */
void progress_show(struct progress *p, const char *text)
{
	const char *ellipsis = terminal_ellipsis(p->terminal);
	size_t room = p->terminal->columns - 1;

	if (!p->shown)
		return;
	if (terminal_width(text) <= room)
		fprintf(stderr, CLEAR_LINE "%s", text);
	else
		fprintf(stderr, CLEAR_LINE "%.*s%s",
			(int)bytes_of(text, room - terminal_width(ellipsis)), text, ellipsis);
	p->written = true;
}

void progress_clear(struct progress *p)
{
	if (p->written)
		fprintf(stderr, CLEAR_LINE);
	p->written = false;
}
