/* SPDX-License-Identifier: Apache-2.0 */
/*
 * After a long life: memory with a full history, and how often the daemon wakes up while nothing
 * happens and somebody watches.
 */
#include <dirent.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../lib/bench.h"

/* More than 4 MiB hold, even if a change were kept in 200 bytes. */
#define CHANGES 24000
/* Two bookmarks' time, and a bit. */
#define IDLE_SEC 65

static void await(struct bench_client *c, const char *text)
{
	const char *message;
	size_t size;

	do
		message = bench_client_next(c, &size);
	while (!strstr(message, text));
}

static void fill_history(struct bench_stimulus *s, struct bench_client *c)
{
	for (int i = 0; i < CHANGES; i++) {
		bench_stimulus_fire(s);
		await(c, "\"change\":{");
	}
}

/* Times that any of the threads has waited for something and been woken up. */
static uint64_t wake_ups(pid_t pid)
{
	char path[64];
	struct dirent *e;
	uint64_t sum = 0;
	DIR *tasks;

	(void)snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	tasks = opendir(path);
	if (!tasks)
		err(1, "%s", path);
	while ((e = readdir(tasks)))
		if (e->d_name[0] != '.')
			sum += bench_status_number((pid_t)atol(e->d_name),
						   "voluntary_ctxt_switches:");
	(void)closedir(tasks);
	return sum;
}

int main(void)
{
	struct bench_stimulus s;
	struct bench_daemon d;
	struct bench_client c;
	uint64_t before;
	char what[64];

	if (!bench_stimulus_init(&s))
		errx(1, "to be run in vfmond-sim");
	bench_daemon_start(&d, NULL);
	bench_client_call(&c, &d, "WatchDevices");
	await(&c, "\"snapshot_complete\":true");
	fill_history(&s, &c);
	(void)snprintf(what, sizeof(what), "memory, %zu VFs and full history", s.count);
	bench_print_bound(what, "MiB RssAnon",
			  (double)bench_status_number(d.pid, "RssAnon:") / 1024, 40);
	bench_daemon_settle(&d);
	before = wake_ups(d.pid);
	(void)sleep(IDLE_SEC);
	bench_print_bound("idle for 65 s, one subscriber", "wake-ups",
			  (double)(wake_ups(d.pid) - before), 3);
	bench_client_done(&c);
	bench_daemon_stop(&d);
	bench_stimulus_done(&s);
	return 0;
}
