/* SPDX-License-Identifier: Apache-2.0 */
/* One change to 1,000 subscribers, beside a program that sends the same bytes to 1,000 sockets. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../lib/bench.h"

#define SUBSCRIBERS 1000
#define CHANGES 100
#define NSEC_PER_USEC 1e3

struct crowd {
	struct bench_client clients[SUBSCRIBERS];
	int pairs[SUBSCRIBERS][2];
	char *message; /* the last change */
	size_t size;
};

static void open_crowd(struct crowd *c, const struct bench_daemon *d)
{
	const char *message;
	size_t size;

	for (size_t i = 0; i < SUBSCRIBERS; i++) {
		bench_client_call(&c->clients[i], d, "WatchDevices");
		do
			message = bench_client_next(&c->clients[i], &size);
		while (!strstr(message, "\"snapshot_complete\":true"));
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, c->pairs[i]) < 0)
			err(1, "socketpair");
	}
}

static void close_crowd(struct crowd *c)
{
	for (size_t i = 0; i < SUBSCRIBERS; i++) {
		bench_client_done(&c->clients[i]);
		(void)close(c->pairs[i][0]);
		(void)close(c->pairs[i][1]);
	}
	free(c->message);
}

/* Every subscriber has the change; what the last one got is kept. */
static void await_everybody(struct crowd *c)
{
	const char *message = NULL;
	size_t size = 0;

	for (size_t i = 0; i < SUBSCRIBERS; i++)
		do
			message = bench_client_next(&c->clients[i], &size);
		while (!strstr(message, "\"change\":{"));
	free(c->message);
	c->message = malloc(size);
	if (!c->message)
		errx(1, "no memory");
	memcpy(c->message, message, size);
	c->size = size;
}

/* The CPU that the sending alone costs; the other ends are emptied outside of the measurement. */
static uint64_t send_to_everybody(struct crowd *c)
{
	static char buffer[1 << 16];
	uint64_t begun = bench_cpu_nsec(0), took;

	for (size_t i = 0; i < SUBSCRIBERS; i++)
		if (write(c->pairs[i][0], c->message, c->size) != (ssize_t)c->size)
			err(1, "write");
	took = bench_cpu_nsec(0) - begun;
	for (size_t i = 0; i < SUBSCRIBERS; i++)
		if (read(c->pairs[i][1], buffer, sizeof(buffer)) != (ssize_t)c->size)
			err(1, "read");
	return took;
}

static void measure(struct crowd *c, const struct bench_daemon *d, struct bench_stimulus *s)
{
	uint64_t daemon = 0, sender = 0, before;

	for (int i = 0; i < CHANGES; i++) {
		before = bench_cpu_nsec(d->pid);
		bench_stimulus_fire(s);
		await_everybody(c);
		daemon += bench_cpu_nsec(d->pid) - before;
		sender += send_to_everybody(c);
	}
	bench_print_ratio("one change to 1000 subscribers, CPU us",
			  (double)daemon / CHANGES / NSEC_PER_USEC,
			  (double)sender / CHANGES / NSEC_PER_USEC, 1.5);
}

int main(void)
{
	const struct rlimit files = { 8192, 8192 };
	struct crowd *c = calloc(1, sizeof(*c));
	struct bench_stimulus s;
	struct bench_daemon d;

	if (!c || setrlimit(RLIMIT_NOFILE, &files) < 0)
		err(1, "8192 open files");
	if (!bench_stimulus_init(&s))
		errx(1, "to be run in vfmond-sim");
	bench_daemon_start(&d, NULL);
	open_crowd(c, &d);
	bench_daemon_settle(&d);
	measure(c, &d, &s);
	close_crowd(c);
	bench_daemon_stop(&d);
	bench_stimulus_done(&s);
	free(c);
	return 0;
}
