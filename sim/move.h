/* SPDX-License-Identifier: Apache-2.0 */
/* What a step does to the host, one visible move after the other: link, text, event. Pure. */
#ifndef VFMOND_SIM_MOVE_H
#define VFMOND_SIM_MOVE_H

#include <stddef.h>

/*
 * Paths begin with sys/, dev/ or modules/. Text that the kernel sets changes without an inotify
 * event; text that somebody writes is seen by inotify.
 */
enum move_kind {
	/* make a directory, and those above it */
	MOVE_DIR,
	/* the kernel sets a file's text, at once */
	MOVE_TEXT,
	/* the same, for a text that many files have and that never changes */
	MOVE_SHARED,
	/* somebody writes a file */
	MOVE_WRITE,
	/* somebody opens a file, if it is there, and closes it */
	MOVE_OPEN,
	/* make a link; text is the target as readlink() gives it */
	MOVE_LINK,
	/* remove a file, link or directory with all that is in it */
	MOVE_GONE,
	/* reading the file blocks from now on */
	MOVE_HANG,
	/* the file can not be opened from now on */
	MOVE_HIDE,
	/* ends the two above */
	MOVE_RESTORE,
	/* send an event; text is the kernel's message without SEQNUM */
	MOVE_EVENT,
};

struct move {
	enum move_kind kind;
	const char *path;
	const char *text;
	size_t size;
};

/* Carries out one move. Returns 0 or -errno. */
typedef int (*move_fn)(const struct move *move, void *arg);

/* Where moves go. After the first error no more are handed on; the caller looks once at the end. */
struct moves {
	move_fn fn;
	void *arg;
	int error;
};

/* An event while it is put together. */
struct event {
	char text[2560];
	size_t size;
};

void move_dir(struct moves *m, const char *path, ...) __attribute__((format(printf, 2, 3)));
void move_text(struct moves *m, const char *text, const char *path, ...)
	__attribute__((format(printf, 3, 4)));
void move_write(struct moves *m, const char *text, const char *path, ...)
	__attribute__((format(printf, 3, 4)));
/* Target and path both from the root; the link's text becomes relative, as in sysfs. */
void move_link(struct moves *m, const char *target, const char *path, ...)
	__attribute__((format(printf, 3, 4)));
void move_open(struct moves *m, const char *path, ...) __attribute__((format(printf, 2, 3)));
void move_gone(struct moves *m, const char *path, ...) __attribute__((format(printf, 2, 3)));

/* Any kind; the text may have NULs in it. */
void move_bytes(struct moves *m, const struct move *move);

/* Starts an event; devpath is without /sys and has no slash in front. */
void event_begin(struct event *e, const char *action, const char *devpath, const char *subsystem);
/* Adds one KEY=value; a key that does not fit is left out, as the kernel would send nothing. */
void event_add(struct event *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
void move_event(struct moves *m, const struct event *e);

#endif
