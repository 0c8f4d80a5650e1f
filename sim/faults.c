/* SPDX-License-Identifier: Apache-2.0 */
#include "faults.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct waiting_event {
	struct waiting_event *next;
	uint64_t due_usec;
	size_t size;
	char text[];
};

static struct waiting_event *waiting_new(const char *text, size_t size, uint64_t due_usec)
{
	struct waiting_event *w = malloc(sizeof(*w) + size);

	if (!w)
		return NULL;
	w->next = NULL;
	w->due_usec = due_usec;
	w->size = size;
	memcpy(w->text, text, size);
	return w;
}

/* Behind those that are due earlier or at the same time. */
static void insert_late(struct faults *f, struct waiting_event *w)
{
	struct waiting_event **at = &f->late;

	while (*at && (*at)->due_usec <= w->due_usec)
		at = &(*at)->next;
	w->next = *at;
	*at = w;
}

/* Sends the whole list and empties it, even if a send fails. */
static int send_list(struct faults *f, struct waiting_event **list)
{
	struct waiting_event *w, *next;
	int r = 0, sent;

	for (w = *list; w; w = next) {
		next = w->next;
		sent = f->send(w->text, w->size, f->arg);
		r = r < 0 ? r : sent;
		free(w);
	}
	*list = NULL;
	return r;
}

static int hold_late(struct faults *f, const char *text, size_t size, uint64_t now_usec)
{
	struct waiting_event *w = waiting_new(text, size, now_usec + f->delay_usec);

	if (!w)
		return -ENOMEM;
	f->delay--;
	insert_late(f, w);
	return 0;
}

static int hold_reversed(struct faults *f, const char *text, size_t size)
{
	struct waiting_event *w = waiting_new(text, size, 0);

	if (!w)
		return -ENOMEM;
	w->next = f->reversed;
	f->reversed = w;
	f->reorder--;
	return f->reorder == 0 ? send_list(f, &f->reversed) : 0;
}

int faults_pass(struct faults *f, const char *text, size_t size, uint64_t now_usec)
{
	int r;

	if (f->drop > 0) {
		f->drop--;
		return 0;
	}
	if (f->delay > 0)
		return hold_late(f, text, size, now_usec);
	if (f->reorder > 0)
		return hold_reversed(f, text, size);
	r = f->send(text, size, f->arg);
	if (r < 0 || f->duplicate == 0)
		return r;
	f->duplicate--;
	return f->send(text, size, f->arg);
}

int faults_release(struct faults *f, uint64_t now_usec)
{
	struct waiting_event *w;
	int r = 0;

	while (r == 0 && f->late && f->late->due_usec <= now_usec) {
		w = f->late;
		f->late = w->next;
		r = f->send(w->text, w->size, f->arg);
		free(w);
	}
	return r;
}

uint64_t faults_next_usec(const struct faults *f)
{
	return f->late ? f->late->due_usec : FAULTS_NOTHING_LATE;
}

int faults_flush(struct faults *f)
{
	f->reorder = 0;
	return send_list(f, &f->reversed);
}

static void free_list(struct waiting_event *w)
{
	struct waiting_event *next;

	for (; w; w = next) {
		next = w->next;
		free(w);
	}
}

void faults_done(struct faults *f)
{
	free_list(f->late);
	free_list(f->reversed);
	f->late = f->reversed = NULL;
}
