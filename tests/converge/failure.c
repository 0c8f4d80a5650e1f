/* SPDX-License-Identifier: Apache-2.0 */
#include "failure.h"

#include <stdarg.h>
#include <stdio.h>

static struct failure *current;

void failure_begin(struct failure *f)
{
	current = f;
	f->failed = false;
	f->text[0] = '\0';
}

bool failure_is(void)
{
	return current->failed;
}

void fail(const char *format, ...)
{
	va_list args;

	if (current->failed)
		return;
	current->failed = true;
	va_start(args, format);
	(void)vsnprintf(current->text, sizeof(current->text), format, args);
	va_end(args);
}
