/* SPDX-License-Identifier: Apache-2.0 */
#include "move.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PATH_SIZE 512

void move_bytes(struct moves *m, const struct move *move)
{
	if (m->error == 0)
		m->error = m->fn(move, m->arg);
}

/* The five kinds that have a path by printf() and perhaps a text without NULs. */
static void __attribute__((format(printf, 4, 0)))
move_formatted(struct moves *m, enum move_kind kind, const char *text, const char *format,
	       va_list args)
{
	char path[PATH_SIZE];
	struct move move = { .kind = kind, .path = path, .text = text };

	if (vsnprintf(path, sizeof(path), format, args) >= (int)sizeof(path)) {
		m->error = m->error ? m->error : -ENAMETOOLONG;
		return;
	}
	move.size = text ? strlen(text) : 0;
	move_bytes(m, &move);
}

void move_dir(struct moves *m, const char *path, ...)
{
	va_list args;

	va_start(args, path);
	move_formatted(m, MOVE_DIR, NULL, path, args);
	va_end(args);
}

void move_text(struct moves *m, const char *text, const char *path, ...)
{
	va_list args;

	va_start(args, path);
	move_formatted(m, MOVE_TEXT, text, path, args);
	va_end(args);
}

void move_write(struct moves *m, const char *text, const char *path, ...)
{
	va_list args;

	va_start(args, path);
	move_formatted(m, MOVE_WRITE, text, path, args);
	va_end(args);
}

void move_open(struct moves *m, const char *path, ...)
{
	va_list args;

	va_start(args, path);
	move_formatted(m, MOVE_OPEN, NULL, path, args);
	va_end(args);
}

void move_gone(struct moves *m, const char *path, ...)
{
	va_list args;

	va_start(args, path);
	move_formatted(m, MOVE_GONE, NULL, path, args);
	va_end(args);
}

/* Length of the directories that both paths begin with, with the last slash. */
static size_t common_directories(const char *a, const char *b)
{
	size_t common = 0;

	for (size_t n = 0; a[n] && a[n] == b[n]; n++)
		if (a[n] == '/')
			common = n + 1;
	return common;
}

/* The text of a link at path that leads to target: up to what both share, and down again. */
static int relative_target(const char *target, const char *path, char ret[static PATH_SIZE])
{
	size_t common = common_directories(target, path), used = 0;

	for (const char *p = path + common; *p; p++) {
		if (*p != '/')
			continue;
		if (used + 4 > PATH_SIZE)
			return -ENAMETOOLONG;
		memcpy(ret + used, "../", 3);
		used += 3;
	}
	if (snprintf(ret + used, PATH_SIZE - used, "%s", target + common) >=
	    (int)(PATH_SIZE - used))
		return -ENAMETOOLONG;
	return 0;
}

void move_link(struct moves *m, const char *target, const char *path, ...)
{
	char formatted[PATH_SIZE], text[PATH_SIZE];
	struct move move = { .kind = MOVE_LINK, .path = formatted, .text = text };
	va_list args;
	int len;

	va_start(args, path);
	len = vsnprintf(formatted, sizeof(formatted), path, args);
	va_end(args);
	if (len >= (int)sizeof(formatted) || relative_target(target, formatted, text) < 0) {
		m->error = m->error ? m->error : -ENAMETOOLONG;
		return;
	}
	move.size = strlen(text);
	move_bytes(m, &move);
}

void event_begin(struct event *e, const char *action, const char *devpath, const char *subsystem)
{
	e->size = 0;
	event_add(e, "%s@/%s", action, devpath);
	event_add(e, "ACTION=%s", action);
	event_add(e, "DEVPATH=/%s", devpath);
	event_add(e, "SUBSYSTEM=%s", subsystem);
}

void event_add(struct event *e, const char *format, ...)
{
	size_t room = sizeof(e->text) - e->size;
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(e->text + e->size, room, format, args);
	va_end(args);
	if (len >= 0 && (size_t)len < room)
		e->size += (size_t)len + 1;
}

void move_event(struct moves *m, const struct event *e)
{
	/* The first string is ACTION@DEVPATH and serves as the path of the move. */
	struct move move = {
		.kind = MOVE_EVENT, .path = e->text, .text = e->text, .size = e->size
	};

	move_bytes(m, &move);
}
