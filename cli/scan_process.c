/* SPDX-License-Identifier: Apache-2.0 */
#include "scan_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../monitor/wholefile.h"
#include "moment.h"
#include "vfmon/observation.h"

enum said {
	SAID_AT,   /* addr is read from now on */
	SAID_READ, /* len bytes of an observation follow */
	SAID_END   /* error says how */
};

/* What the process says, each with one write. */
struct message {
	enum said said;
	int error;
	size_t len;
	struct pci_addr addr;
};

static void write_all(int fd, const void *data, size_t len)
{
	if (wholefile_write(fd, data, len) < 0)
		_exit(EXIT_FAILURE); /* nobody listens */
}

static void say(int fd, const struct message *m)
{
	write_all(fd, m, sizeof(*m));
}

/* Texts that are behind the used ones need not be told. */
static size_t used(const struct observation *obs)
{
	return offsetof(struct observation, text) + obs->text_used;
}

static bool is_left_out(const struct scan_left_out *left_out, const struct pci_addr *addr)
{
	for (size_t i = 0; i < left_out->count; i++)
		if (pci_addr_compare(&left_out->addrs[i], addr) == 0)
			return true;
	return false;
}

static int read_all(int fd, struct sysfs *sysfs, const struct scan_left_out *left_out,
		    struct observation *obs)
{
	const struct sysfs_want want = { 0 };
	struct pci_addr *addrs = NULL;
	ssize_t count = sysfs_list(sysfs, &addrs);

	for (ssize_t i = 0; i < count; i++) {
		if (is_left_out(left_out, &addrs[i]))
			continue;
		say(fd, &(struct message){ .said = SAID_AT, .addr = addrs[i] });
		sysfs_read_function(sysfs, &addrs[i], &want, obs);
		say(fd, &(struct message){ .said = SAID_READ, .len = used(obs) });
		write_all(fd, obs, used(obs));
	}
	free(addrs);
	return count < 0 ? (int)count : 0;
}

/* Whoever waits for the end of what this program writes must not wait for a process left behind. */
static void let_go_of_output(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (null < 0 || dup2(null, fd) < 0)
			(void)close(fd);
}

static _Noreturn void run(int fd, pid_t parent, const struct sysfs_options *options,
			  const struct scan_left_out *left_out, struct observation *obs)
{
	struct sysfs *sysfs = NULL;
	int r;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
	let_go_of_output();
	r = sysfs_new(options, &sysfs);
	if (r == 0)
		r = read_all(fd, sysfs, left_out, obs);
	sysfs_free(sysfs);
	say(fd, &(struct message){ .said = SAID_END, .error = r });
	_exit(EXIT_SUCCESS);
}

int scan_process_begin(const struct sysfs_options *options, const struct scan_left_out *left_out,
		       struct observation *obs, struct scan_process *ret)
{
	pid_t parent = getpid(), pid;
	int fds[2], r;

	*ret = (struct scan_process){ .fd = -1 };
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		run(fds[1], parent, options, left_out, obs);
	r = pid < 0 ? -errno : 0;
	(void)close(fds[1]);
	if (r < 0) {
		(void)close(fds[0]);
		return r;
	}
	*ret = (struct scan_process){ .pid = pid, .fd = fds[0], .obs = obs };
	return 0;
}

static int hear(const struct scan_process *p, void *ret, size_t len, uint64_t patience_usec)
{
	const uint64_t deadline_usec = moment_monotonic_usec() + patience_usec;
	struct pollfd poll_fd = { .fd = p->fd, .events = POLLIN };
	char *bytes = ret;

	while (len > 0) {
		int n = poll(&poll_fd, 1, moment_msec_left(deadline_usec));
		ssize_t got;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -ETIMEDOUT;
		got = read(p->fd, bytes, len);
		if (got <= 0)
			return got < 0 ? -errno : -ECHILD;
		bytes += got;
		len -= (size_t)got;
	}
	return 0;
}

int scan_process_next(struct scan_process *p, uint64_t patience_usec)
{
	struct message m = { .said = SAID_AT };
	int r = 0;

	while (r == 0 && m.said == SAID_AT) {
		/* Each word gives it its time again. */
		r = hear(p, &m, sizeof(m), patience_usec);
		if (r == 0 && m.said == SAID_AT) {
			p->at = m.addr;
			p->has_at = true;
		}
	}
	if (r < 0 || m.said == SAID_END)
		return r < 0 ? r : m.error;
	if (m.len > sizeof(*p->obs))
		return -ECHILD;
	/* Its pointers into its own text hold, as it lies at the same place there. */
	r = hear(p, p->obs, m.len, patience_usec);
	return r < 0 ? r : 1;
}

void scan_process_end(struct scan_process *p, bool is_silent)
{
	if (p->fd < 0)
		return;
	(void)close(p->fd);
	(void)kill(p->pid, SIGKILL);
	/* One that hangs in the kernel would have its end only when that lets it go. */
	(void)waitpid(p->pid, NULL, is_silent ? WNOHANG : 0);
	p->fd = -1;
}
