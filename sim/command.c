/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "namespace.h"

/* As a shell: 127 if there is no such command, 126 if it can not be run. */
#define STATUS_NOT_FOUND 127
#define STATUS_NOT_RUN 126

int command_set_environment(void)
{
	char folder[256], alias[sizeof(folder) + 16];
	int r = namespace_modules_folder(sizeof(folder), folder);

	if (r < 0)
		return r;
	(void)snprintf(alias, sizeof(alias), "%s/modules.alias", folder);
	if (setenv("VFMOND_SIM_SYSFS", "/sys", 1) < 0 || setenv("VFMOND_SIM_DEV", "/dev", 1) < 0 ||
	    setenv("VFMOND_SIM_MODULES_ALIAS", alias, 1) < 0 ||
	    setenv("SYSTEMD_DEVICE_VERIFY_SYSFS", "0", 1) < 0)
		return -errno;
	return 0;
}

static void __attribute__((noreturn)) run(char *const *argv, const sigset_t *signals, pid_t parent)
{
	int error;

	/* Nothing of it outlives a simulator that is killed. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(STATUS_NOT_RUN);
	(void)sigprocmask(SIG_SETMASK, signals, NULL);
	(void)execvp(argv[0], argv);
	error = errno;
	(void)fprintf(stderr, "vfmond-sim: %s: %s\n", argv[0], strerror(error));
	_exit(error == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_RUN);
}

int command_start(struct command *c, char *const *argv, const sigset_t *signals)
{
	pid_t parent = getpid(), pid;

	/* What is buffered is printed once, not by the child too. */
	(void)fflush(NULL);
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		run(argv, signals, parent);
	c->pid = pid;
	return 0;
}

void command_look(struct command *c)
{
	int status;

	if (c->pid == 0 || c->ended || waitpid(c->pid, &status, WNOHANG) != c->pid)
		return;
	c->ended = true;
	c->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void command_signal(const struct command *c, int number)
{
	if (c->pid != 0 && !c->ended)
		(void)kill(c->pid, number);
}
