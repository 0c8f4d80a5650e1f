/* SPDX-License-Identifier: Apache-2.0 */
#include "turns.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

int __real_pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex);
int __wrap_pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex);
int __real_pthread_cond_signal(pthread_cond_t *cond);
int __wrap_pthread_cond_signal(pthread_cond_t *cond);
int __real_openat(int fd, const char *path, int flags, ...);
int __wrap_openat(int fd, const char *path, int flags, mode_t mode);
int __real___openat_2(int fd, const char *path, int flags);
int __wrap___openat_2(int fd, const char *path, int flags);
ssize_t __real_readlinkat(int fd, const char *path, char *text, size_t size);
ssize_t __wrap_readlinkat(int fd, const char *path, char *text, size_t size);
ssize_t __real___readlinkat_chk(int fd, const char *path, char *text, size_t size, size_t room);
ssize_t __wrap___readlinkat_chk(int fd, const char *path, char *text, size_t size, size_t room);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_t main_thread;
static bool free_to_run; /* no turns are taken */
static bool idle;	 /* the reader waits, and nobody has told it of more since */
static bool stopped;	 /* at a file */
static uint32_t files_left;

static bool is_main(void)
{
	return pthread_equal(pthread_self(), main_thread);
}

static void set(bool *flag, bool value)
{
	(void)pthread_mutex_lock(&lock);
	*flag = value;
	(void)pthread_cond_broadcast(&changed);
	(void)pthread_mutex_unlock(&lock);
}

/* Of the reader's queue: both sides call these with the queue's lock held. */
int __wrap_pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex)
{
	if (!is_main())
		set(&idle, true);
	return __real_pthread_cond_wait(cond, mutex);
}

int __wrap_pthread_cond_signal(pthread_cond_t *cond)
{
	if (is_main())
		set(&idle, false);
	return __real_pthread_cond_signal(cond);
}

static void pass_file(void)
{
	if (is_main())
		return;
	(void)pthread_mutex_lock(&lock);
	if (!free_to_run && files_left > 0 && --files_left == 0) {
		stopped = true;
		(void)pthread_cond_broadcast(&changed);
		while (stopped)
			(void)__real_pthread_cond_wait(&changed, &lock);
	}
	(void)pthread_mutex_unlock(&lock);
}

int __wrap_openat(int fd, const char *path, int flags, mode_t mode)
{
	pass_file();
	return __real_openat(fd, path, flags, mode);
}

int __wrap___openat_2(int fd, const char *path, int flags)
{
	pass_file();
	return __real_openat(fd, path, flags);
}

ssize_t __wrap_readlinkat(int fd, const char *path, char *text, size_t size)
{
	pass_file();
	return __real_readlinkat(fd, path, text, size);
}

ssize_t __wrap___readlinkat_chk(int fd, const char *path, char *text, size_t size, size_t room)
{
	pass_file();
	if (size > room)
		abort();
	return __real_readlinkat(fd, path, text, size);
}

void turns_begin(void)
{
	main_thread = pthread_self();
	free_to_run = idle = stopped = false;
	files_left = 0;
}

bool turns_let_read(uint32_t files)
{
	bool in_read;

	(void)pthread_mutex_lock(&lock);
	files_left = files;
	stopped = false;
	(void)pthread_cond_broadcast(&changed);
	while (!idle && !stopped)
		(void)__real_pthread_cond_wait(&changed, &lock);
	in_read = stopped;
	(void)pthread_mutex_unlock(&lock);
	return in_read;
}

void turns_end(void)
{
	(void)pthread_mutex_lock(&lock);
	free_to_run = true;
	stopped = false;
	(void)pthread_cond_broadcast(&changed);
	(void)pthread_mutex_unlock(&lock);
}
