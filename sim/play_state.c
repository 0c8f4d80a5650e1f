/* SPDX-License-Identifier: Apache-2.0 */
#include "play_state.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "model.h"
#include "notify.h"

#define MODEL_PATH_MAX 4096

uint64_t play_now_usec(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

void play_stop(struct play *p)
{
	/*
	 * A frozen one would not hear the other. Once and before it: at the end of a program that
	 * is built with a leak sanitizer it would undo the stop with which that begins, for ever.
	 */
	if (!p->stopping)
		command_signal(&p->command, SIGCONT);
	p->stopping = true;
	command_signal(&p->command, SIGTERM);
}

/* Returns 0, or -ECANCELED if the play is over. */
static int handle_signals(struct play *p)
{
	struct signalfd_siginfo info;
	bool was_stopping = p->stopping;

	while (read(p->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGUSR1)
			(void)play_print_model(p);
		/* A terminal sends SIGINT to the command as well: its end is then this one's. */
		else if (info.ssi_signo != SIGCHLD &&
			 (info.ssi_signo != SIGINT || p->command.pid == 0))
			play_stop(p);
	}
	command_look(&p->command);
	return p->command.ended || p->stopping != was_stopping ? -ECANCELED : 0;
}

/* Until then, or until the next late event; a negative time for poll() is for ever. */
static struct timespec *time_left(const struct play *p, uint64_t until_usec, struct timespec *ret)
{
	uint64_t late = faults_next_usec(&p->faults), now = play_now_usec(), left;

	until_usec = late < until_usec ? late : until_usec;
	if (until_usec == PLAY_FOREVER)
		return NULL;
	left = until_usec > now ? until_usec - now : 0;
	*ret = (struct timespec){ .tv_sec = (time_t)(left / 1000000),
				  .tv_nsec = (long)(left % 1000000) * 1000 };
	return ret;
}

int play_wait(struct play *p, uint64_t until_usec, int fd)
{
	struct pollfd fds[] = { { .fd = p->signal_fd, .events = POLLIN },
				{ .fd = fd, .events = POLLIN },
				{ .fd = p->notify_fd, .events = POLLIN } };
	struct timespec left;
	int r;

	for (;;) {
		r = faults_release(&p->faults, play_now_usec());
		if (r < 0)
			return r;
		r = ppoll(fds, 3, time_left(p, until_usec, &left), NULL);
		if (r < 0 && errno != EINTR)
			return -errno;
		if (r > 0 && fds[2].revents && notify_read(p->notify_fd) == 1)
			p->ready = true;
		if (r > 0 && fds[0].revents && handle_signals(p) < 0)
			return -ECANCELED;
		if (r > 0 && fds[1].revents)
			return 1;
		if (play_now_usec() >= until_usec)
			return 0;
	}
}

int play_open_acknowledgements(struct play *p)
{
	const char *path = p->options->ack;
	struct stat st;
	bool fifo;

	if (!path)
		return 0;
	fifo = stat(path, &st) == 0 && S_ISFIFO(st.st_mode);
	/* Open for reading too, a FIFO needs no reader yet, and none ends this process. */
	p->ack_fd = open(path,
			 fifo ? O_RDWR | O_CLOEXEC
			      : O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC,
			 0644);
	return p->ack_fd < 0 ? -errno : 0;
}

void play_acknowledge(const struct play *p, const char *format, ...)
{
	char line[1024];
	va_list args;
	int len;

	if (p->ack_fd < 0)
		return;
	va_start(args, format);
	len = vsnprintf(line, sizeof(line) - 1, format, args);
	va_end(args);
	if (len > (int)sizeof(line) - 2)
		len = (int)sizeof(line) - 2;
	line[len] = '\n';
	/* Who does not read them does not need them. */
	(void)!write(p->ack_fd, line, (size_t)len + 1);
}

static int write_model(const struct play *p, FILE *file)
{
	/* Reading the inodes does not change the tree. */
	union {
		const struct tree *in;
		void *out;
	} tree = { .in = &p->tree };

	return model_write(p->host, file, tree_inode, tree.out);
}

int play_print_model(const struct play *p)
{
	const char *path = p->options->model;
	char new_path[MODEL_PATH_MAX];
	FILE *file;
	int r;

	if (!path)
		return write_model(p, stdout);
	if (snprintf(new_path, sizeof(new_path), "%s.new", path) >= (int)sizeof(new_path))
		return -ENAMETOOLONG;
	file = fopen(new_path, "we");
	if (!file)
		return -errno;
	r = write_model(p, file);
	if (fclose(file) != 0 && r == 0)
		r = -errno;
	if (r == 0 && rename(new_path, path) < 0)
		r = -errno;
	return r;
}
