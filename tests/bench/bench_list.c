/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A list of all functions, from the request to the last byte, beside a program that sends the same
 * bytes to the same client.
 */
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/bench.h"

#define ROUNDS 15
#define NSEC_PER_MSEC 1e6
#define CONTINUES "\"continues\":true"

struct recording {
	char *bytes;
	size_t len;
	size_t devices;
};

static size_t count_of(const char *message, const char *word)
{
	size_t count = 0;

	for (const char *at = message; (at = strstr(at, word)); at++)
		count++;
	return count;
}

static void append(struct recording *r, const char *message, size_t size)
{
	char *longer = realloc(r->bytes, r->len + size);

	if (!longer)
		errx(1, "no memory");
	memcpy(longer + r->len, message, size);
	r->bytes = longer;
	r->len += size;
	r->devices += count_of(message, "\"generation\":");
}

/* The replies, kept once for the other program. */
static void record(const struct bench_daemon *d, struct recording *ret)
{
	struct bench_client c;
	const char *message;
	size_t size;

	bench_client_call(&c, d, "ListDevices");
	do {
		message = bench_client_next(&c, &size);
		append(ret, message, size);
	} while (strstr(message, CONTINUES));
	bench_client_done(&c);
}

static void drain(int fd, size_t left)
{
	static char buffer[1 << 16];
	ssize_t n;

	while (left > 0) {
		n = read(fd, buffer, sizeof(buffer));
		if (n <= 0)
			err(1, "read");
		left -= (size_t)n;
	}
}

static void keep_least(double *best, uint64_t begun)
{
	double took = (double)(bench_wall_nsec() - begun);

	if (*best <= 0 || took < *best)
		*best = took;
}

static void measure_daemon(const struct bench_daemon *d, const struct recording *r, double *best)
{
	struct bench_client c;
	uint64_t begun = bench_wall_nsec();

	bench_client_call(&c, d, "ListDevices");
	drain(c.fd, r->len);
	keep_least(best, begun);
	bench_client_done(&c);
}

/* A request is one byte; then come the same bytes. */
static pid_t start_sender(const struct recording *r, int fd, int other)
{
	pid_t pid = fork();
	char request;

	if (pid != 0)
		return pid;
	(void)close(other);
	while (read(fd, &request, 1) == 1)
		for (size_t sent = 0; sent < r->len;) {
			ssize_t n = write(fd, r->bytes + sent, r->len - sent);

			if (n <= 0)
				_exit(1);
			sent += (size_t)n;
		}
	_exit(0);
}

static void measure_sender(int fd, const struct recording *r, double *best)
{
	uint64_t begun = bench_wall_nsec();

	if (write(fd, "", 1) != 1)
		err(1, "write");
	drain(fd, r->len);
	keep_least(best, begun);
}

static void measure(const struct bench_daemon *d, const struct recording *r)
{
	double daemon = 0, sender = 0;
	char what[64];
	int fds[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		err(1, "socketpair");
	pid = start_sender(r, fds[1], fds[0]);
	(void)close(fds[1]);
	for (int i = 0; i < ROUNDS; i++) {
		measure_sender(fds[0], r, &sender);
		measure_daemon(d, r, &daemon);
	}
	(void)close(fds[0]);
	(void)waitpid(pid, NULL, 0);
	(void)snprintf(what, sizeof(what), "list of %zu functions, wall ms", r->devices);
	bench_print_ratio(what, daemon / NSEC_PER_MSEC, sender / NSEC_PER_MSEC, 1.5);
}

int main(void)
{
	struct recording r = { NULL, 0, 0 };
	struct bench_daemon d;

	bench_daemon_start(&d, NULL);
	record(&d, &r);
	measure(&d, &r);
	bench_daemon_stop(&d);
	free(r.bytes);
	return 0;
}
