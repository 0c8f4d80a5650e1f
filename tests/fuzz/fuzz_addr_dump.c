/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel answers when it is asked for all addresses: any bytes, in parts of the size that
 * the first byte says (times 16).
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../monitor/addr_dump.h"

/* What waits in the socket at most, far below its buffer. */
#define MAX_BYTES 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct addr_dump *d)
{
	for (size_t i = 0; i < d->count; i++) {
		const struct addr_dump_entry *e = &d->entries[i];

		assert(e->family == AF_INET || e->family == AF_INET6);
		assert(e->interface[0] && memchr(e->interface, '\0', sizeof(e->interface)));
		for (size_t n = 4; e->family == AF_INET && n < sizeof(e->address); n++)
			assert(e->address[n] == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct addr_dump dump = { 0 };
	size_t part, before;
	int fds[2], r;

	if (size == 0 || size > MAX_BYTES)
		return 0;
	part = 16 + (size_t)data[0] * 16;
	assert(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) == 0);
	for (size_t at = 1; at < size; at += part) {
		size_t left = size - at;
		size_t len = left < part ? left : part;

		assert(send(fds[0], data + at, len, MSG_NOSIGNAL) == (ssize_t)len);
	}
	/* The end of what there is: what it waits for does not come. */
	assert(fcntl(fds[1], F_SETFL, O_NONBLOCK) == 0);
	do {
		before = dump.count;
		r = addr_dump_receive(fds[1], &dump);
		check(&dump);
	} while (r != -ETIMEDOUT && dump.count > before);
	addr_dump_done(&dump);
	close(fds[0]);
	close(fds[1]);
	return 0;
}
