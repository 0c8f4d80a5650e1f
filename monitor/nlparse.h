/* SPDX-License-Identifier: Apache-2.0 */
/* One rtnetlink message taken apart; no socket, no state. */
#ifndef VFMON_MONITOR_NLPARSE_H
#define VFMON_MONITOR_NLPARSE_H

#include <stddef.h>

#include "vfmon/uevent.h"

struct nlmsghdr;

/*
 * Says which PCI function a link message is about. Anything else, and links without a PCI parent,
 * have the target NOTHING. The message must lie whole within its nlmsg_len bytes. Returns 0, or
 * -EBADMSG if its inside is broken.
 */
int nlparse_link(const struct nlmsghdr *nlh, struct uevent_subject *ret);

#endif
