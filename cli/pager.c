/* SPDX-License-Identifier: Apache-2.0 */
#include "pager.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ENV_PAGER "PAGER"
#define ENV_LESS "LESS"

/* Quit if it fits on one screen, colours, leave the text there at the end, cut no lines. */
#define LESS_DEFAULT "FRX"

_Noreturn static void run(const char *pager, const int fds[2])
{
	char *command;

	(void)dup2(fds[0], STDIN_FILENO);
	(void)setenv(ENV_LESS, LESS_DEFAULT, 0);
	/* What a pager that can not start leaves unread is still to be seen. */
	if (pager && asprintf(&command, "%s || cat", pager) >= 0)
		(void)execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	(void)execlp("less", "less", (char *)NULL);
	(void)execlp("more", "more", (char *)NULL);
	(void)execl("/bin/cat", "cat", (char *)NULL);
	_exit(EXIT_FAILURE);
}

pid_t pager_start(const struct options *o)
{
	const char *pager = getenv(ENV_PAGER);
	int fds[2];
	pid_t pid;

	if (!o->terminal.is_terminal || o->no_pager)
		return 0;
	if (pager && (*pager == '\0' || strcmp(pager, "cat") == 0))
		return 0;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return 0;
	(void)fflush(NULL);
	pid = fork();
	if (pid == 0)
		run(pager, fds);
	if (pid > 0) {
		(void)dup2(fds[1], STDOUT_FILENO);
		/* Ctrl-C is the pager's: it would leave the terminal in a strange state otherwise. */
		(void)signal(SIGINT, SIG_IGN);
	}
	(void)close(fds[0]);
	(void)close(fds[1]);
	return pid > 0 ? pid : 0;
}

void pager_finish(pid_t pager)
{
	if (pager == 0)
		return;
	(void)fflush(stdout);
	(void)close(STDOUT_FILENO); /* the end of its input */
	while (waitpid(pager, NULL, 0) < 0 && errno == EINTR)
		continue;
}
