/* SPDX-License-Identifier: Apache-2.0 */
/* Namespaces, the kernel itself, and the network. */
#include "probe.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static int try_mount(const char *folder)
{
	return result(mount("none", folder, "tmpfs", 0, NULL));
}

static int try_unshare(const char *flags)
{
	return result(unshare((int)strtol(flags, NULL, 16)));
}

static int try_clone(const char *flags)
{
	long r = syscall(SYS_clone, strtol(flags, NULL, 16) | SIGCHLD, NULL, NULL, NULL, NULL);

	if (r == 0)
		_exit(0);
	return result(r);
}

static int try_setns(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : result(setns(fd, 0));
}

static int try_module(const char *value)
{
	(void)value;
	return beyond(syscall(SYS_init_module, "no module", 9UL, ""), ENOEXEC);
}

static int try_kexec(const char *value)
{
	(void)value;
	return result(syscall(SYS_kexec_load, 0UL, 0UL, NULL, 0UL));
}

static int try_reboot(const char *value)
{
	(void)value;
	return result(syscall(SYS_reboot, 0xfee1dead, 672274793, 0U /* Ctrl-Alt-Del */, NULL));
}

static int try_clock(const char *value)
{
	struct timespec now;

	(void)value;
	return clock_gettime(CLOCK_REALTIME, &now) < 0
		       ? -errno
		       : result(clock_settime(CLOCK_REALTIME, &now));
}

static int try_hostname(const char *value)
{
	return result(sethostname(value, strlen(value)));
}

static int try_log(const char *value)
{
	(void)value;
	return result(klogctl(10, NULL, 0));
}

static int try_swap(const char *value)
{
	(void)value;
	return beyond(syscall(SYS_swapoff, "/vfmond-probe"), ENOENT);
}

static int try_bpf(const char *value)
{
	/* A map of one element: type, bytes of a key and of a value, elements. */
	unsigned int attributes[32] = { 2, 4, 4, 1 };

	(void)value;
	return result(syscall(SYS_bpf, 0, attributes, sizeof(attributes)));
}

static int try_perf(const char *value)
{
	/* A software event, the clock, of this process; all privilege levels. */
	unsigned int attributes[32] = { 1, 128 };

	(void)value;
	return result(syscall(SYS_perf_event_open, attributes, 0, -1, -1, 0UL));
}

static int try_io_uring(const char *value)
{
	unsigned int parameters[30] = { 0 };

	(void)value;
	return result(syscall(SYS_io_uring_setup, 1U, parameters));
}

/* ---- the network ---------------------------------------------------------------------------- */

static int try_socket(const char *family)
{
	int type = number(family) == AF_PACKET ? SOCK_RAW : SOCK_DGRAM;

	return result(socket(number(family), type, 0));
}

static int try_send(const char *port)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons((in_port_t)number(port)) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return fd < 0 ? -errno
		      : result(sendto(fd, "", 1, 0, (const struct sockaddr *)&to, sizeof(to)));
}

static int try_connect(const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)snprintf(to.sun_path, sizeof(to.sun_path), "%s", path);
	return fd < 0 ? -errno : result(connect(fd, (const struct sockaddr *)&to, sizeof(to)));
}

/* An event as if it were the kernel's; of a subsystem that nobody follows. */
static int try_uevent(const char *value)
{
	static const char text[] = "add@/x\0ACTION=add\0DEVPATH=/x\0SUBSYSTEM=none\0SEQNUM=1";
	struct sockaddr_nl to = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT);

	(void)value;
	return fd < 0 ? -errno
		      : beyond(sendto(fd, text, sizeof(text), 0, (const struct sockaddr *)&to,
				      sizeof(to)),
			       ECONNREFUSED);
}

/* Takes up an interface that is up: a change of the network's settings. */
static int try_rtnetlink(const char *index)
{
	struct {
		struct nlmsghdr header;
		struct ifinfomsg info;
	} ask = { { sizeof(ask), RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK, 1, 0 }, { 0 } };
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
		char rest[256];
	} answer;
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);

	ask.info.ifi_index = number(index);
	if (fd < 0 || send(fd, &ask, sizeof(ask), 0) < 0 ||
	    recv(fd, &answer, sizeof(answer), 0) < 0)
		return -errno;
	return answer.error.error;
}

const struct attempt probe_kernel[] = {
	PROBE_ROW(mount),    PROBE_ROW(unshare),  PROBE_ROW(clone),	PROBE_ROW(setns),
	PROBE_ROW(module),   PROBE_ROW(kexec),	  PROBE_ROW(reboot),	PROBE_ROW(clock),
	PROBE_ROW(hostname), PROBE_ROW(log),	  PROBE_ROW(swap),	PROBE_ROW(bpf),
	PROBE_ROW(perf),     PROBE_ROW(io_uring), PROBE_ROW(socket),	PROBE_ROW(send),
	PROBE_ROW(connect),  PROBE_ROW(uevent),	  PROBE_ROW(rtnetlink), { NULL, NULL },
};
