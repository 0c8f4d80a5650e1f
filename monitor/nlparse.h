/* SPDX-License-Identifier: Apache-2.0 */
/* One rtnetlink message taken apart; no socket, no state. */
#ifndef VFMON_MONITOR_NLPARSE_H
#define VFMON_MONITOR_NLPARSE_H

#include <stddef.h>

#include "vfmon/uevent.h"

struct nlmsghdr;

/*
 * Says which PCI function a link message is about. An address message that may tell of another use
 * of an interface (see use_addresses_counts()) has the target ADDRESSES. Anything else, and links
 * without a PCI parent, have the target NOTHING. The message must lie whole within its nlmsg_len bytes. Returns 0, or
 * -EBADMSG if its inside is broken.
 */
int nlparse_message(const struct nlmsghdr *nlh, struct uevent_subject *ret);

#endif
