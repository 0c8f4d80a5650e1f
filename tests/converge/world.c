/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "inbox.h"

static void __attribute__((noreturn)) give_up(const char *what)
{
	perror(what);
	abort();
}

/* Keeps a copy for udev to tell of later; one that has no room is one that udev has lost. */
static void copy_for_udev(struct world *w, const char *text, size_t size)
{
	struct udev_copy *c;

	if (w->udev_after_usec == UINT64_MAX || w->copy_count == UDEV_COPIES_MAX)
		return;
	c = &w->copies[w->copy_count++];
	c->due_usec = clock_now_usec() + w->udev_after_usec;
	c->seqnum = w->seqnum;
	c->size = size;
	memcpy(c->text, text, size);
}

/* As the kernel does when the simulator hands it an event. */
static int send_event(const char *text, size_t size, void *arg)
{
	struct world *w = arg;
	char message[3072];
	int len;

	memcpy(message, text, size);
	len = snprintf(message + size, sizeof(message) - size, "SEQNUM=%llu",
		       (unsigned long long)++w->seqnum);
	size += (size_t)len + 1;
	inbox_send(INBOX_UEVENT, message, size);
	copy_for_udev(w, message, size);
	return 0;
}

static int on_move(const struct move *move, void *arg)
{
	struct world *w = arg;
	int r = 0;

	if (move->kind != MOVE_EVENT) {
		r = tree_apply(&w->tree, move);
	} else if (w->listening) {
		w->silent |= w->faults.drop > 0;
		r = faults_pass(&w->faults, move->text, move->size, clock_now_usec());
	}
	if (w->listening && w->after_move)
		w->after_move(w->arg);
	return r;
}

/* Mounts and swap areas: none. */
static void make_proc(const struct world *w)
{
	static const char *const files[] = { "proc/self/mountinfo", "proc/swaps" };
	int fd;

	if (mkdirat(w->fd, "proc", 0755) < 0 || mkdirat(w->fd, "proc/self", 0755) < 0)
		give_up("proc");
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		fd = openat(w->fd, files[i], O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
		if (fd < 0)
			give_up(files[i]);
		(void)close(fd);
	}
}

void world_init(struct world *w, const char *base)
{
	*w = (struct world){ .udev_after_usec = UINT64_MAX };
	(void)snprintf(w->path, sizeof(w->path), "%s/run-XXXXXX", base);
	if (!mkdtemp(w->path))
		give_up(w->path);
	(void)snprintf(w->sysfs, sizeof(w->sysfs), "%s/sys", w->path);
	(void)snprintf(w->dev, sizeof(w->dev), "%s/dev", w->path);
	(void)snprintf(w->proc, sizeof(w->proc), "%s/proc", w->path);
	(void)snprintf(w->modules_alias, sizeof(w->modules_alias), "%s/modules/modules.alias",
		       w->path);
	w->copies = calloc(UDEV_COPIES_MAX, sizeof(*w->copies));
	w->fd = open(w->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (w->fd < 0 || !w->copies || tree_init(&w->tree, w->fd) < 0 ||
	    host_new(on_move, w, &w->host) < 0 || host_build(w->host) < 0)
		give_up("the simulated host");
	make_proc(w);
	w->faults.send = send_event;
	w->faults.arg = w;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

void world_done(struct world *w)
{
	faults_done(&w->faults);
	tree_done(&w->tree);
	w->host = host_free(w->host);
	free(w->copies);
	(void)close(w->fd);
	(void)nftw(w->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Steps that change what no event and no watched file tells of. */
static bool is_silent(const struct world *w, const struct step *step)
{
	const struct function *f;

	switch ((int)step->kind) {
	case STEP_OVERRIDE:
	case STEP_AUTOPROBE:
		return w->deaf;
	case STEP_DRIVER:
		return w->deaf && step->driver.unloaded;
	/* A probe's begin and its failure are not told. */
	case STEP_SLOW_PROBE:
	case STEP_FAIL:
		return true;
	case STEP_STUCK:
		f = host_find(w->host, &step->addr);
		return f && f->vfio < 0 && f->netdev < 0 && f->num_vfs == 0;
	case STEP_OPEN:
	case STEP_CLOSE:
		/*
		 * A node that is opened before it is known whose it is, tells nothing: what is left is
		 * the audit, as for all of in_use that is not announced.
		 */
		return true;
	default:
		return false;
	}
}

/* What play_step() does with the steps that are about events. */
static bool set_fault(struct world *w, const struct step *step)
{
	switch ((int)step->kind) {
	case STEP_DROP:
		w->faults.drop = step->number;
		return true;
	case STEP_DUPLICATE:
		w->faults.duplicate = step->number;
		return true;
	case STEP_REORDER:
		(void)faults_flush(&w->faults);
		w->faults.reorder = step->number;
		return true;
	case STEP_DELAY:
		w->faults.delay = step->number;
		w->faults.delay_usec = step->usec;
		return true;
	default:
		return false;
	}
}

int world_play(struct world *w, const char *line)
{
	const struct scenario_line text = { line, strlen(line), 1 };
	struct scenario_error error = { .line = 0 };
	struct step step;
	int r = scenario_parse_line(&text, &step, &error);

	if (r <= 0)
		return r;
	if (set_fault(w, &step))
		return 0;
	/* Before it is done, as it says where the function is now. */
	w->silent |= w->listening && is_silent(w, &step);
	r = host_perform(w->host, &step, &error);
	if (r < 0 && r != -EINVAL)
		give_up(line);
	if (r == 0 && step.kind == STEP_MASTER && w->listening)
		inbox_send_link(host_find(w->host, &step.addr)->name);
	return r;
}

void world_release(struct world *w)
{
	(void)faults_release(&w->faults, clock_now_usec());
}

void world_flush(struct world *w)
{
	(void)faults_flush(&w->faults);
}

uint64_t world_next_usec(const struct world *w)
{
	uint64_t next = faults_next_usec(&w->faults);

	for (size_t i = 0; i < w->copy_count; i++)
		if (w->copies[i].due_usec < next)
			next = w->copies[i].due_usec;
	return next;
}

bool world_take_copy(struct world *w, struct udev_copy *ret)
{
	if (w->copy_count == 0 || w->copies[0].due_usec > clock_now_usec())
		return false;
	*ret = w->copies[0];
	w->copy_count--;
	memmove(w->copies, w->copies + 1, w->copy_count * sizeof(*w->copies));
	return true;
}
