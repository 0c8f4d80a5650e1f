/* SPDX-License-Identifier: Apache-2.0 */
#include "bench.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BUFFER_SIZE (2UL << 20)
#define SECOND_NSEC 1000000000ULL
#define READY_WITHIN_SEC 120
/* Longer than between two of the daemon's looks at a new link. */
#define QUIET_SEC 12

static uint64_t read_clock(clockid_t clock)
{
	struct timespec ts;

	if (clock_gettime(clock, &ts) < 0)
		err(1, "clock_gettime");
	return (uint64_t)ts.tv_sec * SECOND_NSEC + (uint64_t)ts.tv_nsec;
}

uint64_t bench_wall_nsec(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

uint64_t bench_cpu_nsec(pid_t pid)
{
	clockid_t clock;
	int r = clock_getcpuclockid(pid, &clock);

	if (r != 0)
		errx(1, "the CPU clock of process %d: %s", (int)pid, strerror(r));
	return read_clock(clock);
}

uint64_t bench_status_number(pid_t pid, const char *key)
{
	char path[64], line[256];
	uint64_t number = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	if (!f)
		err(1, "%s", path);
	while (fgets(line, sizeof(line), f))
		if (strncmp(line, key, strlen(key)) == 0)
			number = strtoull(line + strlen(key), NULL, 10);
	(void)fclose(f);
	return number;
}

static void set_address(struct sockaddr_un *address, const char *path)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	(void)snprintf(address->sun_path, sizeof(address->sun_path), "%.107s", path);
}

static int open_notify_socket(const char *path)
{
	const struct timeval limit = { .tv_sec = READY_WITHIN_SEC };
	struct sockaddr_un address;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	set_address(&address, path);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) < 0)
		err(1, "%s", path);
	return fd;
}

static void wait_for_ready(int notify)
{
	char text[4096];
	ssize_t n;

	do {
		n = recv(notify, text, sizeof(text) - 1, 0);
		if (n < 0)
			errx(1, "the daemon did not become ready");
		text[n] = '\0';
	} while (!strstr(text, "READY=1"));
}

static void __attribute__((noreturn))
run_daemon(const struct bench_daemon *d, const char *notify, const char *extra)
{
	const char *program = getenv("BENCH_DAEMON");
	char config[128];

	(void)snprintf(config, sizeof(config), "%s/vfmond.conf", d->folder);
	if (!program || setenv("NOTIFY_SOCKET", notify, 1) < 0)
		errx(1, "BENCH_DAEMON is not set");
	(void)execl(program, program, "--socket", d->socket, "--config", config, "--log-level",
		    "err", extra, (char *)NULL);
	err(1, "%s", program);
}

/* As many clients of one user as a benchmark wants. */
static void write_config(const struct bench_daemon *d)
{
	char path[128];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/vfmond.conf", d->folder);
	f = fopen(path, "we");
	if (!f || fputs("[vfmond]\nmax_clients = 2000\nmax_clients_per_user = 2000\n", f) < 0 ||
	    fclose(f) != 0)
		err(1, "%s", path);
}

void bench_daemon_start(struct bench_daemon *d, const char *extra)
{
	uint64_t begun;
	char notify[128];
	int fd;

	(void)snprintf(d->folder, sizeof(d->folder), "/tmp/vfmond-bench.XXXXXX");
	if (!mkdtemp(d->folder))
		err(1, "%s", d->folder);
	(void)snprintf(d->socket, sizeof(d->socket), "%s/socket", d->folder);
	(void)snprintf(notify, sizeof(notify), "%s/notify", d->folder);
	write_config(d);
	fd = open_notify_socket(notify);
	begun = bench_wall_nsec();
	d->pid = fork();
	if (d->pid == 0)
		run_daemon(d, notify, extra);
	if (d->pid < 0)
		err(1, "fork");
	wait_for_ready(fd);
	d->ready_wall_nsec = bench_wall_nsec() - begun;
	d->ready_cpu_nsec = bench_cpu_nsec(d->pid);
	(void)close(fd);
}

void bench_daemon_stop(struct bench_daemon *d)
{
	static const char *const names[] = { "socket", "socket.lock", "notify", "vfmond.conf" };
	char path[128];
	int status;

	(void)kill(d->pid, SIGTERM);
	if (waitpid(d->pid, &status, 0) != d->pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		errx(1, "the daemon ended badly");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", d->folder, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(d->folder);
}

void bench_daemon_settle(const struct bench_daemon *d)
{
	uint64_t used = 0, now;
	int quiet = 0;

	for (int n = 0; quiet < QUIET_SEC && n < READY_WITHIN_SEC; n++) {
		now = bench_cpu_nsec(d->pid);
		quiet = now == used ? quiet + 1 : 0;
		used = now;
		(void)sleep(1);
	}
}

void bench_client_call(struct bench_client *c, const struct bench_daemon *d, const char *method)
{
	struct sockaddr_un address;
	char call[256];
	int len = snprintf(call, sizeof(call),
			   "{\"method\":\"io.vfmon.Monitor.%s\",\"parameters\":{},\"more\":true}",
			   method);

	set_address(&address, d->socket);
	c->len = c->taken = 0;
	c->buffer = malloc(BUFFER_SIZE);
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (!c->buffer || c->fd < 0 ||
	    connect(c->fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
	    write(c->fd, call, (size_t)len + 1) != len + 1)
		err(1, "%s", d->socket);
}

static void receive(struct bench_client *c)
{
	ssize_t n = read(c->fd, c->buffer + c->len, BUFFER_SIZE - c->len);

	if (n <= 0)
		errx(1, "the daemon has closed the connection");
	c->len += (size_t)n;
}

const char *bench_client_next(struct bench_client *c, size_t *ret_size)
{
	const char *end;

	memmove(c->buffer, c->buffer + c->taken, c->len - c->taken);
	c->len -= c->taken;
	while (!(end = memchr(c->buffer, '\0', c->len)))
		receive(c);
	c->taken = *ret_size = (size_t)(end - c->buffer) + 1;
	return c->buffer;
}

void bench_client_done(struct bench_client *c)
{
	(void)close(c->fd);
	free(c->buffer);
}

void bench_print_ratio(const char *what, double vfmond, double least, double budget)
{
	(void)printf("%s\t%.3f\t%.3f\t%.2f\t%.2f\n", what, vfmond, least, vfmond / least, budget);
	(void)fflush(stdout);
}

void bench_print_bound(const char *what, const char *unit, double value, double budget)
{
	(void)printf("%s (%s)\t%.3f\t-\t%.2f\t%.2f\n", what, unit, value, value, budget);
	(void)fflush(stdout);
}
