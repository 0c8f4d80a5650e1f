/* SPDX-License-Identifier: Apache-2.0 */
#include "unit_start.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vfmon/cleanup.h"

#define PROGRAM "systemctl"
#define STATE "ActiveState"
#define PID "MainPID"
/* The first is when its main process began, the second when all of it was up. */
#define PROCESS_START "ExecMainStartTimestampMonotonic"
#define UNIT_START "ActiveEnterTimestampMonotonic"

static void close_file(FILE **file)
{
	if (*file)
		(void)fclose(*file);
}

static void take_number(const char *text, uintmax_t *ret)
{
	char *end;
	uintmax_t number = strtoumax(text, &end, 10);

	if (end != text && *end == '\0')
		*ret = number;
}

/* Lines NAME=VALUE, in any order. */
int unit_start_parse(FILE *in, struct unit_start *ret)
{
	uintmax_t pid = 0, process_start = 0, unit_start = 0;
	bool active = false;
	char line[256];

	while (fgets(line, sizeof(line), in)) {
		char *value = strchr(line, '=');

		if (!value)
			continue;
		*value++ = '\0';
		value[strcspn(value, "\n")] = '\0';
		if (strcmp(line, STATE) == 0)
			active = strcmp(value, "active") == 0 || strcmp(value, "reloading") == 0;
		else if (strcmp(line, PID) == 0)
			take_number(value, &pid);
		else if (strcmp(line, PROCESS_START) == 0)
			take_number(value, &process_start);
		else if (strcmp(line, UNIT_START) == 0)
			take_number(value, &unit_start);
	}
	if (!active || (process_start == 0 && unit_start == 0))
		return -ENOENT;
	ret->pid = pid <= INT_MAX ? (pid_t)pid : 0;
	ret->monotonic_usec = process_start ? process_start : unit_start;
	return 0;
}

static int spawn(const char *unit, int out_fd, pid_t *ret)
{
	char properties[] = "--property=" STATE "," PID "," PROCESS_START "," UNIT_START;
	char program[] = PROGRAM, show[] = "show", end[] = "--";
	char *name = strdup(unit);
	char *argv[] = { program, show, properties, end, name, NULL };
	posix_spawn_file_actions_t actions;
	int r = name ? posix_spawn_file_actions_init(&actions) : ENOMEM;

	if (r == 0) {
		r = posix_spawn_file_actions_adddup2(&actions, out_fd, STDOUT_FILENO);
		if (r == 0)
			r = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null",
							     O_RDONLY, 0);
		/* What it says is told in words of this program. */
		if (r == 0)
			r = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null",
							     O_WRONLY, 0);
		if (r == 0)
			r = posix_spawnp(ret, PROGRAM, &actions, NULL, argv, environ);
		(void)posix_spawn_file_actions_destroy(&actions);
	}
	free(name);
	return -r;
}

int unit_start_ask(const char *unit, struct unit_start *ret)
{
	cleanup_(close_file) FILE *in = NULL;
	int fds[2];
	pid_t pid;
	int r;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	r = spawn(unit, fds[1], &pid);
	(void)close(fds[1]);
	if (r == 0)
		in = fdopen(fds[0], "re");
	if (!in) {
		(void)close(fds[0]);
		return r < 0 ? r : -ENOMEM;
	}
	r = unit_start_parse(in, ret);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return r;
}
