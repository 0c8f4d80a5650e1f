/* SPDX-License-Identifier: Apache-2.0 */
#include "shrink.h"

#include <string.h>

struct shrinking {
	struct plan *best;
	struct plan next;
	shrink_fn fails;
	void *arg;
};

/* Keeps the next plan if it fails as well. */
static bool keep(struct shrinking *s)
{
	if (!s->fails(&s->next, s->arg))
		return false;
	*s->best = s->next;
	return true;
}

static void drop_lines(struct plan *p, size_t first, size_t count)
{
	memmove(p->lines + first, p->lines + first + count,
		(p->line_count - first - count) * sizeof(*p->lines));
	p->line_count -= count;
}

/* Pieces of this length, from the end, as what is there depends on what was before. */
static bool try_pieces(struct shrinking *s, size_t length)
{
	bool shorter = false;
	size_t first;

	for (size_t end = s->best->line_count; end > 0; end = first) {
		first = end > length ? end - length : 0;
		s->next = *s->best;
		drop_lines(&s->next, first, end - first);
		shorter |= keep(s);
	}
	return shorter;
}

static void try_subscribers(struct shrinking *s)
{
	for (size_t i = s->best->subscriber_count; i-- > 0;) {
		s->next = *s->best;
		s->next.subscriber_count--;
		memmove(s->next.subscribers + i, s->next.subscribers + i + 1,
			(s->next.subscriber_count - i) * sizeof(s->next.subscribers[0]));
		if (keep(s))
			continue;
		s->next = *s->best;
		s->next.subscribers[i].reconnect = s->next.subscribers[i].odd = 0;
		(void)keep(s);
		s->next = *s->best;
		s->next.subscribers[i].filter[0] = '\0';
		(void)keep(s);
	}
}

/* Each thing that makes a run less simple. */
static void try_surroundings(struct shrinking *s)
{
	s->next = *s->best;
	s->next.queue = 0;
	(void)keep(s);
	s->next = *s->best;
	s->next.udev_msec = UINT32_MAX;
	(void)keep(s);
	s->next = *s->best;
	s->next.files_a_turn = 0;
	(void)keep(s);
	s->next = *s->best;
	s->next.audit_sec = 0;
	(void)keep(s);
	s->next = *s->best;
	s->next.deaf = false;
	(void)keep(s);
	s->next = *s->best;
	s->next.specs[0] = '\0';
	(void)keep(s);
	s->next = *s->best;
	s->next.history = 1 << 22;
	(void)keep(s);
	s->next = *s->best;
	s->next.all_functions = s->next.group_nodes = false;
	(void)keep(s);
}

/* Other chances: with chaos 0 most lines are one step after the other. */
static void try_chaos(struct shrinking *s)
{
	for (size_t i = 0; i < s->best->line_count; i++) {
		if (s->best->lines[i].chaos == 0)
			continue;
		s->next = *s->best;
		s->next.lines[i].chaos = 0;
		(void)keep(s);
	}
}

void shrink(struct plan *p, shrink_fn fails, void *arg)
{
	struct shrinking s = { .best = p, .fails = fails, .arg = arg };
	size_t before;

	do {
		before = p->line_count;
		for (size_t length = (p->line_count + 1) / 2; length > 0; length /= 2)
			(void)try_pieces(&s, length);
		try_subscribers(&s);
		try_surroundings(&s);
	} while (p->line_count < before);
	try_chaos(&s);
	(void)try_pieces(&s, 1);
}
