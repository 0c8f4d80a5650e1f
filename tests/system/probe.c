/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tries forbidden things, each in a process of its own, and says what came of it: a line
 * "ATTEMPT=RESULT" for each argument. An attempt is a name, or a name, a colon and a value. The
 * result is "done" where it went through, the name of the error, or "killed".
 *
 * Linked statically, as a sandbox may have no libraries. It never waits for its children, as a
 * filter of system calls may not let it: their end closes a pipe.
 */
#include "probe.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int perform(const char *text)
{
	const struct attempt *const tables[] = { probe_files, probe_programs, probe_kernel };
	const char *colon = strchrnul(text, ':'), *value = *colon ? colon + 1 : colon;
	size_t len = (size_t)(colon - text);

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (const struct attempt *a = tables[i]; a->name; a++)
			if (strlen(a->name) == len && strncmp(a->name, text, len) == 0)
				return a->fn(value);
	return -EBADRQC;
}

static void report(const char *text)
{
	int answer[2], r = 0;
	const char *word = "killed";
	pid_t child;

	if (pipe2(answer, O_CLOEXEC) < 0 || (child = fork()) < 0) {
		printf("%s=no process\n", text);
		return;
	}
	if (child == 0) {
		r = perform(text);
		_exit(write(answer[1], &r, sizeof(r)) < 0);
	}
	close(answer[1]);
	if (read(answer[0], &r, sizeof(r)) == sizeof(r))
		word = r == 0 ? "done" : strerrorname_np(-r);
	close(answer[0]);
	printf("%s=%s\n", text, word);
	(void)fflush(stdout);
}

/* --is-root: what a copy of this program that is root's and set-user-ID is asked. */
int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--is-root") == 0)
		return write(STDOUT_FILENO, geteuid() == 0 ? "y" : "n", 1) < 0;
	for (int i = 1; i < argc; i++)
		report(argv[i]);
	return 0;
}
