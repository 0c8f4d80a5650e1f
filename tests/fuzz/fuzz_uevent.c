/* SPDX-License-Identifier: Apache-2.0 */
/* A message of the kernel's uevent socket: any bytes. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "vfmon/uevent.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct uevent *event)
{
	struct uevent_subject subject;

	assert(event->action > UEVENT_NONE && event->action < UEVENT_ACTION_COUNT);
	assert(event->devpath[0] == '/');
	uevent_subject(event, &subject);
	assert(!event->synthetic || subject.hint.evidence == 0);
	assert((subject.target == UEVENT_TARGET_GROUP) == (subject.group >= 0));
	assert(subject.target != UEVENT_TARGET_FUNCTION || subject.addr.slot < 32);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Of the exact size, so that a byte read behind it is seen. */
	char *message = malloc(size ? size : 1);
	struct uevent event;

	if (!message)
		return 0;
	memcpy(message, data, size);
	if (uevent_parse(message, size, &event) == 0)
		check(&event);
	free(message);
	return 0;
}
