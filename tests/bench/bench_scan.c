/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The start-up scan, without what starting the program costs, beside a program that only reads the
 * same files; and what the daemon then has in memory. bench_scan EMPTY [lspci]: a folder that is a
 * sysfs without functions; with lspci, beside `lspci -Dk` too, which has to be a real host's.
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/bare.h"
#include "../lib/bench.h"

#define ROUNDS 5
#define NSEC_PER_MSEC 1e6

struct cost {
	double wall, cpu;
};

static void keep_least(struct cost *best, double wall, double cpu)
{
	if (best->wall <= 0 || wall < best->wall)
		best->wall = wall;
	if (best->cpu <= 0 || cpu < best->cpu)
		best->cpu = cpu;
}

static void measure_bare(struct cost *best, size_t *ret_count)
{
	uint64_t wall = bench_wall_nsec(), cpu = bench_cpu_nsec(0);
	struct bare b;

	bare_init(&b);
	*ret_count = bare_scan(&b);
	bare_done(&b);
	keep_least(best, (double)(bench_wall_nsec() - wall), (double)(bench_cpu_nsec(0) - cpu));
}

static void measure_daemon(struct cost *best, const char *extra, uint64_t *ret_rss)
{
	struct bench_daemon d;

	bench_daemon_start(&d, extra);
	keep_least(best, (double)d.ready_wall_nsec, (double)d.ready_cpu_nsec);
	*ret_rss = bench_status_number(d.pid, "RssAnon:");
	bench_daemon_stop(&d);
}

static void measure_lspci(struct cost *best)
{
	uint64_t begun = bench_wall_nsec();
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		(void)dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
		(void)execlp("lspci", "lspci", "-Dk", (char *)NULL);
		_exit(1);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		errx(1, "lspci -Dk can not be run");
	keep_least(best, (double)(bench_wall_nsec() - begun), 0);
}

static void print_memory(uint64_t empty, uint64_t full, size_t count)
{
	char what[64];

	bench_print_bound("memory, empty", "MiB RssAnon", (double)empty / 1024, 3);
	(void)snprintf(what, sizeof(what), "memory, %zu functions, of each", count);
	bench_print_bound(what, "KiB RssAnon", (double)(full - empty) / (double)count, 1.5);
}

int main(int argc, char **argv)
{
	struct cost bare = { 0, 0 }, whole = { 0, 0 }, start = { 0, 0 }, lspci = { 0, 0 };
	uint64_t empty = 0, full = 0;
	char extra[256], what[64];
	size_t count = 0;

	if (argc < 2)
		errx(2, "usage: bench_scan EMPTY-SYSFS [lspci]");
	(void)snprintf(extra, sizeof(extra), "--sysfs-root=%s", argv[1]);
	for (int i = 0; i < ROUNDS; i++) {
		measure_bare(&bare, &count);
		measure_daemon(&start, extra, &empty);
		measure_daemon(&whole, NULL, &full);
		if (argc > 2)
			measure_lspci(&lspci);
	}
	if (argc > 2)
		bench_print_ratio("real sysfs, scan beside lspci -Dk, wall ms",
				  (whole.wall - start.wall) / NSEC_PER_MSEC,
				  lspci.wall / NSEC_PER_MSEC, 0.2);
	(void)snprintf(what, sizeof(what), "scan of %zu functions, CPU ms", count);
	bench_print_ratio(what, (whole.cpu - start.cpu) / NSEC_PER_MSEC, bare.cpu / NSEC_PER_MSEC,
			  1.2);
	(void)snprintf(what, sizeof(what), "scan of %zu functions, wall ms", count);
	bench_print_ratio(what, (whole.wall - start.wall) / NSEC_PER_MSEC,
			  bare.wall / NSEC_PER_MSEC, 1.2);
	print_memory(empty, full, count);
	return 0;
}
