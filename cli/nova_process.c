/* SPDX-License-Identifier: Apache-2.0 */
#include "nova_process.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vfmon/cleanup.h"

#define PROGRAM "nova-compute"
#define INTERPRETER "python"
/* Its options come behind its name, which is what is looked for. */
#define BYTES_MAX 4096
/* starttime in proc(5), counted from 1. */
#define STAT_FIELD_COMM 2
#define STAT_FIELD_START 22
#define USEC_PER_SEC 1000000ULL

static void close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

static void close_dir(DIR **dir)
{
	if (*dir)
		(void)closedir(*dir);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Behind "python3" the first argument that is no option is the program. */
static bool runs_program(const char *cmdline, const char *end)
{
	const char *arg = cmdline + strlen(cmdline) + 1;

	while (arg < end && *arg == '-')
		arg += strlen(arg) + 1;
	return arg < end && strcmp(base_name(arg), PROGRAM) == 0;
}

bool nova_process_is_command(const char *cmdline, size_t len)
{
	const char *name;

	/* What was cut, and what has changed its title, may not end in a NUL. */
	while (len && cmdline[len - 1] != '\0')
		len--;
	if (len == 0)
		return false;
	name = base_name(cmdline);
	if (strcmp(name, PROGRAM) == 0)
		return true;
	return strncmp(name, INTERPRETER, strlen(INTERPRETER)) == 0 &&
	       runs_program(cmdline, cmdline + len);
}

int nova_process_parse_stat(const char *stat, uint64_t *ret_ticks)
{
	/* The name of the program stands in brackets and may have blanks and brackets in it. */
	const char *p = strrchr(stat, ')');
	char *end;
	uintmax_t ticks;

	for (int field = STAT_FIELD_COMM; p && field < STAT_FIELD_START; field++) {
		p = strchr(p, ' ');
		p = p ? p + 1 : NULL;
	}
	if (!p || !isdigit((unsigned char)*p))
		return -EBADMSG;
	errno = 0;
	ticks = strtoumax(p, &end, 10);
	if (errno || (*end != ' ' && *end != '\n' && *end != '\0'))
		return -EBADMSG;
	*ret_ticks = ticks;
	return 0;
}

/* Returns how much was read, with a NUL behind it, or a negative errno. */
static ssize_t read_file(int dir_fd, const char *pid, const char *name,
			 char buf[static BYTES_MAX + 1])
{
	cleanup_(close_fd) int fd = -1;
	char path[64];
	ssize_t n;

	(void)snprintf(path, sizeof(path), "%s/%s", pid, name);
	fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, buf, BYTES_MAX);
	if (n < 0)
		return -errno;
	buf[n] = '\0';
	return n;
}

/* A process that ends meanwhile is none. */
static int look_at(int dir_fd, const char *pid, struct nova_process *ret)
{
	char buf[BYTES_MAX + 1];
	ssize_t n = read_file(dir_fd, pid, "cmdline", buf);
	uint64_t ticks;

	if (n <= 0 || !nova_process_is_command(buf, (size_t)n))
		return -ENOENT;
	if (read_file(dir_fd, pid, "stat", buf) <= 0 || nova_process_parse_stat(buf, &ticks) < 0)
		return -ENOENT;
	ret->pid = (pid_t)strtol(pid, NULL, 10);
	ret->boottime_usec = ticks * USEC_PER_SEC / (uint64_t)sysconf(_SC_CLK_TCK);
	return 0;
}

int nova_process_find(const char *proc_root, struct nova_process *ret)
{
	cleanup_(close_dir) DIR *dir = opendir(proc_root);
	struct nova_process oldest = { 0 };
	struct dirent *entry;

	if (!dir)
		return -errno;
	while ((entry = readdir(dir))) {
		struct nova_process process;

		if (entry->d_name[strspn(entry->d_name, "0123456789")] != '\0' ||
		    strlen(entry->d_name) > 10 || look_at(dirfd(dir), entry->d_name, &process) < 0)
			continue;
		if (oldest.pid == 0 || process.boottime_usec < oldest.boottime_usec)
			oldest = process;
	}
	if (oldest.pid == 0)
		return -ENOENT;
	*ret = oldest;
	return 0;
}
