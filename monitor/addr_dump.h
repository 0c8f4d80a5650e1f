/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All addresses of this network namespace, asked of the kernel (RTM_GETADDR). glibc's getifaddrs()
 * asks the same, but takes a dump that the kernel calls interrupted (NLM_F_DUMP_INTR: the addresses
 * changed between two parts of it) for a whole one.
 */
#ifndef VFMON_MONITOR_ADDR_DUMP_H
#define VFMON_MONITOR_ADDR_DUMP_H

#include <net/if.h>
#include <stddef.h>
#include <stdint.h>

struct addr_dump_entry {
	int family;		     /* AF_INET or AF_INET6 */
	uint8_t address[16];	     /* the local one, where there are two; 4 bytes of AF_INET */
	uint8_t prefix;		     /* its length in bits */
	char interface[IF_NAMESIZE]; /* or its alias of old, such as eth0:1 */
};

/* All zero is none. */
struct addr_dump {
	struct addr_dump_entry *entries;
	size_t count, room;
};

void addr_dump_done(struct addr_dump *d);

/*
 * A whole and consistent dump: one that was interrupted is asked for again, a few times. Returns 0
 * or -errno, -EINTR if the addresses never stood still: an event of the last change is then to come.
 */
int addr_dump_read(struct addr_dump *ret);

/*
 * The two halves of it, on a socket of NETLINK_ROUTE: asks; and adds what is answered to *d. The
 * answer may stop part way: returns 0, -EINTR for an interrupted one, -ETIMEDOUT, or -errno.
 */
int addr_dump_open(void);
int addr_dump_request(int fd);
int addr_dump_receive(int fd, struct addr_dump *d);

#endif
