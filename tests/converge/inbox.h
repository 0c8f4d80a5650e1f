/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's side of the sockets that nlsrc reads: messages are handed over here instead of by a
 * socket, with the kernel's own rules for a queue that is full. In front of nlsock, see the Makefile.
 */
#ifndef VFMON_TEST_INBOX_H
#define VFMON_TEST_INBOX_H

#include <stddef.h>

enum inbox { INBOX_UEVENT, INBOX_LINK, INBOX_COUNT };

/* Empty queues, which take so many messages each (0: any number). */
void inbox_reset(size_t capacity);

/*
 * A message for whoever listens. One that does not fit is lost, and so are all that follow until
 * the queue was emptied; whoever reads is told of it first.
 */
void inbox_send(enum inbox inbox, const char *text, size_t size);

/* What rtnetlink says of a network interface of this PCI function. */
void inbox_send_link(const char *address);

size_t inbox_count(enum inbox inbox);

/* How many messages were lost since the reset. */
size_t inbox_lost(void);

#endif
