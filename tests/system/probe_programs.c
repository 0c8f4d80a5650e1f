/* SPDX-License-Identifier: Apache-2.0 */
/* What a process makes of itself, and of others. */
#include "probe.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE_BYTES 4096

static int try_exec(const char *path)
{
	char *const argv[] = { strdup(path), NULL };
	char *const envp[] = { NULL };
	int report[2];
	pid_t child;
	int error = 0;

	if (pipe2(report, O_CLOEXEC) < 0 || (child = fork()) < 0)
		return -errno;
	if (child == 0) {
		(void)execve(path, argv, envp);
		error = errno;
		_exit(write(report[1], &error, sizeof(error)) < 0);
	}
	close(report[1]);
	return read(report[0], &error, sizeof(error)) > 0 ? -error : 0;
}

/* A copy of this program that is root's and set-user-ID, see main(). */
static int try_privileged(const char *path)
{
	char *const argv[] = { strdup(path), strdup("--is-root"), NULL };
	char *const envp[] = { NULL };
	char answer = 0;
	int report[2];
	pid_t child;

	if (pipe2(report, 0) < 0 || (child = fork()) < 0)
		return -errno;
	if (child == 0) {
		if (report[1] != STDOUT_FILENO)
			dup2(report[1], STDOUT_FILENO);
		(void)execve(path, argv, envp);
		_exit(1);
	}
	close(report[1]);
	return read(report[0], &answer, 1) == 1 && answer == 'y' ? 0 : -EPERM;
}

static int try_wx(const char *value)
{
	(void)value;
	return mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED
		       ? -errno
		       : 0;
}

static int try_x(const char *value)
{
	void *page = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			  0);

	(void)value;
	return page == MAP_FAILED ? -errno
				  : result(mprotect(page, PAGE_BYTES, PROT_READ | PROT_EXEC));
}

/* What MemoryDenyWriteExecute= alone does not see: code written through a file. */
static int try_file_x(const char *folder)
{
	char path[256], page[PAGE_BYTES] = { 0 };
	int fd, r;

	(void)snprintf(path, sizeof(path), "%s/vfmond-probe-file", folder);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
	if (fd < 0)
		return -errno;
	r = result(write(fd, page, sizeof(page)));
	if (r == 0 &&
	    mmap(NULL, PAGE_BYTES, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0) == MAP_FAILED)
		r = -errno;
	(void)unlink(path);
	return r;
}

static int try_memfd(const char *value)
{
	(void)value;
	return result(memfd_create("vfmond-probe", 0));
}

static int try_personality(const char *value)
{
	(void)value;
	return result(personality(ADDR_NO_RANDOMIZE));
}

static int try_realtime(const char *value)
{
	struct sched_param param = { .sched_priority = 1 };

	(void)value;
	return result(sched_setscheduler(0, SCHED_FIFO, &param));
}

/* getpid by the gate of 32-bit programs: system calls with other numbers. */
static int try_abi32(const char *value)
{
	int r = 20;

	(void)value;
#ifdef __x86_64__
	__asm__ volatile("int $0x80" : "+a"(r) : : "memory", "r8", "r9", "r10", "r11");
#endif
	return r < 0 ? r : 0;
}

/* ---- other processes ------------------------------------------------------------------------ */

static int try_ptrace(const char *pid)
{
	return result(ptrace(PTRACE_SEIZE, number(pid), NULL, NULL));
}

static int try_kill(const char *pid)
{
	return result(kill(number(pid), SIGURG));
}

static int try_shm(const char *key)
{
	return result(shmget(number(key), 0, 0));
}

static int try_keyring(const char *value)
{
	(void)value;
	return result(
		syscall(SYS_keyctl, 0L /* get the ring's number */, -4L /* the user's */, 1L));
}

const struct attempt probe_programs[] = {
	PROBE_ROW(exec),    PROBE_ROW(privileged), PROBE_ROW(wx),	   PROBE_ROW(x),
	PROBE_ROW(file_x),  PROBE_ROW(memfd),	   PROBE_ROW(personality), PROBE_ROW(realtime),
	PROBE_ROW(abi32),   PROBE_ROW(ptrace),	   PROBE_ROW(kill),	   PROBE_ROW(shm),
	PROBE_ROW(keyring), { NULL, NULL },
};
