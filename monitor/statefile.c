/* SPDX-License-Identifier: Apache-2.0 */
#include "statefile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "moment.h"
#include "tracker.h"
#include "vfmon/cleanup.h"
#include "vfmon/names.h"
#include "vfmon/registry.h"
#include "vfmon/state_text.h"
#include "wholefile.h"

#define INTERVAL_USEC 1000000ULL

/* A write that failed is tried again after a second, later after twice the time before, at most: */
#define RETRY_MOST_USEC (64 * 1000000ULL)

/* A host with very many functions spends this part of its time on the file at most. */
#define SHARE_OF_TIME 20

/* Room for 100,000 functions; whatever is larger is not ours. */
#define MAX_FILE_BYTES (128L << 20)

DEFINE_CLEANUP(char *, free);

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

int statefile_init(struct statefile *f, const char *directory, const char *boot_id)
{
	int len = directory ? (int)strcspn(directory, ":") : 0;

	*f = (struct statefile){ .boot_id = boot_id, .due_usec = UINT64_MAX };
	/* Without the boot's id one life of an address can not be told from another. */
	if (len == 0 || !*boot_id)
		return 0;
	if (asprintf(&f->path, "%.*s/" STATE_FILE, len, directory) < 0) {
		f->path = NULL;
		return -ENOMEM;
	}
	if (asprintf(&f->new_path, "%s.new", f->path) < 0) {
		f->new_path = NULL;
		return -ENOMEM;
	}
	return 0;
}

void statefile_done(struct statefile *f)
{
	free(f->path);
	free(f->new_path);
	*f = (struct statefile){ .due_usec = UINT64_MAX };
}

static int read_whole(const char *path, char **ret, size_t *ret_len)
{
	cleanup_(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	cleanup_(freep) char *text = NULL;
	size_t len = 0;
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size > MAX_FILE_BYTES)
		return -EINVAL;
	if (st.st_uid != geteuid())
		return -EPERM;
	text = malloc((size_t)st.st_size + 1);
	if (!text)
		return -ENOMEM;
	while (len < (size_t)st.st_size &&
	       (n = read(fd, text + len, (size_t)st.st_size - len)) != 0) {
		if (n < 0)
			return -errno;
		len += (size_t)n;
	}
	*ret = TAKE_PTR(text);
	*ret_len = len;
	return 0;
}

static const char *why_not_read(int r)
{
	if (r == -EINVAL)
		return "it is no regular file of a sensible size";
	if (r == -EPERM)
		return "it is another user's";
	return r == -ELOOP ? "it is a link" : strerror(-r);
}

/* A fresh start is all that a file that can not be used costs. */
static int pass_over(const struct statefile *f, const char *reason)
{
	log_warning("%s is not used: %s; what vanished before this start is not known", f->path,
		    reason);
	return 0;
}

int statefile_load(struct statefile *f, struct tracker *tracker)
{
	cleanup_(state_images_done) struct state_images images = { 0 };
	cleanup_(freep) char *text = NULL;
	char reason[STATE_TEXT_REASON_MAX] = "";
	size_t len = 0;
	int r;

	if (!f->path)
		return 0;
	r = read_whole(f->path, &text, &len);
	if (r == -ENOENT)
		return 0;
	if (r < 0 && r != -ENOMEM)
		return pass_over(f, why_not_read(r));
	if (r == 0)
		r = state_text_read(text, len, f->boot_id, tracker_pool(tracker), &images, reason);
	if (r == -EINVAL)
		return pass_over(f, reason);
	if (r == -ESTALE) /* of another boot: everything on it is gone, as it should be */
		return 0;
	return r < 0 ? r : tracker_remember(tracker, images.items, images.count);
}

uint64_t statefile_note(struct statefile *f, const struct change *change)
{
	uint64_t now;

	if (!f->path)
		return UINT64_MAX;
	if (change->kind == CHANGE_CHANGED &&
	    change->device->attributes_changed_usec == change->previous->attributes_changed_usec)
		return f->due_usec;
	if (f->due_usec == UINT64_MAX) {
		now = clock_usec(CLOCK_BOOTTIME);
		f->due_usec = now > f->earliest_usec ? now : f->earliest_usec;
	}
	return f->due_usec;
}

/*
 * Always into a new file: what a run that was killed has left, or whatever else is in its place (a
 * FIFO would block), is not opened. Not synced: after a crash of the host the boot is another one,
 * and the file of no use.
 */
static int replace(const struct statefile *f, const struct json_text *text)
{
	(void)unlink(f->new_path); /* if it can not be removed it is told by the next call */

	cleanup_(close_fd) int fd =
		open(f->new_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	int r;

	if (fd < 0)
		return -errno;
	r = wholefile_write(fd, text->data, text->len);
	if (r == 0 && rename(f->new_path, f->path) < 0)
		r = -errno;
	if (r < 0)
		(void)unlink(f->new_path); /* it is only in the way */
	return r;
}

/* What is on the disk is the older state, whole: it counts until a write succeeds. */
static void note_result(struct statefile *f, int r, uint64_t end)
{
	if (r == 0) {
		f->error[0] = '\0';
		f->retry_usec = 0;
		f->due_usec = UINT64_MAX;
		return;
	}
	(void)snprintf(f->error, sizeof(f->error), "%s can not be written: %s", f->path,
		       strerror(-r));
	if (f->retry_usec == 0)
		log_warning("%s; will try again", f->error);
	f->retry_usec = f->retry_usec == 0 ? INTERVAL_USEC : 2 * f->retry_usec;
	if (f->retry_usec > RETRY_MOST_USEC)
		f->retry_usec = RETRY_MOST_USEC;
	f->due_usec = end + f->retry_usec;
}

uint64_t statefile_write(struct statefile *f, const struct registry *registry)
{
	uint64_t begin = clock_usec(CLOCK_BOOTTIME), end;
	struct json_text text = { 0 };
	int r;

	if (!f->path || !registry_is_ready(registry))
		return UINT64_MAX;
	state_text_write(&text, f->boot_id, registry);
	r = json_text_error(&text);
	if (r == 0)
		r = replace(f, &text);
	json_text_done(&text);
	end = clock_usec(CLOCK_BOOTTIME);
	f->earliest_usec = end + INTERVAL_USEC + (end - begin) * SHARE_OF_TIME;
	note_result(f, r, end);
	return f->due_usec;
}

const char *statefile_error(const struct statefile *f)
{
	return f->error[0] ? f->error : NULL;
}
