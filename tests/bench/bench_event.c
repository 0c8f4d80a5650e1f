/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CPU for one kernel event, from received to queued for one subscriber, beside a bare receiver of
 * the same events that reads the same files. One event at a time, so that neither can spare a read.
 */
#include <err.h>
#include <linux/netlink.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/bare.h"
#include "../lib/bench.h"

#define EVENTS 3000
#define WARM_UP 200
#define MESSAGE_MAX 8192
#define NSEC_PER_USEC 1e3

/* The bare receiver counts here what it has done. */
struct bare_receiver {
	pid_t pid;
	volatile unsigned *done;
};

static int open_uevents(void)
{
	const struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);

	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		err(1, "uevents");
	return fd;
}

static void __attribute__((noreturn)) receive(int fd, volatile unsigned *done)
{
	char message[MESSAGE_MAX];
	struct bare b;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	bare_init(&b);
	for (;;) {
		ssize_t n = recv(fd, message, sizeof(message) - 1, 0);
		const char *name;

		if (n <= 0)
			continue;
		message[n] = '\0';
		name = strrchr(message, '/');
		if (!name || strncmp(message, "change@", strlen("change@")) != 0)
			continue;
		bare_read_changing(&b, name + 1);
		(*done)++;
	}
}

static void start_bare(struct bare_receiver *r)
{
	int fd = open_uevents();

	r->done = mmap(NULL, sizeof(*r->done), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		       -1, 0);
	if (r->done == MAP_FAILED)
		err(1, "mmap");
	r->pid = fork();
	if (r->pid == 0)
		receive(fd, r->done);
	if (r->pid < 0)
		err(1, "fork");
	(void)close(fd);
}

static void stop_bare(struct bare_receiver *r)
{
	(void)kill(r->pid, SIGKILL);
	(void)waitpid(r->pid, NULL, 0);
}

/* The subscriber's next change, whichever function it is of. */
static void await_change(struct bench_client *c)
{
	const char *message;
	size_t size;

	do
		message = bench_client_next(c, &size);
	while (!strstr(message, "\"change\":{"));
}

static void await_snapshot(struct bench_client *c)
{
	const char *message;
	size_t size;

	do
		message = bench_client_next(c, &size);
	while (!strstr(message, "\"snapshot_complete\":true"));
}

static void fire(struct bench_stimulus *s, struct bench_client *c, struct bare_receiver *r,
		 unsigned count)
{
	unsigned wanted;

	for (unsigned i = 0; i < count; i++) {
		wanted = *r->done + 1;
		bench_stimulus_fire(s);
		await_change(c);
		while (*r->done < wanted)
			(void)usleep(20);
	}
}

static void measure(struct bench_stimulus *s, struct bench_daemon *d, struct bench_client *c)
{
	struct bare_receiver r;
	uint64_t daemon_nsec, bare_nsec;
	char what[96];

	start_bare(&r);
	fire(s, c, &r, WARM_UP);
	daemon_nsec = bench_cpu_nsec(d->pid);
	bare_nsec = bench_cpu_nsec(r.pid);
	fire(s, c, &r, EVENTS);
	daemon_nsec = bench_cpu_nsec(d->pid) - daemon_nsec;
	bare_nsec = bench_cpu_nsec(r.pid) - bare_nsec;
	stop_bare(&r);
	(void)snprintf(what, sizeof(what), "one %s uevent, %zu functions, CPU us",
		       s->is_simulated ? "simulated" : "kernel", s->count);
	bench_print_ratio(what, (double)daemon_nsec / EVENTS / NSEC_PER_USEC,
			  (double)bare_nsec / EVENTS / NSEC_PER_USEC, 1.5);
}

int main(void)
{
	struct bench_stimulus s;
	struct bench_daemon d;
	struct bench_client c;

	if (!bench_stimulus_init(&s)) {
		(void)fprintf(
			stderr,
			"NOT MEASURED here: no function whose driver_override we may write\n");
		return 0;
	}
	bench_daemon_start(&d, "--all-functions");
	bench_client_call(&c, &d, "WatchDevices");
	await_snapshot(&c);
	bench_daemon_settle(&d);
	measure(&s, &d, &c);
	bench_client_done(&c);
	bench_daemon_stop(&d);
	bench_stimulus_done(&s);
	return 0;
}
