/* SPDX-License-Identifier: Apache-2.0 */
/* A datagram of rtnetlink: any bytes. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <netlink/msg.h>

#include "../../monitor/nlparse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Of the exact size, so that a byte read behind it is seen. */
	char *datagram = malloc(size ? size : 1);
	struct nlmsghdr *nlh = (void *)datagram;
	struct uevent_subject subject;
	int left = (int)size;

	if (!datagram)
		return 0;
	memcpy(datagram, data, size);
	for (; nlmsg_ok(nlh, left); nlh = nlmsg_next(nlh, &left)) {
		if (nlparse_message(nlh, &subject) < 0)
			continue;
		assert(subject.hint.evidence == 0);
		assert(subject.target == UEVENT_TARGET_NOTHING ||
		       subject.target == UEVENT_TARGET_FUNCTION ||
		       subject.target == UEVENT_TARGET_ADDRESSES);
	}
	free(datagram);
	return 0;
}
